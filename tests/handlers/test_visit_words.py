"""回访 answered in one's own words instead of a tap."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.case import Case
from models.db import Database
from tests.handlers.test_visit import answered, ask, county, the_visit
from tests.talk import Phone

__all__ = ["county"]


@pytest.fixture
def phone(county: Database) -> Phone:
    """Somebody whose answer has arrived, and who has been asked."""
    phone = Phone(county)
    answered(county, phone)
    ask(county)
    phone.say("你好")
    return phone


def standing(county: Database) -> tuple[str, list[str | None]]:
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        return case.status, [event.text for event in case.events if event.what == "added"]


@pytest.mark.parametrize("words", ["还没呢", "钱还是没到账", "根本没办", "办是办了，钱不够数", "还是那样", "就给了一半"])
def test_not_done_in_any_words_opens_the_case_and_keeps_them(county: Database, phone: Phone, words: str) -> None:
    said = phone.say(words)
    assert "重新打开" in said
    assert standing(county) == ("accepted", [words])


@pytest.mark.parametrize("words", ["钱到了", "都办好了，谢谢", "收到了"])
def test_done_in_any_words_is_kept_and_content_is_asked(county: Database, phone: Phone, words: str) -> None:
    assert "满意吗" in phone.say(words)
    assert the_visit(county).resolved is True
    assert standing(county) == ("answered", [])


@pytest.mark.parametrize("words", ["没事", "没问题", "地补还没发呢", "低保怎么还没发？", "行了", "好的"])
def test_other_words_open_nothing(county: Database, phone: Phone, words: str) -> None:
    phone.say(words)
    assert standing(county) == ("answered", [])
    assert the_visit(county).resolved is None


def test_content_may_be_said_before_one_is_asked(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    assert "谢谢" in phone.say("满意")
    assert the_visit(county).satisfied is True


def test_discontent_shows_how_to_have_it_opened_again(phone: Phone) -> None:
    phone.say("办好了", "不满意")
    assert "没办好" in phone.links
    assert "重新打开" in phone.say("没办好")
