"""Calls in the database: sealed at rest, one open call an agent, one number a line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from knowledge.errors import Refused
from models.base import now
from models.call import BROKEN, FILED, HotlineCall, outside_number
from models.case_text import CaseText
from models.db import Database
from models.rotation import due
from models.staff import Staff
from tests.console.factories import case_of, file_case, hire


@pytest.fixture
def county(database: Database) -> Database:
    """The cast, and a call that zhao is in."""
    hire(database)
    database.write(lambda s: HotlineCall.begin(s, Staff.by_username(s, "zhao")) and None)
    return database


def call_of(session) -> HotlineCall:
    return session.scalars(select(HotlineCall)).one()


def test_what_was_said_and_looked_at_cannot_be_read_in_the_table(county: Database) -> None:
    def work(session) -> None:
        call = call_of(session)
        call.note("他问隔壁的低保")
        call.looked("最低生活保障", "没收到")
        call.was_sent("最低生活保障", "没收到")
        call.reason = "本人来电查补贴"
        CaseText.ask(session, Staff.by_username(session, "zhao"), case_of(session, number), {"number": number})

    number = file_case(county)
    county.write(work)
    with county.read() as session:
        rows = [*session.execute(text("SELECT * FROM hotline_calls")), *session.execute(text("SELECT * FROM case_texts"))]
        stored = b" ".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row)
    for word in ("隔壁", "最低生活保障", "本人来电", "15400123456", number):
        assert word.encode() not in stored
    assert {"hotline_calls", "case_texts"} <= set(due(county))  # a change of keys finds them


def test_the_database_itself_allows_one_open_call_an_agent(county: Database) -> None:
    def second(session) -> None:
        zhao = Staff.by_username(session, "zhao")
        session.add(HotlineCall(staff_id=zhao.id, open_for=zhao.id, words=""))
        session.flush()

    with pytest.raises(IntegrityError):
        county.write(second)


def test_a_number_taken_at_the_same_moment_is_refused_and_the_words_stay(county: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(session) -> None:
        session.add(
            HotlineCall(staff_id=Staff.by_username(session, "sun").id, words="", outside_source="12345", outside_number="GD778899")
        )

    county.write(other)
    monkeypatch.setattr(HotlineCall, "_same", lambda *_: None)  # it looked before the other had written

    def mine(session) -> None:
        call = session.scalars(select(HotlineCall).where(HotlineCall.open_for.is_not(None))).one()
        call.note("问工单")
        with pytest.raises(Refused, match="别人刚刚记下"):
            call.came_from(session, "12345", "GD-778899")

    county.write(mine)
    with county.read() as session:
        call = session.scalars(select(HotlineCall).where(HotlineCall.open_for.is_not(None))).one()
        assert (call.words, call.outside_number) == ("问工单", None)


def test_an_ended_call_is_not_ended_again(county: Database) -> None:
    def twice(session) -> None:
        zhao, call = Staff.by_username(session, "zhao"), call_of(session)
        call.end(session, zhao, BROKEN)
        with pytest.raises(Refused, match="已经收尾"):
            call.end(session, zhao, BROKEN)

    county.write(twice)


def test_filed_needs_a_case(county: Database) -> None:
    number = file_case(county)

    def work(session) -> None:
        zhao, call = Staff.by_username(session, "zhao"), call_of(session)
        with pytest.raises(Refused, match="还没有登记"):
            call.end(session, zhao, FILED)
        call.filed(session, case_of(session, number))
        call.end(session, zhao, FILED)

    county.write(work)


def test_a_person_is_known_for_half_an_hour_and_while_the_call_lasts(county: Database) -> None:
    def work(session) -> None:
        call = call_of(session)
        assert call.person is None
        call.proved_at, call.resident_id = now() - timedelta(minutes=29), 7
        assert call.person == 7
        call.proved_at = now() - timedelta(minutes=31)
        assert call.person is None
        call.proved_at, call.open_for = now(), None
        assert call.person is None
        session.rollback()

    with county.read() as session:
        work(session)


def test_what_is_too_long_to_be_a_note_is_refused(county: Database) -> None:
    with county.read() as session, pytest.raises(Refused, match="登记成办件"):
        call_of(session).note("他说" * 600)


@pytest.mark.parametrize("typed", ["", "  ", "- -"])
def test_nothing_typed_is_no_number(typed: str) -> None:
    assert outside_number(typed) == ""


def test_ended_calls_do_not_keep_an_agent_from_the_next(county: Database) -> None:
    for _ in range(2):
        county.write(lambda s: s.execute(update(HotlineCall).values(open_for=None)) and None)
        county.write(lambda s: HotlineCall.begin(s, Staff.by_username(s, "zhao")) and None)
    with county.read() as session:
        assert len(session.scalars(select(HotlineCall)).all()) == 3
