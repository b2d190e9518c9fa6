"""Kinds that the county does not take here: the way by law, a slip to take along, and never a door slammed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.dispatch import Dispatcher
from knowledge.kinds import KINDS, WAYS, way_in_words
from models.case import Case
from models.db import Database
from models.slip import Slip
from models.staff import Department
from tests.talk import VALUES, Phone, answerer

PAGES = "https://mbk.example.gov.cn"
_PETITION = "我要信访，口前镇低保停了三个月没人管"

Without = Callable[..., Phone]


@pytest.fixture
def without(database: Database) -> Iterator[Without]:
    """Gives a phone in a county that does not take some kinds."""
    database.write(lambda s: Department.seed(s) and None)
    opened: list[Dispatcher] = []

    def make(*kinds: str, pages: str = PAGES) -> Phone:
        values = replace(VALUES, kinds=tuple(kind for kind in KINDS if kind not in kinds), public_url=pages)
        opened.append(Dispatcher(database, values, answerer))
        return Phone(database, dispatcher=opened[-1])

    yield make
    for each in opened:
        each.behind.close()


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_way_is_told_and_nothing_is_filed(without: Without, database: Database) -> None:
    phone = without("信访")
    said = phone.say(_PETITION)
    assert "县信访局" in said
    assert "还是在这里办" in phone.links
    said = phone.say("知道了")
    assert re.search(rf"{PAGES}/slip/[\w-]+", said)
    assert (count(database, Case), count(database, Slip)) == (0, 1)


def test_whoever_wants_it_here_gets_it_here_as_another_kind(without: Without, database: Database) -> None:
    phone = without("信访")
    phone.say(_PETITION, "还是在这里办")
    phone.say("提交")
    with database.read() as session:
        assert session.scalars(select(Case.kind)).one() == "投诉"
    assert count(database, Slip) == 0


def test_without_public_pages_there_is_no_link(without: Without) -> None:
    phone = without("信访", pages="")
    phone.say(_PETITION)
    assert "http" not in phone.say("知道了")


def test_a_report_goes_to_12388_where_it_is_not_taken(without: Without, database: Database) -> None:
    said = without("举报").say("我要举报口前镇村会计把低保卡收走了")
    assert "12388" in said
    assert count(database, Case) == 0


def test_papers_are_asked_for_by_the_countys_guide(without: Without) -> None:
    said = without("信息公开申请").say("我要申请公开，口前镇2025年地补发放明细")
    assert "指南" in said
    assert "20个工作日" in said


def test_a_slip_holds_neither_name_nor_telephone(without: Without, database: Database) -> None:
    phone = without("信访")
    phone.say(f"{_PETITION}，我电话15400123456", "知道了")
    with database.read() as session:
        content = session.scalars(select(Slip)).one().content
    assert not {"phone", "name"} & content.keys()
    assert content["town"] == "口前镇"


def test_unfollowing_deletes_the_slip(without: Without, database: Database) -> None:
    phone = without("信访")
    phone.say(_PETITION, "知道了")
    phone.event("unsubscribe")
    assert count(database, Slip) == 0


def test_what_is_taken_is_filed_as_ever(without: Without, database: Database) -> None:
    without("信访", "信息公开申请").say("我要投诉口前镇低保停了三个月", "提交")
    assert count(database, Case) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_way_names_a_next_step(kind: str) -> None:
    assert "12345" in way_in_words(kind) or "12388" in way_in_words(kind)
    assert WAYS[kind].instead in (*KINDS, None)
