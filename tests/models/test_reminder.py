"""Reminders: at half the time, three days and one day before, in working hours, each once, and none where it is answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks, answer_by
from knowledge.wording import BEIJING
from models import case_clock
from models.case_event import CaseEvent
from models.db import Database
from models.delivery import Delivery
from models.reminder import CaseReminder, count_overdue, overdue_for, remind_due, reminders_for
from models.staff import Staff
from tests.console.factories import case_of, file_case, hire

CLOCKS = Clocks()
DAY = timedelta(days=1)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


def filed(database: Database, moment: datetime, *, accepted: bool = True, **said: object) -> str:
    number = file_case(database, **said)

    def work(session: Session) -> None:
        case = case_of(session, number)
        case.filed_at = moment
        if accepted:
            case.status, case.accepted_at = "accepted", moment
        case_clock.put(case, answer_by(case.kind, moment, CLOCKS, accepted_at=moment if accepted else None))

    database.write(work)
    return number


def given(database: Database) -> list[tuple[str, str, date]]:
    with database.read() as session:
        rows = session.scalars(select(CaseReminder).order_by(CaseReminder.id))
        return [(row.clock, row.point, row.due_on) for row in rows]


def run(database: Database, first: datetime, days: int, hours: tuple[int, ...] = (3, 9, 12, 20)) -> list[tuple[datetime, int]]:
    """The worker at these hours of so many days; gives when it made something."""
    made = []
    for day in range(days):
        for hour in hours:
            moment = (first + DAY * day).replace(hour=hour)
            if count := remind_due(database, CLOCKS, at=moment):
                made.append((moment, count))
    return made


def test_twenty_working_days_are_reminded_of_three_times_and_when_over(county: Database) -> None:
    filed(county, at(2, 10), kind="信息公开申请")
    made = run(county, at(2, 10), 36, (9,))
    due = date(2026, 3, 16)
    assert [(moment.date(), count) for moment, count in made] == [
        (date(2026, 3, 3), 1), (date(2026, 3, 11), 1), (date(2026, 3, 13), 1), (date(2026, 3, 17), 1)
    ]  # fmt: skip
    assert given(county) == [("answer", point, due) for point in ("half", "three", "one", "late")]


def test_nobody_is_reminded_at_night_or_on_a_day_off(county: Database) -> None:
    filed(county, at(2, 10), kind="信息公开申请")
    for moment, _ in run(county, at(2, 10), 36, tuple(range(24))):
        assert CLOCKS.is_office_hour(moment)
        assert 8 <= moment.hour < 17


def test_a_petition_whose_day_before_is_a_holiday_is_reminded_of_before_it(county: Database) -> None:
    filed(county, at(3, 3), kind="信访")  # 60 days: May 2nd, in the holidays
    run(county, at(3, 3), 62, (9,))
    with county.read() as session:
        days = [row.at.astimezone(BEIJING).date() for row in session.scalars(select(CaseReminder).order_by(CaseReminder.id))]
    assert days == [date(2026, 4, 3), date(2026, 4, 29), date(2026, 4, 30)]


def test_a_case_that_was_answered_gets_none(county: Database) -> None:
    number = filed(county, at(3, 2), kind="投诉")
    county.write(lambda s: case_of(s, number).answer(s, Staff.by_username(s, "lin"), "已经补发。"))
    assert run(county, at(3, 2), 20, (9,)) == []


def test_a_case_answered_between_the_look_and_the_row_gets_none(county: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    number = filed(county, at(3, 2), kind="投诉")
    write = county.write

    def answered_first(work, **options):
        write(lambda s: case_of(s, number).answer(s, Staff.by_username(s, "lin"), "已经补发。"))
        return write(work, **options)

    monkeypatch.setattr(county, "write", answered_first)
    assert remind_due(county, CLOCKS, at=at(3, 6)) == 0
    assert given(county) == []


def test_two_workers_at_once_remind_once(county: Database) -> None:
    for _ in range(5):
        filed(county, at(3, 2), kind="投诉")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: remind_due(county, CLOCKS, at=at(3, 6)), range(4)))
    assert sum(made) == 5
    assert len(given(county)) == 5


def test_a_worker_that_was_away_gives_the_last_one_alone(county: Database) -> None:
    filed(county, at(3, 2), kind="投诉")
    assert remind_due(county, CLOCKS, at=at(3, 6)) == 1
    assert [point for _, point, _ in given(county)] == ["one"]
    assert remind_due(county, CLOCKS, at=at(3, 6, 10)) == 0


def test_a_date_that_moved_is_reminded_of_anew(county: Database) -> None:
    number = filed(county, at(3, 2), kind="投诉")
    remind_due(county, CLOCKS, at=at(3, 6))

    def later(session: Session) -> None:
        from knowledge.deadlines import extend

        case = case_of(session, number)
        case_clock.put(case, extend(case_clock.deadline_of(case), CLOCKS, 5))

    county.write(later)
    with county.read() as session:
        assert reminders_for(session, Staff.by_username(session, "lin")) == []
    run(county, at(3, 6), 15, (9,))
    assert [point for _, point, due in given(county) if due == date(2026, 3, 16)] == ["half", "three", "one", "late"]


def test_a_clock_that_stands_still_reminds_of_nothing(county: Database) -> None:
    number = filed(county, at(3, 2), kind="信息公开申请")
    county.write(lambda s: setattr(case_of(s, number), "stopped", "pause"))
    assert run(county, at(3, 5), 40, (9,)) == []


def test_a_report_has_no_date_and_no_reminder(county: Database) -> None:
    filed(county, at(3, 2), kind="举报", accepted=False)
    assert run(county, at(3, 2), 20, (9,)) == []


def test_what_nobody_takes_on_goes_up_and_the_resident_is_told_nothing(county: Database) -> None:
    filed(county, at(3, 2), kind="投诉", accepted=False)
    run(county, at(3, 2), 3, (9,))
    assert given(county) == [("accept", "late", date(2026, 3, 3)), ("answer", "three", date(2026, 3, 9))]
    with county.read() as session:
        late = session.scalars(select(CaseEvent).where(CaseEvent.what == "late_accept")).one()
        assert not late.public
        assert session.scalars(select(Delivery)).all() == []


def test_the_desk_sees_its_own_until_somebody_has_taken_note(county: Database) -> None:
    number = filed(county, at(3, 2), kind="投诉")
    filed(county, at(3, 2), kind="投诉", text="地补少给了三亩的钱", item="耕地地力保护补贴")
    remind_due(county, CLOCKS, at=at(3, 5))
    remind_due(county, CLOCKS, at=at(3, 6))
    with county.read() as session:
        lines = reminders_for(session, Staff.by_username(session, "lin"))
        assert [(line.number, str(line.point)) for line in lines] == [(number, "one")]  # the newer one stands for both

    def note(session: Session) -> None:
        session.get_one(CaseReminder, lines[0].id).seen(session, Staff.by_username(session, "lin"))

    county.write(note)
    with county.read() as session:
        assert "one" not in [str(line.point) for line in reminders_for(session, Staff.by_username(session, "lin"))]


def test_the_supervisor_sees_what_is_overdue_now(county: Database) -> None:
    late = filed(county, at(3, 2), kind="投诉")
    answered = filed(county, at(3, 2), kind="投诉")
    county.write(lambda s: case_of(s, answered).answer(s, Staff.by_username(s, "lin"), "已经补发。"))
    with county.read() as session:
        supervisor, clerk = Staff.by_username(session, "qian"), Staff.by_username(session, "wang")
        assert [row.number for row in overdue_for(session, supervisor)] == [late]
        assert (count_overdue(session, supervisor), count_overdue(session, clerk)) == (1, 0)
