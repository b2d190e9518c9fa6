"""What comes at another question than it answers: a piece of the story, a slip put right, a wish to be kept out of sight.

All of it is kept, acknowledged, and the open question is asked again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.case_story import ENDS, GUESSED, IDLE, piece_of
from handlers.flow import RESUME
from handlers.menu import WORDS
from handlers.turn import Flow, Reply, Suspended, Turn
from handlers.validators import Message, Unfit, Validator, bare, words
from knowledge.asides import asks_for_a_person, is_idle

_MOST_MORE = 30
_SHORTEST_PIECE = 3  # characters of what can be a piece of a story
_COUNTED = re.compile(
    r"[\d一二两三四五六七八九十百千万半几][\d一二两三四五六七八九十百千万.]*个?(?:多)?"
    r"(?:亩|垧|元|块|毛|月|年|天|日|号|口|人|户|次|回|趟|只|头|斤|岁|分|倍|季)"
)
_GRIEVANCES = ("没给", "没发", "没到", "没收到", "没下来", "不给", "停了", "少了", "扣", "凭啥", "凭什么", "没领", "没人管", "不管")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


REWRITING = "rewriting"  # the answer that stands while the story is being put right after 改内容


class Heard(Exception):
    """The message was no answer but a piece of the story, or put something right; it is kept. `said` acknowledges it."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


def hearing(flow: Flow, turn: Turn) -> Reply:
    """Run a flow in which pieces of the story may come at any question: kept, acknowledged, and the question asked again."""
    try:
        return flow(turn)
    except Heard as heard:
        turn.unread, turn.talk.open = False, None
        forget_guesses(turn)
        _forget(turn, REWRITING)
        try:
            return flow(turn)
        except Suspended as waiting:
            asked = replace(waiting.reply, text=f"{heard.said}\n{waiting.reply.text}")
            raise Suspended(waiting.asked, waiting.question, asked) from None


def forget_guesses(turn: Turn) -> None:
    """What was guessed from less of the story, or from another one, is guessed anew."""
    for name in turn.talk.answers.pop(GUESSED, []):
        if name not in turn.talk.said:
            turn.talk.answers.pop(name, None)


def _forget(turn: Turn, name: str) -> None:
    if turn.talk.answers.pop(name, None) is not None and name in turn.talk.said:
        turn.talk.said.remove(name)


def or_heard(turn: Turn, validator: Validator, note: str = "") -> Validator:
    """The same validator, but what it cannot read is kept as a piece of the story where it can be one. Raises Heard.

    `note`: an answer that is set to True when that has happened.
    """
    from handlers.case_rights import put_right_here  # it keeps what it hears by the verbs below

    def read(message: Message) -> Any:
        if heard := put_right_here(turn, message):
            raise Heard(heard)
        if message.kind == "video":
            raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
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


def or_more(turn: Turn, name: str, validator: Validator, room: int) -> Validator:
    """The same validator; an answer with more than `room` characters beside the bare answer is kept as a piece as well."""

    def read(message: Message) -> Any:
        value = validator(message)
        if len(_CHINESE.findall(message.text)) > room and bare(message.text) not in validator.choices:
            keep_piece(turn, message)
            put(turn, name, value)
            raise Heard("记下了。")
        return value

    return Validator(read, validator.choices)


def keep_piece(turn: Turn, message: Message) -> None:
    """Add a message to the story; 返回 takes it back."""
    taken = sum(name.startswith("more.") for name in turn.talk.answers)
    put(turn, f"more.{taken}", piece_of(message) or {"text": words(2)(message)})


def put(turn: Turn, name: str, value: Any) -> None:
    """An answer that came at another question; the newest one, so that 返回 takes back this and nothing else."""
    turn.talk.answers.pop(name, None)
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
        return not text or not asks(turn, text)
    if text in IDLE | ENDS | WORDS or text == RESUME or is_idle(text) or asks_for_a_person(text) or means_something_else(turn):
        return False
    long_enough = len(text) >= _SHORTEST_PIECE and len(_CHINESE.findall(text)) >= _SHORTEST_PIECE
    return (long_enough and not asks(turn, text)) or _COUNTED.fullmatch(text) is not None


def asks(turn: Turn, text: str) -> bool:
    """Whether a message is a question of its own, not a grievance that ends in a question mark."""
    return turn.answerer.is_question(text) and not grieves(text)


def grieves(text: str) -> bool:
    """Whether a few words tell of something wrong: 地补没发."""
    return any(word in text for word in _GRIEVANCES)
