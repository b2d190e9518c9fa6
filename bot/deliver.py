"""What waits in the outbox, sent: lease, commit the attempt, send, commit the result.

The ways, in their order: a customer-service message while the window seems open; else a notice (订阅通知, or a template
message) that says an answer has come. A notice is an extra: the answer itself still stands at the head of the next
reply. What the platform refuses goes the next way at once, what it cannot take now is tried again later, and what may
or may not have arrived is never pushed again: the platform has no key by which it would know a second try.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot import points
from bot.render import clean, split
from bot.wechat import WeChat
from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable
from knowledge.wording import beijing
from models.base import now
from models.case import Case
from models.case_event import CaseEvent
from models.db import Database
from models.delivery import SENDING, UNCERTAIN, Delivery
from models.follower import Consent, Follower

log = logging.getLogger("mingbaika.deliver")

WINDOW = timedelta(hours=48)
_LEASE = timedelta(seconds=60)  # a call takes eleven seconds at most, and each begins with the whole of it
_BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
_NOTICE_AGAIN = timedelta(minutes=30)
_NEVER = timedelta(days=3650)  # until the next reply takes it along
_LIMIT = 1800  # bytes of one message
_ON = "\n……（后面的发“查进度”看）"
MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Templates:
    """The ids of the account's notices; an empty one is not used. Both need the fields thing1 (事项) and thing2 (提示)."""

    subscribe: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    """One leased delivery, as plain values for the time outside of transactions. An empty notice is not sent."""

    delivery_id: int
    owner: str
    openid: str
    follower_id: int
    text: str
    media_id: str | None
    notice: Mapping[str, str]
    window_seems_open: bool
    by_day: bool  # news that nobody waits for wakes nobody
    spares: int  # one-time consents that are kept for something else


@dataclass(frozen=True, slots=True)
class _Notice:
    """A kind of notice that the account has. Only a 订阅通知 needs the person's consent."""

    template: str
    needs_consent: bool
    send: Callable[[str, str, Mapping[str, str]], None]


def deliver_due(
    database: Database, wechat: WeChat, templates: Templates, owner: str | None = None,
    stopped: Callable[[], bool] = lambda: False, hours: tuple[int, int] = (0, 24),
) -> int:  # fmt: skip
    """Push all that is due; gives how many were taken. Many workers may do this at once. Ends early once `stopped`.

    What was paid is told within these `hours` of Beijing's day alone, also when it is tried again.
    """
    owner = owner or uuid.uuid4().hex
    taken = 0
    while not stopped() and (jobs := _leased(database, owner)):
        points.reached("worker.leased")
        for job in jobs:
            if stopped():
                database.write(lambda session: Delivery.give_back(session, owner))
                break
            taken += 1
            morning = _morning(hours) if job.by_day else None
            if morning is None:
                _push(database, wechat, templates, job)
            else:
                database.write(partial(_wait, job=job, until=morning))
    return taken


def _leased(database: Database, owner: str) -> list[_Job]:
    with database.read() as session:
        if not Delivery.any_due(session):
            return []
    return database.write(lambda session: [_job(session, row, owner) for row in Delivery.lease(session, owner, _LEASE)])


def _job(session: Session, row: Delivery, owner: str) -> _Job:
    follower = session.get_one(Follower, row.follower_id)
    seen = follower.last_seen_at
    return _Job(
        delivery_id=row.id, owner=owner, openid=follower.openid, follower_id=follower.id, text=row.text,
        media_id=row.media_id,
        notice={} if row.notified_at else _notice_of(session, row),
        window_seems_open=seen is not None and seen > now() - WINDOW,
        by_day=row.extra and row.media_id is None and row.notified_at is None,
        # Who waits for the answer of a department has agreed for that: a word of money does not use it up.
        spares=int(row.extra and Case.awaited_by(session, follower.id)),
    )  # fmt: skip


def _morning(hours: tuple[int, int]) -> datetime | None:
    """When the day begins, if it is night."""
    moment = beijing(now())
    if hours[0] <= moment.hour < hours[1]:
        return None
    return (moment + timedelta(days=int(moment.hour >= hours[0]))).replace(hour=hours[0], minute=0, second=0, microsecond=0)


def _wait(session: Session, job: _Job, until: datetime) -> None:
    row = Delivery.ours(session, job.delivery_id, job.owner, _LEASE)
    if row is not None:
        row.not_sent(until.astimezone(UTC), row.error_code)


def _notice_of(session: Session, row: Delivery) -> dict[str, str]:
    """The fields of a notice: that there is an answer, never what it says. Steps on the way to it are not worth a consent."""
    event = session.get(CaseEvent, row.event_id) if row.event_id else None
    if event is not None and event.what != "answered":
        return {}
    case = session.get(Case, row.case_id) if row.case_id else None
    # A field of the kind `thing` holds 20 characters.
    if case is None:
        return {"thing1": "您的补贴有新消息", "thing2": "打开公众号，发“查补贴”看"}
    return {"thing1": f"{case.number}有答复了", "thing2": "打开公众号，发“查进度”看"}


def _push(database: Database, wechat: WeChat, templates: Templates, job: _Job) -> None:
    fault: PlatformFault | None = None
    if job.window_seems_open:
        if not database.write(lambda session: _begin_message(session, job)):
            return  # it has gone another way since
        fault = _fault_of(partial(_send, wechat, job))
        database.write(lambda session: _settle_message(session, job, fault))
        if fault is None or isinstance(fault, (TryLater, OutcomeUnknown)):
            return
        if not isinstance(fault, (OutOfWindow, Unreachable)):
            log.error("the platform refused a message with code %s", fault.code)
    late = _notify(database, _notices(wechat, templates), job)
    database.write(lambda session: _leave(session, job, fault, late))


def _send(wechat: WeChat, job: _Job) -> None:
    if job.media_id:
        wechat.send_image(job.openid, job.media_id)
    else:
        wechat.send_text(job.openid, _fitted(job.text))


def _fault_of(send: Callable[[], None]) -> PlatformFault | None:
    """What came of a push that is committed to: nothing wrong, or the fault."""
    points.reached("worker.attempted")
    fault: PlatformFault | None = None
    try:
        send()
    except PlatformFault as raised:
        fault = raised
    points.reached("worker.sent")
    return fault


# ---------------------------------------------------------------- a customer-service message


def _begin_message(session: Session, job: _Job) -> bool:
    row = Delivery.ours(session, job.delivery_id, job.owner, _LEASE)
    if row is not None:
        row.attempt(MESSAGE)
    return row is not None


def _settle_message(session: Session, job: _Job, fault: PlatformFault | None) -> None:
    row = session.get_one(Delivery, job.delivery_id, with_for_update=True)
    if row.status not in (SENDING, UNCERTAIN):
        return  # given up for dead in the meantime, and gone another way
    if fault is None:
        row.sent()
    elif isinstance(fault, OutcomeUnknown):
        row.outcome_unknown()
    elif isinstance(fault, TryLater):
        row.not_sent(now() + _BACK_OFF[min(row.attempts, len(_BACK_OFF)) - 1], fault.code)
    else:
        row.refused(fault.code)


def _leave(session: Session, job: _Job, fault: PlatformFault | None, late: bool) -> None:
    """No message went out: the next reply takes the answer along, or the hotline rings whom WeChat cannot reach."""
    row = Delivery.ours(session, job.delivery_id, job.owner, _LEASE)
    if row is None:
        return
    if late:
        row.not_sent(now() + _NOTICE_AGAIN, row.error_code)
    elif isinstance(fault, Unreachable) and not row.extra:
        row.left_to_the_phone()
    else:
        row.not_sent(now() + _NEVER, row.error_code)


def _fitted(text: str) -> str:
    shown, rest = split(clean(text), _LIMIT)
    return shown + _ON if rest else shown


# ---------------------------------------------------------------- a notice


def _notices(wechat: WeChat, templates: Templates) -> Iterable[_Notice]:
    if templates.subscribe:
        yield _Notice(templates.subscribe, True, wechat.send_subscription)
    if templates.template:
        yield _Notice(templates.template, False, wechat.send_template)


def _notify(database: Database, notices: Iterable[_Notice], job: _Job) -> bool:
    """Say once that an answer has come, by the first notice that goes. Gives whether to try again later."""
    for notice in notices:
        if not job.notice or not database.write(partial(_begin_notice, job=job, notice=notice)):
            continue
        fault = _fault_of(partial(notice.send, job.openid, notice.template, job.notice))
        database.write(partial(_settle_notice, job=job, notice=notice, fault=fault))
        if fault is None or isinstance(fault, (TryLater, OutcomeUnknown)):
            return isinstance(fault, TryLater)
    return False


def _begin_notice(session: Session, job: _Job, notice: _Notice) -> bool:
    row = Delivery.ours(session, job.delivery_id, job.owner, _LEASE)
    if row is None or (notice.needs_consent and not _agreed(session, job, notice)):
        return False
    row.notified_at = now()  # if nobody learns what became of it, it counts as said: it is an extra
    return True


def _agreed(session: Session, job: _Job, notice: _Notice) -> bool:
    found = session.get(Consent, (job.follower_id, notice.template))
    return found is not None and (found.long_term or found.remaining > job.spares)


def _settle_notice(session: Session, job: _Job, notice: _Notice, fault: PlatformFault | None) -> None:
    if fault is None or isinstance(fault, OutcomeUnknown):
        if notice.needs_consent:
            Consent.spend(session, job.follower_id, notice.template)
        return
    session.get_one(Delivery, job.delivery_id, with_for_update=True).notified_at = None
    if isinstance(fault, NoConsent):
        Consent.used_up(session, job.follower_id, notice.template)
    elif not isinstance(fault, TryLater):
        log.warning("the platform refused a notice with code %s", fault.code)
