"""The worker may die at any named point: no answer is lost, none is pushed twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.deliver import Templates, deliver_due
from models.base import now
from models.db import Database
from models.delivery import DELIVERED, SENT, UNCERTAIN, WAITING, Delivery
from models.follower import Consent, Follower
from tests.bot.outside import TEMPLATE, OtherProcess, Outside, outside, wait_for
from tests.talk import Phone

ANSWER = "民政局答复了您的事：下个月补发。"


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        found.writes()
        yield found


def die_at(database: Database, world: Outside, point: str, *template: str) -> None:
    """The whole worker is started and killed there."""
    worker = OtherProcess("work", database, world, point, *template)
    assert worker.ready().go().ended() == (9, "")


def later(database: Database, world: Outside, template: str = "") -> str:
    """The leases of the dead run out, another worker takes over. Gives the delivery's status."""
    past = now() - timedelta(seconds=1)
    database.write(lambda s: s.execute(update(Delivery).values(leased_until=past)) and None)
    database.write(Delivery.recover)
    deliver_due(database, world.wechat(database), Templates(template))
    with database.read() as session:
        return session.scalars(select(Delivery.status)).one()


def test_dead_after_the_lease_another_worker_pushes_it(database: Database, world: Outside) -> None:
    wait_for(database, world.openid, ANSWER)
    die_at(database, world, "worker.leased")
    assert world.received() == []
    assert later(database, world) == SENT
    assert world.received() == [ANSWER]


@pytest.mark.parametrize(("point", "pushed"), [("worker.attempted", []), ("worker.sent", [ANSWER])])
def test_dead_after_the_attempt_it_is_never_pushed_again_and_rides_on_the_next_reply(
    database: Database, world: Outside, point: str, pushed: list[str]
) -> None:
    wait_for(database, world.openid, ANSWER)
    die_at(database, world, point)
    assert later(database, world) == UNCERTAIN
    assert world.received() == pushed
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)


def test_an_answer_that_nobody_fetched_ends_in_the_call_list(database: Database, world: Outside) -> None:
    wait_for(database, world.openid, ANSWER)
    die_at(database, world, "worker.attempted")
    later(database, world)
    database.write(lambda s: s.execute(update(Delivery).values(created_at=now() - timedelta(days=9))) and None)
    database.write(lambda s: Delivery.give_up_older_than(s, timedelta(days=3)))
    with database.read() as session:
        assert [row.text for row in Delivery.to_call(session)] == [ANSWER]
        assert session.scalar(select(Delivery.id).where(Delivery.status == DELIVERED)) is None


@pytest.mark.parametrize(("point", "cards"), [("worker.leased", 1), ("worker.attempted", 0), ("worker.sent", 1)])
def test_dead_around_a_notice_it_is_said_once_at_most_and_the_answer_still_rides(
    database: Database, world: Outside, point: str, cards: int
) -> None:
    wait_for(database, world.openid, ANSWER, seen=False)
    world.platform.consent(world.openid, TEMPLATE, "always")
    database.write(lambda s: Consent.record(s, Follower.met(s, world.openid), TEMPLATE, accepted=True))
    die_at(database, world, point, TEMPLATE)
    assert later(database, world, TEMPLATE) == WAITING
    assert world.cards() == cards
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)
