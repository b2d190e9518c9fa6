"""What the tests of the hotline's screen share: a person to call, and a screen that is ready."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.follower import Follower
from models.resident import Binding
from tests.browser.conftest import Desk
from tests.factories import GUAN, live_batch, payment, resident

TODAY = beijing(now()).date()
LAND = "耕地地力保护补贴"


def pay(county: Database) -> Database:
    """关玉梅 has a payment that came back; her own WeChat is bound."""

    def work(session) -> None:
        guan = resident(session, GUAN, phone="15400123456")
        batch = live_batch(session, data_as_of=TODAY, items=[[LAND, TODAY.year]])
        payment(session, batch, guan, item=LAND, year=TODAY.year, period=f"{TODAY.year}年", stage="发放失败",
                stage_date=TODAY - timedelta(days=9), paid_date=None, fail_reason="账户已销户")  # fmt: skip
        follower = Follower.met(session, "oGuan")
        session.flush()
        Binding.make(session, follower, guan, "name+card_tail")

    county.write(work)
    return county


def take_call(page: Page) -> Page:
    """F9 as soon as the screen is there, and the screen of the call with its keys ready."""
    page.wait_for_load_state()
    page.keyboard.press("F9")
    expect(page.get_by_role("heading", name="正在通话")).to_be_visible()
    page.wait_for_load_state()
    return page


def warmed(desk: Desk, username: str = "zhao") -> Page:
    """An agent's screen; the vocabulary, which the first question loads, is there."""
    page = desk.log_in(username)
    page.fill("#q", "低保")
    expect(page.locator("#findings")).to_contain_text("找到", timeout=20_000)
    page.fill("#q", "")
    expect(page.locator("#findings")).to_contain_text("问得最多的")
    return page
