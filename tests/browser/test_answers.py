"""Answering and the clock in a real browser: drafts that keep themselves, texts that are put in, and every page by axe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from knowledge.notices import Kind
from knowledge.wording import beijing
from models import case_clock
from models.base import now
from models.canned import CannedAnswer
from models.case_answer import CaseAnswer
from models.db import Database
from models.notice import CaseNotice, facts_of
from models.reminder import CaseReminder
from models.staff import Department, Staff
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD, case_of, file_case

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


def test_a_draft_keeps_itself_and_outlives_the_log_out(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_label("写给群众的话").fill("查了一半，先去银行问问")
    expect(page.get_by_text("存好了")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    with county.read() as session:
        assert session.scalars(select(CaseAnswer.said)).one() == "查了一半，先去银行问问"
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    expect(page.get_by_label("写给群众的话")).to_have_value("查了一半，先去银行问问")


def test_a_canned_text_and_an_article_are_put_in_where_one_writes(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    county.write(
        lambda s: CannedAnswer.write(s, Staff.by_username(s, "lin"), "银行退回", "您反映的{项目}，银行退回了。", item=None, shared=False)
    )
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_label("写给群众的话").fill("您好。")
    page.get_by_role("button", name="插入：银行退回").click()
    expect(page.get_by_label("写给群众的话")).to_have_value("您好。您反映的最低生活保障，银行退回了。")


def test_an_extension_is_asked_for_and_granted(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county, kind="投诉")
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_text("报延期").click()
    page.get_by_label("延几天").fill("3")
    page.get_by_label("为什么（会告诉群众）").fill("要到外地核实")
    page.get_by_role("button", name="报负责人批").click()
    expect(page.get_by_text("等负责人批").first).to_be_visible()
    other = new_desk()
    page = other.log_in("qian")
    page.locator("summary", has_text="办件").click()
    page.get_by_role("link", name="待批").click()
    page.get_by_role("button", name="批准延期").click()
    expect(page.get_by_text("批准了")).to_be_visible()


@pytest.fixture
def full_county(county: Database) -> dict[str, object]:
    """Something on each of these pages."""
    complaint = file_case(county, kind="投诉")
    petition = file_case(county, kind="信访")
    request = file_case(county, kind="信息公开申请")

    def work(session) -> dict[str, object]:
        home = Department.named(session, "民政局")
        Staff.create(session, "fang", PASSWORD, name="方静", role="head", department=home)
        lin, clocks = Staff.by_username(session, "lin"), case_clock.Clocks()
        case = case_of(session, petition)
        case.accept(session, lin)
        case_clock.accepted(session, case, clocks)
        notice = CaseNotice.issue(session, case, lin, Kind.ACCEPT, "低保停发三个月", facts_of(session, case))
        CannedAnswer.write(session, lin, "银行退回", "您反映的{项目}，银行退回了。", item=None, shared=False)
        first = case_of(session, complaint)
        case_clock.ask_extension(session, first, lin, 3, "要到外地核实", clocks)
        answer = CaseAnswer(case_id=case.id, staff_id=lin.id, state="asked", result="查实", said="银行退回了。", basis="文件", next_step="等。")
        session.add(answer)
        case_clock.stop(session, case_of(session, request), lin, "third", beijing(now()).date())
        late = file_case_late(session, first)
        session.flush()
        return {"complaint": complaint, "petition": petition, "request": request, "notice": notice.id, "late": late}

    return county.write(work)


def file_case_late(session, case) -> int:
    case.due_at = now() - timedelta(days=1)
    session.add(
        CaseReminder(case_id=case.id, department_id=case.department_id, clock="answer", point="late", due_on=beijing(case.due_at).date())
    )
    return case.id


PAGES = {
    "lin": ["cases/{complaint}", "cases/{petition}", "cases/{request}", "cases/{complaint}/answer", "cases/{petition}/notices/{notice}",
            "cases/{petition}/notices/new?kind=accept", "cases/{petition}/notices/new?kind=slip", "reminders/", "canned/", "canned/new",
            "canned/1"],
    "fang": ["approvals/", "cases/{complaint}"],
    "qian": ["approvals/", "reminders/", "cases/{petition}"],
    "wang": ["reminders/", "canned/"],
    "sun": ["canned/", "canned/new"],
}  # fmt: skip


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize("username", PAGES)
def test_these_pages_pass_axe_and_fit_the_screen(
    full_county: dict[str, object], new_desk: NewDesk, username: str, screen: dict[str, int]
) -> None:
    desk = new_desk(screen)
    desk.log_in(username)
    found = {}
    for path in PAGES[username]:
        page = desk.open(f"/console/{path.format(**full_county)}")
        for summary in page.locator("main details > summary").all():
            if summary.is_visible():
                summary.click()
        if faults := desk.faults():
            found[path] = faults
    assert found == {}
