"""The days of reminders: inside the term, on working days, as many days before as the term counts."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import Clocks, add_working_days, days_between
from knowledge.reminders import Point, due_point, points

CLOCKS = Clocks()
DAY = timedelta(days=1)
STARTS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(STARTS, st.integers(1, 60), st.booleans())
def test_every_reminder_is_on_a_working_day_inside_the_term(start: date, days: int, working: bool) -> None:
    due = add_working_days(start, days) if working else start + DAY * days
    found = points(start, due, working, CLOCKS)
    assert len(set(found.values())) == len(found)
    for day in found.values():
        assert start < day <= due
        assert CLOCKS.is_working_day(day)


@given(STARTS, st.integers(5, 60))
def test_working_days_are_counted_back_as_they_were_counted(start: date, days: int) -> None:
    due = add_working_days(start, days)
    found = points(start, due, True, CLOCKS)
    assert len(days_between(found[Point.ONE], due, True, CLOCKS)) == 1
    if Point.THREE in found:
        assert len(days_between(found[Point.THREE], due, True, CLOCKS)) == 3
    if Point.HALF in found:
        assert len(days_between(start, found[Point.HALF], True, CLOCKS)) == days // 2 + 1


@given(STARTS, st.integers(1, 60), st.booleans())
def test_what_is_due_goes_from_one_reminder_to_the_next_and_ends_overdue(start: date, days: int, working: bool) -> None:
    due = add_working_days(start, days) if working else start + DAY * days
    seen = [due_point(start, due, start + DAY * n, working, CLOCKS) for n in range((due - start).days + 2)]
    assert seen[0] is None
    assert seen[-1] is Point.LATE
    assert Point.LATE not in seen[:-1]
    assert {point for point in seen if point} - {Point.LATE} == set(points(start, due, working, CLOCKS))


def test_a_term_of_one_day_has_none_and_one_of_three_has_the_day_before() -> None:
    assert points(date(2026, 3, 2), date(2026, 3, 3), True, CLOCKS) == {}
    assert points(date(2026, 3, 2), date(2026, 3, 5), True, CLOCKS) == {Point.ONE: date(2026, 3, 4)}
