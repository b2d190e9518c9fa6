"""一号码查询: what was paid to you. Who you are is asked in handlers/binding.py."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.binding import bind, meant, wants_another
from handlers.reminder import ON as REMIND
from handlers.turn import Reply, Turn
from knowledge import statement
from knowledge.catalogue.items import ITEMS
from knowledge.diagnosis import Report, report_in_words
from knowledge.identity import mask_name
from knowledge.wording import beijing
from models.payment import Batch, Payment
from models.payment_history import history
from models.resident import Bound

_WORDS = {"查补贴", "我的钱", "我的补贴", "查询补贴", "查一下补贴", "查补助", "查询", "查钱", "查我的补贴", "一号码查询", "看我的补贴"}
_YEAR = re.compile(r"^(?:看|查)?(20\d\d)年?(?:的|明细)?(?:补贴|钱)?$")
DETAILS, BY_ITEM = "一笔一笔看", "按项目看"
_ITEM = re.compile(rf"^看(20\d\d)年({'|'.join(map(re.escape, sorted(ITEMS, key=len, reverse=True)))})$")
_WHOSE = re.compile(r"\s*[（(](\S{1,20}?)[)）]$")
_ANY_YEAR = re.compile(r"20\d\d")


def takes(turn: Turn) -> bool:
    """A wish to see one's payments, a bare ID number, or a year after such a screen."""
    if turn.message.tap == "lookup" or turn.word in _WORDS or turn.word.startswith("查看 "):
        return True
    text, _whose = _asked(turn.word)
    if text.startswith((DETAILS, BY_ITEM)) or _YEAR.match(text) or _ITEM.match(text):
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
    if isinstance(bound, Reply):
        return bound
    shown = show(turn, bound)
    return replace(shown, choices=(*shown.choices[:4], REMIND, "明白卡", *shown.choices[4:]))


def show(turn: Turn, person: Bound | None = None) -> Reply:
    """What was paid to the person named in the message, or to the one just bound."""
    text, whose = _asked(turn.word) if person is None else ("", "")
    person = person or _chosen(whose, turn.bindings)
    screen = _Screen(turn, person, f"（{mask_name(person.name)}）" if len(turn.bindings) > 1 else "")
    if found := _ITEM.match(text):
        return screen.one_item(found[2], int(found[1]))
    asked = _ANY_YEAR.search(text) if _YEAR.match(text) or text.startswith((DETAILS, BY_ITEM)) else None
    year = int(asked.group()) if asked else screen.today.year
    if text.startswith(BY_ITEM):
        return screen.by_item(year)
    return screen.of_year(year, detailed=text.startswith(DETAILS))


def _asked(text: str) -> tuple[str, str]:
    """The wish, and the masked name that it ends with: no name is left whole in a menu of the phone."""
    if text.startswith("查看"):
        return "", text.removeprefix("查看").strip()
    found = _WHOSE.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text, "")


def _chosen(whose: str, people: list[Bound]) -> Bound:
    for person in people:
        if whose and whose in (person.name, mask_name(person.name)):
            return person
    return people[-1]


class _Screen:
    """The screens about one person. `whose` ends every choice where the user may look for several."""

    def __init__(self, turn: Turn, person: Bound, whose: str) -> None:
        self.turn, self.person, self.whose = turn, person, whose
        self.today = beijing(turn.now).date()
        self.lines, self.loaded = Payment.of(turn.session, person.resident_id), Batch.loaded(turn.session)

    def of_year(self, year: int, *, detailed: bool) -> Reply:
        tell = statement.details if detailed else statement.overview
        said = tell(self.person.name, self.lines, year, self.loaded, self.today)
        more = [f"{BY_ITEM} {year}年", f"{DETAILS} {year}年"] if any(line.year == year for line in self.lines) else []
        years = [f"{each}年" for each in statement.years_of(self.lines) if each != year][:2]
        mine = [each + self.whose for each in (*(more[:1] if detailed else more), *years)]
        others = [f"查看 {mask_name(each.name)}" for each in self.turn.bindings if each != self.person]
        return Reply(said, (*mine, *others, "没收到钱", "我要投诉"))

    def by_item(self, year: int) -> Reply:
        said, items = statement.by_item(self.person.name, self.lines, year, self.loaded, self.today)
        return Reply(said, (*(f"看{year}年{item}{self.whose}" for item in items), f"{year}年{self.whose}"))

    def one_item(self, item: str, year: int) -> Reply:
        steps = history(self.turn.session, self.person.resident_id, item, year)
        document = self.turn.answerer.document_of(item)
        said = statement.one_item(self.person.name, item, self.lines, year, steps, document, self.loaded, self.today)
        report = Report(item, year, mask_name(self.person.name) if self.whose else "")
        return Reply(said, (f"{BY_ITEM} {year}年{self.whose}", f"{item}领多少", report_in_words(report)))
