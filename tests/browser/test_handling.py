"""Between departments in a real browser: the coordinator's one key, several cases at once, both screens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import avoidance, handling, triage
from models.db import Database
from models.handling import Copy
from models.staff import Department, Staff
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD, case_of, file_case

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of the pages; empty: none are taken
VAGUE = "你们给看看，我那个事到底咋回事，跑了好几趟都没人给个准话"
MORE = {"jiang": ("姜敏", "clerk", "口前镇", None), "feng": ("冯立", "coordinator", "财政局", None), "cun": ("丛生", "village", "口前镇", "四间")}


@pytest.fixture
def busy(county: Database) -> dict[str, str]:
    """Cases in every state between departments."""
    vague = [file_case(county, text=VAGUE, item=None, town=None, openid=f"o{n}") for n in range(3)]
    outside = file_case(county, text="岔路河的，低保停了三个月没人管", town="岔路河镇", openid="oChalu")
    offered, sealed = file_case(county), file_case(county, text="我是东头第三家的，低保被停了", confidential=True, openid="oSealed")
    helped, returned, own = file_case(county, openid="oHelp"), file_case(county, openid="oBack"), file_case(county, village="四间")

    def work(session) -> None:
        for username, (name, role, home, village) in MORE.items():
            department = Department.named(session, home)
            Staff.create(session, username, PASSWORD, name=name, role=role, department=department, village=village)
        lin, feng, town = Staff.by_username(session, "lin"), Staff.by_username(session, "feng"), Department.named(session, "口前镇")
        handling.offer(session, case_of(session, offered), lin, town, "要到户里看一看，归乡里办更快")
        handling.offer(session, case_of(session, sealed), lin, town, "归乡里", Copy("一户群众反映低保被停了"))
        handling.ask_help(session, case_of(session, helped), lin, town, "请入户看一下现在的情况")
        triage.give_back(session, case_of(session, returned), lin, "像是说孤儿的事，请定由谁办", _terms())
        avoidance.bar_person(session, case_of(session, own), feng, Staff.by_username(session, "wang"), "话里说到他")

    county.write(work)
    return {"vague": vague[0], "second": vague[1], "outside": outside, "offered": offered, "sealed": sealed, "helped": helped,
            "returned": returned, "own": own}  # fmt: skip


def _terms():
    from knowledge.assigning import Assigning

    return Assigning()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


PAGES = {
    "feng": ["triage/", "cases/", "cases/{vague}", "cases/{outside}", "cases/{outside}/slip"],
    "lin": ["cases/", "cases/{offered}", "cases/{sealed}", "cases/{helped}", "cases/{returned}", "cases/{own}"],
    "jiang": ["cases/", "cases/?state=incoming", "cases/?state=helping", "cases/{offered}", "cases/{sealed}", "cases/{helped}"],
    "cun": ["cases/", "cases/{own}"],
    "qian": ["cases/{own}"],
}  # fmt: skip


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize("username", PAGES)
def test_the_pages_pass_axe_and_fit_the_screen(
    busy: dict[str, str], new_desk: NewDesk, username: str, screen: dict[str, int]
) -> None:
    desk, found = new_desk(screen), {}
    desk.log_in(username)
    for path in PAGES[username]:
        page = desk.open(f"/console/{path.format(**busy)}")
        shot(page, f"{username}-{path.replace('/', '_').replace('?', '_').strip('_')}-{screen['width']}")
        if faults := desk.faults():
            found[path] = faults
    assert found == {}


def test_the_coordinator_assigns_with_one_key(county: Database, busy: dict[str, str], new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("feng")
    page = desk.open("/console/triage/")
    page.keyboard.press("j")
    with county.read() as session:
        first = next(iter(triage.choices_for(session, [case_of(session, busy["vague"])])[case_of(session, busy["vague"]).id]))
        wanted = first.department.name
    expect(page.locator(":focus")).to_have_text(busy["vague"])
    page.keyboard.press("1")
    expect(page.get_by_role("status").first).to_contain_text(f"{busy['vague']}交给了")
    with county.read() as session:
        assert case_of(session, busy["vague"]).department.name == wanted
        assert case_of(session, busy["vague"]).triage is None


def test_a_clerk_ticks_and_takes_on_several_by_keyboard(county: Database, busy: dict[str, str], new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open("/console/cases/")
    for _row in range(page.locator("[data-stop]").count()):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("选了2件")
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_contain_text("接办了2件")


def test_the_receiver_takes_an_offer(county: Database, busy: dict[str, str], new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("jiang")
    page = desk.open("/console/cases/")
    page.get_by_role("link", name="等我们接收").click()
    page.get_by_role("link", name=busy["offered"]).click()
    page.get_by_role("button", name="接收，由我们办").click()
    expect(page.get_by_text("从现在起由您部门负责")).to_be_visible()
    with county.read() as session:
        assert case_of(session, busy["offered"]).department.name == "口前镇"
