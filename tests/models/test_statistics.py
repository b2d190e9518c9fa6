"""The figures of a period: each rate counts what its words say, few cases are no per cent, and 回避 holds for every figure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks
from knowledge.wording import BEIJING
from models import statistics as module
from models.case import ACCEPTED, ANSWERED, FILED, WITHDRAWN, Case
from models.case_bar import CaseBar
from models.case_event import CaseEvent
from models.db import Database
from models.staff import Department, Staff
from models.statistics import behind, names_of, statistics
from models.statistics_values import COUNTS, DIMENSIONS, MEASURES, Line, Period, Share, begin_of
from models.visit import Visit

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(f"2026-{day}"), datetime.min.time(), BEIJING).replace(hour=hour).astimezone(UTC)


@pytest.fixture
def county(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The departments and a supervisor of 财政局; it is 30 June 2026."""
    monkeypatch.setattr(module, "now", lambda: NOW)

    def begin(session: Session) -> None:
        Department.seed(session)
        home = Department.named(session, "财政局")
        session.add(Staff(username="qian", name="钱进", password_hash="x", role="supervisor", department=home))

    database.write(begin)
    return database


def case(session: Session, filed: str, **more: object) -> Case:
    """An inquiry of 民政局 in 口前镇."""
    department = Department.named(session, str(more.pop("to", "民政局")))
    number = f"YJ2026-{session.query(Case).count() + 1:04d}"
    fields: dict[str, object] = {
        "kind": "咨询", "status": FILED, "source": "chat", "item": "高龄津贴", "town": "口前镇", "text": "问一下", "why": "", "filed_at": at(filed),
        "due_at": at(filed) + timedelta(days=5),
    }  # fmt: skip
    one = Case(number=number, code_hash=bytes(32), department=department, **(fields | more))
    session.add(one)
    session.flush()
    return one


def figures(database: Database, by: str = "department", period: Period = YEAR) -> module.Statistics:
    with database.read() as session:
        return statistics(session, Staff.by_username(session, "qian"), by, period, Clocks())


def test_taken_up_within_the_working_day_is_in_time_over_a_weekend_and_a_holiday(county: Database) -> None:
    def cases(session: Session) -> None:
        case(session, "03-06", status=ACCEPTED, accepted_at=at("03-09"))  # Friday to Monday
        case(session, "03-06", status=ACCEPTED, accepted_at=at("03-10"))  # to Tuesday: late
        case(session, "02-14", status=ACCEPTED, accepted_at=at("02-24"))  # over the Spring Festival
        case(session, "02-14", status=ANSWERED, answered_at=at("02-25"))  # answered at once, but late
        case(session, "06-29", status=FILED)  # still has until tonight
        case(session, "06-26", status=FILED)  # nobody has taken it up
        case(session, "03-06", kind="信访", status=ACCEPTED, accepted_at=at("03-21"))  # 15 days
        case(session, "03-06", kind="举报", status=ACCEPTED, accepted_at=at("05-21"), due_at=None)  # no clock
        case(session, "03-06", status=WITHDRAWN)

    county.write(cases)
    total = figures(county).total
    assert (total.responded.part, total.responded.whole) == (3, 6)
    assert (total.filed, total.withdrawn, total.open, total.answered) == (9, 1, 7, 1)


def test_answered_in_time_counts_what_is_over_its_date_and_unanswered_as_not(county: Database) -> None:
    def cases(session: Session) -> None:
        case(session, "05-04", status=ANSWERED, answered_at=at("05-06"))
        case(session, "05-04", status=ANSWERED, answered_at=at("05-20"))
        case(session, "05-04", status=ACCEPTED, accepted_at=at("05-04"))  # overdue
        case(session, "05-04", status=ACCEPTED, stopped="correct")  # its clock stands still
        case(session, "06-29", status=FILED)  # not due yet
        case(session, "05-04", status=ANSWERED, answered_at=at("05-05"), due_at=None)

    county.write(cases)
    total = figures(county).total
    assert (total.in_time.part, total.in_time.whole, total.overdue) == (1, 3, 1)


def visit(session: Session, one: Case, resolved: bool | None, satisfied: bool | None = None) -> None:
    event = CaseEvent(case_id=one.id, what="answered")
    session.add(event)
    session.flush()
    session.add(Visit(case_id=one.id, event_id=event.id, resolved=resolved, satisfied=satisfied))
    session.flush()


def test_the_last_word_of_the_resident_counts_and_silence_does_not(county: Database) -> None:
    def cases(session: Session) -> None:
        again = case(session, "05-04", status=ANSWERED, answered_at=at("05-05"))
        visit(session, again, False)
        visit(session, again, True, True)
        silent = case(session, "05-04", status=ANSWERED, answered_at=at("05-05"))
        visit(session, silent, None)
        half = case(session, "05-04", status=ANSWERED, answered_at=at("05-05"))
        visit(session, half, True)
        no = case(session, "05-04", status=ACCEPTED, accepted_at=at("05-05"))
        visit(session, no, False, False)
        visit(session, no, None)

    county.write(cases)
    total = figures(county).total
    assert (total.resolved.part, total.resolved.whole) == (2, 3)
    assert (total.satisfied.part, total.satisfied.whole) == (1, 2)


def test_days_are_counted_by_the_calendar_of_beijing(county: Database) -> None:
    def cases(session: Session) -> None:
        case(session, "05-04", filed_at=at("05-04", 23), status=ANSWERED, answered_at=at("05-05", 1))
        case(session, "05-04", filed_at=at("05-04", 1), status=ANSWERED, answered_at=at("05-04", 23))
        case(session, "01-01", filed_at=at("01-01", 0), status=ANSWERED, answered_at=at("01-08", 0))

    county.write(cases)
    found = figures(county, "month")
    assert found.total.days == Counter({0: 1, 1: 1, 7: 1})
    assert {month: line.filed for month, line in found.months.items()} == {"2026-01": 1, "2026-05": 2}


@pytest.mark.parametrize(
    ("by", "expected"),
    [("department", {"民政局": 2, "农业农村局": 1}), ("town", {"口前镇": 2, "没说乡镇": 1}), ("item", {"高龄津贴": 2, "没说补贴项目": 1}),
     ("kind", {"咨询": 2, "投诉": 1}), ("month", {"2026-05": 2, "2026-06": 1})],
)  # fmt: skip
def test_the_cases_are_grouped_and_each_figure_leads_to_its_cases(county: Database, by: str, expected: dict[str, int]) -> None:
    def cases(session: Session) -> None:
        case(session, "05-31", filed_at=at("05-31", 23))
        case(session, "05-04", status=ANSWERED, answered_at=at("05-20"))
        case(session, "06-01", filed_at=at("06-01", 0), to="农业农村局", town=None, item=None, kind="投诉")

    county.write(cases)
    found = figures(county, by)
    with county.read() as session:
        names, qian = names_of(session, by, list(found.lines)), Staff.by_username(session, "qian")
        assert {names[key]: line.filed for key, line in found.lines.items()} == expected
        for key, line in found.lines.items():
            for count in COUNTS:
                assert len(session.scalars(behind(qian, YEAR, by, key, count)).all()) == getattr(line, count), (key, count)


def test_a_period_takes_in_its_first_and_last_day_and_nothing_else(county: Database) -> None:
    def cases(session: Session) -> None:
        for day, hour in (("04-30", 23), ("05-01", 0), ("05-31", 23), ("06-01", 0)):
            case(session, day, filed_at=at(day, hour))

    county.write(cases)
    assert figures(county, period=Period(date(2026, 5, 1), date(2026, 5, 31))).total.filed == 2
    assert figures(county, period=Period(date(2025, 5, 1), date(2025, 5, 31))).total.filed == 0


def test_what_complains_about_the_readers_office_counts_nowhere(county: Database) -> None:
    def cases(session: Session) -> None:
        case(session, "05-04")
        barred = case(session, "05-04")
        session.add(CaseBar(case_id=barred.id, department_id=Department.named(session, "财政局").id))

    county.write(cases)
    for by in DIMENSIONS:
        found = figures(county, by)
        assert (found.total.filed, sum(line.filed for line in found.lines.values())) == (1, 1), by
        with county.read() as session:
            qian = Staff.by_username(session, "qian")
            shown = [len(session.scalars(behind(qian, YEAR, by, key, "filed")).all()) for key in found.lines]
        assert shown == [1], by


@pytest.mark.parametrize(
    ("part", "whole", "said", "percent"),
    [(0, 0, "—", None), (3, 3, "3/3件", None), (9, 9, "9/9件", None), (9, 10, "90.0%", 90.0), (1, 3000, "0.0%", 0.0), (10, 10, "100.0%", 100.0)],
)  # fmt: skip
def test_few_cases_are_said_as_numbers(part: int, whole: int, said: str, percent: float | None) -> None:
    assert (Share(part, whole).said, Share(part, whole).percent) == (said, percent)


@given(st.lists(st.integers(0, 90), min_size=1, max_size=60))
def test_the_median_is_the_median(days: list[int]) -> None:
    assert Line(days=Counter(days)).median == median(days)


def test_without_answers_there_is_no_median() -> None:
    assert Line().median is None


def test_every_measure_and_count_of_a_line_has_its_words() -> None:
    assert {*MEASURES, *COUNTS, "days"} == {*Line.__slots__}
    assert all(measure.part and measure.whole for measure in MEASURES.values())


@pytest.mark.parametrize(("today", "begin"), [(date(2026, 1, 5), date(2025, 1, 1)), (date(2026, 2, 1), date(2026, 1, 1))])
def test_the_usual_period_begins_with_the_year(today: date, begin: date) -> None:
    assert begin_of(today) == begin
