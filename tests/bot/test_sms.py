"""Codes by SMS: sent once, by the worker, to the phone in the file; what is for nobody is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from sqlalchemy import select, update

from bot.sms import Gateway, send_due
from bot.wechat import Line
from models.base import now
from models.db import Database
from models.follower import Follower
from models.proof import IN_PERSON, REFUSED, SENT, SMS, UNCERTAIN, WAITING, Proof

URL = "http://127.0.0.1:9/sms"
GATEWAY = Gateway(Line(URL), "the-key", "T001")
NUMBER = "22022119340412936X"


@pytest.fixture
def gateway() -> Iterator[responses.RequestsMock]:
    """The gateway's side."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def issue(database: Database, phone: str = "13900001111", kind: str = SMS) -> str:
    def work(session):
        follower = Follower.met(session, f"o{phone}{kind}")
        session.flush()
        return Proof.issue(session, kind, follower.id, NUMBER, 1 if phone else None, phone=phone)

    return database.write(work)


def proof(database: Database) -> Proof:
    with database.read() as session:
        return session.scalars(select(Proof)).one()


def test_a_code_is_sent_once_and_then_kept_nowhere(database: Database, gateway: responses.RequestsMock) -> None:
    gateway.post(URL, json={"ok": True})
    code = issue(database)
    assert send_due(database, GATEWAY) == 1
    assert send_due(database, GATEWAY) == 0
    (call,) = gateway.calls
    assert json.loads(call.request.body) == {
        "phone": "13900001111", "template": "T001", "params": {"code": code, "minutes": "5"},
    }  # fmt: skip
    assert call.request.headers["Authorization"] == "Bearer the-key"
    row = proof(database)
    assert (row.status, row.code, row.phone) == (SENT, None, None)


def test_a_code_for_nobody_goes_nowhere(database: Database, gateway: responses.RequestsMock) -> None:
    issue(database, phone="")
    send_due(database, GATEWAY)
    assert not gateway.calls
    assert proof(database).status == SENT


def test_a_code_for_the_counter_is_not_sent(database: Database, gateway: responses.RequestsMock) -> None:
    issue(database, kind=IN_PERSON)
    assert send_due(database, GATEWAY) == 0
    assert not gateway.calls


@pytest.mark.parametrize(("status", "becomes"), [(400, REFUSED), (401, REFUSED), (302, REFUSED), (500, UNCERTAIN)])
def test_what_the_gateway_does_not_take_is_not_sent_again(
    database: Database, gateway: responses.RequestsMock, status: int, becomes: str
) -> None:
    gateway.post(URL, status=status)
    issue(database)
    send_due(database, GATEWAY)
    assert proof(database).status == becomes
    assert send_due(database, GATEWAY) == 0


def test_a_busy_gateway_is_asked_again_while_the_code_is_good(database: Database, gateway: responses.RequestsMock) -> None:
    gateway.post(URL, status=503)
    gateway.post(URL, status=200)
    issue(database)
    send_due(database, GATEWAY)
    assert proof(database).status == WAITING
    assert send_due(database, GATEWAY) == 0
    database.write(lambda s: s.execute(update(Proof).values(leased_until=None)))
    send_due(database, GATEWAY)
    assert proof(database).status == SENT


def test_nothing_listens_there(database: Database) -> None:
    issue(database)
    send_due(database, GATEWAY)
    assert proof(database).status == WAITING


def test_a_code_that_is_too_old_is_not_sent(database: Database, gateway: responses.RequestsMock) -> None:
    issue(database)
    database.write(lambda s: s.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1))))
    assert send_due(database, GATEWAY) == 0
    assert not gateway.calls


def test_nothing_of_a_person_is_logged(
    database: Database, gateway: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.post(URL, status=400)
    code = issue(database)
    send_due(database, GATEWAY)
    assert "gateway" in caplog.text
    for secret in (code, "13900001111", "the-key"):
        assert secret not in caplog.text
