"""Named jobs on lease rows: each done by one worker at a time, none taking another down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.deliver import Templates, deliver_due
from bot.worker import Job, run_worker
from models.attachment import FETCHED, Attachment
from models.base import now
from models.db import Database
from models.delivery import SENDING, SENT, UNCERTAIN, Delivery
from models.follower import Follower
from models.platform import Lease
from tests.bot.outside import OtherProcess, outside, wait_for


@contextmanager
def workers(database: Database, count: int, *jobs: Job) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=run_worker, args=(database, jobs, stop)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in threads)


def done_at(database: Database, name: str) -> datetime | None:
    with database.read() as session:
        return session.scalar(select(Lease.last_run_at).where(Lease.name == name))


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Delivery.status).order_by(Delivery.id)))


def until(holds: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_is_done_by_one_of_many_workers_at_a_time(database: Database) -> None:
    inside, together, runs = [0], [0], [0]

    def work() -> None:
        inside[0] += 1
        together[0] = max(together[0], inside[0])
        time.sleep(0.05)
        runs[0] += 1
        inside[0] -= 1

    with workers(database, 3, Job("only", timedelta(seconds=0.1), work)):
        until(lambda: runs[0] >= 3)
    assert together[0] == 1


def test_a_job_that_runs_longer_than_its_lease_is_still_done_by_one_worker(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker._LEASE", timedelta(seconds=0.4))
    inside, together = [0], [0]

    def work() -> None:
        inside[0] += 1
        together[0] = max(together[0], inside[0])
        time.sleep(1.2)
        inside[0] -= 1

    with workers(database, 2, Job("long", timedelta(seconds=0.1), work)):
        time.sleep(1.1)
    assert together[0] == 1


def test_the_work_of_a_dead_worker_is_taken_over_when_its_lease_has_run_out(database: Database) -> None:
    runs: list[float] = []
    database.write(lambda s: Lease.take(s, "job:only", "dead", timedelta(seconds=0.4)) and None)
    with workers(database, 1, Job("only", timedelta(seconds=0.1), lambda: runs.append(time.monotonic()))):
        assert not runs
        until(lambda: bool(runs))


def test_a_rare_job_is_not_repeated_by_the_next_worker(database: Database) -> None:
    runs: list[int] = []
    job = Job("daily", timedelta(days=1), lambda: runs.append(1))
    with workers(database, 1, job):
        until(lambda: bool(runs))
        until(lambda: done_at(database, "job:daily") is not None)
    with workers(database, 1, job):
        time.sleep(0.3)
    assert runs == [1]


def test_a_rare_job_that_failed_is_tried_again_soon(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.worker._AFTER_A_FAULT", 0.1)
    runs: list[int] = []

    def fail_once() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise OSError

    with workers(sqlite_database, 1, Job("daily", timedelta(days=1), fail_once)):
        until(lambda: done_at(sqlite_database, "job:daily") is not None)
    assert len(runs) == 2


def test_a_slow_job_holds_up_no_other(sqlite_database: Database) -> None:
    runs: list[int] = []
    release = threading.Event()
    slow = Job("slow", timedelta(seconds=0.1), lambda: release.wait(5))
    with workers(sqlite_database, 1, slow, Job("quick", timedelta(seconds=0.05), lambda: runs.append(1))):
        until(lambda: len(runs) >= 3)
        release.set()


def test_a_worker_told_to_stop_ends_within_two_seconds_whatever_hangs(sqlite_database: Database) -> None:
    stop, hanging, release = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        release.wait(10)

    job = Job("hangs", timedelta(seconds=1), hang)
    worker = threading.Thread(target=run_worker, args=(sqlite_database, [job], stop))
    worker.start()
    assert hanging.wait(5)
    began = time.monotonic()
    stop.set()
    worker.join()
    assert time.monotonic() - began < 2
    release.set()
    until(lambda: done_at(sqlite_database, "job:hangs") is not None)


def test_the_whole_worker_delivers_fetches_and_ends_in_good_order_on_sigterm(database: Database) -> None:
    with outside() as world:
        world.writes()
        world.platform.send_voice(world.openid)
        media_id = world.platform.courier.line.transport.messages[-1]["MediaId"]
        wait_for(database, world.openid, "下个月补发。")
        database.write(lambda s: Attachment.keep(s, Follower.met(s, world.openid).id, "voice", media_id) and None)
        worker = OtherProcess("work", database, world).ready().go()
        until(lambda: world.received() == ["下个月补发。"] and world.platform.count("/cgi-bin/media/get") == 1, 20)
        began = time.monotonic()
        worker.process.terminate()
        assert worker.ended() == (0, "stopped")
        assert time.monotonic() - began < 2
    with database.read() as session:
        assert session.scalars(select(Delivery.status)).all() == [SENT]
        assert session.scalars(select(Attachment.status)).all() == [FETCHED]
        busy = select(Lease.name).where(Lease.until > now(), Lease.name.startswith("job:"))
        assert session.scalars(busy).all() == []


def test_a_worker_killed_by_sigterm_while_the_platform_is_silent_pushes_nothing_twice(
    sqlite_database: Database,
) -> None:
    with outside() as world:
        world.writes()
        world.wechat(sqlite_database).create_menu({"button": [{"type": "click", "name": "x", "key": "x"}]})
        wait_for(sqlite_database, world.openid, "第一件", "第二件")
        world.platform.delay_api(2.5)
        worker = OtherProcess("work", sqlite_database, world).ready().go()
        until(lambda: SENDING in states(sqlite_database), 20)
        began = time.monotonic()
        worker.process.terminate()
        assert worker.ended() == (0, "stopped")
        assert time.monotonic() - began < 2.5
        until(lambda: len(world.received()) == 1, 10)
        world.platform.delay_api(0)
        past = now() - timedelta(seconds=1)
        sqlite_database.write(lambda s: s.execute(update(Delivery).values(leased_until=past)) and None)
        sqlite_database.write(Delivery.recover)
        deliver_due(sqlite_database, world.wechat(sqlite_database), Templates())
        assert world.received() == ["第一件", "第二件"]
    assert states(sqlite_database) == [UNCERTAIN, SENT]


def test_a_failing_job_does_not_stop_the_others(database: Database, caplog) -> None:
    runs: list[int] = []

    def fail() -> None:
        raise ValueError("关玉梅 22022119340412936X")

    jobs = (Job("bad", timedelta(seconds=0.1), fail), Job("good", timedelta(seconds=0.1), lambda: runs.append(1)))
    with workers(database, 1, *jobs):
        until(lambda: len(runs) >= 2)
    assert "bad failed: ValueError" in caplog.text
    assert "关玉梅" not in caplog.text
