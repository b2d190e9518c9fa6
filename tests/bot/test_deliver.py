"""The outbox: every way of reaching a resident, none lost, none pushed twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.deliver import Templates, deliver_due
from knowledge.deadlines import Clocks
from knowledge.errors import TryLater
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import CALLING, DELIVERED, RIDING, SENT, UNCERTAIN, WAITING, Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.staff import Department, Staff
from tests.bot.outside import SEND, OtherProcess, Outside, outside, wait_for
from tests.talk import Phone

ANSWER = "民政局答复了您的事:下个月补发。"
NONE = Templates()


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


@pytest.mark.parametrize(("code", "state"), [(40003, CALLING), (43004, CALLING), (48001, WAITING), (45047, WAITING)])
def test_whom_wechat_cannot_reach_is_telephoned_others_are_answered_at_their_next_message(
    sqlite_database: Database, world: Outside, code: int, state: str
) -> None:
    world.writes()
    wait_for(sqlite_database, world.openid, ANSWER)
    world.platform.answer_next(code, 1, SEND)
    deliver_due(sqlite_database, world.wechat(sqlite_database), NONE)
    assert states(sqlite_database) == [state]
    assert deliver_due(sqlite_database, world.wechat(sqlite_database), NONE) == 0


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


def test_the_pauses_between_tries_grow(sqlite_database: Database, world: Outside) -> None:
    world.writes()
    wait_for(sqlite_database, world.openid, ANSWER)
    wechat = world.wechat(sqlite_database)
    wechat.send_text(world.openid, "so that there is a token")
    world.platform.answer_next(-1, 3, SEND)
    pauses = []
    for _ in range(3):
        due_again(sqlite_database)
        deliver_due(sqlite_database, wechat, NONE)
        with sqlite_database.read() as session:
            pauses.append(round((session.scalars(select(Delivery.next_at)).one() - now()).total_seconds() / 60))
    assert pauses == [1, 5, 30]


def test_a_token_that_cannot_be_had_means_a_later_try_and_not_a_lost_answer(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, ANSWER)
    world.platform.answer_next(-1, 1, "/cgi-bin/stable_token")
    deliver_due(database, world.wechat(database), NONE)
    assert states(database) == [WAITING]
    due_again(database)
    deliver_due(database, world.wechat(database), NONE)
    assert world.received() == [ANSWER]


def in_flight(database: Database, lease: timedelta) -> None:
    """The state in the middle of a push, by a worker whose lease was taken that long ago."""

    def work(session):
        Delivery.lease(session, "worker", lease)
        Delivery.ours(session, 1, "worker", timedelta(seconds=60)).attempt("message")

    database.write(work)


def test_a_push_under_way_is_not_taken_for_dead_however_long_it_stood_in_line(database: Database) -> None:
    wait_for(database, "oGuan", ANSWER)
    in_flight(database, timedelta(seconds=-1))
    assert database.write(Delivery.recover) == 0


def test_a_dead_workers_attempt_is_not_repeated(database: Database) -> None:
    wait_for(database, "oGuan", ANSWER)
    in_flight(database, timedelta(seconds=60))
    database.write(lambda s: s.execute(update(Delivery).values(leased_until=now() - timedelta(seconds=1))) and None)
    assert database.write(Delivery.recover) == 1
    assert states(database) == [UNCERTAIN]


def test_a_refusal_that_comes_late_does_not_bring_back_what_rides_on_a_reply(
    database: Database, world: Outside
) -> None:
    world.writes()
    wait_for(database, world.openid, ANSWER)
    wechat = world.wechat(database)

    def slow(openid: str, text: str) -> None:
        # The worker hangs here so long that it is given up for dead, and the person writes.
        past = now() - timedelta(seconds=1)
        database.write(lambda s: s.execute(update(Delivery).values(leased_until=past)) and None)
        database.write(Delivery.recover)
        assert Phone(database, world.openid).say("在吗").startswith(ANSWER)
        raise TryLater

    wechat.send_text = slow  # type: ignore[method-assign]
    deliver_due(database, wechat, NONE)
    assert states(database) == [RIDING]


def test_told_to_stop_it_finishes_one_push_and_gives_the_others_back(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, *(f"{ANSWER}{n}" for n in range(4)))
    wechat = world.wechat(database)
    deliver_due(database, wechat, NONE, stopped=lambda: len(world.received()) >= 1)
    assert len(world.received()) == 1
    assert deliver_due(database, wechat, NONE, owner="the next worker") == 3
    assert sorted(world.received()) == [f"{ANSWER}{n}" for n in range(4)]


def test_two_worker_processes_push_each_of_hundreds_of_answers_once(database: Database, world: Outside) -> None:
    people = [world.platform.add_resident(f"居民{n}", subscribed=True) for n in range(50)]
    for openid in people:
        world.platform.send_text(openid, "在吗")
        wait_for(database, openid, *(f"{openid}-{n}" for n in range(5)))
    workers = [OtherProcess("deliver", database, world) for _ in range(2)]
    for worker in workers:
        worker.ready()
    for worker in workers:
        worker.go()
    taken = [int(said) for _status, said in (worker.ended() for worker in workers)]
    assert sum(taken) == 250
    assert min(taken) > 0
    pushed = [e.shown.text for openid in people for e in world.platform.transcript(openid) if openid in e.shown.text]
    assert sorted(pushed) == sorted(f"{openid}-{n}" for openid in people for n in range(5))
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


def test_nobody_is_telephoned_for_a_step_on_the_way(database: Database) -> None:
    def work(session):
        Department.seed(session)
        clerk = Staff.create(
            session, "lin", "a-long-password", name="林芳", role="clerk", department=Department.named(session, "民政局")
        )
        filing = prepared(session, Draft(text="低保停了三个月没发", source="chat", item="最低生活保障"), Clocks())
        case, _ = Case.file(session, filing, follower=Follower.met(session, "oGuan"))
        case.accept(session, clerk)
        case.answer(session, clerk, "下个月补发。")

    database.write(work)
    old = now() - timedelta(days=4)
    database.write(lambda s: s.execute(update(Delivery).values(created_at=old)) and None)
    database.write(lambda s: Delivery.give_up_older_than(s, timedelta(days=3)))
    assert states(database) == [WAITING, CALLING]
