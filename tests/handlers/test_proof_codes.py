"""Codes that must come back: by SMS, or over the counter of the township."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from knowledge.proving import CODE_OLD, NOT_MATCHED, Outcome, told
from models.base import now
from models.db import Database
from models.proof import Proof
from models.proving import Rules, confirm_at_the_counter
from models.resident import Attempt
from tests.factories import GUAN, SUN
from tests.handlers.contact import bindings, load_three, with_values
from tests.talk import Phone

FAILED = told(Outcome(NOT_MATCHED))


@pytest.fixture
def loaded(database: Database) -> Database:
    """Three people with money."""
    database.write(load_three)
    return database


def sms(database: Database, openid: str = "oGuan") -> Phone:
    return with_values(Phone(database, openid), proof=("name", "sms"))


def code_of(database: Database) -> str:
    with database.read() as session:
        return str(session.scalars(select(Proof.code)).one())


def test_a_code_by_sms_binds(loaded: Database) -> None:
    phone = sms(loaded)
    assert "短信" in phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    with loaded.read() as session:
        proof = session.scalars(select(Proof)).one()
        assert (proof.phone, proof.status) == ("13900001111", "waiting")
    wrong = f"{(int(code_of(loaded)) + 1) % 10**6:06d}"
    assert "还能试4次" in phone.say(wrong)
    assert "300元" in phone.say(code_of(loaded))
    with loaded.read() as session:
        assert session.scalars(select(Proof.id)).all() == []


@pytest.mark.parametrize(("number", "name"), [(GUAN["id_number"], "关玉海"), ("220221195010109015", "关玉梅")])
def test_the_words_about_a_code_do_not_tell_whether_there_is_somebody(loaded: Database, number: str, name: str) -> None:
    good = sms(loaded, "oGood").say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    right = code_of(loaded)
    loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
    phone = sms(loaded, "oOther")
    assert phone.say("查补贴", "同意", number, name) == good
    said = [phone.say(f"{(int(right) + n) % 10**6:06d}") for n in range(1, 6)]
    assert "还能试4次" in said[0]
    assert FAILED in said[-1]


def test_a_code_for_nobody_is_never_right(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", "220221195010109015", "关玉梅")
    assert "没对上" in phone.say(code_of(loaded))
    assert not bindings(loaded)


def test_a_code_is_too_old_after_five_minutes(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    code = code_of(loaded)
    loaded.write(lambda s: s.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1))))
    assert told(Outcome(CODE_OLD)) in phone.say(code)


def test_another_code_is_sent_after_a_minute(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    assert "1分钟" in phone.say("没收到")
    phone.say("查补贴", GUAN["id_number"], "关玉梅")
    loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
    phone.say("查补贴", GUAN["id_number"], "关玉梅")
    assert "300元" in phone.say(code_of(loaded))


def test_a_phone_gets_few_codes_a_day(loaded: Database) -> None:
    for n in range(7):
        loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
        said = sms(loaded, f"o{n}").say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    assert "先停一停" in said


def test_the_counter_of_the_township_binds(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("name", "card_tail", "in_person"))
    said = phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    assert FAILED in said
    assert "当面认" in phone.links
    said = phone.say("当面认", GUAN["id_number"])
    assert "30分钟" in said
    code = "".join(said.split("：")[1].split("\n")[0].split())
    rules = Rules(("name", "card_tail", "in_person"))

    def confirm(number: str, town: str) -> str:
        return loaded.write(lambda s: confirm_at_the_counter(s, "clerk", code, number, town, rules).kind)

    assert confirm(SUN["id_number"], "万昌镇") == NOT_MATCHED
    assert confirm(GUAN["id_number"], "口前镇") == NOT_MATCHED
    assert confirm(GUAN["id_number"], "万昌镇") == "bound"
    assert "300元" in phone.say("查补贴")


def test_who_is_locked_can_still_go_to_the_counter(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("name", "card_tail", "in_person"))
    phone.say("查补贴", "同意", "取消")
    loaded.write(lambda s: Attempt.held(s, "user", "oGuan").count(1, timedelta(hours=1)))
    loaded.write(lambda s: s.execute(update(Attempt).values(failures=9)))
    assert "先停一停" in phone.say("查补贴")
    assert "当面认的码" in phone.say("当面认", GUAN["id_number"])


def test_only_the_counter_may_be_the_setting(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("in_person",))
    assert "当面认的码" in phone.say("查补贴", "同意", GUAN["id_number"])
    assert not bindings(loaded)
