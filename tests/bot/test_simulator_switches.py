"""What can be made to go wrong."""

from __future__ import annotations

import json

import pytest

from bot.simulator.api import ApiRequest, ConnectionDropped
from tests.bot.simulator_phone import (
    ASK,
    BIZ,
    CUSTOM,
    TOKEN_PATH,
    Phone,
)


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
