"""The SMS with a case's number: sent once, by the worker, with nothing of the matter in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from sqlalchemy import select, update

from bot.case_sms import text_due
from bot.sms import Gateway
from bot.wechat import Line
from bot.worker import Upkeep, jobs_of
from knowledge.errors import Refused
from models.base import now
from models.case import Case
from models.case_text import REFUSED, SENDING, SENT, UNCERTAIN, WAITING, CaseText
from models.db import Database
from models.staff import Staff
from tests.console.factories import case_of, file_case, hire

URL = "http://127.0.0.1:9/sms"
GATEWAY = Gateway(Line(URL), "the-key", "T001", "T002")
CONTENT = {"number": "YJ20261124-0001", "department": "永吉县民政局", "day": "12月1日"}


@pytest.fixture
def gateway() -> Iterator[responses.RequestsMock]:
    """The gateway's side."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def county(database: Database) -> Database:
    """A county where one SMS waits."""
    hire(database)
    number = file_case(database, phone="154 0012 3456")
    database.write(lambda s: CaseText.ask(s, Staff.by_username(s, "zhao"), case_of(s, number), CONTENT))
    return database


def text(database: Database) -> CaseText:
    with database.read() as session:
        return session.scalars(select(CaseText)).one()


def test_it_is_sent_once_and_then_kept_nowhere(county: Database, gateway: responses.RequestsMock) -> None:
    gateway.post(URL, json={"ok": True})
    assert text_due(county, GATEWAY) == 1
    assert text_due(county, GATEWAY) == 0
    (call,) = gateway.calls
    assert json.loads(call.request.body) == {"phone": "15400123456", "template": "T002", "params": CONTENT}
    assert call.request.headers["Authorization"] == "Bearer the-key"
    assert (text(county).status, text(county).phone, text(county).content) == (SENT, None, None)


@pytest.mark.parametrize(("status", "becomes"), [(400, REFUSED), (401, REFUSED), (500, UNCERTAIN)])
def test_what_the_gateway_does_not_take_is_not_sent_again(
    county: Database, gateway: responses.RequestsMock, status: int, becomes: str
) -> None:
    gateway.post(URL, status=status)
    text_due(county, GATEWAY)
    assert text(county).status == becomes
    assert text_due(county, GATEWAY) == 0
    assert len(gateway.calls) == 1


def test_a_busy_gateway_is_asked_again_later(county: Database, gateway: responses.RequestsMock) -> None:
    gateway.post(URL, status=503)
    gateway.post(URL, status=200)
    text_due(county, GATEWAY)
    assert text(county).status == WAITING
    assert text_due(county, GATEWAY) == 0
    county.write(lambda s: s.execute(update(CaseText).values(next_at=now())) and None)
    text_due(county, GATEWAY)
    assert text(county).status == SENT


def test_nothing_listens_there_and_after_hours_it_is_given_up(county: Database) -> None:
    text_due(county, GATEWAY)
    assert text(county).status == WAITING
    county.write(lambda s: s.execute(update(CaseText).values(next_at=now(), asked_at=now() - timedelta(hours=5))) and None)
    text_due(county, GATEWAY)
    assert (text(county).status, text(county).phone) == (REFUSED, None)


def test_what_a_dead_worker_had_begun_is_never_sent_again(county: Database, gateway: responses.RequestsMock) -> None:
    gateway.post(URL, status=200)
    (text_id,) = county.write(lambda s: CaseText.lease(s, "dead", timedelta(seconds=60)))
    assert county.write(lambda s: CaseText.begin(s, text_id, "dead")) is not None
    assert text(county).status == SENDING
    county.write(lambda s: s.execute(update(CaseText).values(leased_until=now() - timedelta(seconds=1))) and None)
    text_due(county, GATEWAY)
    assert text(county).status == UNCERTAIN
    assert not gateway.calls


def test_two_workers_never_take_the_same(county: Database) -> None:
    assert len(county.write(lambda s: CaseText.lease(s, "one", timedelta(seconds=60)))) == 1
    assert county.write(lambda s: CaseText.lease(s, "two", timedelta(seconds=60))) == []


def test_a_case_has_one_sms(county: Database) -> None:
    with pytest.raises(Refused, match="已经交出去了"):
        county.write(lambda s: CaseText.ask(s, Staff.by_username(s, "zhao"), s.scalars(select(Case)).one(), CONTENT))


def test_nothing_of_a_person_is_logged(
    county: Database, gateway: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.post(URL, status=400)
    text_due(county, GATEWAY)
    assert "SMS" in caplog.text
    for secret in ("15400123456", "the-key", CONTENT["number"]):
        assert secret not in caplog.text


def test_the_worker_has_the_job_only_where_the_message_is_set(sqlite_database: Database) -> None:
    def names(gateway: Gateway | None) -> set[str]:
        return {job.name for job in jobs_of(sqlite_database, None, Upkeep(sms=gateway))}

    assert "case-sms" in names(GATEWAY)
    assert "case-sms" not in names(Gateway(Line(URL), "k", "T001"))
    assert "case-sms" not in names(None)
