"""By when a case is accepted and answered, and how that date comes about.

Working days follow the State Council's schedule, 调休 both ways; past its last year plain weekdays are counted and
the date is 暂定. The start day is not counted. Sources: 信访工作条例 第22、34条; 政府信息公开条例 第30–33条; the
rest are the county's own promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chinese_calendar.constants import holidays as HOLIDAYS
from chinese_calendar.constants import workdays as WORKDAYS

from knowledge.wording import BEIJING, beijing

_DAY = timedelta(days=1)
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
    """The county's settings, in days, over the law's; and days that the county enters for a year not yet published."""

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

    def is_published(self, year: int) -> bool:
        """Whether the year's schedule is known, from the State Council or entered by the county."""
        entered = self.extra_holidays | self.extra_workdays
        return year in _PUBLISHED or any(day.year == year for day in entered)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work; in a year not published, Monday to Friday."""
        if day in self.extra_holidays or day in self.extra_workdays:
            return day in self.extra_workdays
        return day in WORKDAYS or (day.weekday() < _SATURDAY and day not in HOLIDAYS)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment of the last day, in UTC, and that day on Beijing's calendar; None where no date is promised.

    `trail` tells in Chinese how it was computed. `provisional` (暂定): some counted year has no schedule yet.
    """

    due: datetime | None
    due_date: date | None
    trail: tuple[str, ...]
    provisional: bool = False
    kind: str = ""


def answer_by(kind: str, filed_at: datetime, clocks: Clocks, *, accepted_at: datetime | None = None) -> Deadline:
    """The day by which a case of this kind is answered. 举报 has none.

    信访 counts from its acceptance; without `accepted_at` the day it came in stands for that, which is never too late.
    """
    if kind == "举报":
        return _no_date()
    term = _answer_term(kind, clocks)
    if kind != "信访":
        return _after(kind, "收到", "答复", filed_at, term, clocks)
    began = "受理" if accepted_at else "收到，还没受理，先照这天算"
    return _after(kind, began, "办结并书面答复", accepted_at or filed_at, term, clocks)


def accept_by(kind: str, filed_at: datetime, clocks: Clocks) -> Deadline:
    """The day by which a department takes the case up. 举报 has none."""
    if kind == "举报":
        return _no_date()
    return _after(kind, "收到", "受理", filed_at, _accept_term(kind, clocks), clocks)


def extend(deadline: Deadline, clocks: Clocks, days: int | None = None) -> Deadline:
    """The deadline put off once, by `days` or as far as its kind allows. Raises ValueError beyond that."""
    if deadline.due_date is None:
        raise ValueError("没有期限的办件不能延期")
    most = _extension_term(deadline.kind, clocks)
    term = Term(most.days if days is None else days, most.working, most.source)
    if not 1 <= term.days <= most.days:
        raise ValueError(f"最多延长{most}")
    day, notes, provisional = _count(deadline.due_date, term, clocks)
    trail = (*deadline.trail, f"经批准延长{term}（{term.source}）", *notes, f"延到{_said(day)}")
    return Deadline(_end_of(day), day, trail, deadline.provisional or provisional, deadline.kind)


def pause(deadline: Deadline, since: date, until: date, clocks: Clocks) -> Deadline:
    """The deadline with the days after `since` up to `until` not counted (征求第三方意见: 信息公开条例 第32、33条)."""
    if deadline.due_date is None or not since <= until or since > deadline.due_date:
        raise ValueError("暂停的日子不对")
    working = _answer_term(deadline.kind, clocks).working
    left = working_days_between(since, deadline.due_date, clocks) if working else (deadline.due_date - since).days
    day, notes, provisional = _count(until, Term(left, working, ""), clocks)
    held = f"{_said(since)}起暂停，{_said(until)}后接着算，还剩{Term(left, working, '')}"
    trail = (*deadline.trail, held, *notes, f"顺延到{_said(day)}")
    return Deadline(_end_of(day), day, trail, deadline.provisional or provisional, deadline.kind)


def add_working_days(start: date, days: int, clocks: Clocks | None = None) -> date:
    """The last of so many working days after `start`, which is not counted."""
    return _count(start, Term(days, True, ""), clocks or Clocks())[0]


def working_days_between(start: date, end: date, clocks: Clocks | None = None) -> int:
    """How many working days lie after `start` up to and with `end`."""
    clocks = clocks or Clocks()
    return sum(clocks.is_working_day(start + _DAY * n) for n in range(1, (end - start).days + 1))


# ---- the terms of each kind ----


def _answer_term(kind: str, clocks: Clocks) -> Term:
    match kind:
        case "信访" if clocks.simple_petitions:
            return Term(clocks.simple_days, True, "县里规定的简易办理")
        case "信访":
            return Term(clocks.petition_days, False, "信访工作条例第34条")
        case "信息公开申请":
            return Term(clocks.disclosure_days, True, "政府信息公开条例第33条")
        case "投诉":
            return Term(clocks.complaint_days, True, "县里规定")
        case "咨询" | "建议":
            return Term(clocks.inquiry_days, True, "县里规定")
    raise ValueError(f"没有这种办件：{kind}")


def _accept_term(kind: str, clocks: Clocks) -> Term:
    if kind == "信访":
        if clocks.simple_petitions:
            return Term(clocks.simple_accept_days, True, "县里规定的简易办理")
        return Term(clocks.petition_accept_days, False, "信访工作条例第22条")
    _answer_term(kind, clocks)  # refuses an unknown kind
    return Term(clocks.accept_days, True, "县里规定")


def _extension_term(kind: str, clocks: Clocks) -> Term:
    match kind:
        case "信访":
            return Term(clocks.petition_extension_days, False, "信访工作条例第34条，本机关负责人批准")
        case "信息公开申请":
            return Term(clocks.disclosure_extension_days, True, "政府信息公开条例第33条，信息公开机构负责人同意")
        case "投诉":
            return Term(clocks.complaint_extension_days, True, "县里规定，只延一次，理由要告诉本人")
        case "咨询" | "建议":
            return Term(clocks.inquiry_extension_days, True, "县里规定，理由要告诉本人")
    raise ValueError(f"没有这种办件：{kind}")


# ---- counting ----


def _no_date() -> Deadline:
    return Deadline(None, None, ("举报密封转交，不承诺答复日期",), kind="举报")


def _after(kind: str, began: str, what: str, moment: datetime, term: Term, clocks: Clocks) -> Deadline:
    if moment.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    start = beijing(moment).date()
    day, notes, provisional = _count(start, term, clocks)
    trail = (
        f"{_said(start)}{began}，从第二天起算",
        f"{kind}{term}内{what}（{term.source}）",
        *notes,
        f"最晚{_said(day)}",
    )
    return Deadline(_end_of(day), day, trail, provisional, kind)


def _count(start: date, term: Term, clocks: Clocks) -> tuple[date, tuple[str, ...], bool]:
    """The last day of the term after `start`, what was skipped and added, and whether a year is not published."""
    day, left = start, term.days
    off: list[date] = []
    on: list[date] = []
    while left > 0:
        day += _DAY
        if not term.working or clocks.is_working_day(day):
            left -= 1
            if term.working and day.weekday() >= _SATURDAY:
                on.append(day)
        else:
            off.append(day)
    unknown = [year for year in range(start.year, day.year + 1) if not clocks.is_published(year)]
    provisional = term.working and bool(unknown)
    notes = [*_skipped(off), *(f"{_said(one)}调休上班，算一天" for one in on)]
    if provisional:
        notes.append(f"{unknown[0]}年的放假安排还没公布，按周一至周五算，日期暂定")
    return day, tuple(notes), provisional


def _skipped(off: list[date]) -> Iterator[str]:
    """The stretches that were not counted; a plain weekend needs no word."""
    stretches: list[list[date]] = []
    for day in off:
        if stretches and day - stretches[-1][-1] == _DAY:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    for days in stretches:
        if all(day.weekday() >= _SATURDAY for day in days):
            continue
        span = _said(days[0]) if len(days) == 1 else f"{_said(days[0])}至{_said(days[-1])}"
        yield f"{span}放假，不算"


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _LAST_MOMENT, BEIJING).astimezone(UTC)


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"
