"""The platform's API: the token, and what is malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bot.simulator_phone import (
    ASK,
    BIZ,
    CUSTOM,
    TEMPLATE,
    TOKEN_PATH,
    Phone,
)


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
