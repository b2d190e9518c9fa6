"""What happened, told in one message or in many: texts, photos, voices and places, gathered until they tell enough.

A message that does not answer the open question belongs to the story: old people tell it in pieces, whatever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.flow import RESUME
from handlers.menu import WORDS
from handlers.turn import Turn
from handlers.validators import Message, Unfit, Validator, bare, words
from knowledge.asides import asks_for_a_person, is_idle
from knowledge.catalogue.naming import named_alone, only_named
from knowledge.filing_wish import filing_wish, pleads, question_behind
from knowledge.kinds import complains
from knowledge.said import Said, said_in
from knowledge.wording import beijing
from models.filing import photos_waiting

DONE = "说完了"
ENDS = {
    DONE, "完了", "没了", "没有了", "就这些", "没有", "没别的了", "说完啦", "1", "完事了", "就这样", "提交", "说完", "就这些了", "没啥了",
    "没有别的了", "没别的", "没啥说的了", "就这事", "就这个事", "就这么个事", "交", "交吧", "完事", "没有补充", "没补充的了", "就是这事",
}  # fmt: skip
PHOTO, VOICE = "〔照片〕", "〔语音，请听录音〕"
LISTEN = "请工作人员听"
BEFORE = timedelta(hours=3)  # a photo sent so long before the story still belongs to it
_ALONE = {"投诉", "举报", "反映", "信访", "建议", "申请公开", "我有事要反映", "找部门反映", "帮我反映", LISTEN, "上访", "咨询", "提意见", "替人反映"}
_ASKS_A_PERSON = ("我要咨询", "我想咨询", "我要问个事")
_A_QUESTION = 30  # characters behind 我要咨询; of less the articles may know the answer
_MOST_PARTS = 12
GUESSED = "once:guessed"
_TELL = "我在。请说说是什么事，打字、说话、拍照都行。不想说了就发“取消”。"
_LEAST_TOLD = 4  # characters of what can tell something by itself
_ENOUGH = 30  # characters that tell something whatever they are about
IDLE = {
    "你好", "您好", "在吗", "在不在", "嗯", "哦", "好", "好的", "行", "知道了", "谢谢", "谢谢你", "谢谢您", "不知道", "不清楚", "是这项",
    "都不是", "不留电话", "改内容", "改乡镇", "改项目", "改电话", "改类别", "为我保密", "重新说", "不改了",
    "喂", "有人吗", "回话", "咋不回话", "怎么不回",
}  # fmt: skip


def opens(turn: Turn) -> bool:
    """Whether a message wishes to file something. What the articles answer behind 我想咨询 is no case."""
    if turn.word in _ALONE or filing_wish(turn.text) or pleads(turn.text):
        return True
    asked = question_behind(turn.text) if turn.text.startswith(_ASKS_A_PERSON) else None
    return asked is not None and (len(asked) > _A_QUESTION or not (asked and turn.answerer.answer(asked).answered))


def opening_of(turn: Turn) -> str:
    """The words of the wish alone, without the story behind them."""
    wish = filing_wish(turn.text)
    return wish.opening if wish else "" if pleads(turn.text) else turn.word


def complains_at_once(turn: Turn) -> bool:
    """Whether the first message says 投诉 and goes straight on with the story; a bare 我要投诉 is how everybody begins."""
    wish = filing_wish(turn.text)
    return wish is not None and bool(wish.told) and complains(wish.opening)


def guess_of(turn: Turn, name: str, value: Any) -> Callable[[], Any]:
    """A guess from the story, given up when more of the story comes."""

    def guess() -> Any:
        if value is not None:
            turn.talk.answers.setdefault(GUESSED, []).append(name)
        return value

    return guess


# ---------------------------------------------------------------- gathering


def story_of(turn: Turn, facts: Mapping[str, str]) -> list[dict[str, str]]:
    """The parts of the story so far; asks for more until it tells enough."""
    parts: list[dict[str, str]] = []
    while len(parts) < _MOST_PARTS and not _is_told(turn, facts, parts):
        guess = (lambda: _said_already(turn, facts)) if not parts else None
        validator = _or_wish(turn, Validator(_part(bool(parts)), (DONE,) if parts else ()))
        part = turn.ask(f"what.{len(parts)}", _question(turn, parts), validator, guess=guess)
        if part == DONE:
            break
        parts.append(part)
    answers = turn.talk.answers
    return parts + [answers[name] for name in answers if name.startswith("more.")]


def _or_wish(turn: Turn, validator: Validator) -> Validator:
    """The same validator, but a wish to be kept out of sight tells nothing of the matter. Raises Heard."""
    from handlers.case_heard import Heard  # they keep what they hear as parts of this story
    from handlers.case_rights import wished_here

    def read(message: Message) -> Any:
        if heard := wished_here(turn, message):
            raise Heard(heard)
        return validator(message)

    return Validator(read, validator.choices)


def text_of(parts: list[dict[str, str]]) -> str:
    """The parts as one text."""
    return "\n".join(part["text"] for part in parts)


def drawn(turn: Turn, story: str) -> Said:
    """What the story tells by itself."""
    return said_in(story, beijing(turn.now).date(), lambda words: _item_in(turn, words))


def _item_in(turn: Turn, words: str) -> str | None:
    """The item of the whole, else of the newest piece that names one: 有个事想问 / 低保的事."""
    pieces = reversed(words.split("\n")) if "\n" in words else ()
    told = (item_told(turn, part) for part in (words, *pieces) if part.strip())
    return next((item for item in told if item), None) or only_named(words)


def item_told(turn: Turn, text: str) -> str | None:
    """The item that a text is about; of a text that is hardly more than a name, the one so named (低保的事)."""
    return turn.answerer.guess_item(text) or named_alone(text)


def told_in_words(story: str) -> str:
    """The story without the marks of photos and voices."""
    return "\n".join(line for line in story.replace(PHOTO, "").replace(VOICE, "").split("\n") if line.strip())


def has_words(story: str) -> bool:
    """Whether there is more than photos and voices."""
    return bool(told_in_words(story))


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
    return told == VOICE or len(told) >= _ENOUGH or (len(told) > _LEAST_TOLD - 1 and drawn(turn, told).clear)


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
        idle = message.kind == "text" and (bare(text) in IDLE or is_idle(text) or (not may_end and bare(text) in ENDS))
        if text in WORDS or text == RESUME or idle or asks_for_a_person(text):
            raise Unfit(f"我在。还有要补充的接着发；没有了就点“{DONE}”。" if may_end else _TELL)
        if message.kind == "video":
            raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
        return piece_of(message) or {"text": words(2)(message)}

    return read


def piece_of(message: Message) -> dict[str, str] | None:
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
    if len(bare(told)) > 1 or pleads(turn.text):
        return piece_of(turn.message) or {"text": turn.text}
    if turn.said_before:
        return {"text": turn.said_before}
    if turn.word == LISTEN and photos_waiting(turn.session, turn.follower_id, turn.now - BEFORE).get("voice"):
        return {"text": VOICE}
    return None


def started_at(turn: Turn) -> datetime:
    """When the story was begun; photos from shortly before belong to it."""
    return datetime.fromisoformat(turn.once("began", lambda: turn.now.isoformat()))
