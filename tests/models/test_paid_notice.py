"""到账提醒: told once, by day, to those who asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.wording import beijing
from models.agreement import PAID_NOTICES, Agreement
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower
from models.paid_notice import announce_due
from models.payment import Batch
from models.resident import Binding
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import Phone

TODAY = beijing(now()).date()
YEAR = TODAY.year
NOON = now().replace(hour=4)  # in Beijing
NIGHT = now().replace(hour=15)


@pytest.fixture
def county(database: Database) -> Database:
    """关玉梅 has a paid and a returned payment and an old one, 孙学生 one; only 关玉梅's WeChat user wants to be told."""

    def work(session):
        batch = live_batch(session, live_at=now())
        guan, sun = resident(session, GUAN), resident(session, SUN)
        payment(session, batch, guan, year=YEAR, stage_date=TODAY, paid_date=TODAY)
        payment(
            session, batch, guan, item="耕地地力保护补贴", year=YEAR, stage="发放失败", stage_date=TODAY, paid_date=None,
            fail_reason="账户已销户",
        )  # fmt: skip
        payment(session, batch, guan, year=YEAR - 2, period="老早", amount_fen=777, paid_date=TODAY - timedelta(700))
        payment(session, batch, sun, year=YEAR, stage_date=TODAY, paid_date=TODAY)
        for openid, person in (("oGuan", guan), ("oSun", sun)):
            follower = Follower.met(session, openid)
            session.flush()
            Binding.make(session, follower, person, "name")
        Agreement.given(session, Follower.met(session, "oGuan").id, PAID_NOTICES)

    database.write(work)
    return database


def texts(database: Database) -> list[str]:
    with database.read() as session:
        return [row.text for row in session.scalars(select(Delivery).order_by(Delivery.id))]


def test_each_payment_is_told_in_one_message_and_only_once(county: Database) -> None:
    assert announce_due(county, at=NOON) == 1
    said = texts(county)[0]
    assert "高龄津贴" in said
    assert "300元" in said
    assert "银行没打进去" in said
    assert "7.77" not in said
    assert announce_due(county, at=NOON) == 0


def test_a_corrected_file_does_not_tell_again(county: Database) -> None:
    announce_due(county, at=NOON)

    def correct(session):
        again = live_batch(session, live_at=now())
        guan = session.get_one(Binding, 1).resident
        payment(session, again, guan, year=YEAR, stage_date=TODAY, paid_date=TODAY, amount_fen=30100)

    county.write(correct)
    assert announce_due(county, at=NOON) == 0


def test_nobody_is_told_at_night(county: Database) -> None:
    assert announce_due(county, at=NIGHT) == 0
    assert announce_due(county, at=NOON) == 1


def test_what_waits_of_a_withdrawn_file_is_dropped(county: Database) -> None:
    announce_due(county, at=NOON)
    county.write(lambda session: setattr(session.scalars(select(Batch)).one(), "status", "withdrawn"))
    announce_due(county, at=NOON)
    assert texts(county) == []


def test_a_file_that_went_live_long_ago_is_no_news(county: Database) -> None:
    county.write(lambda session: setattr(session.scalars(select(Batch)).one(), "live_at", datetime(2020, 1, 1, tzinfo=UTC)))
    assert announce_due(county, at=NOON) == 0


def test_the_wish_is_said_in_chat_and_taken_back(county: Database) -> None:
    phone = Phone(county, "oSun")
    phone.follow()
    assert "晚上不打扰" in phone.say("到账提醒我")
    assert announce_due(county, at=NOON) == 2
    assert "不提醒了" in phone.say("不要提醒了")
    with county.read() as session:
        assert not Agreement.stands(session, Follower.met(session, "oSun").id, PAID_NOTICES)
