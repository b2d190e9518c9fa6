"""补正 that never comes, at the desk: on the clerk's list with a number, and closed by one tap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from knowledge.calendar import Clocks
from knowledge.wording import beijing
from models import correction
from models.base import now
from models.clock_step import ClockStep
from models.db import Database
from models.delivery import SENT, Delivery
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, case_of, file_case, make_app

TODAY = beijing(now()).date()


@pytest.fixture
def number(county: Database, enter) -> str:
    """An application whose correction was asked for at the desk, and whose last day is over."""
    found = file_case(county, kind="信息公开申请")
    browser = enter("lin")
    browser.get(f"/console/cases/{found}")
    browser.post(f"/console/cases/{found}/clock/correction", reason="请写明要哪一年的方案", days=10)
    assert "到日子还没有，会提醒您" in browser.text
    run_out(county)
    return found


def run_out(county: Database) -> None:
    """The last day was yesterday, the request has reached the applicant, and the worker has come by."""

    def work(session) -> None:
        session.execute(update(ClockStep).values(until=TODAY - timedelta(days=1)))
        session.execute(update(Delivery).values(status=SENT))

    county.write(work)
    every_day = frozenset(TODAY + timedelta(days=day) for day in range(-1, 2))
    assert correction.run_out_due(county, Clocks(from_hour=0, until_hour=24, extra_workdays=every_day)) == 1


def test_it_stands_on_the_clerks_list_with_a_number_and_on_nobody_elses(county: Database, enter, number: str) -> None:
    browser = enter("lin")
    assert "补正逾期，等定 <b>1</b>" in browser.get("/console/cases/").get_data(as_text=True)
    listed = browser.get("/console/cases/?state=run_out").get_data(as_text=True)
    assert number in listed
    assert "补正逾期" in listed
    other = enter("wang")
    assert "补正逾期，等定" not in other.get("/console/cases/").get_data(as_text=True)
    assert number not in other.get("/console/cases/?state=run_out").get_data(as_text=True)


def test_one_tap_closes_it_and_tells_the_applicant(county: Database, enter, number: str) -> None:
    browser = enter("lin")
    page = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    for said in ("请写明要哪一年的方案", "，已经过了", "视为放弃申请，办结", "收到补正"):
        assert said in page
    browser.post(f"/console/cases/{number}/clock/given-up")
    assert "按放弃申请办结了" in browser.text
    with county.read() as session:
        assert case_of(session, number).status == "answered"
        assert "重新申请" in session.scalars(select(Delivery.text).order_by(Delivery.id.desc())).first()
    assert "补正逾期，等定" not in browser.get("/console/cases/").get_data(as_text=True)
    browser.post(f"/console/cases/{number}/clock/given-up")
    assert "还没有过" in browser.text


def test_before_the_last_day_there_is_nothing_to_close(county: Database, enter) -> None:
    number = file_case(county, kind="信息公开申请")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/correction", reason="请写明要哪一年的方案", days=3)
    assert "5到60个工作日" in browser.text
    browser.post(f"/console/cases/{number}/clock/correction", reason="请写明要哪一年的方案", days=10)
    page = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "视为放弃申请，办结" not in page
    assert "等补正" in page


def test_who_has_written_meanwhile_is_read_first(county: Database, enter, number: str) -> None:
    county.write(lambda session: case_of(session, number).add(session, "我住院了，过几天补"))
    page = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    assert "申请人补充过" in page
    assert "视为放弃申请，办结" not in page


def test_where_a_head_looks_at_such_answers_the_head_closes_it(county: Database, number: str) -> None:
    app = make_app(county, approval=frozenset({"信息公开申请"}))
    county.write(
        lambda s: (
            Staff.create(s, "fang", PASSWORD, name="方正", role="head", department=Department.named(s, "民政局"))
            and None
        )
    )
    for who, status in (("lin", "filed"), ("fang", "answered")):
        browser = Browser(app)
        browser.log_in(who)
        browser.get(f"/console/cases/{number}")
        browser.post(f"/console/cases/{number}/clock/given-up")
        with county.read() as session:
            assert case_of(session, number).status == status


def test_who_has_no_wechat_is_telephoned_and_not_asked_whether_it_was_done(county: Database, enter) -> None:
    number = file_case(county, kind="信息公开申请", source="hotline", openid="")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/correction", reason="请写明要哪一年的方案", days=10)
    with county.read() as session:
        delivery = session.scalars(select(Delivery.id)).one()
    page = enter("zhao").get(f"/console/calls/{delivery}").get_data(as_text=True)
    assert "您的事有个情况要告诉您" in page
    assert "请写明要哪一年的方案" in page
    assert "办了没" not in page
