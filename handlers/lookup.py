"""一号码查询: what was paid to you. Who you are is asked in handlers/binding.py."""

from __future__ import annotations

import re

from handlers.binding import bind, meant, wants_another
from handlers.turn import Reply, Turn
from knowledge import statement
from knowledge.identity import mask_name
from knowledge.wording import beijing
from models.payment import Batch, Payment
from models.resident import Bound

_WORDS = {"查补贴", "我的钱", "我的补贴", "查询补贴", "查一下补贴", "查补助", "查询", "查钱", "查我的补贴", "一号码查询", "看我的补贴"}
_YEAR = re.compile(r"^(?:看|查)?(20\d\d)年?(?:的|明细)?(?:补贴|钱)?$")
DETAILS = "一笔一笔看"


def takes(turn: Turn) -> bool:
    """A wish to see one's payments, a bare ID number, or a year after such a screen."""
    text = turn.word
    if turn.message.tap == "lookup" or text in _WORDS or text.startswith("查看 "):
        return True
    if text == DETAILS or text.startswith(DETAILS) or _YEAR.match(text):
        return True
    return wants_another(turn) or turn.understood.intent == "lookup"


def changes(turn: Turn) -> bool:
    """Only a look by somebody who is bound changes nothing."""
    return wants_another(turn) or not turn.bindings


def lookup(turn: Turn) -> Reply:
    """Show this year's payments; first prove who it is for when nobody is bound or another person is asked for."""
    if turn.bindings and not turn.once("other", lambda: wants_another(turn)):
        return show(turn, meant(turn))
    bound = bind(turn)
    return bound if isinstance(bound, Reply) else show(turn, bound)


def show(turn: Turn, person: Bound | None = None) -> Reply:
    """What was paid to the person named in the message, or to the one just bound."""
    text = turn.word if person is None else ""
    person = person or _chosen(text, turn.bindings)
    lines = Payment.of(turn.session, person.resident_id)
    today = beijing(turn.now).date()
    asked = re.search(r"20\d\d", text) if text.startswith(DETAILS) or _YEAR.match(text) else None
    year = int(asked.group()) if asked else today.year
    detailed = text.startswith(DETAILS)
    tell = statement.details if detailed else statement.overview
    said = tell(person.name, lines, year, Batch.loaded(turn.session), today)
    more = [f"{DETAILS} {year}年"] if not detailed and any(line.year == year for line in lines) else []
    years = [f"{each}年" for each in statement.years_of(lines) if each != year][:3]
    others = [f"查看 {mask_name(each.name)}" for each in turn.bindings if each != person]
    return Reply(said, (*more, *years, *others, "没收到钱", "我要投诉"))


def _chosen(text: str, people: list[Bound]) -> Bound:
    # Typed or tapped with a masked name, so that no name is left in a menu of the phone.
    wanted = text.removeprefix("查看").strip()
    for person in people:
        if wanted and wanted in (person.name, mask_name(person.name)):
            return person
    return people[-1]
