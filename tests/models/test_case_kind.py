"""转轨: a case of another kind keeps its number and story, and counts from where the law says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select

from knowledge.errors import Refused
from knowledge.wording import beijing
from models import case_clock, case_kind
from models.audit import AuditEntry
from models.clock_step import ClockStep, State, What
from models.db import Database
from tests.console.factories import case_of, hire
from tests.models.clocks import CLOCKS, act, clock_of_the_house, due, filed, told


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    return clock_of_the_house(monkeypatch)


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


def test_a_complaint_that_is_a_petition_counts_from_its_registration(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: c.accept(s, w))
    at(2026, 3, 5)
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "信访", "反映的是多年的老问题", CLOCKS))
    with county.read() as session:
        case = case_of(session, number)
        assert (case.kind, case.status, case.number, case.accepted_at) == ("信访", "filed", number, None)
        assert beijing(case.due_at).date() == date(2026, 5, 4)
        assert case_clock.acceptance_of(case, CLOCKS).due_date == date(2026, 3, 20)
        assert [event.what for event in case.events] == ["filed", "accepted", "rekinded"]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.kind")).one()
        assert (entry.detail["was"], entry.detail["kind"], entry.detail["reason"]) == ("投诉", "信访", "反映的是多年的老问题")
        assert "由投诉改为信访登记" in "\n".join(case.due_trail)
    text = told(county)
    for said in ("不影响您", "编号不变", number, "反映的是多年的老问题"):
        assert said in text


def test_a_complaint_that_asks_for_papers_counts_from_the_day_it_became_one(county: Database, at) -> None:
    number = filed(county, at(2026, 2, 6), kind="投诉")
    at(2026, 2, 10)
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "信息公开申请", "要的是发放方案", CLOCKS))
    assert due(county, number) == date(2026, 3, 16)


def test_an_inquiry_that_is_a_complaint_still_counts_from_its_filing(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="咨询")
    at(2026, 3, 4)
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "投诉", "是钱没到，不是问政策", CLOCKS))
    assert due(county, number) == date(2026, 3, 9)


def test_a_change_never_makes_a_case_overdue_by_itself(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    at(2026, 3, 9)
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "咨询", "只是问政策", CLOCKS))
    assert due(county, number) == date(2026, 3, 9)


def test_a_case_that_is_a_report_is_sealed_and_promised_no_date(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "举报", "说的是干部扣钱", CLOCKS))
    with county.read() as session:
        case = case_of(session, number)
        assert case.confidential
        assert case.due_at is None


def test_a_change_needs_a_reason_and_another_kind(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    for kind, reason in (("信访", " "), ("投诉", "说不清"), ("表扬", "说不清")):
        with pytest.raises(Refused):
            act(county, number, lambda s, c, w, k=kind, r=reason: case_kind.change_kind(s, c, w, k, r, CLOCKS))
    act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 2, "要核实", CLOCKS))
    act(county, number, lambda s, c, w: case_kind.change_kind(s, c, w, "信访", "老问题", CLOCKS))
    with county.read() as session:
        step = session.scalars(select(ClockStep).where(ClockStep.what == What.EXTENSION)).one()
        assert step.state == State.REFUSED


def test_what_the_county_does_not_take_here_is_told_its_way(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_kind.show_the_way(s, c, w, "信访", "是多年的老问题"))
    with county.read() as session:
        assert case_of(session, number).status == "answered"
    assert "县信访局" in told(county)
    assert "移交单" in told(county)
