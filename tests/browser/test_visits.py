"""回访, similar cases, hot topics and the slip: axe, both screens, and a clerk who merges by keyboard and mouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from knowledge.deadlines import Clocks
from models.case_event import CaseEvent
from models.db import Database
from models.delivery import CALLING, Delivery
from models.follower import Follower
from models.similar import notice_hot_topics
from models.slip import Slip
from models.staff import Staff
from models.visit import CHAT, Visit
from tests.browser.conftest import OFFICE, PHONE, NewDesk
from tests.console.factories import case_of, file_case

LAND = {"item": "耕地地力保护补贴", "town": "万昌镇", "village": "花家"}
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of the pages; empty: none are taken


@pytest.fixture
def busy(county: Database) -> dict[str, object]:
    """Similar cases, a case that was opened again, a look at a sealed person, a hot topic, a call, a slip."""
    lands = [file_case(county, openid=f"o{n}", text="去年的地补我们村没发下来，问了几回", **LAND) for n in range(10)]
    again, sealed = file_case(county), file_case(county, openid="oSealed", confidential=True)
    called = file_case(county, openid=None)
    county.write(notice_hot_topics)

    def work(session) -> dict[str, object]:
        lin, qian = Staff.by_username(session, "lin"), Staff.by_username(session, "qian")
        for number in (again, sealed, called):
            case_of(session, number).answer(session, lin, "已经补发，请查收。")
        session.flush()
        for number in (again, sealed):
            event = next(event for event in case_of(session, number).events if event.what == "answered")
            Visit.for_event(session, session.get_one(CaseEvent, event.id), CHAT).reopen(session, "钱还是没到", Clocks())
        from models import audit

        audit.record(session, qian, "case.reveal", f"case:{sealed}", reason="约本人核实", confidential=True)
        call = session.query(Delivery).filter(Delivery.status == CALLING).one().id
        content = {"kind": "信访", "text": "我家地补去年没给，村里都没发", "town": "万昌镇", "village": "花家", "item": LAND["item"],
                   "when": "2025年", "amounts": [120_000], "made_on": "2026-11-24"}  # fmt: skip
        slip = Slip.issue(session, Follower.met(session, "oGuan").id, content)
        return {"land": lands[0], "again": again, "sealed": sealed, "call": call, "slip": slip}

    return county.write(work)


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
def test_the_pages_pass_axe_and_fit_the_screen(busy: dict[str, object], new_desk: NewDesk, screen: dict[str, int]) -> None:
    pages = {
        "qian": ["visits/", "visits/sealed", "similar/hot", "cases/{again}"], "wang": ["cases/{land}"], "zhao": ["calls/{call}"],
    }  # fmt: skip
    found = {}
    for username, paths in pages.items():
        desk = new_desk(screen)
        desk.log_in(username)
        for path in paths:
            page = desk.open(f"/console/{path.format(**busy)}")
            shot(page, f"{path.split('{')[0].replace('/', '-')}{username}-{screen['width']}")
            if faults := desk.faults():
                found[path] = faults
    desk = new_desk(screen)
    page = desk.open(f"/slip/{busy['slip']}")
    if faults := desk.faults():
        found["slip link"] = faults
    page.get_by_role("button", name="打开单子").click()
    expect(page.get_by_role("heading", name="情况反映单")).to_be_visible()
    shot(page, f"slip-{screen['width']}")
    if faults := desk.faults():
        found["slip"] = faults
    assert found == {}


def test_a_clerk_merges_and_answers_together(busy: dict[str, object], new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("wang")
    page = desk.open(f"/console/cases/{busy['land']}")
    box = page.locator("#similar-1")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    page.get_by_role("button", name="并在一起办").click()
    expect(page.locator("main")).to_contain_text("并了1件")
    page.get_by_text("一次答复这1件").click()
    page.get_by_label("写给大家的话").fill("已经核实，本月补发到卡上。")
    assert desk.faults() == []
    shot(page, "merged")
    page.get_by_role("button", name="分别答复").click()
    expect(page.locator("main")).to_contain_text("答复了并在一起的1件")
