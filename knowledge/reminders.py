"""When a desk is reminded of a date: at half the time, three days and one day before; and once it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from knowledge.calendar import DAY, Clocks, days_between, last_working_day


class Point(StrEnum):
    """What a reminder is about."""

    HALF = "half"
    THREE = "three"
    ONE = "one"
    LATE = "late"


SAID = {
    Point.HALF: "时间过半",
    Point.THREE: "还剩三天",
    Point.ONE: "还剩一天",
    Point.LATE: "逾期",
}


def points(began: date, due: date, working: bool, clocks: Clocks) -> dict[Point, date]:
    """The working day of each reminder of a term that began after `began` and ends with `due`.

    The days before are counted as the term counts: working days for 工作日. A day on which nobody works gives way to the
    working day before it, so that a reminder never comes too late. What would fall on the first day or before is left
    out; of two on one day the more pressing stands.
    """
    given: dict[date, Point] = {}
    for point, day in _wanted(began, due, working, clocks):
        day = last_working_day(day, clocks)
        if day > began:
            given[day] = point
    return {point: day for day, point in given.items()}


def due_point(began: date, due: date, today: date, working: bool, clocks: Clocks) -> Point | None:
    """The reminder whose day came last; None before the first. Earlier ones that nobody gave are passed over."""
    if today > due:
        return Point.LATE
    days = points(began, due, working, clocks)
    return max((point for point in days if days[point] <= today), key=lambda point: days[point], default=None)


def _wanted(began: date, due: date, working: bool, clocks: Clocks) -> Iterator[tuple[Point, date]]:
    days = days_between(began, due, working, clocks)
    if len(days) > 2:
        yield Point.HALF, days[len(days) // 2]
    for point, before in ((Point.THREE, 3), (Point.ONE, 1)):
        if len(days) > before:
            yield point, days[-1 - before] if working else due - DAY * before
