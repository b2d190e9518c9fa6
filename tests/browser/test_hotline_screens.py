"""Every state of the hotline's screen, looked at by axe on both screens; and what comes out of the printer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from models.db import Database
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.browser.hotline import pay, take_call, warmed
from tests.factories import GUAN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


@pytest.fixture
def paid(county: Database) -> Database:
    """The county with somebody to call."""
    return pay(county)


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
def test_every_state_of_the_screen_passes_axe_and_fits(paid: Database, new_desk: NewDesk, screen: dict[str, int]) -> None:
    desk = new_desk(screen)
    page = warmed(desk)
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        if faults := desk.faults():
            found[state] = faults

    take_call(page)
    look("a call begins")
    page.fill("#q", "gdbtmdz")
    expect(page.locator("#findings details").first).to_contain_text("没收到")
    look("findings")
    page.keyboard.press("F4")
    expect(page.locator("#number")).to_be_focused()
    look("the questions")
    for label, value in (("身份证号", GUAN["id_number"]), ("姓名", GUAN["name"]), ("最后4个数", GUAN["account"][-4:])):
        page.locator("#person").get_by_label(label).fill(value)
    page.get_by_role("button", name="核对并查看").click()
    page.get_by_role("button", name="看原因").click()
    expect(page.locator("#why")).to_contain_text("原因")
    look("the person")
    page.keyboard.press("F8")
    page.locator("#text").fill("地补退回来了，账户销户，她换了新卡，想重发。")
    expect(page.locator("#preview")).to_contain_text("最晚答复")
    look("the filing")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".receipt")).to_be_visible()
    look("the receipt")
    page.locator("#outcome-filed").check()
    page.get_by_role("button", name="收尾，接下一个").click()
    expect(page.get_by_text("这个电话记好了")).to_be_visible()
    look("between two calls")
    for path in ("/console/hotline/calls/", "/console/hotline/calls/1", "/console/hotline/calls/?number=GD1"):
        desk.open(path)
        look(path)
    assert found == {}


def test_the_slip_is_printed_on_half_a_sheet_with_nothing_but_what_it_is_for(paid: Database, new_desk: NewDesk) -> None:
    desk = new_desk()
    warmed(desk)
    page = desk.open("/console/hotline/file/")
    page.keyboard.insert_text("王大娘说口前镇低保停了三个月，去乡里问了两回没说法")
    page.get_by_label("群众姓名").fill("王大娘")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_be_visible()
    page.emulate_media(media="print")
    shown = page.evaluate("document.body.innerText")
    assert "您反映的事登记好了" in shown
    assert "查询码" in shown
    for kept_off in ("王大娘", "低保", "请念给", "打印", "退出"):
        assert kept_off not in shown
    assert len(page.pdf(prefer_css_page_size=True).split(b"/Type /Page\n")) <= 2
