"""Deadlines over every start day of 2026 and of the year after the published schedule, against a plain count of our own."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import Clocks
from knowledge.deadlines import accept_by, answer_by, extend, extension_term, hold, pause, restart, stop_for_correction
from knowledge.wording import BEIJING
from tests.knowledge.test_deadlines import works_2026

CLOCKS = Clocks()
DAY = timedelta(days=1)
# Kind, and then for acceptance, answer and extension: how many days, and whether working days.
RULES = [
    ("咨询", (1, True), (3, True), (3, True)),
    ("投诉", (1, True), (5, True), (10, True)),
    ("建议", (1, True), (3, True), (3, True)),
    ("信访", (15, False), (60, False), (30, False)),
    ("信息公开申请", (1, True), (20, True), (20, True)),
]


def works(day: date) -> bool:
    """The schedule of 2026 as written down in the tests; plain weekdays after it."""
    return works_2026(day) if day.year == 2026 else day.weekday() < 5


def counted(start: date, days: int, working: bool) -> date:
    """A plain count, one day after another."""
    day, left = start, days
    while left:
        day += DAY
        left -= works(day) or not working
    return day


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=BEIJING)


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize(("kind", "accept", "answer", "extension"), RULES)
def test_every_start_day_of_the_year(kind: str, accept, answer, extension, year: int) -> None:
    for number in range(365):
        start = date(year, 1, 1) + DAY * number
        first = answer_by(kind, at(start), CLOCKS)
        assert accept_by(kind, at(start), CLOCKS).due_date == counted(start, *accept), start
        assert first.due_date == counted(start, *answer), start
        assert extend(first, CLOCKS).due_date == counted(first.due_date, *extension), start
        assert first.provisional == (answer[1] and first.due_date.year > 2026), start


@pytest.mark.parametrize("kind", [rule[0] for rule in RULES])
def test_the_trail_of_every_start_day_names_its_ends_and_what_was_skipped(kind: str) -> None:
    for number in range(0, 365, 3):
        start = date(2026, 1, 1) + DAY * number
        deadline = answer_by(kind, at(start), CLOCKS)
        trail = "\n".join(deadline.trail)
        assert f"{start.year}年{start.month}月{start.day}日" in deadline.trail[0]
        assert f"{deadline.due_date.year}年{deadline.due_date.month}月{deadline.due_date.day}日" in deadline.trail[-1]
        assert ("暂定" in trail) == deadline.provisional
        added = [line for line in deadline.trail if "调休上班" in line]
        between = [start + DAY * n for n in range(1, (deadline.due_date - start).days + 1)]
        weekends = [day for day in between if day.weekday() >= 5 and works(day)]
        assert len(added) == (0 if kind == "信访" else len(weekends))


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.data())
def test_a_pause_keeps_what_was_left_and_never_shortens(start: date, data: st.DataObject) -> None:
    first = answer_by("信息公开申请", at(start), CLOCKS)
    since = data.draw(st.dates(start, first.due_date))
    until = data.draw(st.dates(since, since + DAY * 90))
    held = pause(first, since, until, CLOCKS)
    left = sum(works(since + DAY * n) for n in range(1, (first.due_date - since).days + 1))
    assert held.due_date == counted(until, left, True)
    assert held.due_date >= first.due_date
    assert held.trail[: len(first.trail)] == first.trail


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 60))
def test_a_correction_gives_all_of_the_time_again(start: date, later: int) -> None:
    first = answer_by("信息公开申请", at(start), CLOCKS)
    stopped = stop_for_correction(first, start)
    assert stopped.due is None
    arrived = start + DAY * later
    again = restart("信息公开申请", arrived, "收到补正", CLOCKS, before=stopped)
    assert again.due_date == counted(arrived, 20, True)
    assert again.trail[: len(first.trail)] == first.trail
    assert "第30条" in "\n".join(again.trail)


@pytest.mark.parametrize("kind", [rule[0] for rule in RULES])
@given(start=st.dates(date(2026, 1, 1), date(2027, 12, 31)), days=st.integers(-3, 60))
def test_an_extension_is_as_long_as_asked_and_never_longer_than_allowed(kind: str, start: date, days: int) -> None:
    first, most = answer_by(kind, at(start), CLOCKS), extension_term(kind, CLOCKS)
    if 1 <= days <= most.days:
        assert extend(first, CLOCKS, days).due_date == counted(first.due_date, days, most.working)
    else:
        with pytest.raises(ValueError, match="最多延长"):
            extend(first, CLOCKS, days)


def test_what_stands_still_cannot_be_extended_or_paused() -> None:
    held = hold(answer_by("信息公开申请", at(date(2026, 3, 2)), CLOCKS), date(2026, 3, 4), "征求第三方意见")
    assert (held.due, held.due_date) == (None, None)
    for act in (lambda: extend(held, CLOCKS), lambda: pause(held, date(2026, 3, 4), date(2026, 3, 5), CLOCKS)):
        with pytest.raises(ValueError):
            act()


def test_a_county_that_allows_no_extension_gets_none() -> None:
    clocks = Clocks(inquiry_extension_days=0)
    with pytest.raises(ValueError, match="最多延长"):
        extend(answer_by("咨询", at(date(2026, 3, 2)), clocks), clocks)


