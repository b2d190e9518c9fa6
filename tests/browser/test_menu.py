"""The menu of every role: one row in the office, everything reachable by keyboard, nothing that axe finds wrong."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect

from models.db import Database
from models.staff import Department, Staff
from tests.browser.conftest import OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD, file_case

LOOK = os.environ.get("SCREENSHOTS", "")  # a folder: what the menus look like
# Who is looked at, with what stands in the head's row by itself or as an area.
ROWS = {
    "qian": ["统计", "办件", "知识", "发放"],
    "tong": ["办件", "待分派", "分派改进", "到期提醒", "12345工单", "常用答复", "政策检索"],
    "lin": ["办件", "到期提醒", "常用答复", "政策检索", "政策文章", "待补答案", "公示"],
    "kou": ["办件", "知识", "发放"],
    "head": ["办件", "到期提醒", "待批", "常用答复", "政策检索"],
    "zhao": ["代登记", "待打电话", "政策检索", "代查补贴"],
    "dai": ["本村办件", "代登记", "政策检索"],
    "hua": ["12345工单", "政策检索", "发放数据", "银行退回", "公示", "打印明白卡"],
    "sun": ["常用答复", "政策检索", "政策文章", "待补答案", "人员", "部门", "县里的设置"],
    "an": ["操作记录"],
}


@pytest.fixture
def everybody(county: Database) -> Database:
    """The cast, and those whose roles it lacks; a case, so that something waits."""

    def work(session) -> None:
        homes = {name: Department.named(session, name) for name in ("财政局", "民政局", "口前镇")}
        Staff.create(session, "tong", PASSWORD, name="童言", role="coordinator", department=homes["财政局"])
        Staff.create(session, "head", PASSWORD, name="何立", role="head", department=homes["民政局"])
        Staff.create(session, "kou", PASSWORD, name="寇平", role="clerk", department=homes["口前镇"])
        Staff.create(
            session, "dai", PASSWORD, name="戴敏", role="village", department=homes["口前镇"], village="歪头村"
        )

    county.write(work)
    file_case(county)
    return county


def row(page: Page) -> list[str]:
    """The words in the head, without the numbers beside them."""
    names = page.locator("nav[aria-label=主菜单] .nav-link").all()
    return [one.evaluate("node => node.firstChild.textContent.trim()") for one in names]


def look(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/menu-{name}.png")


@pytest.mark.parametrize("username", ROWS)
def test_a_role_has_one_row_in_the_office_and_all_of_it_on_a_phone(
    everybody: Database, new_desk: NewDesk, username: str
) -> None:
    desk = new_desk(OFFICE)
    page = desk.log_in(username)
    assert row(page) == ROWS[username]
    assert page.locator("header.top").bounding_box()["height"] < 60
    look(page, f"1366-{username}")
    found = {"closed": desk.faults()}
    for area in page.locator("details.area > summary").all():
        area.click()
        look(page, f"1366-{username}-{area.inner_text().split()[0]}")
        found[area.inner_text()] = desk.faults()
        assert page.locator("details.area[open]").count() == 1
    page.set_viewport_size(PHONE)
    page.reload()
    page.get_by_role("button", name="菜单").click()
    expect(page.locator("#menu")).to_have_class(re.compile(r"\bcollapse show\b"))
    for area in page.locator("details.area > summary").all()[:1]:
        area.click()
    look(page, f"390-{username}")
    found["phone"] = desk.faults()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_an_area_is_opened_walked_through_and_closed_by_keyboard(everybody: Database, new_desk: NewDesk) -> None:
    page = new_desk(OFFICE).log_in("qian")
    knowledge = page.locator("summary", has_text="知识")
    knowledge.focus()
    expect(page.get_by_role("link", name="政策检索")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="政策检索")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="政策检索")).to_be_hidden()
    expect(knowledge).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="政策检索")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/gaps/")
    expect(page.locator("summary.here", has_text="知识")).to_be_visible()
    page.locator("summary", has_text="知识").click()
    expect(page.get_by_role("link", name="待补答案").first).to_have_attribute("aria-current", "page")


def test_an_area_closes_when_it_is_left(everybody: Database, new_desk: NewDesk) -> None:
    page = new_desk(OFFICE).log_in("qian")
    page.locator("summary", has_text="统计").click()
    page.locator("summary", has_text="办件").click()
    expect(page.locator("details.area[open]")).to_have_count(1)
    page.locator("main").click(position={"x": 5, "y": 300})
    expect(page.locator("details.area[open]")).to_have_count(0)
    page.locator("summary", has_text="发放").focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("details.area[open]")).to_have_count(0)


def test_what_waits_is_counted_on_the_area_too(everybody: Database, new_desk: NewDesk) -> None:
    page = new_desk(OFFICE).log_in("qian")
    area = page.locator("details.area", has=page.locator("summary", has_text="办件"))
    inside = [
        int(one)
        for one in area.locator(".entries .badge").evaluate_all("all => all.map(one => one.firstChild.textContent)")
    ]
    said = area.locator("summary .badge")
    assert (int(said.evaluate("one => one.firstChild.textContent")) if said.count() else 0) == sum(inside)
