"""没帮上忙 and 帮上了: understood at any time, noted once, and a person offered instead."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.db import Database
from models.follower import Conversation, Follower
from models.gap import Gap
from models.staff import Department
from tests.talk import Phone, answerer


@pytest.fixture
def phone(database: Database) -> Phone:
    """Somebody whom the account knows."""
    database.write(lambda session: Follower.met(session, "oGuan") and None)
    return Phone(database)


def gaps(phone: Phone) -> list[Gap]:
    phone.dispatcher.behind.flush()
    with phone.dispatcher.database.read() as session:
        return list(session.scalars(select(Gap).order_by(Gap.id)))


@pytest.mark.parametrize("word", ["没帮上忙", "没用", "答非所问。", "看不懂"])
def test_the_item_the_aspect_and_the_words_are_noted(phone: Phone, word: str) -> None:
    phone.say("低保一个月到底给多少")
    said = phone.say(word)
    for part in ("对不住", "记下了", "县民政局", "12333", "12345"):
        assert part in said
    assert phone.links == ["我要咨询", "热线电话"]
    (gap,) = gaps(phone)
    assert (gap.question, gap.kind, gap.item, gap.aspect) == ("低保一个月到底给多少", "unhelpful", "最低生活保障", "领多少")
    assert gap.said == answerer().mark("最低生活保障", "领多少")


def test_a_number_in_the_words_is_taken_out(phone: Phone) -> None:
    phone.say("我电话15400123456，低保怎么申请")
    phone.say("没帮上忙")
    assert "15400123456" not in gaps(phone)[0].question
    assert "〔电话〕" in gaps(phone)[0].question


def test_it_counts_after_more_and_only_once(phone: Phone) -> None:
    phone.say("地补领多少", "更多")
    assert phone.links == ["帮上了", "没帮上忙"]
    phone.say("2", "没帮上忙", "没用")
    assert [gap.item for gap in gaps(phone)] == ["耕地地力保护补贴"]


def test_of_an_item_that_was_tapped_the_question_before_is_noted(phone: Phone) -> None:
    phone.say("我家八亩四分地", "1", "没帮上忙")
    assert [(gap.question, gap.item) for gap in gaps(phone)] == [("我家八亩四分地", "耕地地力保护补贴")]


def test_of_a_related_question_that_was_tapped_its_own_words_are_noted(phone: Phone) -> None:
    phone.say("低保一个月多少钱", "最低生活保障 · 怎么申请", "没帮上忙")
    assert [(gap.question, gap.aspect) for gap in gaps(phone)] == [("最低生活保障 · 怎么申请", "怎么申请")]


def test_the_case_that_follows_has_the_question_already(phone: Phone) -> None:
    phone.dispatcher.database.write(lambda s: Department.seed(s) and None)
    phone.say("低保一个月到底给多少", "没帮上忙", "我要咨询")
    with phone.dispatcher.database.read() as session:
        state = session.scalars(select(Conversation.state).where(Conversation.flow == "case")).one()
    assert "低保一个月到底给多少" in str(state)


def test_help_is_thanked_for_and_nothing_is_noted(phone: Phone) -> None:
    phone.say("低保怎么申请")
    assert "那就好" in phone.say("帮上了")
    assert gaps(phone) == []


def test_before_any_question_it_asks_for_one(phone: Phone) -> None:
    assert "您想问啥" in phone.say("没帮上忙")
    assert gaps(phone) == []


def test_a_follow_up_after_it_still_knows_the_item(phone: Phone) -> None:
    phone.say("高龄津贴是啥", "没帮上忙")
    assert "25元" in phone.say("那一个月多少钱")


def test_in_the_middle_of_a_form_the_words_are_an_answer(phone: Phone) -> None:
    phone.say("低保怎么申请", "我要投诉")
    assert "没帮上您" not in phone.say("没用")
    assert gaps(phone) == []
