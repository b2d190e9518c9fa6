"""A day's work in a real browser: by keyboard, on the office screen and on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.article import DRAFT, ArticleVersion
from models.attachment import Attachment
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower, Message
from models.gap import Asked, Gap
from models.gap_work import gather
from tests.browser.conftest import CHROMIUM, OFFICE, PHONE, NewDesk
from tests.console.factories import case_of, file_case
from tests.factories import live_batch

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
# A second of AMR: fifty frames of 12.2 kbit/s.
AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50


def fill_answer(page: Page, text: str) -> None:
    """The form of an answer, complete."""
    page.get_by_label("结果").select_option("已解决")
    page.get_by_label("写给群众的话").fill(text)
    page.get_by_label("这件事没有文件可引").check()
    page.get_by_label("下一步").fill("不用您再做什么。")


def test_a_clerk_accepts_and_answers_a_case(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    page = new_desk().log_in("lin")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    page.get_by_role("button", name="接办").click()
    fill_answer(page, "查到了，银行退回的，已经重新打款。")
    page.get_by_role("button", name="答复群众").click()
    expect(page.get_by_text("答复已交出")).to_be_visible()
    expect(page.get_by_text("正在发送").first).to_be_visible()
    with county.read() as session:
        assert case_of(session, number).status == "answered"


def test_the_tabs_open_by_keyboard(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_role("tab", name="答复").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("为什么转")).to_be_visible()
    for _name in ("协办", "退单", "内部备注"):
        page.keyboard.press("ArrowRight")
    page.get_by_label("备注，只有工作人员看得到").fill("已电话联系乡里")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_text("已电话联系乡里")).to_be_visible()


def test_what_was_written_survives_a_login_that_ran_out(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    fill_answer(page, "写了很久的答复")
    with page.expect_response("**/answer/draft"):  # nothing is under way when the log-in runs out
        page.get_by_label("下一步").press("Tab")
    page.context.clear_cookies()
    page.get_by_role("button", name="答复群众").click()
    page.wait_for_url("**/answer")
    desk.log_in("lin")
    desk.open(f"/console/cases/{number}")
    expect(page.get_by_label("写给群众的话")).to_have_value("写了很久的答复")
    fill_answer(page, "写了很久的答复")
    page.get_by_role("button", name="答复群众").click()
    expect(page.get_by_text("答复已交出")).to_be_visible()
    expect(page.get_by_label("写给群众的话")).to_have_value("")


def test_pressing_a_button_twice_sends_once(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    fill_answer(page, "已经补发。")
    page.get_by_role("button", name="答复群众").dblclick()
    expect(page.get_by_text("答复已交出")).to_be_visible()
    with county.read() as session:
        assert len(session.scalars(select(Delivery)).all()) == 1


def test_the_telephone_is_revealed_in_place_for_a_reason(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_text("显示完整的联系方式和原文").click()
    page.get_by_label("为什么要看").fill("打电话核实情况")
    page.get_by_role("button", name="显示").click()
    expect(page.get_by_text("15400123456")).to_be_visible()


def test_a_voice_of_wechat_is_heard(county: Database, new_desk: NewDesk) -> None:
    number = file_case(county)

    def work(session) -> None:
        follower = Follower.met(session, "oGuan")
        session.add(
            Attachment(follower_id=follower.id, case_id=case_of(session, number).id, kind="voice", media_id="v",
                       status="fetched", media_type="audio/amr", content=AMR)
        )  # fmt: skip

    county.write(work)
    desk = new_desk()
    desk.log_in("lin")
    page = desk.open(f"/console/cases/{number}")
    page.get_by_role("button", name="听录音").click()
    expect(page.get_by_text("停止（共1秒）")).to_be_visible()


def test_the_hotline_finds_by_keyboard_while_typing(new_desk: NewDesk) -> None:
    page = new_desk().log_in("zhao")
    page.get_by_role("heading", name="政策检索").click()
    page.keyboard.press("/")
    page.keyboard.type("dibaosq", delay=30)
    first = page.locator("#findings details").first
    expect(first).to_contain_text("最低生活保障")
    expect(first).to_contain_text("怎么申请")
    expect(first).to_contain_text("出处：")
    page.keyboard.press("Enter")
    expect(first.locator("summary")).to_be_focused()
    page.keyboard.press("ArrowDown")
    second = page.locator("#findings details").nth(1)
    expect(second.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()
    assert "dibaosq" not in page.url


def test_a_search_takes_less_than_a_fifth_of_a_second_to_the_screen(new_desk: NewDesk) -> None:
    page = new_desk().log_in("zhao")
    page.fill("#q", "低保")  # the first question loads the vocabulary
    expect(page.locator("#findings")).to_contain_text("找到")
    with page.expect_response(re.compile("/hotline/search")) as answer:
        page.fill("#q", "低保没到账")
    answer.value.finished()
    timing = answer.value.request.timing
    assert timing["responseEnd"] < 200


def test_the_hotline_files_a_case_by_keyboard_and_reads_it_aloud(county: Database, new_desk: NewDesk) -> None:
    desk = new_desk()
    desk.log_in("zhao")
    page = desk.open("/console/hotline/file/")
    page.keyboard.insert_text("王大娘说口前镇低保停了三个月，去乡里问了两回没说法")
    expect(page.locator("#preview")).to_contain_text("永吉县民政局")
    expect(page.locator("#preview")).to_contain_text("最晚答复")
    page.get_by_label("群众姓名").fill("王大娘")
    page.get_by_label("电话").fill("15400123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="登记好了", exact=True)).to_be_visible()
    number, code = page.locator(".receipt [data-value]").all()
    expect(number).to_have_attribute("data-value", re.compile(r"YJ\d{8}-0001"))
    page.reload()
    expect(code).to_have_attribute("data-value", re.compile(r"\d{6}"))
    with county.read() as session:
        assert len(session.scalars(select(Case)).all()) == 1


def test_a_phone_opens_the_menu_and_large_print_is_remembered(new_desk: NewDesk) -> None:
    desk = new_desk(PHONE)
    page = desk.log_in("lin")
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("link", name="政策检索").click()
    expect(page.get_by_role("heading", name="政策检索")).to_be_visible()
    desk.open("/articles/shebaoka")
    page.get_by_role("button", name="大字").click()
    desk.open("/")
    expect(page.locator("html")).to_have_class("large")


@pytest.fixture
def busy_county(county: Database) -> dict[str, object]:
    """Something on every page; gives what the addresses need."""
    number = file_case(county)
    sealed = file_case(county, confidential=True)
    call = file_case(county, openid=None)

    def work(session) -> dict[str, object]:
        from models.staff import Staff

        lin = Staff.by_username(session, "lin")
        case_of(session, call).answer(session, lin, "已经补发到卡上。")
        case_of(session, number).note(session, lin, "问过乡里")
        session.add(Message(key="k" * 20, content="地补咋没了", failed="KeyError"))
        live_batch(session)
        Gap.note(session, Asked("公积金怎么提取"))
        Gap.note(session, Asked("低保户年底还发米面不", item="最低生活保障", aspect="依据"))
        first = session.scalars(select(ArticleVersion).where(ArticleVersion.item == "高龄津贴")).one()
        draft = ArticleVersion(item=first.item, number=2, status=DRAFT, content=first.content.replace("checked: 2", "checked: 2", 1))
        session.add(draft)
        session.flush()
        delivery = session.scalars(select(Delivery.id).where(Delivery.status == "calling")).one()
        return {"number": number, "sealed": sealed, "call": delivery, "draft": draft.id}

    found = county.write(work)
    gather(county)
    return found


PAGES = {
    "lin": ["cases/", "cases/{number}", "cases/{sealed}", "cases/?state=withdrawn", "hotline/", "password", "gaps/", "gaps/2"],
    "zhao": ["hotline/", "hotline/file/", "hotline/calls/", "calls/", "calls/{call}"],
    "qian": ["cases/", "cases/{sealed}", "messages/", "audit/", "staff", "visits/", "visits/sealed", "similar/hot", "gaps/", "gaps/1"],
    "sun": ["staff", "staff/new", "staff/lin", "departments", "departments/1", "articles/", "articles/{draft}", "articles/{draft}/edit",
            "batches/", "uploads/"],
}  # fmt: skip


@pytest.mark.parametrize("screen", [OFFICE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize("username", [*PAGES, None])
def test_every_page_passes_axe_and_fits_the_screen(
    busy_county: dict[str, object], new_desk: NewDesk, username: str | None, screen: dict[str, int]
) -> None:
    desk = new_desk(screen)
    paths = [f"/console/{path.format(**busy_county)}" for path in PAGES.get(username or "", [])]
    if username:
        desk.log_in(username)
    else:
        paths = ["/console/login", "/", "/articles/shebaoka", "/a/zuidi-shenghuo-baozhang", "/?q=地补", "/?q=天上星星", "/nothing"]
    found = {}
    for path in paths:
        desk.open(path)
        if faults := desk.faults():
            found[path] = faults
    assert found == {}


def test_the_findings_pass_axe(new_desk: NewDesk) -> None:
    desk = new_desk()
    page = desk.log_in("zhao")
    for typed, waits_for in (("低保", "最低生活保障"), ("天上的星星", "没找到")):
        page.fill("#q", typed)
        expect(page.locator("#findings")).to_contain_text(waits_for)
        assert desk.faults() == []


def test_axe_would_say_so(new_desk: NewDesk) -> None:
    desk = new_desk()
    page = desk.open("/console/login")
    page.evaluate("document.querySelector('label[for=username]').remove()")
    assert any(fault.startswith("label:") for fault in desk.faults())
