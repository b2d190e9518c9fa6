"""From the resident's phone to the service and back: sent, in time, again after five seconds."""

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

from bot.simulator.chat import OUT_OF_ORDER
from bot.simulator.line import Answer, HungUp, post_over_http
from tests.bot.simulator_service import (
    WEBHOOK,
    Message,
    Service,
    listening,
    make_platform,
    reply_to,
)
from tests.bot.simulator_talk import (
    PNG,
    asked,
    following,
    seen,
)


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
