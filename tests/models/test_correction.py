"""补正: asked for once with a last day, arrived, or never; then the desk decides, and the applicant knows it all along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select, update

from knowledge.case_story import case_in_words
from knowledge.deadlines import Clocks
from knowledge.errors import NotAllowed, Refused
from models import correction
from models.audit import AuditEntry
from models.case import ANSWERED, Case
from models.clock_step import ClockStep, State
from models.db import Database
from models.delivery import CALLING, SENT, Delivery
from models.notice import facts_of
from models.staff import Staff
from tests.console.factories import case_of, hire
from tests.models.clocks import CLOCKS, act, clock_of_the_house, due, filed, told

WHAT = "请写明要哪一年的"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    return clock_of_the_house(monkeypatch)


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


@pytest.fixture
def asked(county: Database, at) -> str:
    """An application of 2 March, of which something was asked for on 4 March: by 25 March, 15 working days."""
    number = filed(county, at(2026, 3, 2), kind="信息公开申请")
    at(2026, 3, 4)
    act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS))
    county.write(lambda s: s.execute(update(Delivery).values(status=SENT)) and None)
    return number


def given_up(database: Database, number: str, **how: bool) -> None:
    act(database, number, lambda s, c, w: correction.take_as_given_up(s, c, w, **how))


def desk(database: Database, who: str = "lin") -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(correction.run_out_for(Staff.by_username(session, who)).with_only_columns(Case.number))
        )


# ---------------------------------------------------------------- asked for, and arrived


def test_the_clock_starts_anew_when_the_correction_arrives(county: Database, at) -> None:
    number = filed(county, at(2026, 2, 2), kind="信息公开申请")
    at(2026, 2, 6)
    act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS))
    assert due(county, number) is None
    at(2026, 2, 10)
    act(county, number, lambda s, c, w: correction.corrected(s, c, w, date(2026, 2, 10), CLOCKS))
    assert due(county, number) == date(2026, 3, 16)
    assert WHAT in told(county)
    with pytest.raises(Refused, match="只能请一次"):
        act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, "再补一样", CLOCKS))


def test_a_correction_is_asked_for_within_seven_working_days(county: Database, at) -> None:
    number = filed(county, at(2026, 2, 2), kind="信息公开申请")
    with county.read() as session:
        assert correction.last_day_for_correction(case_of(session, number), CLOCKS) == date(2026, 2, 11)
    at(2026, 2, 12)
    with pytest.raises(Refused, match="7个工作日"):
        act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS))


def test_the_last_day_is_told_stands_in_the_trail_and_on_the_notice(county: Database, asked: str) -> None:
    assert "请在2026年3月25日（星期三）前" in told(county)
    with county.read() as session:
        case = case_of(session, asked)
        assert "最晚2026年3月25日（星期三）补上" in case.due_trail[-1]
        assert facts_of(session, case).correct_by == date(2026, 3, 25)


@pytest.mark.parametrize(("days", "by"), [(5, date(2026, 3, 11)), (60, date(2026, 6, 1))])
def test_the_department_says_how_long_and_the_county_what_is_usual(county: Database, at, days: int, by: date) -> None:
    number = filed(county, at(2026, 3, 2), kind="信息公开申请")
    at(2026, 3, 4)
    act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS, days))
    with county.read() as session:
        assert session.scalars(select(ClockStep.until)).one() == by
    other = filed(county, at(2026, 3, 2), kind="信息公开申请")
    at(2026, 3, 4)
    act(county, other, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, Clocks(correction_days=days)))
    with county.read() as session:
        assert session.scalars(select(ClockStep.until)).all() == [by, by]


@pytest.mark.parametrize("days", [0, 4, 61])
def test_a_time_that_is_not_reasonable_is_refused(county: Database, at, days: int) -> None:
    number = filed(county, at(2026, 3, 2), kind="信息公开申请")
    with pytest.raises(Refused, match="5到60个工作日"):
        act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS, days))


def test_somebody_without_wechat_is_telephoned_with_it(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信息公开申请", source="hotline", openid="")
    act(county, number, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS))
    with county.read() as session:
        assert session.scalars(select(Delivery.status)).all() == [CALLING]


# ---------------------------------------------------------------- it never came


def test_once_the_last_day_is_over_the_desk_has_it_and_the_applicant_is_told_once(
    county: Database, at, asked: str
) -> None:
    at(2026, 3, 25)
    assert correction.run_out_due(county, CLOCKS) == 0
    at(2026, 3, 26)
    assert correction.run_out_due(county, CLOCKS) == 1
    assert correction.run_out_due(county, CLOCKS) == 0
    assert (desk(county), desk(county, "wang")) == ([asked], [])
    said = told(county)
    assert said.count("还没有收到") == 1
    assert WHAT in said.split("还没有收到")[1]
    with county.read() as session:
        case = case_of(session, asked)
        assert (case.status, case.due_at, case.stopped) == ("filed", None, State.RUN_OUT)
        assert [event.what for event in case.events if event.public][-1] == "not_corrected"
        assert "过了日子还没收到" in case_in_words(case, case.filed_at, "12333")
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "clock.run_out")).all() == ["system"]


@pytest.mark.parametrize("moment", [(2026, 3, 26, 22), (2026, 3, 26, 5), (2026, 3, 28, 10)])
def test_at_night_and_on_a_day_off_nobody_is_told(county: Database, at, asked: str, moment: tuple[int, ...]) -> None:
    at(*moment)
    assert correction.run_out_due(county, CLOCKS) == 0


def test_what_arrived_was_answered_or_taken_back_in_time_does_not_run_out(county: Database, at, asked: str) -> None:
    act(county, asked, lambda s, c, w: correction.corrected(s, c, w, date(2026, 3, 4), CLOCKS))
    other = filed(county, at(2026, 3, 2), kind="信息公开申请")
    act(county, other, lambda s, c, w: correction.ask_correction(s, c, w, WHAT, CLOCKS))
    act(county, other, lambda s, c, w: c.withdraw(s))
    at(2026, 4, 15)
    assert correction.run_out_due(county, CLOCKS) == 0


def test_a_request_without_a_last_day_never_runs_out(county: Database, at, asked: str) -> None:
    county.write(lambda s: s.execute(update(ClockStep).values(until=None)) and None)  # of before there was one
    at(2026, 12, 1)
    assert correction.run_out_due(county, CLOCKS) == 0


def test_it_may_still_arrive_late(county: Database, at, asked: str) -> None:
    at(2026, 3, 26)
    correction.run_out_due(county, CLOCKS)
    at(2026, 3, 30)
    act(county, asked, lambda s, c, w: correction.corrected(s, c, w, date(2026, 3, 30), CLOCKS))
    assert due(county, asked) == date(2026, 4, 28)
    assert desk(county) == []
    with pytest.raises(Refused, match="还没有过"):
        given_up(county, asked)


def test_the_desk_closes_it_and_the_applicant_learns_why_and_how_to_ask_anew(county: Database, at, asked: str) -> None:
    with pytest.raises(Refused, match="还没有过"):
        given_up(county, asked)
    at(2026, 3, 26)
    correction.run_out_due(county, CLOCKS)
    given_up(county, asked)
    with county.read() as session:
        case = case_of(session, asked)
        assert (case.status, case.stopped, case.due_at) == (ANSWERED, None, None)
        assert "视为放弃申请（政府信息公开条例第30条）" in case.due_trail[-1]
        assert session.scalars(select(ClockStep.answer)).one() == "视为放弃申请"
        acts = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == f"case:{asked}").order_by(AuditEntry.id)
        ).all()
        assert acts[-3:] == ["clock.run_out", "case.answer", "clock.given_up"]
    last = told(county).split("\n")[-2:]
    assert "到2026年3月25日（星期三）没有收到" in last[0]
    assert "重新申请" in last[1]
    assert desk(county) == []
    with pytest.raises(Refused, match="还没有过"):
        given_up(county, asked)


def test_who_has_written_meanwhile_has_not_given_up_and_is_not_told_so(county: Database, at, asked: str) -> None:
    at(2026, 3, 10)
    act(county, asked, lambda s, c, w: c.add(s, "我住院了，过几天补"))
    at(2026, 3, 26)
    assert correction.run_out_due(county, CLOCKS) == 1
    assert desk(county) == [asked]
    assert "还没有收到" not in told(county)
    with pytest.raises(Refused, match="申请人补充过"):
        given_up(county, asked)


def test_who_was_never_reached_has_not_given_up(county: Database, at, asked: str) -> None:
    county.write(lambda s: s.execute(update(Delivery).values(status=CALLING)) and None)
    at(2026, 3, 26)
    correction.run_out_due(county, CLOCKS)
    with pytest.raises(Refused, match="还没有送到本人"):
        given_up(county, asked)


def test_what_was_answered_without_it_and_opened_again_awaits_no_correction(county: Database, at, asked: str) -> None:
    at(2026, 3, 26)
    correction.run_out_due(county, CLOCKS)
    county.write(
        lambda s: s.execute(update(Case).values(stopped=None)) and None
    )  # as answering and opening it again leaves it
    assert desk(county) == []
    for act_ in (lambda s, c, w: correction.corrected(s, c, w, date(2026, 3, 26), CLOCKS), correction.take_as_given_up):
        with pytest.raises(Refused):
            act(county, asked, act_)


def test_where_the_county_wants_a_head_to_look_the_clerk_alone_does_not_close_it(
    county: Database, at, asked: str
) -> None:
    at(2026, 3, 26)
    correction.run_out_due(county, CLOCKS)
    with pytest.raises(NotAllowed, match="负责人"):
        given_up(county, asked, by_head=True)
    assert desk(county) == [asked]
