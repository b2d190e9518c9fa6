"""回访: 办了没, 满意吗 — by one tap each; 没办好 opens the case again, for somebody else."""

from __future__ import annotations

from collections.abc import Callable

from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, bare, number_in, words
from knowledge.visiting import CONTENT, DONE, NOT_CONTENT, NOT_DONE, OUTCOMES, VERDICTS, outcome_in
from models.case import ANSWERED, Case
from models.visit import Visit

_SKIP = "不说了"
_AGAIN = ("查进度", "查补贴")


def takes(turn: Turn) -> bool:
    """A word that answers the two questions, from somebody who was asked; 没办好 also from somebody who was answered."""
    word = turn.word
    outcome = outcome_in(word)
    if outcome is None and word not in (CONTENT, NOT_CONTENT):
        return False
    asked = Visit.open_for(turn.session, turn.follower_id)
    if asked is not None:
        return word in OUTCOMES or _is_about(turn, asked)
    plain = word in (NOT_CONTENT, CONTENT) or OUTCOMES.get(word) is False
    own = Case.of_follower(turn.session, turn.follower_id) if plain else []
    return any(case.status == ANSWERED for case in own)


def _is_about(turn: Turn, asked: Visit) -> bool:
    """Whether words of one's own speak of nothing but the case that was asked about."""
    item = turn.answerer.guess_item(turn.text)
    return (item is None or item == asked.case.item) and not turn.text.endswith(("?", "？", "吗", "么"))


def visit(turn: Turn) -> Reply:
    """Keep what is said as soon as it is said; who is content is asked only where it was done."""
    visit_id: int | None = turn.once("visit", lambda: _which(turn))
    asked = turn.session.get(Visit, visit_id) if visit_id else None
    if asked is None or asked.follower_id != turn.follower_id:
        return Reply("好，知道了。", _AGAIN)
    first = turn.once("first", lambda: turn.word)
    if first in (CONTENT, NOT_CONTENT) and asked.resolved is None:
        return _verdict(turn, asked, first == CONTENT)
    known = outcome_in(first)
    resolved = asked.resolved if known is None else known
    number = asked.case.number
    if resolved is None:
        question = f"编号{number}的事，办了没？"
        resolved = turn.ask("resolved", question, Validator(_among(outcome_in, (DONE, NOT_DONE)), (DONE, NOT_DONE)))
    if not resolved:
        return _not_done(turn, asked, number, "" if first in OUTCOMES else turn.once("own_words", lambda: turn.text))
    turn.once("told", lambda: _told(asked, resolved=True))
    if first in (CONTENT, NOT_CONTENT):
        return _verdict(turn, asked, first == CONTENT)
    question = f"办好了就好。编号{number}，这次办得满意吗？"
    content = turn.ask("satisfied", question, Validator(_among(VERDICTS.get, (CONTENT, NOT_CONTENT)), (CONTENT, NOT_CONTENT)))
    return _verdict(turn, asked, content)


def _which(turn: Turn) -> int | None:
    found = Visit.open_for(turn.session, turn.follower_id)
    if found is None and (OUTCOMES.get(turn.word) is False or turn.word in (CONTENT, NOT_CONTENT)):
        found = Visit.about_newest(turn.session, turn.follower_id)
    return found.id if found else None


def _told(asked: Visit, **said: bool) -> bool:
    asked.told(**said)
    return True


def _verdict(turn: Turn, asked: Visit, content: bool) -> Reply:
    asked.told(satisfied=content)
    if content:
        return Reply("谢谢您告诉我们。以后有事随时来。", _AGAIN)
    return Reply(f"记下了，会改。事还没办好，就点“{NOT_DONE}”，换人接着办；还有话要说，点“补充情况”。", (NOT_DONE, "补充情况", *_AGAIN))


def _not_done(turn: Turn, asked: Visit, number: str, reason: str) -> Reply:
    """Open it again. `reason`: what was said instead of 没办好, and tells why."""
    opened = turn.once("told", lambda: asked.reopen(turn.session, "", turn.values.clocks))
    if opened:
        other = asked.reviewer is not None and asked.reviewer.department_id == asked.case.department_id
        said = f"对不住，没给您办好。编号{number}重新打开了，换{'另一个人' if other else '督办的人'}接着办。"
    else:
        said = f"对不住。编号{number}已经交给督办的人看。急的话打{turn.values.hotline}，也可以打12345。"
    if reason:
        asked.explain(turn.session, reason)
        return Reply(f"{said}\n您说的也记下了，办的人能看到。还有要说的，点“补充情况”。", ("补充情况", *_AGAIN))
    reason = turn.ask("reason", f"{said}\n哪里没办好？说一句就行，不想说就点“{_SKIP}”。", Validator(_reason, (_SKIP,)))
    if reason != _SKIP:
        asked.explain(turn.session, reason)
    return Reply("记下了，办的人能看到。办到哪了，发“查进度”看。" if opened else "记下了。", _AGAIN)


def _among(read_words: Callable[[str], bool | None], choices: tuple[str, str]) -> Callable[[Message], bool]:
    def read(message: Message) -> bool:
        text = bare(message.text)
        position = number_in(text)
        if position in (1, 2):
            return position == 1
        told = read_words(text)
        if told is None:
            raise Unfit(f"点“{choices[0]}”或“{choices[1]}”就行。")
        return told

    return read


def _reason(message: Message) -> str:
    text = bare(message.text)
    if text == _SKIP or number_in(text) == 1:
        return _SKIP
    if message.kind != "text" and not text:
        raise Unfit(f"请打一句字说说哪里没办好；不想说就点“{_SKIP}”。")
    return str(words(2)(message))[:500]
