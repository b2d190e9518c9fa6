"""A code from the phone: good within a step of its time, once; recovery codes are good once each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.errors import Refused
from models import password, totp
from models.db import Database
from models.staff import Staff
from models.totp import RecoveryCode

AT = datetime(2026, 11, 24, 8, 0, 15, tzinfo=UTC)
Clock = Callable[[int], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the time to so many seconds after AT."""
    monkeypatch.setattr(password, "hashed", lambda given: f"hash of {len(given)}")

    def at(seconds: int) -> None:
        monkeypatch.setattr(totp, "now", lambda: AT + timedelta(seconds=seconds))

    at(0)
    return at


def code_at(secret: str, seconds: int) -> str:
    return pyotp.TOTP(secret).at(AT + timedelta(seconds=seconds))


@pytest.fixture
def phone(database: Database, clock: Clock) -> tuple[Database, str, list[str]]:
    """Somebody who has set up a phone, its secret, and the recovery codes."""

    def begin(session: Session) -> tuple[str, list[str]]:
        one = Staff.create(session, "an", "一句 good 好记的话", name="安平", role="auditor")
        secret = totp.begin(one)
        return secret, list(totp.confirm(session, one, code_at(secret, 0)))

    secret, codes = database.write(begin)
    return database, secret, codes


def enters(database: Database, code: str) -> bool:
    return database.write(lambda session: totp.passes(session, Staff.by_username(session, "an", lock=True), code))


@pytest.mark.parametrize("off", [-30, 0, 30])
def test_a_code_of_the_step_before_or_after_is_taken(phone: tuple[Database, str, list[str]], clock: Clock, off: int) -> None:
    database, secret, _ = phone
    clock(300)
    assert enters(database, code_at(secret, 300 + off))


@pytest.mark.parametrize("off", [-60, 60, 3600])
def test_a_code_from_further_away_is_not(phone: tuple[Database, str, list[str]], clock: Clock, off: int) -> None:
    database, secret, _ = phone
    clock(300)
    assert not enters(database, code_at(secret, 300 + off))


def test_a_code_is_good_once_and_so_is_every_earlier_one(phone: tuple[Database, str, list[str]], clock: Clock) -> None:
    database, secret, _ = phone
    clock(300)
    assert not enters(database, code_at(secret, 0))  # the one it was set up with
    assert enters(database, code_at(secret, 300))
    assert not enters(database, code_at(secret, 300))
    assert not enters(database, code_at(secret, 270))
    clock(330)
    assert enters(database, code_at(secret, 330))


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "１２３４５６", "null", "0" * 200])
def test_nonsense_is_no_code(phone: tuple[Database, str, list[str]], given: str) -> None:
    assert not enters(phone[0], given)


def test_a_code_may_be_typed_with_a_gap(phone: tuple[Database, str, list[str]], clock: Clock) -> None:
    database, secret, _ = phone
    clock(600)
    code = code_at(secret, 600)
    assert enters(database, f" {code[:3]} {code[3:]} ")


def test_a_recovery_code_is_good_once_however_it_is_typed(phone: tuple[Database, str, list[str]]) -> None:
    database, _, codes = phone
    assert len(set(codes)) == totp.CODES
    assert all(re.fullmatch(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", code) for code in codes)
    assert enters(database, codes[0].upper().replace("-", " "))
    assert not enters(database, codes[0])
    assert enters(database, codes[1])
    with database.read() as session:
        assert RecoveryCode.left(session, Staff.by_username(session, "an")) == totp.CODES - 2
        stored = session.scalars(select(RecoveryCode.code_hash)).all()
        assert all(code.encode() not in each for code in codes for each in stored)


def test_one_persons_recovery_code_lets_nobody_else_in(phone: tuple[Database, str, list[str]]) -> None:
    database, _, codes = phone

    def other(session: Session) -> bool:
        one = Staff.create(session, "bo", "一句 good 好记的话", name="薄平", role="auditor")
        one.totp_secret = pyotp.random_base32()
        session.flush()
        return totp.passes(session, one, codes[0])

    assert not database.write(other)


def test_fresh_recovery_codes_end_the_old_ones(phone: tuple[Database, str, list[str]]) -> None:
    database, _, codes = phone
    fresh = database.write(lambda session: totp.new_recovery_codes(session, Staff.by_username(session, "an")))
    assert not enters(database, codes[0])
    assert enters(database, fresh[0])


def test_a_new_phone_counts_only_once_it_is_confirmed(phone: tuple[Database, str, list[str]], clock: Clock) -> None:
    database, secret, _ = phone
    clock(300)
    new = database.write(lambda session: totp.begin(Staff.by_username(session, "an")))
    assert enters(database, code_at(secret, 300))
    with pytest.raises(Refused, match="验证码不对"):
        database.write(lambda session: totp.confirm(session, Staff.by_username(session, "an"), "000000"))
    database.write(lambda session: totp.confirm(session, Staff.by_username(session, "an"), code_at(new, 300)))
    clock(360)
    assert not enters(database, code_at(secret, 360))
    assert enters(database, code_at(new, 360))


def test_switched_off_nothing_is_left_and_every_log_in_ends(phone: tuple[Database, str, list[str]]) -> None:
    database, _, codes = phone
    database.write(lambda session: totp.switch_off(session, Staff.by_username(session, "an")))
    assert not enters(database, codes[0])
    with database.read() as session:
        one = Staff.by_username(session, "an")
        assert (one.totp_secret, one.totp_pending, one.totp_last_step, one.session_number) == (None, None, None, 1)
        assert session.scalars(select(RecoveryCode)).all() == []


def test_without_a_phone_no_code_passes(database: Database, clock: Clock) -> None:
    database.write(lambda session: Staff.create(session, "an", "一句 good 好记的话", name="安平", role="auditor"))
    assert not enters(database, "000000")
