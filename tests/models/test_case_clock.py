"""The clock of a case: more time, pauses, corrections, confirmation; one due date for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks
from knowledge.errors import Refused
from models import case_clock, correction
from models.audit import AuditEntry
from models.case import Case
from models.case_event import CaseEvent
from models.clock_step import ClockStep, What
from models.db import Database
from models.staff import Staff
from tests.console.factories import case_of, hire
from tests.models.clocks import CLOCKS, act, clock_of_the_house, due, filed, grant_it, granted, told


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    return clock_of_the_house(monkeypatch)


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


# ---------------------------------------------------------------- extension


def test_an_extension_moves_the_date_once_another_grants_it_and_the_reason_is_told(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    assert due(county, number) == date(2026, 3, 9)
    granted(county, number, 3)
    assert due(county, number) == date(2026, 3, 12)
    assert "要到外地核实" in told(county)
    assert "最晚2026年3月12日（星期四）答复您" in told(county)
    with county.read() as session:
        assert "经批准延长3个工作日" in "\n".join(case_of(session, number).due_trail)
        assert "extended" in session.scalars(select(CaseEvent.what).where(CaseEvent.public)).all()


def test_nobody_grants_the_own_extension(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 3, "要核实", CLOCKS))
    with pytest.raises(Refused, match="别人"):
        grant_it(county, number, "lin")
    assert due(county, number) == date(2026, 3, 9)
    assert told(county) == ""


def test_only_asking_moves_nothing_and_a_refusal_is_silent(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 3, "要核实", CLOCKS))
    act(county, number, lambda s, c, w: case_clock.refuse(s, ClockStep.waiting(s, c, What.EXTENSION), w, "材料已经齐了"), "qian")
    assert due(county, number) == date(2026, 3, 9)
    assert told(county) == ""
    with county.read() as session:
        event = session.scalars(select(CaseEvent).where(CaseEvent.what == "not_extended")).one()
        assert not event.public
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("clock."))).all()
        assert actions == ["clock.ask", "clock.refuse"]


@pytest.mark.parametrize(
    ("kind", "most", "until"),
    [("咨询", 3, date(2026, 3, 10)), ("投诉", 10, date(2026, 3, 23)), ("信访", 30, date(2026, 5, 31)),
     ("信息公开申请", 20, date(2026, 4, 28))],
)  # fmt: skip
def test_each_kind_is_extended_once_and_as_far_as_its_rule_goes(county: Database, at, kind: str, most: int, until: date) -> None:
    number = filed(county, at(2026, 3, 2), kind=kind)
    with pytest.raises(Refused, match="最多延长"):
        act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, most + 1, "要核实", CLOCKS))
    granted(county, number, most)
    assert due(county, number) == until
    with pytest.raises(Refused, match="延过一次"):
        act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 1, "还要核实", CLOCKS))


def test_what_is_over_its_date_is_not_extended_any_more(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 3, "要核实", CLOCKS))
    at(2026, 3, 10)
    with pytest.raises(Refused, match="已经过了"):
        grant_it(county, number, "qian")
    other = filed(county, at(2026, 3, 2), kind="投诉")
    at(2026, 3, 10)
    with pytest.raises(Refused, match="已经过了"):
        act(county, other, lambda s, c, w: case_clock.ask_extension(s, c, w, 3, "要核实", CLOCKS))


def test_a_report_and_an_answered_case_are_not_extended(county: Database, at) -> None:
    report = filed(county, at(2026, 3, 2), kind="举报")
    answered = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, answered, lambda s, c, w: c.answer(s, w, "已经补发。"))
    for number in (report, answered):
        with pytest.raises(Refused):
            act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 1, "要核实", CLOCKS))


def test_a_setting_that_changed_moves_no_date_that_was_promised(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: case_clock.ask_extension(s, c, w, 1, "要核实", Clocks(complaint_days=3)))
    act(county, number,
        lambda s, c, w: case_clock.grant(s, ClockStep.waiting(s, c, What.EXTENSION), w, Clocks(complaint_days=3)), "qian")  # fmt: skip
    assert due(county, number) == date(2026, 3, 10)


def test_what_was_provisional_is_computed_anew_once_the_holidays_are_published(county: Database, at) -> None:
    number = filed(county, at(2026, 12, 30), kind="投诉")
    assert due(county, number) == date(2027, 1, 6)
    assert county.write(lambda s: case_clock.renew_provisional(s, CLOCKS)) == 0
    published = Clocks(extra_holidays=frozenset({date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)}))
    assert county.write(lambda s: case_clock.renew_provisional(s, published)) == 1
    assert due(county, number) == date(2027, 1, 7)
    assert "放假安排公布了" in told(county)
    with county.read() as session:
        assert not case_of(session, number).provisional
    assert county.write(lambda s: case_clock.renew_provisional(s, published)) == 0


# ---------------------------------------------------------------- acceptance of a petition


def test_a_petition_counts_from_its_acceptance(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信访")
    with county.read() as session:
        assert case_clock.acceptance_of(case_of(session, number), CLOCKS).due_date == date(2026, 3, 17)
    at(2026, 3, 12)

    def accept(session: Session, case: Case, staff: Staff) -> None:
        case.accept(session, staff)
        case_clock.accepted(session, case, CLOCKS)

    act(county, number, accept)
    assert due(county, number) == date(2026, 5, 11)


def test_accepting_a_complaint_moves_nothing(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    act(county, number, lambda s, c, w: (c.accept(s, w), case_clock.accepted(s, c, CLOCKS)))
    assert due(county, number) == date(2026, 3, 9)


# ---------------------------------------------------------------- 信息公开


def test_time_spent_asking_a_third_party_is_not_counted(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信息公开申请")
    assert due(county, number) == date(2026, 3, 30)
    at(2026, 3, 6)
    act(county, number, lambda s, c, w: case_clock.stop(s, c, w, "third", date(2026, 3, 6)))
    assert due(county, number) is None
    assert "不算在期限里" in told(county)
    at(2026, 3, 20)
    act(county, number, lambda s, c, w: case_clock.go_on(s, c, w, date(2026, 3, 20), CLOCKS))
    assert due(county, number) == date(2026, 4, 14)
    with county.read() as session:
        trail = "\n".join(case_of(session, number).due_trail)
    for said in ("第33条", "征求第三方意见", "第32条", "顺延到2026年4月14日（星期二）"):
        assert said in trail


@pytest.mark.parametrize("kind", ["咨询", "投诉", "信访", "建议", "举报"])
def test_no_other_kind_has_a_pause_or_a_correction(county: Database, at, kind: str) -> None:
    number = filed(county, at(2026, 3, 2), kind=kind)
    for work in (
        lambda s, c, w: case_clock.stop(s, c, w, "third", date(2026, 3, 2)),
        lambda s, c, w: correction.ask_correction(s, c, w, "请写明要哪份文件", CLOCKS),
        lambda s, c, w: case_clock.confirm(s, c, w, date(2026, 3, 2), CLOCKS),
    ):
        with pytest.raises(Refused, match="只有信息公开申请"):
            act(county, number, work)


def test_days_that_make_no_sense_are_refused(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="信息公开申请")
    at(2026, 3, 6)
    for since in (date(2026, 3, 1), date(2026, 3, 7)):
        with pytest.raises(Refused, match="日子"):
            act(county, number, lambda s, c, w, since=since: case_clock.stop(s, c, w, "organ", since))
    with pytest.raises(Refused, match="没有在暂停"):
        act(county, number, lambda s, c, w: case_clock.go_on(s, c, w, date(2026, 3, 6), CLOCKS))
    act(county, number, lambda s, c, w: case_clock.stop(s, c, w, "organ", date(2026, 3, 5)))
    with pytest.raises(Refused, match="停着"):
        act(county, number, lambda s, c, w: case_clock.stop(s, c, w, "organ", date(2026, 3, 6)))
    for until in (date(2026, 3, 4), date(2026, 3, 9)):
        with pytest.raises(Refused, match="日子"):
            act(county, number, lambda s, c, w, until=until: case_clock.go_on(s, c, w, until, CLOCKS))


def test_an_application_over_the_internet_counts_from_the_day_both_sides_confirm(county: Database, at) -> None:
    number = filed(county, at(2026, 2, 6), kind="信息公开申请")
    at(2026, 2, 10)
    act(county, number, lambda s, c, w: case_clock.confirm(s, c, w, date(2026, 2, 10), CLOCKS))
    assert due(county, number) == date(2026, 3, 16)
    with pytest.raises(Refused, match="已经和申请人确认过"):
        act(county, number, lambda s, c, w: case_clock.confirm(s, c, w, date(2026, 2, 10), CLOCKS))
    over_the_counter = filed(county, at(2026, 2, 6), kind="信息公开申请", source="hotline")
    with pytest.raises(Refused, match="网上来的"):
        act(county, over_the_counter, lambda s, c, w: case_clock.confirm(s, c, w, date(2026, 2, 6), CLOCKS))


def test_two_who_grant_at_once_grant_once(county: Database, at) -> None:
    number = filed(county, at(2026, 3, 2), kind="投诉")
    granted(county, number, 3)
    with pytest.raises(Refused, match="已经有人批过"):
        act(county, number, lambda s, c, w: case_clock.grant(s, ClockStep.of(s, c, What.EXTENSION)[0], w, CLOCKS), "qian")
    assert due(county, number) == date(2026, 3, 9) + timedelta(days=3)
