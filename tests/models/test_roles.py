"""三员分立: no role and no person holds two of the three duties; accounts that nobody uses are found."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy.orm import Session

from config import ConsoleSettings
from knowledge.errors import Refused
from models import password
from models.base import now
from models.db import Database
from models.roles import ADMIN, AUDITOR, ROLE_NAMES, ROLES, Permission, duties_of, keep_apart
from models.staff import Staff, held_together
from models.start import check_duties

PASSWORD = "一句 good 好记的话"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "hashed", lambda given: f"hash of {len(given)}")


def hire(session: Session, username: str, name: str, role: str) -> Staff:
    return Staff.create(session, username, PASSWORD, name=name, role=role)


def test_every_role_has_one_duty_and_a_name() -> None:
    assert set(ROLES) == set(ROLE_NAMES)
    for role, permissions in ROLES.items():
        assert len(duties_of(permissions)) == 1, role


def test_the_configuration_knows_every_role() -> None:
    kind = ConsoleSettings.model_fields["totp"].annotation
    assert set(get_args(get_args(kind)[0])) == set(ROLES)


@pytest.mark.parametrize(
    "permissions",
    [{Permission.STAFF, Permission.AUDIT}, {Permission.STAFF, Permission.PAYMENTS}, {Permission.AUDIT, Permission.CASES}],
)
def test_a_role_with_two_duties_stops_the_start(permissions: set[Permission]) -> None:
    with pytest.raises(RuntimeError, match="no one person may hold together"):
        keep_apart({"both": frozenset(permissions)})


@pytest.mark.parametrize(("first", "second"), [(ADMIN, AUDITOR), (AUDITOR, ADMIN)])
def test_nobody_becomes_administrator_and_auditor_by_a_second_account(database: Database, first: str, second: str) -> None:
    database.write(lambda session: hire(session, "one", "郑毅", first))
    with pytest.raises(Refused, match="不能是同一个人"):
        database.write(lambda session: hire(session, "two", "郑毅", second))
    database.write(lambda session: hire(session, "three", "郑毅（审计局）", second))
    with database.read() as session:
        assert held_together(session) == []


def test_nobody_becomes_both_by_another_post_or_by_being_switched_on(database: Database) -> None:
    def begin(session: Session) -> None:
        hire(session, "one", "郑毅", ADMIN)
        hire(session, "two", "郑毅", "hotline")
        hire(session, "off", "孙悦", ADMIN).switch(False)
        hire(session, "on", "孙悦", AUDITOR)

    database.write(begin)
    with pytest.raises(Refused):
        database.write(lambda session: Staff.by_username(session, "two").take_post(AUDITOR, None))
    with pytest.raises(Refused):
        database.write(lambda session: Staff.by_username(session, "off").switch(True))
    database.write(lambda session: Staff.by_username(session, "one").take_post(AUDITOR, None))  # one account, another post
    with database.read() as session:
        assert (Staff.by_username(session, "two").role, Staff.by_username(session, "off").active) == ("hotline", False)


def test_what_came_in_past_the_rules_is_said_at_the_start(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    def begin(session: Session) -> None:
        hire(session, "one", "郑毅", ADMIN)
        hire(session, "two", "别人", AUDITOR).name = "郑毅"

    database.write(begin)
    with database.read() as session:
        assert held_together(session) == ["one", "two"]
    check_duties(database)
    assert "one, two are administrator and auditor" in caplog.text


def test_an_account_is_idle_ninety_days_after_the_last_log_in_or_its_making(database: Database) -> None:
    moment = now()

    def begin(session: Session) -> None:
        for username, logged_in, made in (
            ("used", 5, 400), ("idle", 91, 400), ("never", None, 91), ("new", None, 3), ("unknown", None, None), ("off", 300, 400),
        ):  # fmt: skip
            one = hire(session, username, username, "hotline")
            one.last_login_at = moment - timedelta(days=logged_in) if logged_in else None
            one.created_at = moment - timedelta(days=made) if made else None
            one.active = username != "off"

    database.write(begin)
    with database.read() as session:
        found = {one.username for one in session.scalars(Staff.idle(moment - timedelta(days=90)))}
    assert found == {"idle", "never", "unknown"}
