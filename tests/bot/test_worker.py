"""Named jobs on lease rows: each done by one worker at a time, none taking another down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot.worker import Job, run_worker
from models.db import Database


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


def test_a_rare_job_is_not_repeated_by_the_next_worker(database: Database) -> None:
    runs: list[int] = []
    job = Job("daily", timedelta(days=1), lambda: runs.append(1))
    for _ in range(2):
        with workers(database, 1, job):
            time.sleep(0.6)
    assert runs == [1]


def test_a_failing_job_does_not_stop_the_others(database: Database, caplog) -> None:
    runs: list[int] = []

    def fail() -> None:
        raise ValueError("关玉梅 22022119340412936X")

    jobs = (Job("bad", timedelta(seconds=0.1), fail), Job("good", timedelta(seconds=0.1), lambda: runs.append(1)))
    with workers(database, 1, *jobs):
        until(lambda: len(runs) >= 2)
    assert "bad failed: ValueError" in caplog.text
    assert "关玉梅" not in caplog.text
