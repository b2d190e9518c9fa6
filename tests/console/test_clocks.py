"""The clock at the desk: shown with its trail, changed by those who may, told by one date to everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge.calendar import in_words
from knowledge.wording import beijing
from models.audit import AuditEntry
from models.base import now
from models.case_event import CaseEvent
from models.clock_step import ClockStep
from models.db import Database
from models.delivery import Delivery
from models.reminder import CaseReminder
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, case_of, file_case, make_app

TODAY = beijing(now()).date()


@pytest.fixture
def heads(county: Database) -> Database:
    """With a head of 民政局 and one of 农业农村局."""

    def work(session) -> None:
        for username, home in (("fang", "民政局"), ("deng", "农业农村局")):
            Staff.create(session, username, PASSWORD, name=f"方{username}", role="head", department=Department.named(session, home))

    county.write(work)
    return county


def due(database: Database, number: str):
    with database.read() as session:
        return case_of(session, number).due_at


def test_the_case_shows_both_clocks_and_how_they_were_computed(county: Database, enter) -> None:
    number = file_case(county)
    text = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    for said in ("最晚接办", "最晚答复", "怎么算的", "从第二天起算", "工作日内受理", "工作日内答复"):
        assert said in text


def test_an_extension_is_asked_for_granted_by_a_head_and_told(heads: Database, enter) -> None:
    number = file_case(heads, kind="投诉")
    before = due(heads, number)
    clerk = enter("lin")
    clerk.get(f"/console/cases/{number}")
    clerk.post(f"/console/cases/{number}/clock/extension", days=3, reason="要到外地核实")
    assert "等负责人批" in clerk.text
    assert due(heads, number) == before
    assert enter("deng").post("/console/approvals/extensions/1/grant").status_code == 404
    head = enter("fang")
    text = head.get("/console/approvals/").get_data(as_text=True)
    assert "要到外地核实" in text
    assert "待批 <span" in text
    head.post("/console/approvals/extensions/1/grant")
    assert "批准了" in head.text
    after = due(heads, number)
    assert after > before
    with heads.read() as session:
        told = session.scalars(select(Delivery.text)).one()
        assert in_words(beijing(after).date()) in told
        assert "要到外地核实" in told
    assert in_words(beijing(after).date()) in clerk.get(f"/console/cases/{number}").get_data(as_text=True)


def test_the_one_who_asks_does_not_grant_and_a_clerk_never_does(heads: Database, enter) -> None:
    number = file_case(heads, kind="投诉")
    head = enter("fang")
    head.get(f"/console/cases/{number}")
    head.post(f"/console/cases/{number}/clock/extension", days=2, reason="要核实")
    assert "要由别人来批" in head.get("/console/approvals/").get_data(as_text=True)
    assert head.post("/console/approvals/extensions/1/grant").status_code == 409
    assert enter("lin").post("/console/approvals/extensions/1/grant").status_code == 403
    supervisor = enter("qian")
    supervisor.post("/console/approvals/extensions/1/grant")
    assert "批准了" in supervisor.text


def test_a_refusal_is_seen_by_the_clerk_alone(heads: Database, enter) -> None:
    number = file_case(heads, kind="投诉")
    clerk = enter("lin")
    clerk.get(f"/console/cases/{number}")
    clerk.post(f"/console/cases/{number}/clock/extension", days=2, reason="要核实")
    enter("fang").post("/console/approvals/extensions/1/refuse", why="材料已经齐了")
    assert "材料已经齐了" in clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    with heads.read() as session:
        assert session.scalars(select(Delivery)).all() == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"days": 11, "reason": "要核实"}, "最多延长10个工作日"), ({"days": "", "reason": "要核实"}, "最多延长"),
     ({"days": 2, "reason": ""}, "为什么要延期"),
     ({"days": 2, "reason": "核实22022119340412936X"}, "完整的身份证号")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_said(county: Database, enter, fields, said: str) -> None:
    number = file_case(county, kind="投诉")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/extension", **fields)
    assert said in browser.text
    with county.read() as session:
        assert session.scalars(select(ClockStep)).all() == []


def test_a_disclosure_request_is_paused_and_goes_on(county: Database, enter) -> None:
    number = file_case(county, kind="信息公开申请")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/stop", whom="third", since=TODAY)
    assert "暂停计时" in browser.text
    assert due(county, number) is None
    text = browser.get("/console/cases/").get_data(as_text=True)
    assert "暂停计时" in text
    assert "超期 <b>0</b>" in text
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/go-on", until=TODAY)
    assert "接着计时了" in browser.text
    assert due(county, number) is not None


def test_a_disclosure_request_is_corrected_and_confirmed(county: Database, enter) -> None:
    number = file_case(county, kind="信息公开申请")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/clock/confirm", on=TODAY)
    assert "从确认那天算" in browser.text
    browser.post(f"/console/cases/{number}/clock/correction", reason="请写明要哪一年的方案")
    assert "已请申请人补正" in browser.text
    browser.post(f"/console/cases/{number}/clock/corrected", on=TODAY + timedelta(days=1))
    assert "日子" in browser.text
    browser.post(f"/console/cases/{number}/clock/corrected", on="不是日子")
    assert "请选一个日子" in browser.text
    browser.post(f"/console/cases/{number}/clock/corrected", on=TODAY)
    assert "期限重新算了" in browser.text


def test_a_complaint_becomes_a_petition_with_a_notice_that_frightens_nobody(county: Database, enter) -> None:
    number = file_case(county, kind="投诉")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/kind", kind="信访", reason="反映的是多年的老问题")
    assert "改成信访了" in browser.text
    with county.read() as session:
        told = session.scalars(select(Delivery.text)).one()
        assert "不影响您" in told
        assert case_of(session, number).kind == "信访"
    browser.post(f"/console/cases/{number}/accept")
    trail = "\n".join(_trail(county, number))
    assert "受理，从第二天起算" in trail
    assert "信访工作条例第34条" in trail


def test_the_coordinator_changes_the_kind_and_another_department_does_not(county: Database, enter) -> None:
    number = file_case(county, kind="投诉")
    assert enter("wang").post(f"/console/cases/{number}/kind", kind="咨询", reason="只是问政策").status_code == 404
    supervisor = enter("qian")
    supervisor.get(f"/console/cases/{number}")
    supervisor.post(f"/console/cases/{number}/kind", kind="咨询", reason="只是问政策")
    with county.read() as session:
        assert case_of(session, number).kind == "咨询"
        assert session.scalar(select(AuditEntry.detail).where(AuditEntry.action == "case.kind"))["reason"] == "只是问政策"


def test_a_kind_that_is_not_taken_here_is_told_its_way(county: Database) -> None:
    app: Flask = make_app(county, kinds=("咨询", "投诉", "举报", "建议"))
    from tests.console.factories import Browser

    number = file_case(county, kind="投诉")
    browser = Browser(app)
    browser.log_in("lin")
    assert "信访（这里不收，告诉群众去哪办）" in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    browser.post(f"/console/cases/{number}/kind", kind="信访", reason="要走信访")
    assert "移交单" in browser.text
    with county.read() as session:
        assert case_of(session, number).status == "answered"
        assert "县信访局" in session.scalars(select(Delivery.text)).one()


def _trail(database: Database, number: str) -> list[str]:
    with database.read() as session:
        return list(case_of(session, number).due_trail or ())


# ---------------------------------------------------------------- reminders at the desk


@pytest.fixture
def reminded(county: Database) -> str:
    number = file_case(county, kind="投诉")

    def work(session) -> None:
        case = case_of(session, number)
        case.due_at = now() - timedelta(days=1)
        session.add(
            CaseReminder(case_id=case.id, department_id=case.department_id, clock="answer", point="late",
                         due_on=beijing(case.due_at).date())
        )  # fmt: skip

    county.write(work)
    return number


def test_a_reminder_stands_in_the_menu_and_on_the_desk_until_noted(county: Database, enter, reminded: str) -> None:
    browser = enter("lin")
    text = browser.get("/console/reminders/").get_data(as_text=True)
    assert reminded in text
    assert "答复逾期" in text
    assert '到期提醒 <span class="badge' in text
    assert reminded not in enter("wang").get("/console/reminders/").get_data(as_text=True)
    assert enter("wang").post("/console/reminders/1/seen").status_code == 404
    browser.post("/console/reminders/1/seen")
    assert "现在没有要提醒的" in browser.text


def test_what_is_overdue_goes_up_to_the_supervisor(county: Database, enter, reminded: str) -> None:
    text = enter("qian").get("/console/reminders/").get_data(as_text=True)
    assert "各部门逾期的" in text
    assert reminded in text
    assert "民政局" in text
    assert "各部门逾期的" not in enter("lin").get("/console/reminders/").get_data(as_text=True)
    with county.read() as session:
        assert session.scalars(select(CaseEvent.what)).all() == ["filed"]
