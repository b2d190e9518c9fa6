"""Which days count: the State Council's schedule, 调休 both ways, and the days that the county enters itself.

Past the schedule's last year plain weekdays are counted and what comes of it is 暂定.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chinese_calendar.constants import holidays as HOLIDAYS
from chinese_calendar.constants import workdays as WORKDAYS

from knowledge.wording import BEIJING, beijing

DAY: Final = timedelta(days=1)
_SATURDAY = 5
_PUBLISHED: Final = frozenset(day.year for day in HOLIDAYS)
_LAST_MOMENT = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time: working days (工作日) or calendar days (日), and who set it."""

    days: int
    working: bool
    source: str

    def __str__(self) -> str:
        return f"{self.days}个工作日" if self.working else f"{self.days}日"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The county's settings, in days, over the law's; days that the county enters for a year not yet published; and
    the hours, on Beijing's clock, in which offices work."""

    inquiry_days: int = 3
    inquiry_extension_days: int = 3
    complaint_days: int = 5
    complaint_extension_days: int = 10
    accept_days: int = 1
    petition_accept_days: int = 15
    petition_days: int = 60
    petition_extension_days: int = 30
    disclosure_days: int = 20
    disclosure_extension_days: int = 20
    simple_petitions: bool = False
    simple_accept_days: int = 3
    simple_days: int = 10
    extra_holidays: frozenset[date] = field(default_factory=frozenset)
    extra_workdays: frozenset[date] = field(default_factory=frozenset)
    from_hour: int = 8
    until_hour: int = 17
    correction_days: int = 15

    def is_published(self, year: int) -> bool:
        """Whether the year's schedule is known, from the State Council or entered by the county."""
        entered = self.extra_holidays | self.extra_workdays
        return year in _PUBLISHED or any(day.year == year for day in entered)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work; in a year not published, Monday to Friday."""
        if day in self.extra_holidays or day in self.extra_workdays:
            return day in self.extra_workdays
        return day in WORKDAYS or (day.weekday() < _SATURDAY and day not in HOLIDAYS)

    def is_office_hour(self, moment: datetime) -> bool:
        """Whether somebody is at the desk at this moment."""
        there = beijing(moment)
        return self.from_hour <= there.hour < self.until_hour and self.is_working_day(there.date())


@dataclass(frozen=True, slots=True)
class Counted:
    """The last day of a term, what was skipped and added on the way, and whether a year on it is not published."""

    last: date
    notes: tuple[str, ...]
    provisional: bool


def count(start: date, term: Term, clocks: Clocks) -> Counted:
    """Count a term after `start`, which itself is not counted."""
    day, left = start, term.days
    off: list[date] = []
    on: list[date] = []
    while left > 0:
        day += DAY
        if not term.working or clocks.is_working_day(day):
            left -= 1
            if term.working and day.weekday() >= _SATURDAY:
                on.append(day)
        else:
            off.append(day)
    unknown = [year for year in range(start.year, day.year + 1) if not clocks.is_published(year)]
    provisional = term.working and bool(unknown)
    notes = [*_skipped(off), *(f"{in_words(one)}调休上班，算一天" for one in on)]
    if provisional:
        notes.append(f"{unknown[0]}年的放假安排还没公布，按周一至周五算，日期暂定")
    return Counted(day, tuple(notes), provisional)


def add_working_days(start: date, days: int, clocks: Clocks | None = None) -> date:
    """The last of so many working days after `start`, which is not counted."""
    return count(start, Term(days, True, ""), clocks or Clocks()).last


def working_days_between(start: date, end: date, clocks: Clocks | None = None) -> int:
    """How many working days lie after `start` up to and with `end`."""
    return len(days_between(start, end, True, clocks or Clocks()))


def days_between(start: date, end: date, working: bool, clocks: Clocks) -> list[date]:
    """The days that count after `start` up to and with `end`."""
    days = (start + DAY * number for number in range(1, (end - start).days + 1))
    return [day for day in days if not working or clocks.is_working_day(day)]


def last_working_day(day: date, clocks: Clocks) -> date:
    """This day if offices work on it, else the nearest one before."""
    while not clocks.is_working_day(day):
        day -= DAY
    return day


def end_of(day: date) -> datetime:
    """The last moment of a day in Beijing, in UTC."""
    return datetime.combine(day, _LAST_MOMENT, BEIJING).astimezone(UTC)


def in_words(day: date) -> str:
    """2026年3月16日（星期一）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"


def _skipped(off: list[date]) -> Iterator[str]:
    """The stretches that were not counted; a plain weekend needs no word."""
    stretches: list[list[date]] = []
    for day in off:
        if stretches and day - stretches[-1][-1] == DAY:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    for days in stretches:
        if all(day.weekday() >= _SATURDAY for day in days):
            continue
        span = in_words(days[0]) if len(days) == 1 else f"{in_words(days[0])}至{in_words(days[-1])}"
        yield f"{span}放假，不算"
