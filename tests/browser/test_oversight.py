"""The desks of supervisor, administrator and auditor in Chromium: axe, both screens, and their work by keyboard."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from intake.work_orders import Desk as OrdersDesk
from intake.work_orders import import_work_orders
from knowledge.deadlines import Clocks
from models import audit
from models.audit_chain import seal_due
from models.base import now
from models.case import Case
from models.case_event import CaseEvent
from models.db import Database
from models.staff import Department, Staff
from models.visit import Visit
from tests.browser.conftest import OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD, case_of, file_case
from tests.intake.test_work_orders import ALIKE, DIBAO, LAND, file_of, order

LOOK = os.environ.get("SCREENSHOTS", "")  # a folder: what the pages look like


@pytest.fixture
def busy_county(county: Database, tmp_path: Path) -> Database:
    """Cases of some months in every state, visits, a look at a sealed person, work orders, and an idle account."""
    numbers = [
        file_case(county, item=item, text=text, town=town, confidential=n == 3)
        for n, (item, text, town) in enumerate((
            ("最低生活保障", DIBAO, "口前镇"), ("高龄津贴", "高龄津贴咋还没发", "万昌镇"), ("耕地地力保护补贴", LAND, "北大湖镇"),
            (None, "民政局的林芳办低保要红包，请保密", "口前镇"), ("最低生活保障", DIBAO, None), ("高龄津贴", "八十了没领过津贴", "西阳镇"),
        ) * 4)
    ]  # fmt: skip

    def age(session) -> None:
        lin, moment = Staff.by_username(session, "lin"), now()
        for n, number in enumerate(numbers):
            case = case_of(session, number)
            case.filed_at = moment - timedelta(days=11 * n)
            case.due_at = case.filed_at + timedelta(days=5)
            if n % 4:
                case.accept(session, lin)
                case.accepted_at = case.filed_at + timedelta(hours=20 * (n % 5))
            if n % 4 > 1:
                case.answer(session, lin, "已经补发。")
                case.answered_at = case.filed_at + timedelta(days=n % 7)
            session.flush()
            answered = session.scalar(select(CaseEvent.id).where(CaseEvent.case_id == case.id, CaseEvent.what == "answered"))
            if answered and n % 3:
                session.add(Visit(case_id=case.id, event_id=answered, resolved=n % 2 == 0, satisfied=n % 5 > 0, answered_at=moment))
        audit.record(session, lin, "case.reveal", f"case:{numbers[3]}", reason="打电话向本人核实")
        waits = case_of(session, numbers[0])
        waits.triage, waits.triage_since, waits.returns = "returned", moment, 1
        mei = Staff.create(session, "mei", PASSWORD, name="梅丽", role="clerk", department=Department.named(session, "民政局"))
        mei.created_at = moment - timedelta(days=200)

    county.write(age)
    file = file_of(tmp_path, order(办结期限="2026-12-31"), order("JL2", LAND, 联系电话="0432-64221234"), order("JL3", ALIKE))
    import_work_orders(county, file, "12345工单.csv", OrdersDesk("cli:test", Clocks()))
    seal_due(county)
    return county


PAGES = {
    "qian": ["overview/", "statistics/", "statistics/?by=town", "statistics/?by=month", "statistics/cases?by=town&key=口前镇", "work-orders/",
             "findings/inspection", "statistics/?since=2020-01-01&until=2020-02-01"],
    "sun": ["staff", "staff?show=idle", "staff/lin", "staff/lin/hand-over?to=mei", "staff/qian/hand-over", "staff/new", "county/",
            "county/items/高龄津贴", "totp/", "password"],
    "hua": ["work-orders/", "batches/"],
    "an": ["audit/", "audit/?person=lin", "findings/inspection", "totp/"],
}  # fmt: skip


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize("username", PAGES)
def test_every_page_passes_axe_and_fits_the_screen(
    busy_county: Database, new_desk: NewDesk, username: str, screen: dict[str, int]
) -> None:
    desk, found = new_desk(screen), {}
    desk.log_in(username)
    for path in PAGES[username]:
        page = desk.open(f"/console/{path}")
        if LOOK:
            name = path.replace("/", "-").replace("?", "-").replace("&", "-")
            page.screenshot(path=f"{LOOK}/{screen['width']}-{username}-{name}.png", full_page=True)
        if faults := desk.faults():
            found[path] = faults
    assert found == {}


def test_a_phone_is_set_up_and_used_by_keyboard(busy_county: Database, new_desk: NewDesk) -> None:
    desk = new_desk()
    page = desk.log_in("an")
    page.get_by_role("link", name="登录验证").click()
    page.get_by_role("button", name="开始配").press("Enter")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    expect(page.get_by_label("验证码")).to_be_focused()
    assert desk.faults() == []
    if LOOK:
        page.screenshot(path=f"{LOOK}/1366-totp-pending.png", full_page=True)
        page.set_viewport_size(PHONE)
        page.screenshot(path=f"{LOOK}/390-totp-pending.png", full_page=True)
        page.set_viewport_size(OFFICE)
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(8)
    code = page.locator(".codes li").first.inner_text()
    assert desk.faults() == []
    if LOOK:
        page.screenshot(path=f"{LOOK}/1366-totp-codes.png", full_page=True)
    page.get_by_role("button", name="退出").click()
    page.get_by_label("用户名").fill("an")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("验证码")).to_be_focused()
    assert desk.faults() == []
    if LOOK:
        page.screenshot(path=f"{LOOK}/1366-login-code.png", full_page=True)
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="操作记录")).to_be_visible()


def test_a_leavers_cases_are_handed_over_by_keyboard(busy_county: Database, new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("sun")
    page = desk.open("/console/staff/lin")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="交接并停用").press("Enter")
    page.get_by_label("民政局在岗的人").select_option("mei")
    page.get_by_role("button", name="看看交接什么").press("Enter")
    page.get_by_label("为什么交接").fill("调到口前镇")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("交接好了")
    with busy_county.read() as session:
        mei = Staff.by_username(session, "mei")
        own = select(Case.handler_id).where(Case.status == "accepted", Case.department_id == mei.department_id)
        assert set(session.scalars(own)) == {mei.id}
