"""The platform's API: every rule with its error code, and what can be made to go wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator.api import ApiRequest, ConnectionDropped
from bot.simulator.errors import SimulatorError
from bot.simulator.notices import Template
from bot.simulator.people import HOUR, MINUTE
from bot.simulator.platform import Platform
from tests.bot.simulator_service import APP_ID, SECRET, Clock, Service, make_platform

CUSTOM, TEMPLATE, BIZ = (
    "/cgi-bin/message/custom/send",
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/subscribe/bizsend",
)
TOKEN_PATH = "/cgi-bin/stable_token"
ASK = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
ANSWERED = Template("t-answered", "办件答复通知", {"character_string1": "编号", "thing2": "事项"})
NOTICE = {"character_string1": {"value": "YJ-1"}, "thing2": {"value": "补贴没到账"}}
PNG, JPEG = b"\x89PNG\r\n\x1a\n0000", b"\xff\xd8\xff\xe00000"


class Phone:
    """A platform with one resident who follows, and short ways to call its API."""

    def __init__(self, **changed: Any) -> None:
        self.clock = Clock()
        self.service = Service(lambda message: "success")
        self.platform: Platform = make_platform(self.service, clock=self.clock, **changed)
        self.openid = self.platform.add_resident("秀兰", subscribed=True)
        self.token = self.post(TOKEN_PATH, ASK)["access_token"]

    def post(self, path: str, body: dict[str, Any] | bytes, **query: str) -> dict[str, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.request("POST", path, raw, **query)

    def request(self, method: str, path: str, body: bytes = b"", **query: str) -> dict[str, Any]:
        with_token = query if path == TOKEN_PATH else {"access_token": self.token, **query}
        answer = self.platform.call(ApiRequest(method, path, with_token, body))
        assert answer.status == 200
        return json.loads(answer.body)

    def say(self, words: str = "您的事办好了") -> int:
        return self.post(CUSTOM, {"touser": self.openid, "msgtype": "text", "text": {"content": words}})["errcode"]

    def notify(self, path: str = BIZ, **changed: Any) -> int:
        body = {"touser": self.openid, "template_id": "t-answered", "data": NOTICE, **changed}
        return self.post(path, body)["errcode"]

    def upload(self, kind: str, content: bytes | None) -> dict[str, Any]:
        query = {"access_token": self.token, "type": kind}
        return json.loads(self.platform.call(ApiRequest("POST", "/cgi-bin/media/upload", query, b"", content)).body)

    def cards(self) -> list[str]:
        return [
            entry.shown.content["source"]
            for entry in self.platform.transcript(self.openid)
            if entry.shown.kind == "card"
        ]


@pytest.fixture
def phone() -> Phone:
    return Phone()


# stable_token


def test_the_token_stays_the_same_until_five_minutes_before_its_end(phone: Phone) -> None:
    first = phone.post(TOKEN_PATH, ASK)
    assert first["access_token"] == phone.token
    phone.clock.pass_(6899)
    assert phone.post(TOKEN_PATH, ASK)["access_token"] == phone.token
    phone.clock.pass_(2)
    second = phone.post(TOKEN_PATH, ASK)
    assert second["access_token"] != phone.token
    assert second["expires_in"] == 7200
    assert phone.say() == 45015  # the old one is still good for its last minutes
    phone.clock.pass_(300)
    assert phone.say() == 42001
    phone.token = second["access_token"]
    assert phone.say() == 45015


def test_a_forced_refresh_ends_the_old_token_but_not_twice_in_thirty_seconds(phone: Phone) -> None:
    second = phone.post(TOKEN_PATH, {**ASK, "force_refresh": True})["access_token"]
    assert second != phone.token
    assert phone.say() == 40001
    assert phone.post(TOKEN_PATH, {**ASK, "force_refresh": True})["access_token"] == second
    assert phone.post(TOKEN_PATH, ASK)["access_token"] == second
    for _ in range(19):
        phone.clock.pass_(31)
        assert "access_token" in phone.post(TOKEN_PATH, {**ASK, "force_refresh": True})
    phone.clock.pass_(31)
    assert phone.post(TOKEN_PATH, {**ASK, "force_refresh": True})["errcode"] == 45009


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 41004),
        ({"appid": "wxother"}, 40013),
        ({"appid": ""}, 41002),
        ({"grant_type": "refresh"}, 40002),
    ],
)
def test_a_wrong_request_for_a_token_is_refused(phone: Phone, changed: dict[str, str], code: int) -> None:
    assert phone.post(TOKEN_PATH, {**ASK, **changed})["errcode"] == code


def test_calls_need_a_token_in_force(phone: Phone) -> None:
    good = phone.token
    phone.token = ""
    assert phone.say() == 41001
    phone.token = good[:-1]
    assert phone.say() == 40001
    phone.token = good
    phone.platform.take_token_away()
    assert phone.say() == 40001
    phone.token = phone.post(TOKEN_PATH, ASK)["access_token"]
    assert phone.say() == 45015


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", 44002), (b"{", 47001), (b"[]", 47001), (b'{"touser":"\\u4f60"}', 40033)],
)
def test_a_malformed_body_is_refused(phone: Phone, body: bytes, code: int) -> None:
    assert phone.post(CUSTOM, body)["errcode"] == code


def test_an_escaped_backslash_is_not_an_escaped_character(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    raw = json.dumps({"touser": phone.openid, "msgtype": "text", "text": {"content": "C:\\u4f60"}})
    assert phone.post(CUSTOM, raw.encode())["errcode"] == 0


def test_a_wrong_method_and_an_unknown_path_are_refused(phone: Phone) -> None:
    assert phone.request("GET", CUSTOM)["errcode"] == 43002
    assert phone.request("POST", "/cgi-bin/media/get")["errcode"] == 43001
    assert phone.request("POST", "/cgi-bin/message/mass/send")["errcode"] == 40066


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KINDS = ("text", "image", "voice", "video", "news", "msgmenu", "other")
PATHS = (TOKEN_PATH, CUSTOM, TEMPLATE, BIZ, "/cgi-bin/menu/create")
SHARED = Phone()
SHARED.platform.consent(SHARED.openid, "t", "always")


@settings(deadline=None)
@given(
    path=st.sampled_from(PATHS),
    kind=st.sampled_from(KINDS),
    inner=ANY_JSON,
    body=st.dictionaries(st.sampled_from(("button", "data", "list", "touser", "template_id", "appid")), ANY_JSON),
    known=st.booleans(),
)
def test_whatever_is_sent_the_api_answers(path: str, kind: str, inner: Any, body: dict[str, Any], known: bool) -> None:
    whole = {"msgtype": kind, kind: inner, "template_id": "t", **body}
    if known:
        whole["touser"] = SHARED.openid
    SHARED.platform.resident(SHARED.openid).interacted("message", SHARED.clock.now)
    assert isinstance(SHARED.post(path, whole), dict)


# customer messages


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


# notices


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


# media


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("picture", PNG, 40004),
        ("image", None, 41005),
        ("image", b"", 44001),
        ("image", b"plain text", 40005),
        ("image", PNG + b"0" * 10 * 1024 * 1024, 40009),
        ("voice", b"#!AMR\n" + b"0" * 2 * 1024 * 1024, 40010),
        ("thumb", JPEG + b"0" * 64 * 1024, 40012),
    ],
)
def test_a_wrong_upload_is_refused(phone: Phone, kind: str, content: bytes | None, code: int) -> None:
    assert phone.upload(kind, content)["errcode"] == code


def test_media_can_be_fetched_for_three_days(phone: Phone) -> None:
    media_id = phone.upload("image", PNG)["media_id"]

    def fetch() -> Any:
        query = {"access_token": phone.post(TOKEN_PATH, ASK)["access_token"], "media_id": media_id}
        return phone.platform.call(ApiRequest("GET", "/cgi-bin/media/get", query))

    assert (fetch().body, fetch().content_type) == (PNG, "image/png")
    assert fetch().filename.endswith(".png")
    phone.clock.pass_(3 * 24 * HOUR)
    assert json.loads(fetch().body)["errcode"] == 40007


def test_what_a_resident_sent_can_be_fetched(phone: Phone) -> None:
    phone.platform.send_voice(phone.openid, seconds=2)
    query = {"access_token": phone.token, "media_id": phone.service.messages[-1]["MediaId"]}
    voice = phone.platform.call(ApiRequest("GET", "/cgi-bin/media/get", query))
    assert voice.content_type == "audio/amr"
    assert voice.body.startswith(b"#!AMR\n")
    phone.platform.send_video(phone.openid)
    media_id = phone.service.messages[-1]["MediaId"]
    assert phone.request("GET", "/cgi-bin/media/get", media_id=media_id)["video_url"].endswith(media_id)
    assert phone.request("GET", "/cgi-bin/media/get", media_id="none")["errcode"] == 40007


# menu


def button(**changed: Any) -> dict[str, Any]:
    return {"type": "click", "name": "查补贴", "key": "LOOKUP", **changed}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([button()] * 4, 40016),
        ([button(name="六个汉字菜单")], 40018),
        ([button(name="")], 40018),
        ([button(type="jump")], 40017),
        ([button(key="k" * 129)], 40019),
        ([button(key="")], 40019),
        ([{"type": "view", "name": "公示", "url": "http://a.cn/" + "u" * 1024}], 40020),
        ([{"name": "问政策", "sub_button": [button()] * 6}], 40023),
        ([{"name": "问政策", "sub_button": [{"name": "再下一级", "sub_button": [button()]}]}], 40022),
        ([{"name": "问政策", "sub_button": [button(name="字" * 21)]}], 40025),
        ([{"name": "问政策", "sub_button": [button(type="jump")]}], 40024),
        ([{"name": "问政策", "sub_button": [button(key="")]}], 40026),
        ([{"name": "问政策", "sub_button": [{"type": "view", "name": "公示"}]}], 40027),
    ],
)
def test_a_menu_beyond_its_limits_is_refused(phone: Phone, buttons: list[dict[str, Any]], code: int) -> None:
    assert phone.post("/cgi-bin/menu/create", {"button": buttons})["errcode"] == code
    assert phone.request("GET", "/cgi-bin/menu/get")["errcode"] == 46003


def test_the_menu_is_made_read_pressed_and_deleted(phone: Phone) -> None:
    sub = [button(name="我要反映", key="CASE"), {"type": "view", "name": "公示", "url": "https://a.cn/public"}]
    buttons = [button(name="查补贴" + "a" * 7), {"name": "我的事", "sub_button": sub}]
    assert phone.post("/cgi-bin/menu/create", {"button": buttons})["errcode"] == 0
    shown = phone.request("GET", "/cgi-bin/menu/get")["menu"]["button"]
    assert [len(entry["sub_button"]) for entry in shown] == [0, 2]
    phone.platform.tap(phone.openid, "CASE")
    assert (phone.service.messages[-1]["Event"], phone.service.messages[-1]["EventKey"]) == ("CLICK", "CASE")
    phone.platform.tap(phone.openid, "公示")
    assert (phone.service.messages[-1]["Event"], phone.service.messages[-1]["EventKey"]) == (
        "VIEW",
        "https://a.cn/public",
    )
    assert phone.request("GET", "/cgi-bin/menu/delete")["errcode"] == 0
    with pytest.raises(SimulatorError):
        phone.platform.tap(phone.openid, "CASE")


def test_who_follows_can_be_asked(phone: Phone) -> None:
    assert phone.request("GET", "/cgi-bin/user/info", openid=phone.openid)["subscribe"] == 1
    phone.platform.unsubscribe(phone.openid)
    assert phone.request("GET", "/cgi-bin/user/info", openid=phone.openid)["subscribe"] == 0
    assert phone.request("GET", "/cgi-bin/user/info", openid="o-nobody")["errcode"] == 40003


# switches


def test_the_next_calls_answer_40001_but_the_token_can_still_be_fetched(phone: Phone) -> None:
    phone.platform.send_text(phone.openid, "您好")
    phone.platform.answer_next(40001, 2)
    assert "access_token" in phone.post(TOKEN_PATH, ASK)
    assert [phone.say(), phone.say(), phone.say()] == [40001, 40001, 0]


def test_an_address_that_is_not_listed_gets_no_token(phone: Phone) -> None:
    phone.platform.answer_next(40164, 1)
    assert phone.post(TOKEN_PATH, ASK)["errcode"] == 40164


@pytest.mark.parametrize(("how", "effect"), [("500", 0), ("500-after", 1), ("drop", 0), ("drop-after", 1)])
def test_a_failing_call_may_have_taken_effect(phone: Phone, how: str, effect: int) -> None:
    phone.platform.send_text(phone.openid, "您好")
    phone.platform.fail_next(1, how, "/cgi-bin/message")
    body = json.dumps({"touser": phone.openid, "msgtype": "text", "text": {"content": "a"}}).encode()
    request = ApiRequest("POST", CUSTOM, {"access_token": phone.token}, body)
    if how.startswith("drop"):
        with pytest.raises(ConnectionDropped):
            phone.platform.call(request)
    else:
        assert phone.platform.call(request).status == 500
    said = [entry for entry in phone.platform.transcript(phone.openid) if entry.side == "account"]
    assert len(said) == effect
    assert phone.platform.count(CUSTOM) == 1
    assert phone.say() == 0


def test_a_fault_that_does_not_exist_cannot_be_armed(phone: Phone) -> None:
    with pytest.raises(ValueError, match="unknown failure"):
        phone.platform.fail_next(1, "explode")


def test_answers_can_be_delayed_and_faults_disarmed() -> None:
    paused: list[float] = []
    phone = Phone(pause=paused.append)
    phone.platform.delay_api(6)
    phone.platform.answer_next(45009, 3)
    phone.platform.clear_faults()
    assert phone.say() == 45015
    phone.platform.delay_api(0)
    phone.say()
    assert paused == [6]


def test_every_call_is_counted_and_noted(phone: Phone) -> None:
    phone.say()
    phone.say()
    assert (phone.platform.count(CUSTOM), phone.platform.count(TOKEN_PATH), phone.platform.count(BIZ)) == (2, 1, 0)
    last = phone.platform.state.calls[-1]
    assert (last.path, last.openid, last.code) == (CUSTOM, phone.openid, 45015)
