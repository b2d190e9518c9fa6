"""补正 that never came, a sealed case assigned as a copy, and a duty phone, in a real browser on both screens."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from knowledge.calendar import Clocks
from knowledge.wording import beijing
from models import correction
from models.base import now
from models.clock_step import ClockStep
from models.db import Database
from models.delivery import SENT, Delivery
from models.staff import Department, Staff
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.console.factories import PASSWORD, case_of, file_case

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of the pages; empty: none are taken
PAGES = {
    "lin": ["cases/", "cases/?state=run_out", "cases/{late}", "cases/{asked}"],
    "feng": ["triage/", "cases/{sealed}?tab=assign"],
    "sun": ["departments/{home}"],
}  # fmt: skip


@pytest.fixture
def busy(county: Database) -> dict[str, object]:
    """An application whose correction never came, one that waits for it, a sealed case that nobody is sure of."""
    late, asked = file_case(county, kind="信息公开申请"), file_case(county, kind="信息公开申请", openid="oOther")
    sealed = file_case(
        county,
        text="东头第三家的老关，你们给看看我那个事到底咋回事",
        item=None,
        town=None,
        confidential=True,
        openid="oSealed",
    )

    def work(session) -> int:
        Staff.create(
            session, "feng", PASSWORD, name="冯立", role="coordinator", department=Department.named(session, "财政局")
        )
        home, lin = Department.named(session, "民政局"), Staff.by_username(session, "lin")
        home.keep_duty_phone("15400555666")
        for number in (late, asked):
            correction.ask_correction(session, case_of(session, number), lin, "请写明要哪一年的方案", Clocks())
        session.flush()
        yesterday = beijing(now()).date() - timedelta(days=1)
        session.execute(update(ClockStep).where(ClockStep.case_id == case_of(session, late).id).values(until=yesterday))
        session.execute(update(Delivery).values(status=SENT))
        return home.id

    home = county.write(work)
    today = beijing(now()).date()
    assert correction.run_out_due(county, Clocks(from_hour=0, until_hour=24, extra_workdays=frozenset({today}))) == 1
    return {"late": late, "asked": asked, "sealed": sealed, "home": home}


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize("username", PAGES)
def test_the_pages_pass_axe_and_fit_the_screen(
    busy: dict[str, object], new_desk: NewDesk, username: str, screen: dict[str, int]
) -> None:
    desk, found = new_desk(screen), {}
    desk.log_in(username)
    for path in PAGES[username]:
        page = desk.open(f"/console/{path.format(**busy)}")
        if SHOTS:
            page.screenshot(
                path=str(Path(SHOTS) / f"last-{username}-{PAGES[username].index(path)}-{screen['width']}.png"),
                full_page=True,
            )
        if faults := desk.faults():
            found[path] = faults
    assert found == {}


def test_an_application_that_was_given_up_is_closed_from_the_list_by_one_tap(
    county: Database, busy: dict[str, object], new_desk: NewDesk
) -> None:
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open("/console/cases/")
    page.get_by_role("link", name="补正逾期，等定").click()
    page.get_by_role("link", name=str(busy["late"])).first.click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="视为放弃申请，办结").click()
    expect(page.get_by_role("status").first).to_contain_text("按放弃申请办结了")
    with county.read() as session:
        assert case_of(session, str(busy["late"])).status == "answered"
