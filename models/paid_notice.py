"""到账提醒: when a file with payments goes live, those who asked for it are told of each payment, once (逐项告知)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ForeignKey, LargeBinary, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.wording import beijing
from models.agreement import PAID_NOTICES, Agreement
from models.base import Base, BigId, UtcDateTime, insert_for, now
from models.db import Database
from models.delivery import WAITING, Delivery
from models.follower import Follower
from models.paid_news import Word, concerned, words_for
from models.payment import LIVE, WITHDRAWN, Batch

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

    Payments older than `lately` are history that was loaded late, and no news. Read first, then written in short
    transactions: the writer never waits for the reading.
    """
    moment = at or now()
    with database.read() as session:
        withdrawn, due = _withdrawn(session), _due_batches(session, moment)
    if withdrawn:
        database.write(_drop_withdrawn)
    if not hours[0] <= beijing(moment).hour < hours[1]:
        return 0
    return sum(_announce(database, batch_id, moment, lately, stopped) for batch_id in due)


def _due_batches(session: Session, moment: datetime) -> Sequence[int]:
    done = select(Announcement.batch_id).where(Announcement.done_at.is_not(None))
    query = select(Batch.id).where(Batch.status == LIVE, Batch.live_at > moment - _FORGOTTEN, Batch.id.not_in(done))
    return session.scalars(query.order_by(Batch.id)).all()


def _announce(
    database: Database, batch_id: int, moment: datetime, lately: timedelta, stopped: Callable[[], bool]
) -> int:  # fmt: skip
    made, today = 0, beijing(moment).date()
    with database.read() as session:
        reached = session.get(Announcement, batch_id)
        after = reached.reached_follower_id if reached else 0
        followers = concerned(session, batch_id, after)
    for at in range(0, len(followers) + _AT_ONCE, _AT_ONCE):  # the last time with nobody: done
        if stopped():
            break
        some = followers[at : at + _AT_ONCE]
        with database.read() as session:
            words = words_for(session, batch_id, some, today - lately, today)
        step = database.write(partial(_tell, batch_id=batch_id, after=after, followers=some, words=words))
        if step is None:
            break
        made, after = made + step, some[-1]
    return made


def _tell(session: Session, batch_id: int, after: int, followers: Sequence[int], words: Sequence[Word]) -> int | None:
    """Put the words into the outbox and note how far we are; None when there is nothing left to do for this batch."""
    insert = insert_for(session)(Announcement).values(batch_id=batch_id, reached_follower_id=0)
    session.execute(insert.on_conflict_do_nothing())
    reached = session.get_one(Announcement, batch_id, with_for_update=True)
    batch = session.get(Batch, batch_id)
    if batch is None or batch.status != LIVE or reached.done_at is not None or reached.reached_follower_id != after:
        return None  # withdrawn meanwhile, or another worker is at it
    if not followers:
        reached.done_at = now()
        return None
    reached.reached_follower_id = followers[-1]
    standing = _who_still_asks(session, followers)
    told = [(word, Delivery(follower_id=word.follower_id, text=word.text, extra=True)) for word in words if word.follower_id in standing]
    session.add_all(delivery for _, delivery in told)
    session.flush()
    session.add_all(
        PaidNotice(follower_id=word.follower_id, payment_hash=key, batch_id=batch_id, delivery_id=delivery.id, stage=stage)
        for word, delivery in told
        for key, stage in word.payments.items()
    )
    return len(told)


def _who_still_asks(session: Session, followers: Sequence[int]) -> set[int]:
    # Locked, as a message of theirs would: whoever has just left must leave nothing behind.
    session.execute(select(Follower.id).where(Follower.id.in_(followers)).order_by(Follower.id).with_for_update())
    query = select(Agreement.follower_id).where(
        Agreement.follower_id.in_(followers), Agreement.kind == PAID_NOTICES, Agreement.ended_at.is_(None)
    )
    return set(session.scalars(query))


def _withdrawn(session: Session) -> Sequence[int]:
    """Deliveries of files that were withdrawn, not gone out yet and in nobody's hands."""
    free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now())
    gone = (
        select(PaidNotice.delivery_id)
        .join(Batch, Batch.id == PaidNotice.batch_id)
        .join(Delivery, Delivery.id == PaidNotice.delivery_id)
        .where(Batch.status == WITHDRAWN, Delivery.status == WAITING, free)
    )
    return session.scalars(gone.distinct()).all()


def _drop_withdrawn(session: Session) -> None:
    if ids := _withdrawn(session):
        session.execute(delete(PaidNotice).where(PaidNotice.delivery_id.in_(ids)))
        session.execute(delete(Delivery).where(Delivery.id.in_(ids), Delivery.status == WAITING))
