"""到账提醒: when a file with payments goes live, those who asked for it are told of each payment, once (逐项告知)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.statement import Line, notice
from knowledge.wording import PAID, RETURNED, beijing
from models.agreement import PAID_NOTICES, Agreement
from models.base import Base, BigId, UtcDateTime, insert_for, now
from models.db import Database
from models.delivery import WAITING, Delivery
from models.payment import LIVE, WITHDRAWN, Batch, Payment
from models.resident import Binding, Resident

_AT_ONCE = 50  # WeChat users in one transaction
_FORGOTTEN = timedelta(days=30)  # a file that went live longer ago is announced no more


class Announcement(Base):
    """How far the payments of one batch have been announced: up to this WeChat user, or to the end."""

    __tablename__ = "announcements"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    reached_follower_id: Mapped[int] = mapped_column(BigId, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaidNotice(Base):
    """That a WeChat user was told of one payment in one stage: a corrected file does not tell it again."""

    __tablename__ = "paid_notices"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    payment_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    delivery_id: Mapped[int] = mapped_column(BigId)
    stage: Mapped[str] = mapped_column(String(8))


def announce_due(
    database: Database, *, hours: tuple[int, int] = (8, 21), lately: timedelta = timedelta(days=60),
    stopped: Callable[[], bool] = lambda: False, at: datetime | None = None,
) -> int:  # fmt: skip
    """Announce what went live, by day only (`hours` on Beijing's clock); gives the number of messages made.

    Payments older than `lately` are history that was loaded late, and no news.
    """
    moment = at or now()
    database.write(_drop_withdrawn)
    if not hours[0] <= beijing(moment).hour < hours[1]:
        return 0
    made = 0
    with database.read() as session:
        due = _due_batches(session, moment)
    for batch_id in due:
        while not stopped():
            step = database.write(lambda session, b=batch_id: _announce_some(session, b, moment, lately))  # type: ignore[misc]
            if step is None:
                break
            made += step
    return made


def _due_batches(session: Session, moment: datetime) -> Sequence[int]:
    done = select(Announcement.batch_id).where(Announcement.done_at.is_not(None))
    query = select(Batch.id).where(Batch.status == LIVE, Batch.live_at > moment - _FORGOTTEN, Batch.id.not_in(done))
    return session.scalars(query.order_by(Batch.id)).all()


def _announce_some(session: Session, batch_id: int, moment: datetime, lately: timedelta) -> int | None:
    """The next few WeChat users of one batch; None when all of them are through."""
    batch = session.get(Batch, batch_id)
    if batch is None or batch.status != LIVE:
        return None
    insert = insert_for(session)(Announcement).values(batch_id=batch_id, reached_follower_id=0)
    session.execute(insert.on_conflict_do_nothing())
    reached = session.get_one(Announcement, batch_id, with_for_update=True)
    if reached.done_at is not None:
        return None
    agreed = (
        select(Agreement.follower_id)
        .where(
            Agreement.kind == PAID_NOTICES, Agreement.ended_at.is_(None), Agreement.follower_id > reached.reached_follower_id,
            Agreement.agreed_at.is_not(None),
        )
        .order_by(Agreement.follower_id)
        .limit(_AT_ONCE)
    )  # fmt: skip
    followers = session.scalars(agreed).all()
    if not followers:
        reached.done_at = now()
        return None
    reached.reached_follower_id = followers[-1]
    since = beijing(moment).date() - lately
    return sum(_tell(session, batch_id, follower_id, since, beijing(moment).date()) for follower_id in followers)


def _tell(session: Session, batch_id: int, follower_id: int, since: date, today: date) -> int:
    told: list[tuple[str, list[Line]]] = []
    seen: list[tuple[bytes, str]] = []
    for resident_id, name in _people(session, follower_id):
        fresh = []
        for line in _news(session, batch_id, resident_id, since):
            key = _hash(resident_id, line)
            if session.get(PaidNotice, (follower_id, key)) is None:
                fresh.append(line)
                seen.append((key, line.stage))
        if fresh:
            told.append((name, fresh))
    if not told:
        return 0
    delivery = Delivery(follower_id=follower_id, text=notice(told, today))
    session.add(delivery)
    session.flush()
    session.add_all(
        PaidNotice(follower_id=follower_id, payment_hash=key, batch_id=batch_id, delivery_id=delivery.id, stage=stage)
        for key, stage in seen
    )
    return 1


def _people(session: Session, follower_id: int) -> Sequence[tuple[int, str]]:
    query = (
        select(Binding.resident_id, Resident.name)
        .join(Resident, Resident.id == Binding.resident_id)
        .where(Binding.follower_id == follower_id, Binding.ended_at.is_(None))
        .order_by(Binding.id)
    )
    return [(resident_id, name) for resident_id, name in session.execute(query)]


def _news(session: Session, batch_id: int, resident_id: int, since: date) -> list[Line]:
    """What this batch says of the person that is news and still stands."""
    held = select(Payment.item, Payment.year, Payment.period).where(
        Payment.batch_id == batch_id, Payment.resident_id == resident_id
    )
    here = {tuple(row) for row in session.execute(held)}
    if not here:
        return []
    return [
        line
        for line in Payment.of(session, resident_id)
        if (line.item, line.year, line.period) in here
        and line.stage in (*PAID, RETURNED)
        and (line.paid_date or line.stage_date) >= since
    ]


def _hash(resident_id: int, line: Line) -> bytes:
    said = f"{resident_id}|{line.item}|{line.year}|{line.period}|{line.stage}"
    return hashlib.sha256(said.encode()).digest()[:16]


def _drop_withdrawn(session: Session) -> None:
    """What has not gone out yet of a file that was withdrawn does not go out."""
    gone = (
        select(PaidNotice.delivery_id)
        .join(Batch, Batch.id == PaidNotice.batch_id)
        .join(Delivery, Delivery.id == PaidNotice.delivery_id)
        .where(Batch.status == WITHDRAWN, Delivery.status == WAITING, Delivery.leased_until.is_(None))
    )
    ids = session.scalars(gone.distinct()).all()
    if ids:
        session.execute(delete(PaidNotice).where(PaidNotice.delivery_id.in_(ids)))
        session.execute(delete(Delivery).where(Delivery.id.in_(ids), Delivery.status == WAITING))
