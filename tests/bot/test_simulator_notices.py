"""Notices: consent, their fields, and what the service is told."""

from __future__ import annotations

import pytest

from bot.simulator.errors import SimulatorError
from bot.simulator.notices import Template
from bot.simulator.people import HOUR
from tests.bot.simulator_phone import (
    ANSWERED,
    ASK,
    BIZ,
    NOTICE,
    TEMPLATE,
    TOKEN_PATH,
    Phone,
)


def test_one_consent_is_good_for_one_notice(phone: Phone) -> None:
    assert phone.notify() == 43101
    phone.platform.consent(phone.openid, "t-answered", "once")
    assert [phone.notify(), phone.notify()] == [0, 43101]
    phone.platform.consent(phone.openid, "t-answered", "once")
    phone.platform.consent(phone.openid, "t-answered", "once")
    assert [phone.notify(), phone.notify(), phone.notify()] == [0, 0, 43101]
    assert phone.cards() == ["订阅通知"] * 3


def test_a_long_term_consent_lasts_until_it_is_taken_back(phone: Phone) -> None:
    phone.platform.consent(phone.openid, "t-answered", "always")
    assert [phone.notify() for _ in range(4)] == [0, 0, 0, 0]
    phone.platform.consent(phone.openid, "t-answered", "refuse")
    assert phone.notify() == 43101


def test_a_consent_is_for_its_template_only_and_outlives_unfollowing_and_the_window(phone: Phone) -> None:
    phone.platform.consent(phone.openid, "t-answered", "once")
    assert phone.notify(template_id="t-other") == 43101
    phone.platform.unsubscribe(phone.openid)
    phone.clock.pass_(60 * 24 * HOUR)
    phone.token = phone.post(TOKEN_PATH, ASK)["access_token"]
    assert phone.notify() == 0


def test_a_template_for_one_time_only_offers_no_long_term_consent() -> None:
    phone = Phone(templates=[Template("t-answered", long_term=False)])
    with pytest.raises(SimulatorError):
        phone.platform.consent(phone.openid, "t-answered", "always")
    with pytest.raises(SimulatorError):
        phone.platform.consent(phone.openid, "t-unknown", "once")


def test_consent_and_delivery_are_told_to_the_service(phone: Phone) -> None:
    phone.platform.consent(phone.openid, "t-answered", "once")
    popup = phone.service.messages[-1]
    assert popup["Event"] == "subscribe_msg_popup_event"
    assert popup["SubscribeMsgPopupEvent"]["List"]["SubscribeStatusString"] == "accept"  # type: ignore[index]
    assert phone.notify() == 0
    assert phone.platform.settle(5)
    sent = phone.service.messages[-1]
    assert sent["Event"] == "subscribe_msg_sent_event"
    assert sent["SubscribeMsgSentEvent"]["List"]["ErrorStatus"] == "success"  # type: ignore[index]


def test_taking_a_consent_back_in_the_settings_is_told_as_a_change(phone: Phone) -> None:
    phone.platform.consent(phone.openid, "t-answered", "always")
    phone.platform.consent(phone.openid, "t-answered", "withdraw")
    change = phone.service.messages[-1]
    assert change["Event"] == "subscribe_msg_change_event"
    assert change["SubscribeMsgChangeEvent"]["List"]["SubscribeStatusString"] == "reject"  # type: ignore[index]
    assert phone.notify() == 43101


def test_a_refused_notice_uses_up_no_consent(phone: Phone) -> None:
    phone.platform.consent(phone.openid, "t-answered", "once")
    assert phone.notify(data={"thing2": {"value": "字" * 21}}) == 47003
    assert phone.notify(touser="o-nobody") == 40003
    assert phone.notify() == 0


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("thing1", "二十个以内的字", True),
        ("thing1", "字" * 21, False),
        ("thing1", "", False),
        ("phrase2", "已答复", True),
        ("phrase2", "已经答复完毕", False),
        ("character_string3", "YJ2026-0412", True),
        ("character_string3", "编号", False),
        ("time4", "2026年5月12日 09:30", True),
        ("time4", "2026-05-12 09:30:00", True),
        ("time4", "昨天", False),
        ("date5", "2026年5月12日", True),
        ("amount6", "¥1268.40元", True),
        ("amount6", "很多", False),
        ("number7", "3.5", True),
        ("number7", "三", False),
        ("phone_number8", "0432-12333", True),
        ("name9", "王秀兰", True),
        ("name9", "一二三四五六七八九十一", False),
        ("keyword1", "老模板的字段不限", True),
    ],
)
@pytest.mark.parametrize("path", [BIZ, TEMPLATE])
def test_the_fields_of_a_notice_have_their_forms(phone: Phone, path: str, name: str, value: str, good: bool) -> None:
    phone.platform.consent(phone.openid, "t-answered", "always")
    assert phone.notify(path, data={name: {"value": value}}) == (0 if good else 47003)


def test_a_listed_template_must_exist_and_have_all_its_fields() -> None:
    phone = Phone(templates=[ANSWERED])
    assert phone.notify(TEMPLATE, template_id="t-unknown") == 40037
    assert phone.notify(TEMPLATE, template_id="") == 40037
    assert phone.notify(TEMPLATE, data={"thing2": {"value": "x"}}) == 47003
    assert phone.notify(TEMPLATE) == 0
    card = phone.platform.transcript(phone.openid)[-1].shown.content
    assert (card["title"], card["rows"][0]) == ("办件答复通知", ["编号", "YJ-1"])


def test_a_template_message_needs_a_follower_and_reports_its_delivery(phone: Phone) -> None:
    assert phone.notify(TEMPLATE) == 0
    assert phone.platform.settle(5)
    assert phone.service.messages[-1]["Event"] == "TEMPLATESENDJOBFINISH"
    phone.platform.unsubscribe(phone.openid)
    assert phone.notify(TEMPLATE) == 43004
    assert phone.cards() == ["模板消息"]


def test_the_same_client_msg_id_sends_once_in_ten_minutes(phone: Phone) -> None:
    body = {"touser": phone.openid, "template_id": "t", "data": NOTICE, "client_msg_id": "delivery-7"}
    first, second = phone.post(TEMPLATE, body), phone.post(TEMPLATE, body)
    assert first["msgid"] == second["msgid"]
    assert len(phone.cards()) == 1
    phone.clock.pass_(600)
    phone.post(TEMPLATE, body)
    assert len(phone.cards()) == 2
    assert phone.platform.settle(5)
