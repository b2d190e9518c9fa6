"""The hotline's screen in a real browser: a whole call by keyboard, and answers that come late or say no."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from models.call import HotlineCall
from models.case import Case
from models.db import Database
from tests.browser.conftest import CHROMIUM, NewDesk
from tests.browser.hotline import LAND, pay, take_call, warmed
from tests.factories import GUAN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


@pytest.fixture
def paid(county: Database) -> Database:
    """The county with somebody to call."""
    return pay(county)


def focus_is_seen(page: Page) -> bool:
    """Whether the focused element lies on the screen and shows that it has the focus."""
    return page.evaluate(
        """() => { const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
                   const shows = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
                   return e !== document.body && shows && box.top >= 0 && box.bottom <= innerHeight + 1; }"""
    )


def test_a_whole_call_by_keyboard_alone(paid: Database, new_desk: NewDesk) -> None:
    page = warmed(new_desk())
    press, type_ = page.keyboard.press, page.keyboard.type

    take_call(page)
    expect(page.locator("#q")).to_be_focused()

    type_("gdbtmdz", delay=20)  # types, reads, opens
    first = page.locator("#findings details").first
    expect(first).to_contain_text("没收到")
    expect(first).to_contain_text("地补")
    press("Enter")
    expect(first.locator("summary")).to_be_focused()
    assert focus_is_seen(page)
    press("ArrowDown")
    press("Enter")
    second = page.locator("#findings details").nth(1)
    expect(second).to_have_attribute("open", "")
    expect(page.locator("#looked")).to_contain_text(LAND)
    press("ArrowUp")

    press("F4")  # identifies
    expect(page.locator("#number")).to_be_focused()
    assert focus_is_seen(page)
    for value in (GUAN["id_number"], GUAN["name"], GUAN["account"][-4:]):
        page.keyboard.insert_text(value)
        press("Tab")
    press("Enter") if page.evaluate("document.activeElement.type") == "submit" else page.locator("#tail").press("Enter")
    expect(page.locator("#who")).to_be_focused()
    expect(page.locator("#who")).to_contain_text("关*梅")
    expect(page.locator("#person")).to_contain_text("钱退回来了，没丢")
    expect(page.locator("#caller")).to_contain_text("已核对身份")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#why-item")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.locator("#why")).to_contain_text("找到原因了")

    press("F2")  # sends her the article
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#findings details").first).to_contain_text("发到他的微信")
    press("Enter")
    press("w")
    expect(page.locator("#findings")).to_contain_text("交出去了")

    press("F8")  # files
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text("地补退回来了，账户销户，她换了新卡，想重发。")
    expect(page.locator("#preview")).to_contain_text("最晚答复")
    expect(page.locator("#preview")).to_contain_text("万昌镇")
    press("Tab")
    press("Tab")
    assert page.evaluate("document.activeElement.id") == "known-phone"
    press("Space")
    press("Enter")
    receipt = page.locator(".receipt")  # reads the number aloud
    expect(receipt.get_by_role("heading")).to_be_focused()
    expect(receipt).to_contain_text("念：Y J，")
    number = page.locator("#call-cases .number").inner_text()
    assert re.fullmatch(r"YJ\d{8}-0001", number)

    press("F9")  # notes, and closes
    expect(page.locator("#outcome-filed")).to_be_checked()
    expect(page.locator("#outcome-filed")).to_be_focused()
    assert focus_is_seen(page)
    press("Shift+Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.insert_text("问地补怎么退了，已换新卡")
    expect(page.locator("#noted")).to_contain_text("存好了")
    press("F9")
    press("Enter")
    expect(page.get_by_text("这个电话记好了")).to_be_visible()
    expect(page.locator("#q")).to_be_focused()

    with paid.read() as session:
        call, case = session.scalars(select(HotlineCall)).one(), session.scalars(select(Case)).one()
        assert (call.outcome, call.words, [one.id for one in call.cases]) == ("filed", "问地补怎么退了，已换新卡", [case.id])
        assert (case.contact_name, case.phone, case.number) == (GUAN["name"], "15400123456", number)


def test_an_answer_that_comes_late_never_replaces_a_newer_one(new_desk: NewDesk) -> None:
    page = warmed(new_desk())

    def slow(route: Route) -> None:
        answer = route.fetch()
        if "q=sbk&" in route.request.post_data + "&":
            time.sleep(1.2)
        route.fulfill(response=answer)

    page.route(re.compile("/hotline/search"), slow)
    with page.expect_request(lambda request: "q=sbk&" in (request.post_data or "") + "&"):
        page.fill("#q", "sbk")
    page.fill("#q", "gljt")
    expect(page.locator("#findings details").first).to_contain_text("高龄津贴")
    page.wait_for_timeout(1500)
    expect(page.locator("#findings details").first).to_contain_text("高龄津贴")
    expect(page.locator("#findings")).not_to_contain_text("社保卡怎么")


def test_enter_before_the_answer_waits_for_it(new_desk: NewDesk) -> None:
    page = warmed(new_desk())

    def slow(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route(re.compile("/hotline/search"), slow)
    page.focus("#q")
    page.keyboard.type("gljt")
    page.keyboard.press("Enter")
    expect(page.locator("#findings details").first.locator("summary")).to_be_focused()
    expect(page.locator("#findings details").first).to_contain_text("高龄津贴")


def test_keys_come_in_bundles_and_not_one_by_one(new_desk: NewDesk) -> None:
    page = warmed(new_desk())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/hotline/search" in request.url else None)
    page.focus("#q")
    page.keyboard.type("dibaomeidaozhang", delay=10)
    expect(page.locator("#findings details").first).to_contain_text("没收到")
    assert len(asked) < 6


def test_what_is_pinned_by_its_key_stands_first_the_next_time(new_desk: NewDesk) -> None:
    page = warmed(new_desk())
    page.focus("#q")
    page.keyboard.type("gljt")
    expect(page.locator("#findings details").first).to_contain_text("高龄津贴")
    page.keyboard.press("Enter")
    expect(page.locator("#findings details").first.locator("summary")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#findings details").first.get_by_role("button", name="取下")).to_be_visible()
    page.reload()
    expect(page.locator("#findings section").first).to_contain_text("钉住的")
    expect(page.locator("#findings details").first).to_contain_text("高龄津贴")


def test_what_was_not_found_is_noted_in_place_and_is_the_outcome(new_desk: NewDesk) -> None:
    page = take_call(warmed(new_desk()))
    page.keyboard.insert_text("天上的星星")
    expect(page.locator("#findings")).to_contain_text("没找到")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="记下这个没答上的问题")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#findings")).to_contain_text("记下了")
    expect(page.locator("#outcome-not_found")).to_be_checked()


def test_a_number_that_another_call_has_is_said_while_it_is_typed(county: Database, new_desk: NewDesk) -> None:
    def work(session) -> None:
        from models.staff import Staff

        call = HotlineCall.begin(session, Staff.by_username(session, "zhao"))
        call.came_from(session, "12345", "GD778899")
        call.end(session, Staff.by_username(session, "zhao"), "answered")

    county.write(work)
    page = take_call(new_desk().log_in("zhao"))
    page.get_by_label("单号").fill("gd-7788-99")
    expect(page.locator("#noted")).to_contain_text("已经有人接过了")


def test_a_proof_that_fails_can_be_tried_again_in_place(paid: Database, new_desk: NewDesk) -> None:
    page = take_call(warmed(new_desk()))
    page.keyboard.press("F4")
    for tail in ("0000", GUAN["account"][-4:]):
        expect(page.locator("#number")).to_be_focused()
        page.keyboard.insert_text(GUAN["id_number"])
        page.locator("#person-name").fill(GUAN["name"])
        page.locator("#tail").fill(tail)
        page.keyboard.press("Enter")
        expect(page.locator("#person .wrong, #who")).to_be_visible()
    expect(page.locator("#who")).to_contain_text("关*梅")
    expect(page.locator("#caller")).to_have_count(1)
    assert "tab=" not in page.url  # the page has stayed as it was


def test_a_filing_that_is_refused_keeps_its_words_and_its_preview(new_desk: NewDesk) -> None:
    page = take_call(warmed(new_desk()))
    page.keyboard.press("F8")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text("王大娘说口前镇低保停了三个月")
    page.locator("#phone").fill("123")
    page.keyboard.press("Enter")
    expect(page.locator("#filing .wrong").first).to_contain_text("电话好像不对")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("王大娘说口前镇低保停了三个月")
    page.locator("#phone").fill("15400123456")
    expect(page.locator("#preview")).to_contain_text("永吉县民政局")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_be_visible()
    expect(page.get_by_role("heading", name="正在通话")).to_be_visible()
