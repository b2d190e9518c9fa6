"""One worker process with named jobs. Each job is done by one of many workers at a time: a lease row says by whom."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.cards import Letterhead, draw_due
from bot.case_sms import duty_due, text_due
from bot.codes import make_due
from bot.deliver import Templates, deliver_due
from bot.js_ticket import refresh_js_ticket
from bot.media import fetch_due
from bot.sms import Gateway, send_due
from bot.wechat import WeChat
from intake.checks import check_all, check_due
from intake.staging import clear_up
from intake.uploads import sweep, work_on_next
from knowledge.assigning import Assigning
from knowledge.calendar import Clocks
from knowledge.errors import Busy
from knowledge.suspicion import Limits
from models import call_words, gap_words
from models.audit_chain import seal_due
from models.base import now
from models.case_clock import renew_provisional
from models.correction import run_out_due
from models.db import Database
from models.delivery import Delivery
from models.follower import Message
from models.gap_work import tend
from models.handling import escalate
from models.paid_notice import announce_due
from models.platform import Lease
from models.proving import tell_of_attempts, tidy
from models.publicity import Publication
from models.reminder import remind_due
from models.routing_gathering import gather, measure
from models.similar import notice_hot_topics
from models.slip import Slip
from models.visit import visit_due

log = logging.getLogger("mingbaika.worker")
_LEASE = timedelta(seconds=30)  # held on to while a job runs; so long after a worker's death another takes over
_AFTER_A_FAULT = 5.0  # seconds until a job that failed, or that another worker has, is looked at again
_LONGEST_WAIT = 600.0  # seconds; the clock of the machine may be put right meanwhile
_GRACE = 1.5  # seconds for what is under way when the worker is told to stop


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
    gaps_kept: timedelta = timedelta(days=180)  # in words; how often something was asked stays
    calls_kept: timedelta = timedelta(days=365)  # what was noted of them
    sms: Gateway | None = None
    letterhead: Letterhead = field(default_factory=Letterhead)
    pages_of: str = ""  # the account whose public pages use WeChat's open tags; empty: none do
    told_hours: tuple[int, int] = (8, 21)  # of the day, in Beijing, in which payments are announced
    told_days: timedelta = timedelta(days=60)  # what was paid longer ago is no news
    limits: Limits = field(default_factory=Limits)  # of the checks across batches
    visit_after: timedelta = timedelta(hours=20)  # after an answer has arrived; zero: nobody is asked
    clocks: Clocks = field(default_factory=Clocks)  # by which desks are reminded
    terms: Assigning = field(default_factory=Assigning)  # by when a department says whether it takes a case
    learn_from: int = 0  # moved cases after which the routing proposes what it has learnt; 0: it learns nothing
    guess: Callable[[str], str | None] = lambda _text: None  # the item of a text that names none


def jobs_of(database: Database, wechat: WeChat, upkeep: Upkeep, stop: threading.Event | None = None) -> Sequence[Job]:
    """Everything that the worker does. What goes through many rows ends early once `stop` is set."""
    owner = uuid.uuid4().hex
    stopped = stop.is_set if stop else lambda: False

    def in_one(work: Callable[[Session], object]) -> Callable[[], object]:
        return lambda: database.write(work)

    return (
        Job(
            "deliver", timedelta(seconds=1),
            lambda: deliver_due(database, wechat, upkeep.templates, owner, stopped, hours=upkeep.told_hours),
        ),
        Job("media", timedelta(seconds=2), lambda: fetch_due(database, wechat, stopped=stopped)),
        Job("cards", timedelta(seconds=1), lambda: draw_due(database, wechat, upkeep.letterhead, stopped)),
        Job("codes", timedelta(seconds=10), lambda: make_due(database, wechat, stopped)),
        Job("audit", timedelta(seconds=2), lambda: seal_due(database, stopped)),
        Job("audit-late", timedelta(hours=1), lambda: seal_due(database, stopped, every=True)),
        Job("publicity", timedelta(minutes=10), in_one(Publication.clear_gone)),
        Job("attempts", timedelta(minutes=10), in_one(tell_of_attempts)),
        Job("paid", timedelta(minutes=1), lambda: _announce(database, upkeep, stopped)),
        Job("tidy", timedelta(hours=1), in_one(tidy)),
        Job("gaps", timedelta(minutes=1), lambda: tend(database, stopped)),
        Job("visits", timedelta(minutes=10), lambda: visit_due(database, upkeep.visit_after)),
        Job("hot-topics", timedelta(hours=1), in_one(notice_hot_topics)),
        Job("slips", timedelta(hours=1), in_one(Slip.drop_old)),
        # Two, so that a clerk's small file does not wait for another's large one.
        *(Job(f"uploads-{n}", timedelta(seconds=1), lambda: work_on_next(database, uuid.uuid4().hex, stopped)) for n in (1, 2)),
        Job("uploads-sweep", timedelta(minutes=10), lambda: sweep(database)),
        Job("intake", timedelta(minutes=1), lambda: clear_up(database)),
        Job("checks", timedelta(minutes=1), lambda: check_due(database, upkeep.limits, stopped)),
        Job("checks-all", timedelta(days=1), lambda: check_all(database, upkeep.limits, stopped)),
        *_for_pages(database, wechat, upkeep.pages_of),
        *_codes_by_sms(database, upkeep.sms, owner, stopped),
        Job("provisional", timedelta(hours=1), in_one(lambda s: renew_provisional(s, upkeep.clocks))),
        Job("reminders", timedelta(minutes=5), lambda: remind_due(database, upkeep.clocks, stopped=stopped)),
        Job("corrections", timedelta(minutes=30), lambda: run_out_due(database, upkeep.clocks, stopped=stopped)),
        Job("handovers", timedelta(minutes=10), in_one(lambda s: escalate(s, upkeep.terms))),
        Job("routing-examples", timedelta(days=1), lambda: gather(database, upkeep.learn_from, upkeep.guess, stopped)),
        Job("routing-measure", timedelta(seconds=30), lambda: measure(database, upkeep.guess, stopped)),
        Job("recover", timedelta(seconds=10), in_one(Delivery.recover)),
        Job("call", timedelta(minutes=10), in_one(lambda s: Delivery.give_up_older_than(s, upkeep.before_call))),
        Job("prune", timedelta(days=1), lambda: _drop_old(database, Message.drop_older_than, upkeep.messages_kept, stopped)),
        Job("gap-words", timedelta(days=1), lambda: _drop_old(database, gap_words.drop_older_than, upkeep.gaps_kept, stopped)),
        Job("call-words", timedelta(days=1), lambda: _drop_old(database, call_words.drop_older_than, upkeep.calls_kept, stopped)),
    )


def _announce(database: Database, upkeep: Upkeep, stopped: Callable[[], bool]) -> int:
    return announce_due(database, hours=upkeep.told_hours, lately=upkeep.told_days, stopped=stopped)


def _for_pages(database: Database, wechat: WeChat, app_id: str) -> Iterator[Job]:
    if app_id:
        yield Job("js-ticket", timedelta(minutes=1), lambda: refresh_js_ticket(database, wechat, app_id))


def _codes_by_sms(
    database: Database, gateway: Gateway | None, owner: str, stopped: Callable[[], bool]
) -> Iterator[Job]:  # fmt: skip
    if gateway is not None:
        yield Job("sms", timedelta(seconds=1), lambda: send_due(database, gateway, owner, stopped))
        if gateway.case_template:
            yield Job("case-sms", timedelta(seconds=2), lambda: text_due(database, gateway, owner, stopped))
        if gateway.duty_template:
            yield Job("duty-sms", timedelta(seconds=20), lambda: duty_due(database, gateway, owner, stopped))


def _drop_old(
    database: Database, drop: Callable[[Session, timedelta], bool], age: timedelta, stopped: Callable[[], bool]
) -> None:  # fmt: skip
    """In short transactions, so that no message of a resident waits for it."""
    while database.write(lambda session: drop(session, age)) and not stopped():
        pass


def run_worker(database: Database, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Do the jobs until told to stop, each in a thread of its own: a slow download delays no answer.

    Ends within two seconds of being told. What is still under way by then ends with the process, and is taken up
    again by the next one as if this one had been killed.
    """
    owner = uuid.uuid4().hex
    threads = [threading.Thread(target=_keep_leases, args=(database, owner, stop), daemon=True)]
    threads += [threading.Thread(target=_repeat, args=(database, job, owner, stop), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    stop.wait()
    deadline = time.monotonic() + _GRACE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _keep_leases(database: Database, owner: str, stop: threading.Event) -> None:
    while not stop.wait(_LEASE.total_seconds() / 3):
        with _faults_in_words("leases"):
            database.write(lambda session: Lease.hold(session, owner, _LEASE))


def _repeat(database: Database, job: Job, owner: str, stop: threading.Event) -> None:
    wait = 0.0
    while not stop.wait(wait):
        wait = min(job.every.total_seconds(), _AFTER_A_FAULT)
        with _faults_in_words(job.name):
            wait = _turn(database, job, owner)


def _turn(database: Database, job: Job, owner: str) -> float:
    """Do the job if it is due and free. Gives the seconds until the next look."""
    wait = database.write(lambda session: _take(session, job, owner))
    if wait > 0:
        return wait
    done = False
    try:
        job.run()
        done = True
    finally:
        database.write(lambda session: Lease.give_back(session, _name(job), owner, done=done))
    return job.every.total_seconds()


def _take(session: Session, job: Job, owner: str) -> float:
    lease = Lease.take(session, _name(job), owner, _LEASE)
    if lease is None:
        return min(job.every.total_seconds(), _AFTER_A_FAULT)
    left = _until(lease.last_run_at, job.every)
    if left > 0:
        Lease.give_back(session, _name(job), owner)
        return min(left, _LONGEST_WAIT)
    return 0.0


def _name(job: Job) -> str:
    return f"job:{job.name}"


def _until(last: datetime | None, every: timedelta) -> float:
    return (last + every - now()).total_seconds() if last else 0.0


@contextmanager
def _faults_in_words(name: str) -> Iterator[None]:
    """A fault is logged by name and class and goes no further: one job never takes the others down."""
    try:
        yield
    except Busy:
        log.warning("job %s waits: the database could not be had in time", name)
    except DBAPIError as error:
        log.error("job %s failed in the database: %s", name, type(error.orig).__name__)
    except Exception as error:  # noqa: BLE001  (whatever broke)
        log.error("job %s failed: %s", name, type(error).__name__)
