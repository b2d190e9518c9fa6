"""Events, greetings at the door, 更多, and messages that hold no words."""

from __future__ import annotations

from handlers.feedback import offered
from handlers.flow import RESUME
from handlers.turn import SILENCE, Reply, Turn
from knowledge.asides import asks_for_a_person, is_sticker
from knowledge.greetings import welcome, whom_to_ring
from models.attachment import Attachment
from models.case import Case
from models.follower import Consent

START = ("查补贴", "我要投诉", "问政策")
_MORE = {"更多", "继续", "还有呢", "往下看", "下一页"}

# What a menu entry says when it is tapped; the keys are those of bot/menu.py.
TAPS = {
    "lookup": "查补贴", "policy": "问政策", "hotline": "热线电话", "file": "我要投诉", "progress": "查进度",
    "privacy": "我的信息",
}  # fmt: skip

WORDS = frozenset(TAPS.values())

# What only answers an open question; said when none is open, most often by a second tap on an old message.
_LEFT_OVER = frozenset({"提交", "确认", "确定", "取消", "返回", "说完了", "是这项", "不留电话", RESUME, "同意", "不同意"})

_SUBMITS = ("提交", "确认", "确定", RESUME)


def takes_event(turn: Turn) -> bool:
    """Everything that is an event and was not turned into words by its menu key."""
    return turn.message.kind == "event"


def on_event(turn: Turn) -> Reply:
    """Welcome, forget, note an agreement; silence for what needs no answer."""
    event = turn.message.event
    if event in ("subscribe", "subscribe_scan"):
        turn.follower.subscribed = True
        return Reply(welcome(turn.values.account_name, turn.values.hotline), START)
    if event == "unsubscribe":
        turn.follower.forget(turn.session)
        return SILENCE
    for template, agreed in turn.message.accepted:
        Consent.record(turn.session, turn.follower, template, agreed)
    return SILENCE


def takes_more(turn: Turn) -> bool:
    """更多, when there is more."""
    return turn.word in _MORE and bool(turn.rest)


def more(turn: Turn) -> Reply:
    """The rest of what did not fit; at the end of an answer, whether it helped."""
    return Reply(turn.rest, offered(turn.rest))


def takes_start(turn: Turn) -> bool:
    """问政策 and 菜单, which ask for nothing in particular."""
    return turn.message.tap == "policy" or turn.word in ("问政策", "菜单", "帮助", "怎么用", "首页", "功能")


def start(turn: Turn) -> Reply:
    """What one can ask here."""
    said = "想问哪一项，直接发来就行，比如：\n· 低保怎么申请\n· 地补什么时候发\n· 社保卡丢了咋办\n打字、说话都行。"
    return Reply(said, ("钱没到咋办", "补贴都有哪些", "热线电话"))


def takes_person(turn: Turn) -> bool:
    """人工: a wish to talk to somebody."""
    return asks_for_a_person(turn.text)


def person(turn: Turn) -> Reply:
    """Whom to ring, and how to be written to."""
    return Reply(
        f"{whom_to_ring(turn.values.hotline)}\n不方便打电话，点“我要咨询”，把事说一下，部门给您回话。",
        ("我要咨询", "我要投诉"),
    )


def takes_left_over(turn: Turn) -> bool:
    """An answer to a question that is not open any more."""
    return turn.word in _LEFT_OVER


def left_over(turn: Turn) -> Reply:
    """That nothing is half done, and where what was done can be seen."""
    if turn.said_before:
        turn.later.story = turn.said_before
        return Reply("刚才说的还没交上去。点“我要投诉”接着办，不用再说一遍。", ("我要投诉", "查进度"))
    late = "没点“提交”的过了24小时就不留了，得再说一遍。" if turn.word in _SUBMITS else ""
    return Reply(
        f"这会儿没有等着您回答“{turn.word}”的事。{late}交上去的，点“查进度”看办到哪了；要反映新的事，点“我要投诉”。",
        ("查进度", "我要投诉", "查补贴"),
    )


def takes_wordless(turn: Turn) -> bool:
    """A photo, a voice that nobody has written down, a video, a place."""
    return turn.message.kind == "location" or (turn.message.kind != "event" and (not turn.text or is_sticker(turn.text)))


def wordless(turn: Turn) -> Reply:
    """Keep photos and voices for the case that may come, and offer it."""
    kind, media_id = turn.message.kind, turn.message.media_id
    if kind == "text":
        return Reply("我在呢。想问啥、要反映啥，打字或说话告诉我。", START)
    if kind in ("voice", "image") and media_id:
        Attachment.keep(turn.session, turn.follower_id, kind, media_id)
    if kind == "voice":
        return Reply(
            "您的语音收到了。系统这边听不了，工作人员能听：点“请工作人员听”，留个电话，有人给您回话。"
            f"也可以打字，或打{turn.values.hotline}。",
            ("请工作人员听", *START),
        )
    if kind == "image" and Case.awaited_by(turn.session, turn.follower_id):
        return Reply("照片收到了。要放到您交过的事里，点“补充情况”；是新的事，点“我要投诉”。", ("补充情况", "我要投诉", "查补贴"))
    if kind == "image":
        return Reply("照片收到了。要反映事情就点“我要投诉”，照片会一起交上去。", START)
    if kind == "location":
        return Reply("位置收到了。要反映事情就点“我要投诉”，把事说一下，再发一次位置，或者说是哪个村；想问事，打字告诉我就行。", START)
    return Reply("这个我看不了。请打字或说话告诉我。", START)
