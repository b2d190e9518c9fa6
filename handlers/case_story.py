"""What happened, told in one message or in many: texts, photos, voices and places, gathered until they tell enough.

A message that does not answer the open question belongs to the story: old people tell it in pieces, whatever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers.flow import RESUME
from handlers.menu import WORDS
from handlers.turn import Flow, Reply, Suspended, Turn
from handlers.validators import Message, Unfit, Validator, bare, words
from knowledge.filing_wish import filing_wish, question_behind
from knowledge.said import Said, said_in
from knowledge.wording import beijing
from models.filing import photos_waiting

DONE = "说完了"
ENDS = {DONE, "完了", "没了", "没有了", "就这些", "没有", "没别的了", "说完啦", "1", "完事了", "就这样"}
PHOTO, VOICE = "〔照片〕", "〔语音，请听录音〕"
LISTEN = "请工作人员听"
BEFORE = timedelta(hours=3)  # a photo sent so long before the story still belongs to it
_ALONE = {"投诉", "举报", "反映", "信访", "建议", "申请公开", "我有事要反映", "找部门反映", "帮我反映", LISTEN, "上访", "咨询", "提意见", "替人反映"}
_ASKS_A_PERSON = ("我要咨询", "我想咨询", "我要问个事")
_A_QUESTION = 30  # characters behind 我要咨询; of less the articles may know the answer
_MOST_PARTS, _MOST_MORE = 12, 30
_GUESSED = "once:guessed"
_SHORTEST_PIECE = 4  # characters of what can be a piece of a story
_ENOUGH = 30  # characters that tell something whatever they are about
_IDLE = {
    "你好", "您好", "在吗", "在不在", "嗯", "哦", "好", "好的", "行", "知道了", "谢谢", "谢谢你", "谢谢您", "不知道", "不清楚", "是这项",
    "都不是", "不留电话", "喂", "有人吗", "回话", "咋不回话", "怎么不回",
}  # fmt: skip
_GRIEVANCES = ("没给", "没发", "没到", "没收到", "没下来", "不给", "停了", "少了", "扣", "凭啥", "凭什么", "没领", "没人管", "不管")


class Heard(Exception):
    """The message was no answer but a piece of the story, or put something right; it is kept. `said` acknowledges it."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


def opens(turn: Turn) -> bool:
    """Whether a message wishes to file something. What the articles answer behind 我想咨询 is no case."""
    if turn.word in _ALONE or filing_wish(turn.text):
        return True
    asked = question_behind(turn.text) if turn.text.startswith(_ASKS_A_PERSON) else None
    return asked is not None and (len(asked) > _A_QUESTION or not (asked and turn.answerer.answer(asked).answered))


def opening_of(turn: Turn) -> str:
    """The words of the wish alone, without the story behind them."""
    wish = filing_wish(turn.text)
    return wish.opening if wish else turn.word


def hearing(flow: Flow, turn: Turn) -> Reply:
    """Run a flow in which pieces of the story may come at any question: kept, acknowledged, and the question asked again."""
    try:
        return flow(turn)
    except Heard as heard:
        turn.unread, turn.talk.open = False, None
        _forget_guesses(turn)
        try:
            return flow(turn)
        except Suspended as waiting:
            asked = replace(waiting.reply, text=f"{heard.said}\n{waiting.reply.text}")
            raise Suspended(waiting.asked, waiting.question, asked) from None


def _forget_guesses(turn: Turn) -> None:
    # What was guessed from less of the story is guessed anew.
    for name in turn.talk.answers.pop(_GUESSED, []):
        if name not in turn.talk.said:
            turn.talk.answers.pop(name, None)


def guess_of(turn: Turn, name: str, value: Any) -> Callable[[], Any]:
    """A guess from the story, given up when more of the story comes."""

    def guess() -> Any:
        if value is not None:
            turn.talk.answers.setdefault(_GUESSED, []).append(name)
        return value

    return guess


# ---------------------------------------------------------------- gathering


def story_of(turn: Turn, facts: Mapping[str, str]) -> list[dict[str, str]]:
    """The parts of the story so far; asks for more until it tells enough."""
    parts: list[dict[str, str]] = []
    while len(parts) < _MOST_PARTS and not _is_told(turn, facts, parts):
        guess = (lambda: _said_already(turn, facts)) if not parts else None
        validator = Validator(_part(bool(parts)), (DONE,) if parts else ())
        part = turn.ask(f"what.{len(parts)}", _question(turn, parts), validator, guess=guess)
        if part == DONE:
            break
        parts.append(part)
    answers = turn.talk.answers
    return parts + [answers[name] for name in answers if name.startswith("more.")]


def text_of(parts: list[dict[str, str]]) -> str:
    """The parts as one text."""
    return "\n".join(part["text"] for part in parts)


def drawn(turn: Turn, story: str) -> Said:
    """What the story tells by itself."""
    return said_in(story, beijing(turn.now).date(), turn.answerer.guess_item)


def has_words(story: str) -> bool:
    """Whether there is more than photos and voices."""
    return bool(story.replace(PHOTO, "").replace(VOICE, "").strip())


def _is_told(turn: Turn, facts: Mapping[str, str], parts: list[dict[str, str]]) -> bool:
    following = f"what.{len(parts)}"
    if not parts or following in turn.talk.answers or "what.1" in turn.talk.changed or "what.0" in turn.talk.changed:
        return False  # after 改内容 more may come, until 说完了
    if facts or turn.talk.open == following:
        return bool(facts)
    if any(name.startswith("more.") for name in turn.talk.answers):
        return True
    return _tells_enough(turn, text_of(parts))


def _tells_enough(turn: Turn, story: str) -> bool:
    told = story.replace(PHOTO, "").strip()
    return told == VOICE or len(told) >= _ENOUGH or (len(told) > _SHORTEST_PIECE - 1 and drawn(turn, told).clear)


def _question(turn: Turn, parts: list[dict[str, str]]) -> str:
    if parts:
        return f"记下了。还有要补充的接着发，照片也行；没有了就点“{DONE}”。"
    return (
        "请说说是什么事：哪一项、什么时候、差在哪，在哪个乡镇哪个村。打字、说话、拍照都行，分几条发也行。\n"
        "（随时可发“返回”或“取消”；中间停一停不要紧，24小时内接着发就行，过了就不留了）"
    )


def _part(may_end: bool) -> Callable[[Message], Any]:
    def read(message: Message) -> Any:
        text = message.text.strip()
        if may_end and bare(text) in ENDS:
            return DONE
        if text in WORDS or text == RESUME or (message.kind == "text" and bare(text) in _IDLE):
            raise Unfit(f"我在。还有要补充的接着发；没有了就点“{DONE}”。" if may_end else "我在。请说说是什么事。打字、说话、拍照都行。")
        if message.kind == "video":
            raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
        return _piece(message) or {"text": words(2)(message)}

    return read


def _piece(message: Message) -> dict[str, str] | None:
    """What is kept of a message that is more than typed words."""
    text = message.text.strip()
    if message.kind == "image":
        return {"media": message.media_id, "kind": "image", "text": PHOTO}
    if message.kind == "voice":
        return {"media": message.media_id, "kind": "voice", "text": text or VOICE}
    if message.kind in ("location", "link"):
        return {"text": f"〔位置〕{text}" if message.kind == "location" else f"〔链接〕{text}"}
    return None


def _said_already(turn: Turn, facts: Mapping[str, str]) -> dict[str, str] | None:
    if facts:
        return {"text": facts["story"]}
    # "我要投诉村会计…" says it all in the first message; a bare 我要投诉 after a complaint goes on from there.
    wish = filing_wish(turn.text)
    told = wish.told if wish else question_behind(turn.text) or ""
    if len(bare(told)) > 1:
        return _piece(turn.message) or {"text": turn.text}
    if turn.said_before:
        return {"text": turn.said_before}
    if turn.word == LISTEN and photos_waiting(turn.session, turn.follower_id, turn.now - BEFORE).get("voice"):
        return {"text": VOICE}
    return None


# ---------------------------------------------------------------- pieces that come at another question


def or_heard(turn: Turn, validator: Validator, note: str = "") -> Validator:
    """The same validator, but what it cannot read is kept as a piece of the story where it can be one. Raises Heard.

    `note`: an answer that is set to True when that has happened.
    """

    def read(message: Message) -> Any:
        try:
            return validator(message)
        except Unfit:
            if bare(message.text) in ENDS:
                raise Heard("好。") from None
            if not _is_piece(turn, message):
                raise
            keep_piece(turn, message)
            if note:
                turn.talk.answers[note] = True
            raise Heard("记下了。") from None

    return Validator(read, validator.choices)


def keep_piece(turn: Turn, message: Message) -> None:
    """Add a message to the story; 返回 takes it back."""
    taken = sum(name.startswith("more.") for name in turn.talk.answers)
    put(turn, f"more.{taken}", _piece(message) or {"text": words(2)(message)})


def put(turn: Turn, name: str, value: Any) -> None:
    """An answer that came at another question."""
    turn.talk.answers[name] = value
    if name in turn.talk.said:
        turn.talk.said.remove(name)
    turn.talk.said.append(name)


def _is_piece(turn: Turn, message: Message) -> bool:
    from handlers import means_something_else  # the table of handlers holds this one

    text = bare(message.text)
    if sum(name.startswith("more.") for name in turn.talk.answers) >= _MOST_MORE:
        return False
    if message.kind in ("voice", "location") and (message.media_id or text):
        return not text or not _asks(turn, text)
    if len(text) < _SHORTEST_PIECE or text in _IDLE | ENDS | WORDS or text == RESUME or means_something_else(turn):
        return False
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return chinese >= _SHORTEST_PIECE and not _asks(turn, text)


def _asks(turn: Turn, text: str) -> bool:
    """Whether a message is a question of its own, not a grievance that ends in a question mark."""
    return turn.answerer.is_question(text) and not any(word in text for word in _GRIEVANCES)


def started_at(turn: Turn) -> datetime:
    """When the story was begun; photos from shortly before belong to it."""
    return datetime.fromisoformat(turn.once("began", lambda: turn.now.isoformat()))
