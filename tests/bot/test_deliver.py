"""The outbox: every way of reaching a resident, none lost, none pushed twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.deliver import Templates, deliver_due
from models.base import now
from models.db import Database
from models.delivery import CALLING, DELIVERED, SENDING, SENT, UNCERTAIN, WAITING, Delivery
from models.follower import Consent, Follower
from tests.bot.outside import SEND, TEMPLATE, Outside, outside, wait_for
from tests.talk import Phone

ANSWER = "民政局答复了您的事:下个月补发。"
NONE, NOTICES = Templates(), Templates(subscribe=TEMPLATE)


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Delivery.status).order_by(Delivery.id)))


def due_again(database: Database) -> None:
    database.write(lambda s: s.execute(update(Delivery).values(next_at=now())) and None)


def test_an_answer_is_pushed_while_the_window_is_open(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, ANSWER)
    assert deliver_due(database, world.wechat(database), NONE) == 1
    assert world.received() == [ANSWER]
    assert states(database) == [SENT]


def test_outside_the_window_it_waits_for_the_next_message_and_rides_on_its_reply(
    database: Database, world: Outside
) -> None:
    world.writes()
    world.platform.age(world.openid, 49)
    wait_for(database, world.openid, ANSWER)
    deliver_due(database, world.wechat(database), NONE)
    assert world.received() == []
    assert states(database) == [WAITING]
    phone = Phone(database, world.openid)
    assert phone.say("在吗").startswith(ANSWER)


def test_what_we_believe_of_the_window_does_not_bind_the_platform(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, ANSWER, seen=False)
    deliver_due(database, world.wechat(database), NONE)
    assert world.platform.count(SEND) == 0
    assert states(database) == [WAITING]


def test_a_notice_goes_where_consent_was_given_and_the_answer_still_rides(database: Database, world: Outside) -> None:
    world.platform.consent(world.openid, TEMPLATE, "once")
    wait_for(database, world.openid, ANSWER, seen=False)
    database.write(lambda s: Consent.record(s, Follower.met(s, world.openid), TEMPLATE, accepted=True))
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 1
    due_again(database)
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 1
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)


def test_a_consent_that_the_platform_no_longer_knows_costs_nothing(database: Database, world: Outside) -> None:
    wait_for(database, world.openid, ANSWER, seen=False)
    database.write(lambda s: Consent.record(s, Follower.met(s, world.openid), TEMPLATE, accepted=True))
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 0
    assert states(database) == [WAITING]


def test_an_unknown_outcome_is_never_pushed_again_and_rides_on_the_next_reply(
    database: Database, world: Outside
) -> None:
    world.writes()
    wechat = world.wechat(database)
    wait_for(database, world.openid, ANSWER)
    world.platform.fail_next(1, "drop-after", SEND)
    deliver_due(database, wechat, NONE)
    assert states(database) == [UNCERTAIN]
    due_again(database)
    deliver_due(database, wechat, NONE)
    assert world.received() == [ANSWER]
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)


def test_a_platform_that_is_busy_is_tried_again_later(database: Database, world: Outside) -> None:
    world.writes()
    wechat = world.wechat(database)
    wait_for(database, world.openid, ANSWER)
    world.platform.answer_next(-1, 1, SEND)
    deliver_due(database, wechat, NONE)
    assert (states(database), world.received()) == ([WAITING], [])
    assert deliver_due(database, wechat, NONE) == 0
    due_again(database)
    deliver_due(database, wechat, NONE)
    assert world.received() == [ANSWER]


def test_a_dead_workers_attempt_is_not_repeated(database: Database) -> None:
    wait_for(database, "oGuan", ANSWER)

    def die(session):
        row = Delivery.lease(session, "dead", timedelta(seconds=-1))[0]
        row.status = SENDING

    database.write(die)
    database.write(Delivery.recover)
    assert states(database) == [UNCERTAIN]


def test_two_workers_push_each_answer_once(database: Database, world: Outside) -> None:
    people = [world.platform.add_resident(f"居民{n}", subscribed=True) for n in range(40)]
    for openid in people:
        world.platform.send_text(openid, "在吗")
        wait_for(database, openid, *(f"{openid}-{n}" for n in range(3)))
    wechat = world.wechat(database)

    def work() -> None:
        while deliver_due(database, wechat, NONE):
            pass

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pushed = [e.shown.text for openid in people for e in world.platform.transcript(openid) if openid in e.shown.text]
    assert sorted(pushed) == sorted(f"{openid}-{n}" for openid in people for n in range(3))
    assert set(states(database)) == {SENT}


def test_what_does_not_arrive_in_days_stands_in_the_call_list(database: Database) -> None:
    wait_for(database, "oGuan", ANSWER)
    old = now() - timedelta(days=4)
    database.write(lambda s: s.execute(update(Delivery).values(created_at=old)) and None)
    database.write(lambda s: Delivery.give_up_older_than(s, timedelta(days=3)))
    assert states(database) == [CALLING]


def test_who_unfollows_is_telephoned(database: Database) -> None:
    wait_for(database, "oGuan", ANSWER)
    Phone(database).event("unsubscribe")
    assert states(database) == [CALLING]


def test_a_long_answer_is_cut_at_a_sentence_and_says_where_the_rest_is(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, "您反映的事查清了。" * 200)
    deliver_due(database, world.wechat(database), NONE)
    (text,) = world.received()
    assert len(text.encode()) <= 2047
    assert "查进度" in text


def test_several_answers_ride_in_their_order(database: Database) -> None:
    wait_for(database, "oGuan", "第一件办好了。", "第二件办好了。", seen=False)
    said = Phone(database).say("在吗")
    assert said.index("第一件") < said.index("第二件")
    assert DELIVERED not in states(database)
