"""The line: what goes to the service, in which form, how often; and what the resident sees of the answer."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import pytest
import wechatpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator.chat import OUT_OF_ORDER, segments, taps
from bot.simulator.errors import NotLoopback, SimulatorError
from bot.simulator.line import Answer, HungUp, post_over_http
from bot.simulator.platform import Platform
from tests.bot.simulator_service import (
    OTHER_AES_KEY,
    WEBHOOK,
    Clock,
    Message,
    Service,
    listening,
    make_platform,
    reply_to,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def following(platform: Platform, nickname: str = "秀兰") -> str:
    return platform.add_resident(nickname, subscribed=True)


def seen(platform: Platform, openid: str, side: str = "account") -> list[str]:
    return [entry.shown.text for entry in platform.transcript(openid) if entry.side == side]


def asked(answer: Callable[[Message], str], **changed: object) -> tuple[Platform, str, Service]:
    service = Service(answer)
    platform = make_platform(service, **changed)
    return platform, following(platform), service


@pytest.mark.parametrize("mode", ["plain", "compat", "safe"])
def test_a_text_goes_out_and_the_reply_is_seen_in_every_mode(mode: str) -> None:
    platform, openid, service = asked(lambda message: reply_to(message, "收到"), mode=mode)
    exchange = platform.send_text(openid, "种地补贴]]>什么时候发?")
    assert exchange.state == "answered"
    assert seen(platform, openid) == ["收到"]
    assert service.messages[0]["Content"] == "种地补贴]]>什么时候发?"
    body, query = service.bodies[0], service.queries[0]
    assert (b"<Content>" in body) == (mode != "safe")
    assert (b"<Encrypt>" in body) == (mode != "plain")
    assert ("msg_signature" in query) == (mode != "plain")
    assert query.get("encrypt_type", "raw") == ("raw" if mode == "plain" else "aes")
    assert query["openid"] == openid


def test_every_kind_of_message_is_what_wechatpy_understands() -> None:
    service = Service(lambda message: "success")
    platform = make_platform(service, mode="plain")
    openid = following(platform)
    platform.send_text(openid, "您好")
    platform.send_voice(openid, "我要查补贴")
    platform.send_voice(openid)
    platform.send_image(openid, PNG)
    platform.send_video(openid)
    platform.send_location(openid, "口前镇", (43.6, 126.5))
    platform.send_link(openid, "标题", "https://example.com/a?b=1&c=2", "说明")
    parsed = [wechatpy.parse_message(body) for body in service.bodies]
    assert [message.type for message in parsed] == [
        "text",
        "voice",
        "voice",
        "image",
        "video",
        "location",
        "link",
    ]
    assert parsed[1].recognition == "我要查补贴"
    assert parsed[2].recognition is None
    assert parsed[3].image.startswith("http://127.0.0.1")
    assert float(parsed[5].location_x) == 43.6
    assert parsed[6].url == "https://example.com/a?b=1&c=2"
    assert all(message.source == openid and message.target == platform.state.account for message in parsed)


def test_message_ids_grow_and_are_64_bit_and_times_are_seconds() -> None:
    service = Service()
    platform = make_platform(service)
    openid = following(platform)
    for _ in range(3):
        platform.send_text(openid, "在吗")
    ids = [int(message["MsgId"]) for message in service.messages]
    assert ids == sorted(set(ids))
    assert 2**32 < ids[0] < ids[-1] < 2**63
    assert service.messages[0]["CreateTime"] == str(int(platform.state.now()))


def test_events_are_what_wechatpy_understands_and_have_no_message_id() -> None:
    service = Service(lambda message: "")
    platform = make_platform(service, mode="plain")
    openid = platform.add_resident("新来的")
    platform.subscribe(openid, scene="township-3")
    platform.send_event(openid, "CLICK", "LOOKUP")
    platform.send_event(openid, "LOCATION", Latitude=43.6, Longitude=126.5, Precision=30.0)
    platform.send_event(openid, "nobody_knows_this")
    platform.unsubscribe(openid)
    assert [message["Event"] for message in service.messages] == [
        "subscribe",
        "CLICK",
        "LOCATION",
        "nobody_knows_this",
        "unsubscribe",
    ]
    known = [wechatpy.parse_message(body) for body in service.bodies[:3]]
    assert known[0].scene_id == "township-3"
    assert known[1].key == "LOOKUP"
    assert known[2].latitude == 43.6
    assert not any("MsgId" in message for message in service.messages)
    assert service.messages[0]["EventKey"] == "qrscene_township-3"


def test_a_slow_service_is_asked_three_times_and_then_the_resident_sees_a_fault() -> None:
    def slow(message: Message) -> str:
        time.sleep(0.5)
        return reply_to(message, "太晚了")

    service = Service(slow)
    with listening(service) as url:
        platform = make_platform(transport=post_over_http, webhook_url=url, patience=0.15, clock=time.time)
        openid = following(platform)
        exchange = platform.send_text(openid, "您好")
        assert [attempt.outcome for attempt in exchange.attempts] == ["hung up"] * 3
        assert all(100 <= (attempt.milliseconds or 0) < 450 for attempt in exchange.attempts)
        assert exchange.state == "lost"
        assert seen(platform, openid, "middle") == [OUT_OF_ORDER]
        time.sleep(0.5)
    assert len({message["MsgId"] for message in service.messages}) == 1
    assert len(service.messages) == 3
    assert len({query["nonce"] for query in service.queries}) == 3


def test_a_service_that_drips_its_answer_is_hung_up_on_all_the_same() -> None:
    def drip(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, contextlib.suppress(ConnectionError):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")
            for _ in range(40):
                peer.sendall(b"x")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,), daemon=True)
        dripping.start()
        began = time.perf_counter()
        with pytest.raises(HungUp):
            post_over_http(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, b"", 0.2)
        assert time.perf_counter() - began < 1.0
        dripping.join(5)


def test_the_second_try_is_enough_when_it_is_in_time() -> None:
    tries = []

    def transport(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        tries.append(params["timestamp"])
        if len(tries) == 1:
            raise HungUp
        return Answer(200, b"success")

    platform = make_platform(transport=transport)
    exchange = platform.send_text(following(platform), "您好")
    assert [attempt.outcome for attempt in exchange.attempts] == ["hung up", "came"]
    assert exchange.state == "silent"


def test_a_refused_connection_is_tried_three_times() -> None:
    platform = make_platform(transport=post_over_http, webhook_url=WEBHOOK)
    exchange = platform.send_text(following(platform), "您好")
    assert [attempt.outcome for attempt in exchange.attempts] == ["no connection"] * 3
    assert exchange.state == "lost"


def test_503_is_tried_again_and_403_is_not() -> None:
    for status, tries in ((503, 3), (403, 1)):
        platform = make_platform(transport=lambda *_, status=status: Answer(status, b""))
        openid = following(platform)
        exchange = platform.send_text(openid, "您好")
        assert [attempt.status for attempt in exchange.attempts] == [status] * tries
        assert seen(platform, openid, "middle") == [OUT_OF_ORDER]


def test_patience_is_five_seconds_unless_told_otherwise() -> None:
    waited = []

    def transport(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        waited.append(patience)
        return Answer(200, b"")

    platform = make_platform(transport=transport)
    platform.send_text(following(platform), "您好")
    assert waited == [5.0]


def test_duplicates_overlap_and_are_the_same_message_but_only_one_reply_is_seen() -> None:
    together = threading.Barrier(2, timeout=5)

    def answer(message: Message) -> str:
        together.wait()
        return reply_to(message, "收到了")

    platform, openid, service = asked(answer)
    exchange = platform.send_text(openid, "我要投诉", duplicate=True)
    assert len(service.messages) == 2
    assert service.messages[0] == service.messages[1]
    assert [shown.text for shown in exchange.answers if shown] == ["收到了", "收到了"]
    assert seen(platform, openid) == ["收到了"]


def test_the_switch_duplicates_events_too() -> None:
    platform, openid, service = asked(lambda message: "success")
    platform.always_duplicate(True)
    platform.send_event(openid, "CLICK", "LOOKUP")
    assert [message["EventKey"] for message in service.messages] == ["LOOKUP", "LOOKUP"]
    assert service.messages[0] == service.messages[1]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda message: reply_to(message, "长" * 683), "2049 字节"),
        (lambda message: reply_to(message, ""), "空"),
        (lambda message: reply_to(message, "x", ToUserName="o-someone-else"), "收信人"),
        (lambda message: reply_to(message, "x", CreateTime="now"), "CreateTime"),
        (lambda message: reply_to(message, "x", MsgType="telegram"), "类型"),
        (lambda message: '{"ok":true}', "XML"),
        (lambda message: "ok", "XML"),
        (lambda message: reply_to(message, "a]]>b"), "XML"),
        (lambda message: reply_to(message, "x").replace("<MsgType><![CDATA[text]]>", "<MsgType>image"), "MediaId"),
    ],
)
def test_a_reply_that_the_platform_cannot_use_shows_a_fault(spoil: Callable[[Message], str], why: str) -> None:
    platform, openid, _ = asked(spoil)
    exchange = platform.send_text(openid, "您好")
    assert exchange.state == "bad"
    assert why in exchange.note
    assert seen(platform, openid, "middle") == [OUT_OF_ORDER]
    assert len(exchange.attempts) == 1


def test_a_text_of_2047_bytes_is_still_shown() -> None:
    words = "长" * 682 + "a"
    platform, openid, _ = asked(lambda message: reply_to(message, words))
    platform.send_text(openid, "您好")
    assert seen(platform, openid) == [words]


@settings(deadline=None)
@given(st.integers(100, 599), st.binary(max_size=60) | st.text(alphabet="<>/xmlEncrypt![CDATA]", max_size=60))
def test_whatever_the_service_answers_the_line_lives(status: int, body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else f"<xml>{body}</xml>".encode()
    platform = make_platform(transport=lambda *_: Answer(status, raw))
    exchange = platform.send_text(following(platform), "您好")
    silent = status == 200 and raw in (b"", b"success")
    assert exchange.state in (("silent",) if silent else ("bad", "lost"))


@pytest.mark.parametrize("silence", ["", "success"])
def test_saying_nothing_is_no_fault(silence: str) -> None:
    platform, openid, _ = asked(lambda message: silence)
    assert platform.send_text(openid, "您好").state == "silent"
    assert [entry.side for entry in platform.transcript(openid)] == ["me"]


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
