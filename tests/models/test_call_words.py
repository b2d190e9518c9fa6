"""What was noted of telephone calls goes when its time is over, and stays while a case of it may need it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.errors import Refused
from models.base import now
from models.call import ANSWERED, FILED, HotlineCall
from models.call_words import drop_older_than
from models.db import Database
from models.resident import Resident
from models.staff import Staff
from tests.console.factories import case_of, file_case, hire
from tests.factories import GUAN, resident

KEPT = timedelta(days=365)


@pytest.fixture
def county(database: Database) -> Database:
    """The cast."""
    hire(database)
    return database


def call(county: Database, days_ago: int, number: str = "", case: str = "") -> int:
    """A call that ended so long ago, by somebody who was known; gives its number."""

    def work(session) -> int:
        zhao = Staff.by_username(session, "zhao")
        made = HotlineCall.begin(session, zhao)
        made.note("他问隔壁的低保")
        made.looked("最低生活保障", "没收到")
        made.knows(session.scalars(select(Resident.id)).first() or resident(session, GUAN).id, "本人来电查补贴")
        if number:
            made.came_from(session, "12345", number)
        if case:
            made.filed(session, case_of(session, case))
        made.end(session, zhao, FILED if case else ANSWERED)
        made.begun_at = made.ended_at = now() - timedelta(days=days_ago)
        return made.id

    return county.write(work)


def words(county: Database) -> list[str]:
    with county.read() as session:
        return [one.words for one in session.scalars(select(HotlineCall).order_by(HotlineCall.id))]


def drop(county: Database, most: int = 100) -> bool:
    return county.write(lambda session: drop_older_than(session, KEPT, most))


def test_words_person_and_what_was_looked_at_go_and_the_rest_stays(county: Database) -> None:
    old, young = call(county, 366, "JL2026010100001"), call(county, 364)
    assert not drop(county)
    assert words(county) == ["", "他问隔壁的低保"]
    with county.read() as session:
        one, other = session.get_one(HotlineCall, old), session.get_one(HotlineCall, young)
        assert (one.resident_id, one.reason, one.proved_at, one.looked_at, one.sent) == (None, None, None, None, None)
        assert (one.outcome, one.outside_number, one.staff.username) == (ANSWERED, "JL2026010100001", "zhao")
        assert one.cleared_at is not None
        assert other.cleared_at is None
        assert other.resident_id is not None


def test_the_number_of_another_line_is_known_ever_after(county: Database) -> None:
    call(county, 400, "JL2026010100001")
    drop(county)

    def again(session) -> None:
        HotlineCall.begin(session, Staff.by_username(session, "zhao")).came_from(session, "12345", "JL2026-0101-00001")

    with pytest.raises(Refused, match="已经有人接过了"):
        county.write(again)


def test_while_its_case_is_open_or_was_answered_lately_the_notes_stay(county: Database) -> None:
    numbers = [file_case(county) for _ in range(3)]
    for number in numbers:
        call(county, 500, case=number)

    def answer(session) -> None:
        for number, days_ago in zip(numbers[1:], (100, 400), strict=True):
            case = case_of(session, number)
            case.status, case.answered_at = "answered", now() - timedelta(days=days_ago)
            case.filed_at = now() - timedelta(days=500)

    county.write(answer)
    drop(county)
    assert words(county) == ["他问隔壁的低保", "他问隔壁的低保", ""]
    with county.read() as session:
        cleared = session.scalars(select(HotlineCall).where(HotlineCall.cleared_at.is_not(None))).one()
        assert [case.number for case in cleared.cases] == [numbers[2]]
        assert case_of(session, numbers[2]).text  # the case has its own words


def test_the_open_call_is_left_alone(county: Database) -> None:
    def begin(session) -> None:
        made = HotlineCall.begin(session, Staff.by_username(session, "zhao"))
        made.note("还在说")
        made.begun_at = now() - timedelta(days=900)

    county.write(begin)
    drop(county)
    assert words(county) == ["还在说"]


def test_it_goes_in_small_pieces_and_nothing_is_cleared_twice(county: Database) -> None:
    for _ in range(5):
        call(county, 500)
    assert [drop(county, 2) for _ in range(4)] == [True, True, False, False]
    assert words(county) == [""] * 5
