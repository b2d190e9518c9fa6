"""One worker process with named jobs. Each job is done by one of many workers at a time: a lease row says by whom."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.deliver import Templates, deliver_due
from bot.media import fetch_due
from bot.wechat import WeChat
from knowledge.errors import Busy
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Message
from models.platform import Lease

log = logging.getLogger("mingbaika.worker")
_LEASE = timedelta(seconds=90)  # longer than any one run
_TICK = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work by name, done again after `every`."""

    name: str
    every: timedelta
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The county's settings for what waits and what is kept."""

    templates: Templates = field(default_factory=Templates)
    before_call: timedelta = timedelta(days=3)
    messages_kept: timedelta = timedelta(days=180)


def jobs_of(database: Database, wechat: WeChat, upkeep: Upkeep) -> Sequence[Job]:
    """Everything that the worker does."""
    owner = uuid.uuid4().hex

    def in_one(work: Callable[[Session], object]) -> Callable[[], object]:
        return lambda: database.write(work)

    return (
        Job("deliver", timedelta(seconds=1), lambda: deliver_due(database, wechat, upkeep.templates, owner)),
        Job("media", timedelta(seconds=2), lambda: fetch_due(database, wechat)),
        Job("recover", timedelta(seconds=10), in_one(Delivery.recover)),
        Job("call", timedelta(minutes=10), in_one(lambda s: Delivery.give_up_older_than(s, upkeep.before_call))),
        Job("prune", timedelta(days=1), in_one(lambda s: Message.drop_older_than(s, upkeep.messages_kept))),
    )


def run_worker(database: Database, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Do the jobs until told to stop. A job that fails is logged by name and does not stop the others."""
    owner = uuid.uuid4().hex
    due = {job.name: 0.0 for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if due[job.name] <= time.monotonic() and not stop.is_set():
                due[job.name] = time.monotonic() + _turn(database, job, owner)
        stop.wait(_TICK)


def _turn(database: Database, job: Job, owner: str) -> float:
    """Do one job if it is due and free. Gives the seconds until the next look."""
    try:
        wait = database.write(lambda session: _take(session, job, owner))
        if wait > 0:
            return wait
        try:
            job.run()
        finally:
            database.write(lambda session: _give_back(session, job, owner))
    except Busy:
        log.warning("job %s waits: the database could not be had in time", job.name)
    except DBAPIError as error:
        log.error("job %s failed in the database: %s", job.name, type(error.orig).__name__)
    except Exception as error:  # noqa: BLE001  (one job must never take the others down)
        log.error("job %s failed: %s", job.name, type(error).__name__)
    return job.every.total_seconds()


def _take(session: Session, job: Job, owner: str) -> float:
    lease = Lease.take(session, f"job:{job.name}", owner, _LEASE)
    if lease is None:
        return min(job.every.total_seconds(), 5.0)
    left = _until(lease.last_run_at, job.every)
    if left > 0:
        lease.release()
        return left
    return 0.0


def _until(last: datetime | None, every: timedelta) -> float:
    return (last + every - now()).total_seconds() if last else 0.0


def _give_back(session: Session, job: Job, owner: str) -> None:
    lease = session.get(Lease, f"job:{job.name}", with_for_update=True)
    if lease is not None and lease.owner == owner:
        lease.last_run_at = now()
        lease.release()
