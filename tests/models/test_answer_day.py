"""How often an answer helped: counted by section and day, and given as a share where enough said so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from models.answer_day import AnswerDay, Counted, shares
from models.db import Database

LOW, OLD = "最低生活保障", "高龄津贴"


def say(database: Database, item: str, aspect: str, helped: int, unhelpful: int) -> None:
    def work(session) -> None:
        for kind, count in ((True, helped), (False, unhelpful)):
            for _ in range(count):
                AnswerDay.count(session, item, aspect, helped=kind)

    database.write(work)


def test_every_one_who_says_so_is_one_more_in_the_row_of_the_day(database: Database) -> None:
    say(database, LOW, "领多少", 2, 1)
    say(database, LOW, "领多少", 1, 0)
    say(database, LOW, "怎么申请", 0, 1)
    with database.read() as session:
        rows = session.scalars(select(AnswerDay).order_by(AnswerDay.helped.desc())).all()
        assert [(row.aspect, row.helped, row.unhelpful) for row in rows] == [("领多少", 3, 1), ("怎么申请", 0, 1)]


def test_nobody_stands_in_the_table(database: Database) -> None:
    assert set(AnswerDay.__table__.c.keys()) == {"item", "aspect", "day", "helped", "unhelpful"}


def test_what_helped_least_comes_first_and_too_few_are_left_out(database: Database) -> None:
    say(database, LOW, "领多少", 6, 1)
    say(database, LOW, "怎么申请", 1, 4)
    say(database, OLD, "领多少", 9, 1)
    say(database, "社保卡", "挂失", 0, 9)
    with database.read() as session:
        found = shares(session, {LOW, OLD, "社保卡"}, 90)
    assert [(one.of_item.name, one.of_item.percent) for one in found] == [(LOW, 58), (OLD, 90)]
    assert found[0].worst == Counted("怎么申请", 1, 4)


def test_only_the_items_asked_for_and_the_last_days_count(database: Database) -> None:
    say(database, LOW, "领多少", 5, 5)
    say(database, OLD, "领多少", 5, 5)

    def long_ago(session) -> None:
        row = session.scalars(select(AnswerDay.day)).first()
        session.execute(update(AnswerDay).where(AnswerDay.item == OLD).values(day=row - timedelta(days=90)))

    database.write(long_ago)
    with database.read() as session:
        assert [one.of_item.name for one in shares(session, {LOW, OLD}, 90)] == [LOW]
        assert shares(session, {OLD}, 90) == []
        assert len(shares(session, {LOW, OLD}, 91)) == 2


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_share_is_whole_only_when_nobody_said_otherwise(helped: int, unhelpful: int) -> None:
    percent = Counted(LOW, helped, unhelpful).percent
    assert 0 <= percent <= 100
    assert (percent == 100) == (helped > 0 and unhelpful == 0)
    assert (percent == 0) == (helped == 0)


@pytest.mark.parametrize("item", [LOW])
def test_with_nothing_said_there_is_nothing_to_show(database: Database, item: str) -> None:
    with database.read() as session:
        assert shares(session, {item}, 90) == []
