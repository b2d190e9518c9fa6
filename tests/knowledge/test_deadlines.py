"""Deadlines: working days both ways, the law's terms, and how they are told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.deadlines import (
    Clocks,
    accept_by,
    add_working_days,
    answer_by,
    extend,
    pause,
    working_days_between,
)

BEIJING = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
# The State Council's schedule for 2026, written down apart from the library.
HOLIDAYS_2026 = {
    date(2026, month, day)
    for month, days in (
        (1, (1, 2, 3)),
        (2, range(15, 24)),
        (4, (4, 5, 6)),
        (5, range(1, 6)),
        (6, (19, 20, 21)),
        (9, (25, 26, 27)),
        (10, range(1, 8)),
    )
    for day in days
}
WORKING_WEEKENDS_2026 = {date(2026, m, d) for m, d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
KINDS = ("咨询", "投诉", "信访", "信息公开申请", "建议")


def at(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def works_2026(day: date) -> bool:
    return day in WORKING_WEEKENDS_2026 or (day.weekday() < 5 and day not in HOLIDAYS_2026)


def test_the_reference_case_of_twenty_working_days() -> None:
    assert add_working_days(date(2026, 2, 10), 20) == date(2026, 3, 16)
    deadline = answer_by("信息公开申请", at(2026, 2, 10), Clocks())
    assert deadline.due_date == date(2026, 3, 16)
    assert deadline.due == datetime(2026, 3, 16, 15, 59, 59, tzinfo=UTC)
    assert not deadline.provisional


def test_the_trail_tells_holidays_make_up_days_and_the_article() -> None:
    trail = "\n".join(answer_by("信息公开申请", at(2026, 2, 10), Clocks()).trail)
    assert "2026年2月15日（星期日）至2026年2月23日（星期一）放假，不算" in trail
    assert "2026年2月14日（星期六）调休上班，算一天" in trail
    assert "2026年2月28日（星期六）调休上班，算一天" in trail
    assert "政府信息公开条例第33条" in trail
    assert trail.endswith("最晚2026年3月16日（星期一）")


def test_every_day_of_2026_works_or_not_as_the_schedule_says() -> None:
    clocks = Clocks()
    for number in range(365):
        day = date(2026, 1, 1) + DAY * number
        assert clocks.is_working_day(day) == works_2026(day), day


@pytest.mark.parametrize("days", [1, 3, 5, 10, 20])
def test_every_start_date_of_2026_counts_exactly_so_many_working_days(days: int) -> None:
    for number in range(320):
        start = date(2026, 1, 1) + DAY * number
        end = add_working_days(start, days)
        between = [start + DAY * n for n in range(1, (end - start).days + 1)]
        if end.year == 2026:
            assert sum(map(works_2026, between)) == days
            assert works_2026(end)
        assert working_days_between(start, end) == days


@given(st.dates(date(2027, 1, 1), date(2031, 12, 31)), st.integers(1, 60))
def test_past_the_schedule_plain_weekdays_count_and_the_date_is_provisional(start: date, days: int) -> None:
    moment = datetime.combine(start, datetime.min.time(), BEIJING)
    deadline = answer_by("投诉", moment, Clocks(complaint_days=days))
    end = deadline.due_date
    assert end is not None
    assert deadline.provisional
    assert any("暂定" in line for line in deadline.trail)
    assert end.weekday() < 5
    assert sum((start + DAY * n).weekday() < 5 for n in range(1, (end - start).days + 1)) == days


def test_a_term_that_runs_into_an_unpublished_year_is_provisional() -> None:
    assert not answer_by("投诉", at(2026, 12, 1), Clocks()).provisional
    assert answer_by("投诉", at(2026, 12, 30), Clocks()).provisional


def test_days_entered_by_the_county_make_the_year_known() -> None:
    clocks = Clocks(extra_holidays=frozenset({date(2027, 1, 1)}), extra_workdays=frozenset({date(2027, 1, 3)}))
    deadline = answer_by("投诉", at(2026, 12, 30), clocks)
    # 12-31, 01-03 (Sunday, made up), 01-04, 01-05, 01-06
    assert deadline.due_date == date(2027, 1, 6)
    assert not deadline.provisional


def test_the_countys_days_win_over_the_published_ones() -> None:
    clocks = Clocks(extra_holidays=frozenset({date(2026, 3, 2)}))
    assert add_working_days(date(2026, 3, 1), 1, clocks) == date(2026, 3, 3)


def test_the_start_day_is_beijings_day_and_not_counted() -> None:
    late_in_utc = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # already March 3rd in Beijing
    assert answer_by("咨询", late_in_utc, Clocks()).due_date == date(2026, 3, 6)
    assert answer_by("咨询", at(2026, 3, 3, 23), Clocks()).due_date == date(2026, 3, 6)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        answer_by("咨询", datetime(2026, 3, 2), Clocks())  # noqa: DTZ001


@pytest.mark.parametrize(
    ("kind", "accepted", "answered"),
    [
        ("咨询", date(2026, 3, 3), date(2026, 3, 5)),
        ("投诉", date(2026, 3, 3), date(2026, 3, 9)),
        ("建议", date(2026, 3, 3), date(2026, 3, 5)),
        ("信访", date(2026, 3, 17), date(2026, 5, 1)),
        ("信息公开申请", date(2026, 3, 3), date(2026, 3, 30)),
    ],
)
def test_each_kind_has_its_terms(kind: str, accepted: date, answered: date) -> None:
    assert accept_by(kind, at(2026, 3, 2), Clocks()).due_date == accepted
    assert answer_by(kind, at(2026, 3, 2), Clocks()).due_date == answered


def test_a_report_of_officials_is_promised_no_date() -> None:
    for deadline in (answer_by("举报", at(2026, 3, 2), Clocks()), accept_by("举报", at(2026, 3, 2), Clocks())):
        assert deadline.due is None
        assert deadline.due_date is None
        assert deadline.trail
    with pytest.raises(ValueError, match="没有期限"):
        extend(answer_by("举报", at(2026, 3, 2), Clocks()), Clocks())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="没有这种办件"):
        answer_by("表扬", at(2026, 3, 2), Clocks())
    with pytest.raises(ValueError, match="没有这种办件"):
        accept_by("表扬", at(2026, 3, 2), Clocks())


def test_a_petition_counts_from_its_acceptance() -> None:
    deadline = answer_by("信访", at(2026, 3, 2), Clocks(), accepted_at=at(2026, 3, 12))
    assert deadline.due_date == date(2026, 5, 11)
    assert "受理" in deadline.trail[0]


def test_simple_petitions_are_quicker_where_the_county_says_so() -> None:
    clocks = Clocks(simple_petitions=True)
    assert accept_by("信访", at(2026, 3, 2), clocks).due_date == date(2026, 3, 5)
    assert answer_by("信访", at(2026, 3, 2), clocks).due_date == date(2026, 3, 16)


def test_an_extension_starts_from_the_old_date_and_has_a_limit() -> None:
    first = answer_by("投诉", at(2026, 3, 2), Clocks())
    longer = extend(first, Clocks(), 3)
    assert longer.due_date == date(2026, 3, 12)
    assert longer.trail[: len(first.trail)] == first.trail
    assert "延长3个工作日" in longer.trail[len(first.trail)]
    with pytest.raises(ValueError, match="最多延长10个工作日"):
        extend(first, Clocks(), 11)
    assert extend(answer_by("信访", at(2026, 3, 2), Clocks()), Clocks()).due_date == date(2026, 5, 31)


def test_time_spent_asking_others_is_not_counted() -> None:
    first = answer_by("信息公开申请", at(2026, 3, 2), Clocks())
    held = pause(first, date(2026, 3, 6), date(2026, 3, 20), Clocks())
    assert first.due_date == date(2026, 3, 30)
    assert held.due_date == date(2026, 4, 14)  # ten working days later, over 清明
    with pytest.raises(ValueError, match="暂停"):
        pause(first, date(2026, 3, 20), date(2026, 3, 6), Clocks())


@given(st.datetimes(datetime(2025, 6, 1), datetime(2029, 1, 1)), st.sampled_from(KINDS))  # noqa: DTZ001
def test_a_deadline_lies_ahead_and_acceptance_before_the_answer(moment: datetime, kind: str) -> None:
    filed = moment.replace(tzinfo=BEIJING)
    accepted, answered = accept_by(kind, filed, Clocks()), answer_by(kind, filed, Clocks())
    assert accepted.due is not None
    assert answered.due is not None
    assert filed < accepted.due <= answered.due
    assert answered.due.tzinfo is UTC
