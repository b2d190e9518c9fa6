"""What waits in the outbox, sent: lease, commit the attempt, send, commit the result.

The ways, in their order: a customer-service message while the window seems open; else a notice (订阅通知, or a template
message) that says an answer has come. A notice is an extra: the answer itself still stands at the head of the next
reply. The platform has no idempotency key, so an attempt whose outcome is unknown is never pushed again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import points
from bot.render import clean, split
from bot.wechat import WeChat
from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Consent, Follower

log = logging.getLogger("mingbaika.deliver")

WINDOW = timedelta(hours=48)
_LEASE = timedelta(seconds=60)
_BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
_NEVER = timedelta(days=3650)  # until the next reply takes it along
_LIMIT = 1800  # bytes of one message
_ON = "\n……（后面的发“查进度”看）"
MESSAGE, NOTICE = "message", "notice"


@dataclass(frozen=True, slots=True)
class Templates:
    """The ids of the account's notices; an empty one is not used. The fields are named in docs/wechat-templates.md."""

    subscribe: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    """One leased delivery, as plain values for the time outside of transactions."""

    delivery_id: int
    openid: str
    follower_id: int
    text: str
    window_seems_open: bool
    notified: bool


def deliver_due(database: Database, wechat: WeChat, templates: Templates, owner: str | None = None) -> int:
    """Push what is due; gives how many were taken. Many workers may do this at once."""
    owner = owner or uuid.uuid4().hex
    jobs = database.write(lambda session: _leased(session, owner))
    if jobs:
        points.reached("worker.leased")
    for job in jobs:
        _push(database, wechat, templates, owner, job)
    return len(jobs)


def _leased(session: Session, owner: str) -> list[_Job]:
    jobs = []
    for row in Delivery.lease(session, owner, _LEASE):
        follower = session.get_one(Follower, row.follower_id)
        seen = follower.last_seen_at
        is_open = seen is not None and seen > now() - WINDOW
        jobs.append(_Job(row.id, follower.openid, follower.id, row.text, is_open, row.notified_at is not None))
    return jobs


def _push(database: Database, wechat: WeChat, templates: Templates, owner: str, job: _Job) -> None:
    if job.window_seems_open:
        fault = _attempt(database, owner, job, MESSAGE, lambda: wechat.send_text(job.openid, _fitted(job.text)))
        if not isinstance(fault, OutOfWindow):
            return
    if not job.notified:
        _notify(database, wechat, templates, job)
    database.write(lambda session: _wait_for_reply(session, job.delivery_id, owner))


def _attempt(
    database: Database, owner: str, job: _Job, channel: str, send: Callable[[], None]
) -> PlatformFault | None:
    """Commit the attempt, send, commit the result. Gives the fault if the platform refused."""
    if not database.write(lambda session: Delivery.attempt(session, job.delivery_id, owner, channel) is not None):
        return None  # it has gone another way since
    points.reached("worker.attempted")
    fault: PlatformFault | None = None
    try:
        send()
    except PlatformFault as raised:
        fault = raised
    points.reached("worker.sent")
    database.write(lambda session: _settle(session, job.delivery_id, owner, fault))
    return fault


def _settle(session: Session, delivery_id: int, owner: str, fault: PlatformFault | None) -> None:
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    if fault is None:
        row.sent()
    elif isinstance(fault, OutcomeUnknown):
        row.outcome_unknown()
    elif isinstance(fault, OutOfWindow):
        row.not_sent(now(), fault.code)
        row.leased_by, row.leased_until = owner, now() + _LEASE  # still ours: the next way is tried at once
    elif isinstance(fault, TryLater):
        row.not_sent(now() + _BACK_OFF[min(row.attempts, len(_BACK_OFF)) - 1], fault.code)
    else:
        if not isinstance(fault, Unreachable):
            log.error("the platform refused a message with code %s", fault.code)
        row.not_sent(_much_later(), fault.code)


def _notify(database: Database, wechat: WeChat, templates: Templates, job: _Job) -> None:
    """Say that an answer has come, once. Not knowing whether it arrived counts as said: it is an extra."""
    said = {"thing1": "您反映的事有答复了", "thing2": "请打开公众号，发“查进度”看"}
    may = bool(templates.subscribe) and database.write(lambda s: Consent.spend(s, job.follower_id, templates.subscribe))
    if not may and not templates.template:
        return
    database.write(lambda session: _notified(session, job.delivery_id))
    try:
        if may:
            wechat.send_subscription(job.openid, templates.subscribe, said)
        else:
            wechat.send_template(job.openid, templates.template, said)
    except NoConsent:
        database.write(lambda session: Consent.used_up(session, job.follower_id, templates.subscribe))
    except PlatformFault as fault:
        log.warning("a notice was not sent: code %s", fault.code)


def _notified(session: Session, delivery_id: int) -> None:
    session.get_one(Delivery, delivery_id).notified_at = now()


def _wait_for_reply(session: Session, delivery_id: int, owner: str) -> None:
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    if row.leased_by == owner and row.status == "waiting":
        row.not_sent(_much_later(), row.error_code)


def _much_later() -> datetime:
    return now() + _NEVER


def _fitted(text: str) -> str:
    shown, rest = split(clean(text), _LIMIT)
    return shown + _ON if rest else shown
