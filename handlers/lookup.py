"""一号码查询: what was paid to you. Who you are is asked in handlers/binding.py."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.binding import bind, is_bare_number, meant, wants_another
from handlers.people import called, chosen, meant_in, name_of, speaks_of_family
from handlers.reminder import ON as REMIND
from handlers.turn import Reply, Turn
from knowledge import statement
from knowledge.catalogue.items import ITEMS
from knowledge.payment_report import Report, report_in_words
from knowledge.when_meant import when_meant
from knowledge.wording import RETURNED, beijing
from models.payment import Batch, Payment
from models.payment_history import history, remarks
from models.resident import Bound

_WORDS = {"查补贴", "我的钱", "我的补贴", "查询补贴", "查一下补贴", "查补助", "查询", "查钱", "查我的补贴", "一号码查询", "看我的补贴"}
_YEAR = re.compile(r"^(?:看|查)?(?:20\d\d年?|\d\d年|今年|去年|前年)(?:的|明细)?(?:补贴|补助|钱)?$")
DETAILS, BY_ITEM = "一笔一笔看", "按项目看"
_ITEM = re.compile(rf"^看(20\d\d)年({'|'.join(map(re.escape, sorted(ITEMS, key=len, reverse=True)))})$")
_LONGEST = 30  # characters of a question for one's own payments
_WHOSE = re.compile(r"\s*[（(](\S{1,20}?)[)）]$")
# 低保发了多少, 钱打到哪个卡了, 地补明细: of one's own, not what the rule gives.
_MINE = re.compile(r"[领发给打拿收]到?了[我俺咱]?们?(?:多少|几)|明细|[打发进].{0,4}[哪啥什么]{1,2}个?[张个]?(?:卡|折|账户|存折)")
_NOT_MINE = re.compile(r"能|该|涨|别人|邻居|村里|全县|标准|[他她谁]|干部|书记|会计|主任|队长|(?<![我俺咱])家")


def takes(turn: Turn) -> bool:
    """A wish to see one's payments, a bare ID number, or a year after such a screen."""
    if turn.message.tap == "lookup" or turn.word in _WORDS or turn.word.startswith("查看 "):
        return True
    text, _whose = _asked(turn.word)
    if text.startswith((DETAILS, BY_ITEM)) or _YEAR.match(text) or _ITEM.match(text):
        return True
    return wants_another(turn) or turn.understood.intent == "lookup" or _asks_for_own(turn)


def _asks_for_own(turn: Turn) -> bool:
    text = turn.word
    if len(text) > _LONGEST or not _MINE.search(text) or _NOT_MINE.search(text):
        return False
    if not turn.bindings or turn.understood.intent in ("refuse", "complain", "emergency"):
        return False
    return not speaks_of_family(text) or meant_in(turn) is not None


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
    shown = _Screen(turn, bound).of_year(beijing(turn.now).year, detailed=False)
    return replace(shown, choices=(*shown.choices[:4], REMIND, "明白卡", *shown.choices[4:]))


def show(turn: Turn, person: Bound | None = None) -> Reply:
    """What was paid to the person named in the message, or to the one just bound."""
    text, whose = _asked(turn.word)
    if person is not None:
        return _Screen(turn, person).of_year(_year(turn), detailed=False)
    whose = whose or (meant_in(turn) if speaks_of_family(text) else None) or ""
    screen = _Screen(turn, chosen(whose, turn.bindings) or turn.bindings[-1])
    if found := _ITEM.match(text):
        return screen.one_item(found[2], int(found[1]))
    year = _year(turn)
    if text.startswith(BY_ITEM):
        return screen.by_item(year)
    item = turn.understood.item if not text.startswith(DETAILS) and _asks_for_own(turn) else None
    if item in ITEMS:
        return screen.one_item(str(item), year)
    return screen.of_year(year, detailed=text.startswith(DETAILS))


def _year(turn: Turn) -> int:
    today = beijing(turn.now).date()
    return (None if is_bare_number(turn.text) else when_meant(turn.text, today).year) or today.year


def _asked(text: str) -> tuple[str, str]:
    """The wish, and the masked name that it ends with: no name is left whole in a menu of the phone."""
    if text.startswith("查看"):
        return "", text.removeprefix("查看").strip()
    found = _WHOSE.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text, "")


class _Screen:
    """The screens about one person. `whose` ends every choice where the user may look for several."""

    def __init__(self, turn: Turn, person: Bound) -> None:
        self.turn, self.person = turn, person
        self.name = name_of(person, turn.bindings) if len(turn.bindings) > 1 else ""
        self.whose = f"（{self.name}）" if self.name else ""
        self.today = beijing(turn.now).date()
        self.lines, self.loaded = Payment.of(turn.session, person.resident_id), Batch.loaded(turn.session)

    def of_year(self, year: int, *, detailed: bool) -> Reply:
        tell = statement.details if detailed else statement.overview
        said = tell(self.person.name, self.lines, year, self.loaded, self.today)
        more = [f"{BY_ITEM} {year}年", f"{DETAILS} {year}年"] if any(line.year == year for line in self.lines) else []
        years = [f"{each}年" for each in statement.years_of(self.lines) if each != year][:2]
        mine = [each + self.whose for each in (*(more[:1] if detailed else more), *years)]
        others = [f"查看 {name}" for name, each in called(self.turn.bindings).items() if each != self.person]
        owed = next((line for line in self.lines if line.year == year and line.stage == RETURNED), None)
        wish = report_in_words(Report(owed.item, year, self.name)) if owed else "我要投诉"
        return Reply(said, (*mine, *others, "没收到钱", wish))

    def by_item(self, year: int) -> Reply:
        said, items = statement.by_item(self.person.name, self.lines, year, self.loaded, self.today)
        return Reply(said, (*(f"看{year}年{item}{self.whose}" for item in items), f"{year}年{self.whose}"))

    def one_item(self, item: str, year: int) -> Reply:
        steps = history(self.turn.session, self.person.resident_id, item, year)
        of_file = remarks(self.turn.session, self.person.resident_id, item, year)
        document = statement.document_in(of_file.values()) or self.turn.answerer.document_of(item)
        said = statement.one_item(self.person.name, item, self.lines, year, steps, document, self.loaded, self.today)
        report = Report(item, year, self.name)
        return Reply(said, (f"{BY_ITEM} {year}年{self.whose}", f"{item}领多少", report_in_words(report)))
