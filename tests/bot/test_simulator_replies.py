"""What the phone makes of a sealed reply and of its links, and who may write."""

from __future__ import annotations

import time

import pytest

from bot.simulator.chat import OUT_OF_ORDER, segments, taps
from bot.simulator.errors import NotLoopback, SimulatorError
from bot.simulator.line import Answer, post_over_http
from tests.bot.simulator_service import (
    OTHER_AES_KEY,
    Clock,
    Message,
    Service,
    listening,
    make_platform,
    reply_to,
)
from tests.bot.simulator_talk import (
    asked,
    following,
    seen,
)


def test_safe_mode_wants_a_sealed_reply_and_plain_mode_an_open_one() -> None:
    def open_reply(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        message = {"FromUserName": params["openid"], "ToUserName": platform.state.account}
        return Answer(200, reply_to(message, "明文").encode())

    platform = make_platform(transport=open_reply, mode="safe")
    openid = following(platform)
    assert "没有加密" in platform.send_text(openid, "您好").note
    platform.mode = "compat"
    assert platform.send_text(openid, "您好").state == "answered"

    def sealed_reply(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        service = Service()
        return Answer(200, service.crypto.encrypt_message(service.handle(params, body).decode(), "n", "1").encode())

    platform.courier.line.transport = sealed_reply
    platform.mode = "plain"
    assert "明文模式" in platform.send_text(openid, "您好").note


def test_a_forged_reply_is_not_shown() -> None:
    service = Service()

    def forger(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        sealed = service.handle(params, body).decode()
        return Answer(200, sealed.replace("<Nonce><![CDATA[nonce", "<Nonce><![CDATA[other").encode())

    platform = make_platform(transport=forger)
    openid = following(platform)
    assert "签名" in platform.send_text(openid, "您好").note
    assert seen(platform, openid) == []


def test_after_a_change_of_key_the_reply_must_use_the_key_of_its_message() -> None:
    service = Service()
    platform = make_platform(service)
    openid = following(platform)
    platform.change_key(OTHER_AES_KEY)
    service.crypto = Service(aes_key=OTHER_AES_KEY).crypto
    assert platform.send_text(openid, "您好").state == "answered"

    def wrong_key(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        opened = Service(aes_key=OTHER_AES_KEY)
        opened.handle(params, body)
        return Answer(200, Service().crypto.encrypt_message(reply_to(opened.messages[0], "x"), "n", "1").encode())

    platform.courier.line.transport = wrong_key
    assert platform.send_text(openid, "您好").state == "bad"


def test_a_tap_link_arrives_as_a_text_with_its_id() -> None:
    link = '<a href="weixin://bizmsgmenu?msgmenucontent=2024年的&msgmenuid=year-2024">看 2024 年</a>'
    platform, openid, service = asked(lambda message: reply_to(message, f"看哪年?\n{link}"))
    platform.send_text(openid, "查补贴")
    platform.tap(openid, "year-2024")
    assert service.messages[1]["Content"] == "2024年的"
    assert service.messages[1]["bizmsgmenuid"] == "year-2024"
    with pytest.raises(SimulatorError):
        platform.tap(openid, "not-there")


def test_the_links_of_a_text_are_found() -> None:
    words = '看<a href="weixin://bizmsgmenu?msgmenucontent=A%26B&amp;msgmenuid=7">这个</a>或https://a.cn/x?y=1。'
    assert list(segments(words)) == [
        {"text": "看"},
        {"text": "这个", "tap": "7", "says": "A&B"},
        {"text": "或"},
        {"text": "https://a.cn/x?y=1", "url": "https://a.cn/x?y=1"},
        {"text": "。"},
    ]
    assert taps(words) == {"7": "A&B"}
    assert list(segments('<a href="javascript:alert(1)">点我</a>')) == [{"text": "点我"}]


def test_held_messages_go_when_they_are_released() -> None:
    platform, openid, service = asked(lambda message: reply_to(message, "收到"))
    platform.hold()
    platform.courier.in_background(platform.send_text, openid, "您好")
    deadline = time.monotonic() + 5
    while not (platform.exchanges and platform.exchanges[0].state == "held"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert service.messages == []
    platform.release()
    assert platform.settle(5)
    assert seen(platform, openid) == ["收到"]


def test_only_who_follows_can_write_and_unfollowing_is_told_quietly() -> None:
    platform, openid, service = asked(lambda message: "not xml")
    platform.unsubscribe(openid)
    assert service.messages[-1]["Event"] == "unsubscribe"
    assert OUT_OF_ORDER not in seen(platform, openid, "middle")
    with pytest.raises(SimulatorError):
        platform.send_text(openid, "您好")
    assert len(service.messages) == 1


def test_a_news_reply_to_a_text_is_cut_to_one_article() -> None:
    def answer(message: Message) -> str:
        item = "<item><Title>甲</Title><Description>d</Description><PicUrl/><Url>https://a.cn</Url></item>"
        articles = f"<ArticleCount>2</ArticleCount><Articles>{item * 2}</Articles>"
        return reply_to(message, "x", MsgType="news").replace("</xml>", f"{articles}</xml>")

    platform, openid, _ = asked(answer)
    exchange = platform.send_text(openid, "您好")
    assert exchange.answer is not None
    assert len(exchange.answer.content["articles"]) == 1


def test_the_same_nickname_is_the_same_person_after_a_restart() -> None:
    assert following(make_platform()) == following(make_platform())
    openid = following(make_platform())
    assert openid.startswith("o")
    assert len(openid) == 28


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/wechat", "http://example.com/wechat", "ftp://127.0.0.1/", "http://127.0.0.1.evil.cn/"]
)
def test_a_webhook_beyond_this_machine_is_refused(url: str) -> None:
    with pytest.raises(NotLoopback):
        make_platform(webhook_url=url)
    with pytest.raises(NotLoopback):
        post_over_http(url, {}, b"", 1.0)


@pytest.mark.parametrize("url", ["http://127.0.0.9:1/w", "http://[::1]:1/w", "http://localhost:1/w"])
def test_a_webhook_on_this_machine_is_taken(url: str) -> None:
    assert make_platform(webhook_url=url).courier.line.webhook_url == url


def test_the_url_verification_is_played() -> None:
    with listening(Service()) as url:
        assert make_platform(webhook_url=url, clock=Clock()).verify_url()
    assert not make_platform(webhook_url=url).verify_url()
