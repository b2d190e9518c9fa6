"""Lines between the rows that say what the rows under them are: 一、高龄津贴, 2月, 歪头村."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake import guesses, lines, names, progress
from intake.findings import Finding
from intake.payment_row import PaymentRow
from intake.plan import Plan
from intake.wire import unmarked

_LONGEST = 60  # characters of a line that heads a section
_SAYS_ONCE = (names.ITEM, names.YEAR, names.BATCH, names.STATUS)
_VILLAGE = re.compile(r"(?:[(（]?[0-9一二三四五六七八九十]{1,3}[)）、.．,，])?([\u4e00-\u9fff]{1,10}(?:村|社区))(?:村委会|委会)?[:：]?")


class Sections:
    """Hears the lines between the rows of one table.

    What was said once for all rows does not hold for rows under a line that says otherwise: those go back. A village
    that heads its rows is theirs, where the table has no such column.
    """

    def __init__(self, plan: Plan) -> None:
        layout = plan.layout
        columns = layout.columns if layout else {}
        wide = layout is not None and any(strip.item for strip in layout.strips)
        self._given = {
            name: str(plan.given[name])
            for name in _SAYS_ONCE
            if name in plan.given and name not in columns and not (wide and name == names.ITEM)
        }
        self._suggested = plan.suggested
        self._titles = {re.sub(r"\s+", "", title) for title in plan.titles}  # come again on every page
        self._has_village = names.VILLAGE in columns or names.VILLAGE in plan.given
        self._others: set[str] = set()  # the fields that such a line said otherwise, and none since as given
        self._village = ""

    def line(self, cells: Sequence[str]) -> None:
        """A line that holds no payment."""
        filled = [text for cell in cells if (text := re.sub(r"\s+", "", unmarked(cell)))]
        if filled and lines.ends_section(filled[0]):
            self._village = ""
        if len(filled) != 1 or len(filled[0]) > _LONGEST or lines.is_note(filled[0]) or filled[0] in self._titles:
            return
        said = guesses.guesses(filled)
        self._others |= {name for name in self._given if name in said}
        self._others -= {name for name in self._others if name in said and self._agrees(said[name], name)}
        if village := _VILLAGE.fullmatch(filled[0]):
            self._village = village[1]

    def _agrees(self, said: str, name: str) -> bool:
        """Whether it is what was given, or what the title says, which whoever gave another value has seen."""
        known = (self._given[name], self._suggested.get(name, ""))
        if name != names.BATCH:
            return said in known
        return any(_bare(said) == _bare(one) or _months(said) <= _months(one) for one in known if one)

    @property
    def speak(self) -> bool:
        """Whether the last such line says anything of the rows under it."""
        return bool(self._others or self._village)

    def finding(self) -> Finding | None:
        """What is wrong with a row here, if the line above it contradicts what was given."""
        return Finding("SECTION_DIFFERS", min(self._others, key=_SAYS_ONCE.index)) if self._others else None

    def placed(self, row: PaymentRow) -> tuple[PaymentRow, Finding | None]:
        """The row with the village that heads it."""
        if not self._village or self._has_village:
            return row, None
        return row._replace(village=self._village), Finding("VILLAGE_OF_SECTION", names.VILLAGE)


def _bare(value: str) -> str:
    """A value that can be compared: a batch without its year, which is compared by itself."""
    return re.sub("^[0-9]{4}年", "", value)


def _months(value: str) -> set[str]:
    """The months that a batch covers, whatever the year; 4月 lies in the second quarter."""
    return set(progress.periods(f"2000年{_bare(value)}"))
