"""导出我的信息: what was asked afterwards and what one said to it, for whom one filed, and nothing of anybody else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from knowledge.deadlines import Clocks
from models.case_event import CaseEvent
from models.db import Database
from models.export import everything
from models.follower import Follower
from models.staff import Staff
from models.visit import CHAT, PHONE, Visit
from tests.console.factories import case_of, file_case, hire

TODAY = date(2026, 11, 30)


@pytest.fixture
def county(database: Database) -> Database:
    hire(database)
    return database


def exported(database: Database, openid: str = "oGuan") -> list[str]:
    """The lines about one's cases."""
    with database.read() as session:
        parts = everything(session, Follower.met(session, openid).id, TODAY)
        return list(next(part.lines for part in parts if part.title == "您反映过的事"))


def answered(
    database: Database, number: str, how: str = CHAT, *, resolved: bool | None = None, satisfied: bool | None = None, reason: str = ""
) -> None:  # fmt: skip
    """An answer, and what was said when it was asked about."""

    def work(session) -> None:
        case = case_of(session, number)
        case.answer(session, Staff.by_username(session, "lin"), "已经补发。")
        session.flush()
        said = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.what == "answered")
        event = session.scalars(said.order_by(CaseEvent.id.desc())).first()
        visit = Visit.for_event(session, event, how)
        visit.how = how
        if resolved is not None or satisfied is not None:
            visit.told(resolved=resolved, satisfied=satisfied)
        if resolved is False:
            visit.reopen(session, reason, Clocks())

    database.write(work)


def test_for_whom_and_how_one_can_be_reached_stand_with_the_case(county: Database) -> None:
    file_case(county, for_whom="母亲")
    lines = exported(county)
    assert "　替谁反映的：母亲" in lines
    assert "　留的联系方式：关玉梅，154****3456" in lines
    assert not any("15400123456" in line for line in lines)


def test_a_case_of_ones_own_says_nothing_of_anybody(county: Database) -> None:
    file_case(county, contact_name=None, phone=None)
    assert not any("替谁" in line or "联系方式" in line for line in exported(county))


@pytest.mark.parametrize(
    ("how", "said", "line"),
    [
        (CHAT, {}, "问您办得怎么样：您没有回。"),
        (CHAT, {"resolved": True, "satisfied": True}, "问您办得怎么样：您说办好了，满意。"),
        (PHONE, {"resolved": True, "satisfied": False}, "打电话问您办得怎么样：您说办好了，不满意。"),
        (CHAT, {"resolved": False, "reason": "钱还没到"}, "问您办得怎么样：您说没办好；钱还没到。"),
        (CHAT, {"satisfied": True}, "问您办得怎么样：您说满意。"),
    ],
)  # fmt: skip
def test_what_was_asked_afterwards_and_what_one_said_is_exported(
    county: Database, how: str, said: dict, line: str
) -> None:
    answered(county, file_case(county), how, **said)
    assert exported(county)[-1].endswith(line)


def test_every_round_is_told_and_nobody_elses(county: Database) -> None:
    number, other = file_case(county), file_case(county, openid="oOther")
    answered(county, number, resolved=False, reason="钱还没到")
    answered(county, number, resolved=True, satisfied=True)
    answered(county, other, resolved=False, reason="别人的原因")
    told = "\n".join(exported(county))
    assert told.count("问您办得怎么样") == 2
    assert "别人的原因" not in told
