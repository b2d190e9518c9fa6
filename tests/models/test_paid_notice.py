"""到账提醒: told once, by day, to those who asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.wording import beijing
from models.agreement import PAID_NOTICES, Agreement
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower
from models.paid_notice import Announcement, announce_due
from models.payment import Batch
from models.resident import Binding, Resident
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


# ---------------------------------------------------------------- what is news


def loads(database: Database, *, at: int = 0, **more: object) -> int:
    """Another file with one payment of 关玉梅; gives its number. `at`: days ago."""

    def work(session):
        batch = live_batch(session, live_at=now())
        guan = session.get_one(Resident, 1)
        day = TODAY - timedelta(at)
        payment(session, batch, guan, **({"year": YEAR, "stage_date": day, "paid_date": day} | more))
        return batch.id

    return database.write(work)


def test_what_was_known_before_the_wish_is_no_news_when_the_file_comes_again(county: Database) -> None:
    county.write(lambda s: Agreement.taken_back(s, 1, PAID_NOTICES))
    announce_due(county, at=NOON)
    county.write(lambda s: Agreement.given(s, 1, PAID_NOTICES))
    loads(county)
    assert announce_due(county, at=NOON) == 0


def test_a_new_stage_of_a_known_payment_is_news(county: Database) -> None:
    announce_due(county, at=NOON)
    loads(county, item="耕地地力保护补贴", stage="已补发")
    assert announce_due(county, at=NOON) == 1
    assert "已经重新打到卡上" in texts(county)[-1]


def test_money_that_came_back_and_was_paid_once_more_is_news_again(county: Database) -> None:
    announce_due(county, at=NOON)
    loads(county, stage="发放失败", paid_date=None, fail_reason="账户已销户")
    assert announce_due(county, at=NOON) == 1
    loads(county, at=-1)
    assert announce_due(county, at=NOON) == 1


def test_a_payment_that_is_only_on_its_way_is_not_announced(county: Database) -> None:
    announce_due(county, at=NOON)
    loads(county, item="玉米生产者补贴", stage="待发放", paid_date=None)
    assert announce_due(county, at=NOON) == 0


def test_a_file_of_others_is_done_with_at_once(county: Database) -> None:
    announce_due(county, at=NOON)

    def work(session):
        batch = live_batch(session, live_at=now())
        payment(session, batch, session.get_one(Resident, 2), year=YEAR, period="另一批", stage_date=TODAY, paid_date=TODAY)
        return batch.id

    batch_id = county.write(work)
    assert announce_due(county, at=NOON) == 0
    with county.read() as session:
        assert session.get_one(Announcement, batch_id).done_at is not None


def test_nobody_is_telephoned_for_money_that_came(county: Database) -> None:
    announce_due(county, at=NOON)
    old = now() - timedelta(days=9)
    county.write(lambda s: s.execute(update(Delivery).values(created_at=old)) and None)
    county.write(lambda s: Delivery.give_up_older_than(s, timedelta(days=3)))
    with county.read() as session:
        assert Delivery.to_call(session) == []


def test_who_unfollows_leaves_no_word_of_money_behind(county: Database) -> None:
    announce_due(county, at=NOON)
    Phone(county, "oGuan").event("unsubscribe")
    assert texts(county) == []


def test_several_workers_announce_each_payment_once(county: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(lambda _: announce_due(county, at=NOON), range(4)))
    assert made == len(texts(county)) == 1
