"""How a flow goes on: back, cancel, change, a question in between, a menu tap that parks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from handlers.turn import Flow, Reply, Suspended, Talk, Turn
from knowledge.asides import asks_for_a_person
from knowledge.greetings import whom_to_ring
from models.attachment import Attachment

LASTS = timedelta(hours=24)  # an open flow is kept this long
_GIVES_UP = {
    "算了", "算了吧", "拉倒", "拉倒吧", "不整了", "不说了", "不投诉了", "不反映了", "不告了", "我不告了", "不写了", "不发了", "不交了", "先不说了",
    "不想弄了", "不想办了", "太麻烦了", "麻烦", "不用了", "撤回", "先不交", "不交",
}  # fmt: skip
_FILES = {"我要投诉", "投诉", "我要举报", "我要反映", "反映问题"}
_SHORT = 60  # characters of a question that may be asked again beside what was wrong
_BACK = {"返回", "上一步", "回上一步", "退回", "后退"}
_CANCEL = {"取消", "退出", "不办了", "不弄了", "不填了", "结束", "停止"}
_WITH_PHOTOS = ("case", "add", "objection")
_ABOUT_CASES = ("progress", "visit")  # in all others it may be a picture of an ID card or a bank card: that is not kept
RESUME = "接着办"
_NAMES: Mapping[str, str] = {
    "lookup": "查补贴", "case": "您要反映的事", "progress": "查进度", "privacy": "我的信息", "add": "补充",
    "diagnosis": "查钱为什么没到",
}  # fmt: skip


def go_on(turn: Turn, flow: Flow, elsewhere: Callable[[Turn], bool]) -> Reply | None:
    """One message within the open flow; None when the open question cannot take it and it is plainly meant elsewhere."""
    word = turn.word
    if word in _CANCEL:
        turn.talk = Talk()
        return Reply("好，不办了，刚才填的都没留。需要时随时再来。", ("查补贴", "我要投诉", "问政策"))
    if word in _BACK:
        return _back(turn, flow)
    if word in _FILES and turn.talk.flow == "case":
        return _ask_again(turn, flow, "正在记您这件事，接着说就行。要换一件，先发“取消”。")
    if word in _GIVES_UP and turn.talk.flow in ("case", "objection"):
        return _giving_up(turn, flow)
    if turn.message.kind == "image" and turn.talk.open and not turn.talk.open.startswith("what"):
        if turn.talk.flow in _WITH_PHOTOS:
            turn.talk.answers.setdefault("photos", []).append(turn.message.media_id)
            return _ask_again(turn, flow, "照片收下了，会和您的事放在一起。")
        if turn.talk.flow in _ABOUT_CASES:
            Attachment.keep(turn.session, turn.follower_id, "image", turn.message.media_id)
            return _ask_again(turn, flow, "照片收到了。要放到您交过的事里，过一会儿点“补充情况”。")
    before = turn.talk.open
    try:
        return _finished(turn, flow)
    except Suspended as waiting:
        if not turn.unread or waiting.question != before:
            return waiting.reply
        return None if elsewhere(turn) else _between(turn, waiting)


def _giving_up(turn: Turn, flow: Flow) -> Reply:
    """算了: nothing is thrown away, and nothing is handed in, before they have said so plainly."""
    turn.unread = False
    reply = run(turn, flow)
    return replace(reply, text="还没交上去。不想办了，发“取消”，什么都不留；要接着办，就接着答。", choices=("取消", *reply.choices))


def run(turn: Turn, flow: Flow) -> Reply:
    """Replay the flow with the answers so far."""
    try:
        return _finished(turn, flow)
    except Suspended as waiting:
        return waiting.reply


def _finished(turn: Turn, flow: Flow) -> Reply:
    reply = flow(turn)
    turn.talk = Talk()
    return reply


def _between(turn: Turn, waiting: Suspended) -> Reply:
    # The open question could not take the message. A clear question is answered, and the open one asked again.
    if asks_for_a_person(turn.text):
        return replace(waiting.asked, text=f"{whom_to_ring(turn.values.hotline)}\n——\n接着刚才的：\n{waiting.asked.text}")
    if turn.message.kind in ("text", "voice") and turn.text and turn.answerer.is_question(turn.text):
        answer = turn.answerer.answer(turn.text, turn.topic)
        if answer.answered:
            return replace(waiting.asked, text=f"{answer.text}\n\n——\n接着刚才的：\n{waiting.asked.text}")
    again = waiting.asked.text
    if turn.talk.flow in _WITH_PHOTOS and waiting.reply is not waiting.asked and len(again) <= _SHORT and again not in waiting.reply.text:
        return replace(waiting.reply, text=f"{waiting.reply.text}\n{again}")
    return waiting.reply


def _back(turn: Turn, flow: Flow) -> Reply:
    turn.unread = False
    if not turn.talk.back():
        return _ask_again(turn, flow, "已经是第一步了。不想办可以发“取消”。")
    turn.talk.open = None
    return run(turn, flow)


def _ask_again(turn: Turn, flow: Flow, first: str) -> Reply:
    turn.unread = False
    reply = run(turn, flow)
    return replace(reply, text=f"{first}\n{reply.text}")


def with_way_back(name: str | None, reply: Reply) -> Reply:
    """What a menu tap answered, with the way back to the flow that it interrupted."""
    said = f"（{_NAMES.get(name or '', '刚才的事')}还没办完，点“{RESUME}”继续）"
    return replace(reply, text=f"{reply.text}\n\n{said}", choices=(*reply.choices, RESUME))
