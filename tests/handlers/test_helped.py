"""帮上了 and 没帮上忙 are both counted, once for each answer, and of nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.answer_day import AnswerDay
from models.db import Database
from models.follower import Follower
from models.gap import Gap
from models.item_owner import ItemOwner
from models.staff import Department
from tests.console.factories import hire
from tests.talk import Phone


@pytest.fixture
def phone(database: Database) -> Phone:
    """Somebody whom the account knows."""
    database.write(lambda session: Follower.met(session, "oGuan") and None)
    return Phone(database)


def counted(phone: Phone) -> dict[tuple[str, str], tuple[int, int]]:
    phone.dispatcher.behind.flush()
    with phone.dispatcher.database.read() as session:
        return {(row.item, row.aspect): (row.helped, row.unhelpful) for row in session.scalars(select(AnswerDay))}


@pytest.mark.parametrize("word", ["帮上了", "有用", "管用。"])
def test_an_answer_that_helped_is_counted_by_item_and_section(phone: Phone, word: str) -> None:
    phone.say("低保一个月到底给多少")
    assert "那就好" in phone.say(word)
    assert counted(phone) == {("最低生活保障", "领多少"): (1, 0)}
    with phone.dispatcher.database.read() as session:
        assert session.scalars(select(Gap)).all() == []


def test_one_that_did_not_is_counted_beside_it(phone: Phone) -> None:
    phone.say("低保一个月到底给多少", "没帮上忙", "低保怎么申请", "帮上了")
    assert counted(phone) == {("最低生活保障", "领多少"): (0, 1), ("最低生活保障", "怎么申请"): (1, 0)}


@pytest.mark.parametrize(
    "words", [("帮上了", "帮上了"), ("帮上了", "没帮上忙"), ("没帮上忙", "帮上了"), ("没用", "没用", "有用")]
)
def test_of_one_answer_only_the_first_word_counts(phone: Phone, words: tuple[str, ...]) -> None:
    phone.say("低保一个月到底给多少", *words)
    ((helped, unhelpful),) = counted(phone).values()
    assert helped + unhelpful == 1
    assert helped == (words[0] == "帮上了")


@pytest.mark.parametrize("before", [(), ("你好",), ("今天天气怎么样",)])
def test_without_an_answer_nothing_is_counted(phone: Phone, before: tuple[str, ...]) -> None:
    phone.say(*before, "帮上了")
    phone.say("没帮上忙")
    assert counted(phone) == {}


def test_a_retry_counts_once(phone: Phone) -> None:
    phone.say("低保一个月到底给多少", "帮上了")
    phone.again()
    phone.again()
    assert counted(phone) == {("最低生活保障", "领多少"): (1, 0)}


def test_the_count_stays_when_the_person_leaves(phone: Phone) -> None:
    phone.say("低保一个月到底给多少", "没帮上忙")
    phone.dispatcher.behind.flush()
    phone.event("unsubscribe")
    assert counted(phone) == {("最低生活保障", "领多少"): (0, 1)}
    with phone.dispatcher.database.read() as session:
        assert session.scalars(select(Gap)).all() == []


def test_the_office_that_the_county_gave_the_item_is_named(phone: Phone) -> None:
    database = phone.dispatcher.database
    hire(database)

    def give(session) -> None:
        town = Department.named(session, "乡镇人民政府", "口前镇")
        session.add(ItemOwner(item="最低生活保障", department_id=town.id, changed_by_id=1))

    database.write(give)
    phone.say("低保一个月到底给多少")
    assert "转给口前镇政府看怎么改" in phone.say("没帮上忙")
