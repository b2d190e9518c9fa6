"""What was approved is used by every process within five seconds, and the rules stand alone where it cannot be had."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from models import precedents as store
from models.db import Database
from models.precedents import Learnt
from models.routing_deciding import approve
from tests.factories import KEYRING
from tests.models import routing_county as county
from tests.models.cases import office

WITHIN = 5.0  # seconds


@pytest.fixture
def number(database: Database) -> int:
    """A change that waits for the coordinator's word, in a county with a history."""
    county.with_history(database)
    return county.proposed(database)


def test_every_process_uses_it_within_five_seconds(database: Database, number: int) -> None:
    other = Database(database.url.render_as_string(hide_password=False), KEYRING)
    here, elsewhere = Learnt(database), Learnt(other)
    assert [county.first_of(one._database, learnt=one)[0] for one in (here, elsewhere)] == ["民政局", "民政局"]
    county.act(database, number, approve, "")
    begun = time.monotonic()
    for one in (here, elsewhere):
        while county.first_of(one._database, learnt=one)[0] != county.TO and time.monotonic() - begun < 2 * WITHIN:
            time.sleep(0.1)
    assert time.monotonic() - begun < WITHIN
    other.dispose()


def test_whoever_has_slept_looks_first(database: Database, number: int) -> None:
    learnt = Learnt(database)
    learnt.now()
    county.act(database, number, approve, "")
    learnt._looked_at -= store._STALE
    assert county.first_of(database, learnt=learnt)[0] == county.TO


def test_between_two_looks_nothing_is_asked_of_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = Learnt(database)
    held = learnt.now()
    monkeypatch.setattr(database, "read", lambda: pytest.fail("asked"))
    assert learnt.now() is held


def test_without_the_database_cases_go_by_the_rules(
    database: Database, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.act(database, number, approve, "")
    learnt = Learnt(database)

    def broken(_session: Session) -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(store, "in_force", broken)
    assert len(learnt.now()) == 0
    monkeypatch.undo()
    learnt._looked_at -= store._STALE
    assert len(learnt.now()) > 0


def test_a_department_that_is_closed_gets_nothing_by_what_was_learnt(database: Database, number: int) -> None:
    county.act(database, number, approve, "")
    database.write(lambda s: setattr(office(s, county.TO), "active", False))
    assert county.first_of(database)[0] == "民政局"
