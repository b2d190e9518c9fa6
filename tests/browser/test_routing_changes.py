"""分派改进 in a real browser: both screens, every state of a change, and the coordinator's work with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.routing_measuring import Figures, Moved
from models.case import Case
from models.db import Database
from models.routing_examples import MEASURING, RoutingChange
from models.routing_gathering import measure
from models.staff import Department, Staff
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD
from tests.models import routing_county as learning

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of the pages; empty: none are taken
DESK = "/console/routing/"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.fixture
def coordinator(county: Database) -> Database:
    """The cast, and 冯立, who coordinates."""

    def work(session: Session) -> None:
        Staff.create(
            session, "feng", PASSWORD, name="冯立", role="coordinator", department=Department.named(session, "财政局")
        )

    county.write(work)
    return county


@pytest.fixture
def waiting(coordinator: Database) -> str:
    """The page of a proposal that waits for the coordinator's word."""
    learning.with_history(coordinator, hired=True)
    return f"{DESK}{learning.proposed(coordinator)}"


def worsen(county: Database) -> None:
    def work(session: Session) -> None:
        worse = tuple(
            Moved(number, "民政局", "残疾人联合会", "民政局") for number in session.scalars(select(Case.id).limit(3))
        )
        better = tuple(
            Moved(number, "民政局", "残疾人联合会", "残疾人联合会")
            for number in session.scalars(select(Case.id).offset(3).limit(2))
        )
        session.scalars(select(RoutingChange)).one().figures = Figures(
            40, 8, 30, 29, 38, 38, better, worse, 1
        ).as_dict()

    county.write(work)


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
def test_the_pages_pass_axe_and_fit_the_screen(
    coordinator: Database, new_desk: NewDesk, screen: dict[str, int]
) -> None:
    desk, found, width = new_desk(screen), {}, screen["width"]
    desk.log_in("feng")

    def look(name: str, path: str) -> None:
        page = desk.open(path)
        shot(page, f"routing-{name}-{width}")
        if faults := desk.faults():
            found[name] = faults

    look("empty", DESK)
    learning.with_history(coordinator, hired=True)
    number = learning.proposed(coordinator)
    path = f"{DESK}{number}"
    look("waiting", DESK)
    look("proposal", path)
    worsen(coordinator)
    look("worse", path)
    coordinator.write(lambda s: setattr(s.scalars(select(RoutingChange)).one(), "status", MEASURING))
    coordinator.write(lambda s: setattr(s.scalars(select(RoutingChange)).one(), "figures", None))
    look("measuring", path)
    measure(coordinator)
    page = desk.open(path)
    page.get_by_role("button", name="采用", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("几秒钟内开始用")
    look("used", DESK)
    look("in-force", path)
    assert found == {}


def test_the_coordinator_strikes_an_example_out_and_approves(
    coordinator: Database, waiting: str, new_desk: NewDesk
) -> None:
    desk = new_desk()
    desk.log_in("feng")
    page = desk.open("/console/cases/")
    page.get_by_role("link", name="分派改进").click()
    page.get_by_role("link", name="第1版").first.click()
    expect(page.get_by_text("试算变好了")).to_be_visible()
    page.locator("input[name=examples]").first.check()
    page.get_by_role("button", name="划掉选中的").click()
    expect(page.get_by_role("status").first).to_contain_text("划掉1个例子")
    expect(page.get_by_role("button", name="采用", exact=True)).to_have_count(0)
    measure(coordinator)
    page = desk.open(waiting)
    expect(page.get_by_text("划掉了")).to_have_count(1)
    page.get_by_label("采用的理由").fill("看过例子了")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("采用了第1版")
    page.get_by_role("link", name="第1版").first.click()
    page.get_by_label("为什么退回").fill("再看看")
    page.get_by_role("button", name="退回上一版").click()
    expect(page.get_by_text("只按规则分派。采用了改进，会写在这里。")).to_be_visible()
