"""A petition between departments: it counts from its first acceptance, by whomever, and from no later one (信访工作条例 第34条)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from models import avoidance, case_clock, handling, triage
from models.case import ACCEPTED, Case
from models.case_kind import change_kind
from models.db import Database
from models.staff import Department, Staff
from tests.console.factories import case_of, hire
from tests.models.clocks import CLOCKS, act, clock_of_the_house, due, filed, granted, told


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    set_ = clock_of_the_house(monkeypatch)

    def everywhere(*moment: int) -> datetime:
        found = set_(*moment)
        for module in ("models.handling", "models.triage", "models.avoidance", "models.handover"):
            monkeypatch.setattr(f"{module}.now", lambda: found)
        return found

    return everywhere


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


def offer(session: Session, case: Case, staff: Staff) -> None:
    handling.offer(session, case, staff, Department.named(session, "农业农村局"), "归他们管")


def take(session: Session, case: Case, staff: Staff) -> None:
    handling.take(session, case, staff, CLOCKS)


def accept(session: Session, case: Case, staff: Staff) -> None:
    case.accept(session, staff)
    case_clock.accepted(session, case, CLOCKS)


def test_taking_a_petition_that_nobody_accepted_accepts_it_and_the_new_date_is_told(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信访")
    assert due(county, number) == date(2026, 5, 1)  # as if it had been accepted at once
    act(county, number, offer)
    at(2026, 3, 12)
    act(county, number, take, "wang")
    assert due(county, number) == date(2026, 5, 11)
    assert "农业农村局办理。今天受理，最晚2026年5月11日（星期一）答复您。" in told(county)
    with county.read() as session:
        case = case_of(session, number)
        assert (case.status, case_clock.began_on(case)) == (ACCEPTED, date(2026, 3, 12))
        assert "受理，从第二天起算" in case.due_trail[0]


def test_taking_one_that_was_accepted_keeps_its_day_and_says_so(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信访")
    at(2026, 3, 4)
    act(county, number, accept)
    act(county, number, offer)
    before = due(county, number)
    at(2026, 3, 20)
    act(county, number, take, "wang")
    assert due(county, number) == before
    assert "农业农村局办理。答复时间不变。" in told(county)
    with county.read() as session:
        assert case_clock.began_on(case_of(session, number)) == date(2026, 3, 4)


def test_an_extension_that_was_granted_outlives_a_change_of_hands(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信访")
    act(county, number, accept)
    granted(county, number, 10)
    extended = due(county, number)
    act(county, number, lambda s, c, w: triage.assign(s, c, w, Department.named(s, "农业农村局")), "qian")
    at(2026, 3, 20)
    act(county, number, accept, "wang")
    assert due(county, number) == extended


def test_a_department_that_has_to_leave_it_makes_nobody_wait_longer(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信访")
    act(county, number, accept)
    before = due(county, number)
    act(county, number, lambda s, c, w: avoidance.bar_department(s, c, w, c.department, "说的就是他们"), "qian")
    act(county, number, lambda s, c, w: triage.assign(s, c, w, Department.named(s, "农业农村局")), "qian")
    at(2026, 3, 20)
    act(county, number, accept, "wang")
    assert due(county, number) == before


def test_what_became_a_petition_after_it_was_accepted_counts_from_its_acceptance_as_one(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, accept)
    at(2026, 3, 3)
    act(county, number, lambda s, c, w: change_kind(s, c, w, "信访", "反映的是多年的老问题", CLOCKS))
    at(2026, 3, 12)
    act(county, number, accept)
    assert due(county, number) == date(2026, 5, 11)


@pytest.mark.parametrize("kind", ["投诉", "咨询", "信息公开申请"])
def test_taking_another_kind_moves_nothing(county: Database, at, kind: str) -> None:
    number = filed(county, at(2026, 3, 2), kind=kind)
    before = due(county, number)
    act(county, number, offer)
    at(2026, 3, 3)
    act(county, number, take, "wang")
    assert due(county, number) == before
    assert "答复时间不变。" in told(county)
