"""The figures of a period as values: what each rate counts, said once for the page, the file and docs/decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from knowledge.wording import BEIJING

LONGEST = timedelta(days=3 * 366)  # of a period
FEW = 10  # below it a share is said as a number of cases, not in per cent

DIMENSIONS: Mapping[str, str] = {"department": "部门", "town": "乡镇", "item": "补贴项目", "kind": "类别", "month": "月份"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One rate: its name, and what is counted above and below the line, in words."""

    name: str
    part: str
    whole: str


MEASURES: Mapping[str, Measure] = {
    "responded": Measure("响应率", "按期接办（或直接答复）的件数", "已接办的，加上过了接办期限还没接办的；撤回的、举报件不算"),
    "in_time": Measure("按期率", "在答复期限内答复的件数", "已答复的，加上过了期限还没答复的；没有期限的不算"),
    "resolved": Measure("解决率", "回访时群众说“办了”的件数", "回访时群众说了“办了”或“没办”的件数；没答回访的不算"),
    "satisfied": Measure("满意率", "回访时群众说“满意”的件数", "回访时群众说了“满意”或“不满意”的件数；没答回访的不算"),
}
MEDIAN = "从收到到答复的天数（按日历天，当天答复算0天），一半的件比它快，一半比它慢；没答复的不算"


@dataclass(frozen=True, slots=True)
class Period:
    """From and to the end of which day, in Beijing. Cases are counted in the period in which they were filed."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.since, time(), BEIJING)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + timedelta(days=1), time(), BEIJING)

    def days_on(self, today: date) -> Iterator[date]:
        """Every day of it, and on until today: a case that was opened again counts from a later day."""
        return (self.since + timedelta(days=n) for n in range((max(self.until, today) - self.since).days + 1))


@dataclass(slots=True)
class Share:
    """Some of all."""

    part: int = 0
    whole: int = 0

    @property
    def said(self) -> str:
        """92.3%; below ten cases 3/4件, so that three cases never look like all of them."""
        if self.whole == 0:
            return "—"
        return f"{self.part}/{self.whole}件" if self.whole < FEW else f"{100 * self.part / self.whole:.1f}%"

    @property
    def percent(self) -> float | None:
        """For a bar; None where there are too few to draw one."""
        return None if self.whole < FEW else round(100 * self.part / self.whole, 1)


@dataclass(slots=True)
class Line:
    """One department, township, item, kind or month."""

    filed: int = 0
    withdrawn: int = 0
    open: int = 0
    overdue: int = 0
    answered: int = 0
    responded: Share = field(default_factory=Share)
    in_time: Share = field(default_factory=Share)
    resolved: Share = field(default_factory=Share)
    satisfied: Share = field(default_factory=Share)
    days: Counter[int] = field(default_factory=Counter)

    @property
    def median(self) -> float | None:
        """Of the days until the answer; None where nothing was answered."""
        return _median(self.days)

    def add(self, row: Any) -> None:
        """Count in what a row of the query says."""
        self.filed += row.filed
        self.withdrawn += row.withdrawn
        self.open += row.open
        self.overdue += row.overdue
        if row.days is not None:
            self.answered += row.filed
            self.days[row.days] += row.filed
        for name in MEASURES:
            share: Share = getattr(self, name)
            share.part += getattr(row, f"{name}_part") or 0
            share.whole += getattr(row, f"{name}_whole") or 0


COUNTS: Mapping[str, str] = {"filed": "收件", "open": "在办", "overdue": "超期", "answered": "已答复", "withdrawn": "撤回"}


def _median(days: Counter[int]) -> float | None:
    count = sum(days.values())
    if not count:
        return None
    middle = [(count - 1) // 2, count // 2]
    found: list[int] = []
    seen = 0
    for value in sorted(days):
        seen += days[value]
        while len(found) < 2 and middle[len(found)] < seen:
            found.append(value)
    return sum(found) / 2


def begin_of(today: date) -> date:
    """The first day of the period that is shown when none was asked for: of this year, or of the last in its first month."""
    return date(today.year if today.month > 1 else today.year - 1, 1, 1)

