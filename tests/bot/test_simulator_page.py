"""The phone in the browser, played with Chromium as a person would."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from bot.simulator.line import post_over_http
from bot.simulator.notices import Template
from bot.simulator.platform import Platform
from bot.simulator.server import serving
from tests.bot.simulator_service import APP_ID, SECRET, Message, Service, listening, make_platform, reply_to

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]

LINKS = (
    '您想看哪一样?\n<a href="weixin://bizmsgmenu?msgmenucontent=多少钱&msgmenuid=amount">2 多少钱</a>\n'
    "详情:https://example.com/a"
)
MENU = {
    "button": [
        {"type": "click", "name": "查补贴", "key": "LOOKUP"},
        {"name": "我的事", "sub_button": [{"type": "click", "name": "查进度", "key": "PROGRESS"}]},
    ]
}


@dataclass
class Scene:
    """A page, the platform behind it, and a gate that makes the service wait."""

    page: Page
    platform: Platform
    base: str
    openid: str
    answering: threading.Event
    token: str

    def call(self, path: str, body: dict[str, object]) -> int:
        raw = json.dumps(body, ensure_ascii=False).encode()
        query = {"access_token": self.token}
        return requests.post(self.base + path, params=query, data=raw, timeout=5).json()["errcode"]

    def type(self, words: str) -> None:
        self.page.fill("#words", words)
        self.page.keyboard.press("Enter")

    def sees(self, words: str, where: str = "#chat") -> None:
        expect(self.page.locator(where)).to_contain_text(words, timeout=8000)


@pytest.fixture(params=[(1366, 768), (390, 844)], ids=["office screen", "phone screen"])
def scene(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Scene]:
    width, height = request.param
    answering = threading.Event()
    answering.set()

    def answer(message: Message) -> str:
        answering.wait(10)
        kind = message.get("Event") or message["MsgType"]
        if kind == "text" and not message.get("bizmsgmenuid"):
            return "不是XML" if message["Content"] == "弄坏" else reply_to(message, LINKS)
        if kind in ("unsubscribe", "subscribe_msg_popup_event", "subscribe_msg_sent_event"):
            return "success"
        said = message.get("EventKey") or message.get("Content") or message.get("Recognition") or ""
        return reply_to(message, f"收到 {kind} {said} {message.get('bizmsgmenuid', '')}")

    templates = [Template("t-answered", "办件答复通知", {"thing1": "事项"})]
    with listening(Service(answer)) as webhook:
        platform = make_platform(
            webhook_url=webhook,
            transport=post_over_http,
            clock=time.time,
            pause=time.sleep,
            patience=0.6,
            templates=templates,
        )
        openid = platform.add_resident("秀兰大娘", subscribed=True)
        platform.add_resident("老赵头")
        with serving(platform) as base:
            ask = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
            token = requests.post(f"{base}/cgi-bin/stable_token", json=ask, timeout=5).json()["access_token"]
            page = chromium.new_page(viewport={"width": width, "height": height})
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
            page.goto(base)
            scene = Scene(page, platform, base, openid, answering, token)
            scene.sees("秀兰大娘的手机", ".top")
            yield scene
            page.close()
            answering.set()
            platform.release()
            assert platform.settle(10)
            assert faults == []


def open_panel(page: Page) -> None:
    if page.locator("#open-panel").is_visible():
        page.click("#open-panel")


def close_panel(page: Page) -> None:
    if page.locator("#close-panel").is_visible():
        page.click("#close-panel")


def test_a_conversation_with_menu_tap_links_voice_photo_and_place(scene: Scene) -> None:
    page = scene.page
    assert scene.call("/cgi-bin/menu/create", MENU) == 0
    page.click(".menu-top >> text=查补贴")
    scene.sees("收到 CLICK LOOKUP")
    page.click(".menu-top >> text=我的事")
    page.click("text=查进度")
    scene.sees("收到 CLICK PROGRESS")
    page.click("#to-typing")
    scene.type("种地补贴")
    page.click(".tap >> text=2 多少钱")
    scene.sees("收到 text 多少钱 amount")
    link = page.locator("#chat a").first
    assert link.get_attribute("href") == "https://example.com/a"
    assert link.get_attribute("rel") == "noopener noreferrer"
    page.click("#voice")
    page.fill("#f-recognition", "我的钱没到")
    page.click("text=发送语音")
    scene.sees("收到 voice 我的钱没到")
    page.click("#more")
    page.click("text=示例存折照")
    scene.sees("收到 image")
    expect(page.locator("#chat img")).to_have_js_property("naturalWidth", 900)
    page.click("#more")
    page.click("[data-act=location]")
    page.click("text=发送位置")
    scene.sees("收到 location")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_waiting_retries_and_a_fault_are_visible(scene: Scene) -> None:
    page = scene.page
    scene.answering.clear()
    scene.type("在吗")
    expect(page.locator("#typing")).to_be_visible()
    scene.sees("对方正在输入", ".top")
    scene.sees("该公众号提供的服务出现故障，请稍后再试")
    open_panel(page)
    scene.sees("没等到", "#line")
    expect(page.locator("#line .try.bad")).to_have_count(3)
    scene.answering.set()
    close_panel(page)
    expect(page.locator("#typing")).to_be_hidden()
    scene.type("弄坏")
    open_panel(page)
    scene.sees("回复不是正确的 XML", "#line")


def test_leaving_following_and_changing_the_person(scene: Scene) -> None:
    page = scene.page
    page.click("#more")
    page.click("text=取消关注")
    page.click("#follow")
    scene.sees("收到 subscribe")
    if page.locator("#open-people").is_visible():
        page.click("#open-people")
    page.click("#people-list >> text=老赵头")
    scene.sees("老赵头的手机", ".top")
    expect(page.locator("#follow")).to_be_visible()
    expect(page.locator("#chat")).not_to_contain_text("收到 subscribe")
    if page.locator("#open-people").is_visible():
        page.click("#open-people")
    page.fill("#nickname", "新来的")
    page.click("text=添加")
    scene.sees("新来的的手机", ".top")


def test_consent_brings_a_card_and_the_switches_turn(scene: Scene) -> None:
    page, openid = scene.page, scene.openid
    notice = {"touser": openid, "template_id": "t-answered", "data": {"thing1": {"value": "补贴没到账"}}}
    page.click("#more")
    page.click("[data-act=consent]")
    page.click("text=允许一次")
    scene.sees("您同意接收一次通知")
    assert scene.call("/cgi-bin/message/subscribe/bizsend", notice) == 0
    expect(page.locator(".card")).to_contain_text("办件答复通知")
    assert scene.call("/cgi-bin/message/subscribe/bizsend", notice) == 43101
    scene.type("在吗")
    scene.sees("您想看哪一样")
    text = {"touser": openid, "msgtype": "text", "text": {"content": "您的事办好了"}}
    assert scene.call("/cgi-bin/message/custom/send", text) == 0
    scene.sees("您的事办好了")
    open_panel(page)
    scene.sees("错误 43101", "#calls")
    page.click("#age")
    expect(page.locator("#window")).to_contain_text("2天前")
    assert scene.call("/cgi-bin/message/custom/send", text) == 45015
    page.click("#modes >> text=明文")
    page.click("#held")
    expect(page.locator("#held")).to_have_text("放行")
    page.click("[data-answer='40001']")
    expect(page.locator("#armed")).to_contain_text("答40001×1")
    assert scene.call("/cgi-bin/message/custom/send", text) == 40001
    page.click("#verify")
    scene.sees("服务器地址验证通过", "#toast")
    close_panel(page)
    scene.type("扣住的话")
    scene.sees("消息扣住了", ".top")
    open_panel(page)
    page.click("#held")
    scene.sees("明文模式", "#line")
    close_panel(page)
    expect(page.locator("#chat .tap")).to_have_count(2)


def test_the_consent_page_stands_on_its_own(scene: Scene) -> None:
    page = scene.page
    page.goto(f"{scene.base}/consent?openid={scene.openid}&template_id=t-answered")
    page.click("text=总是允许")
    expect(page.locator("#consent")).to_contain_text("现在：总是允许")
    assert scene.platform.resident(scene.openid).consents["t-answered"].always
    page.goto(f"{scene.base}/consent")
    expect(page.locator("#consent")).to_contain_text("打不开这个页面")


def test_what_the_account_says_is_never_run(scene: Scene) -> None:
    scene.platform.send_text(scene.openid, "您好")
    words = '<img src=x onerror="window.hit=1"><script>window.hit=1</script><a href="javascript:window.hit=1">点</a>'
    text = {"touser": scene.openid, "msgtype": "text", "text": {"content": words}}
    assert scene.call("/cgi-bin/message/custom/send", text) == 0
    scene.sees("<script>")
    assert scene.page.evaluate("window.hit") is None
    assert scene.page.locator("#chat img, #chat script").count() == 0
