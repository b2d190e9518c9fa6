"""Customer messages: the window of 48 hours, the counts, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.people import HOUR, MINUTE
from tests.bot.simulator_phone import (
    ASK,
    CUSTOM,
    PNG,
    TOKEN_PATH,
    Phone,
)


def test_five_customer_messages_after_a_message_and_no_sixth(phone: Phone) -> None:
    assert phone.say() == 45015
    phone.platform.send_text(phone.openid, "您好")
    assert [phone.say(str(n)) for n in range(6)] == [0, 0, 0, 0, 0, 45047]
    said = [entry.shown.text for entry in phone.platform.transcript(phone.openid) if entry.side == "account"]
    assert said == ["0", "1", "2", "3", "4"]
    phone.platform.send_text(phone.openid, "还在吗")
    assert phone.say() == 0


def test_the_window_closes_after_48_hours(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    phone.clock.pass_(48 * HOUR - 1)
    phone.token = phone.post(TOKEN_PATH, ASK)["access_token"]
    assert phone.say() == 0
    phone.clock.pass_(1)
    assert phone.say() == 45015


def test_aging_closes_the_window_without_waiting(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    phone.platform.age(phone.openid, 47)
    assert phone.say() == 0
    phone.platform.age(phone.openid, 2)
    assert phone.say() == 45015
    assert phone.platform.resident(phone.openid).last_interaction == phone.clock.now - 49 * HOUR


@pytest.mark.parametrize("how", ["CLICK", "SCAN", "scancode_waitmsg", "subscribe", "tap"])
def test_a_click_a_scan_a_subscription_or_a_tap_allow_three_within_a_minute(phone: Phone, how: str) -> None:
    if how == "subscribe":
        phone.platform.subscribe(phone.openid)
    elif how == "tap":
        phone.service.answer = lambda message: tap_reply(message)
        phone.platform.send_text(phone.openid, "您好")
        phone.platform.age(phone.openid, 49)
        phone.platform.tap(phone.openid, "m1")
    else:
        phone.platform.send_event(phone.openid, how, "KEY")
    assert [phone.say() for _ in range(4)] == [0, 0, 0, 45047]
    phone.clock.pass_(MINUTE)
    assert phone.say() == 45015


def tap_reply(message: dict[str, str]) -> str:
    from tests.bot.simulator_service import reply_to

    return reply_to(message, '<a href="weixin://bizmsgmenu?msgmenucontent=是&msgmenuid=m1">是</a>')


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "location_select"])
def test_other_events_open_no_window(phone: Phone, event: str) -> None:
    phone.platform.send_event(phone.openid, event, "KEY")
    assert phone.say() == 45015


def test_who_unfollowed_gets_no_customer_message_even_within_the_window(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    phone.platform.unsubscribe(phone.openid)
    assert phone.say() == 45015


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"touser": "o-nobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"msgtype": "telegram"}, 40008),
        ({"msgtype": "text"}, 47001),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
    ],
)
def test_a_wrong_customer_message_is_refused_and_costs_nothing(phone: Phone, body: dict[str, Any], code: int) -> None:
    phone.platform.send_text(phone.openid, "您好")
    assert phone.post(CUSTOM, {"touser": phone.openid, **body})["errcode"] == code
    assert phone.platform.resident(phone.openid).messages_left(phone.clock.now) == 5


def test_a_menu_message_becomes_tap_links(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    choices = [{"id": "s1", "content": "满意"}, {"id": "s2", "content": "不满意"}]
    body = {"head_content": "办得怎么样?", "list": choices, "tail_content": "谢谢"}
    assert phone.post(CUSTOM, {"touser": phone.openid, "msgtype": "msgmenu", "msgmenu": body})["errcode"] == 0
    phone.platform.tap(phone.openid, "s2")
    assert phone.service.messages[-1]["Content"] == "不满意"
    assert phone.service.messages[-1]["bizmsgmenuid"] == "s2"


def test_an_uploaded_picture_can_be_sent(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    media_id = phone.upload("image", PNG)["media_id"]
    body = {"touser": phone.openid, "msgtype": "image", "image": {"media_id": media_id}}
    assert phone.post(CUSTOM, body)["errcode"] == 0
