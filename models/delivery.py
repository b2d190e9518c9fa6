"""Deliveries: messages that must reach a resident. A row is the queue; none is lost, none is pushed twice.

    waiting ──lease──► (leased) ──attempt committed──► sending ──► sent
       ▲                                                  │ └──► uncertain   outcome unknown: never pushed again
       └──────────── refused or failed without effect ────┘
       a notice (`notified_at`) only says that there is an answer: the row waits on
    waiting | uncertain ──next reply──► riding ──handed over in time──► delivered
    after some days, or when WeChat cannot reach the person: ──► calling (the hotline's list of people to phone) ──► called
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, exists, false, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.follower import Follower

WAITING, SENDING, SENT, UNCERTAIN = "waiting", "sending", "sent", "uncertain"
RIDING, DELIVERED, CALLING, CALLED = "riding", "delivered", "calling", "called"
ARRIVED = (SENT, DELIVERED, CALLED)  # the person has it

_NO_NEWS = timedelta(days=60)  # an extra is of no use after that
RIDE = timedelta(seconds=20)  # the platform's three tries are over by then


class Delivery(Base):
    """One message for one resident. `rides_on` is the key of the reply at whose head it stands.

    An `extra` can also be seen elsewhere: nobody is telephoned for it. Where `media_id` names a picture at the platform,
    the picture is pushed; `text` is what rides on a reply if it could not be.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "status", "next_at"),
        Index("ix_deliveries_follower_id", "follower_id", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("case_events.id"), index=True)
    text: Mapped[str] = mapped_column(EncryptedText("deliveries.text"))
    media_id: Mapped[str | None] = mapped_column(String(255))
    extra: Mapped[bool] = mapped_column(default=False, server_default=false())
    status: Mapped[str] = mapped_column(String(12), default=WAITING)
    channel: Mapped[str | None] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rides_on: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @classmethod
    def any_due(cls, session: Session) -> bool:
        """Whether there is anything to push now."""
        return session.scalar(select(exists().where(_due()))) or False

    @classmethod
    def lease(cls, session: Session, owner: str, length: timedelta, limit: int = 10) -> list[Delivery]:
        """Take due rows for pushing; two workers never take the same one."""
        rows = session.scalars(
            select(cls).where(_due()).order_by(cls.id).limit(limit).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        for row in rows:
            row.leased_by, row.leased_until = owner, now() + length
        return list(rows)

    @classmethod
    def give_back(cls, session: Session, owner: str) -> None:
        """What this owner leased and did not come to is free again."""
        mine = and_(cls.status == WAITING, cls.leased_by == owner)
        session.execute(update(cls).where(mine).values(leased_until=None))

    @classmethod
    def ours(cls, session: Session, delivery_id: int, owner: str, length: timedelta) -> Delivery | None:
        """The row, locked and leased for longer; None if it is no longer ours (taken over, riding on a reply)."""
        row = session.get(cls, delivery_id, with_for_update=True)
        if row is None or row.status != WAITING or row.leased_by != owner:
            return None
        row.leased_until = now() + length
        return row

    def attempt(self, channel: str) -> None:
        """A push is about to be made; committed before it is."""
        self.status, self.channel, self.attempts = SENDING, channel, self.attempts + 1

    @classmethod
    def recover(cls, session: Session) -> int:
        """Attempts whose worker died on the way: outcome unknown, so they are never pushed again."""
        died = and_(cls.status == SENDING, cls.leased_until < now())
        done = session.execute(update(cls).where(died).values(status=UNCERTAIN, changed_at=now()))
        return int(done.rowcount)  # type: ignore[attr-defined]

    def sent(self) -> None:
        """The platform took it."""
        self.status, self.leased_until = SENT, None

    def refused(self, code: int | None) -> None:
        """The platform refused, so nothing went out; it stays leased, for the next way is tried at once."""
        self.status, self.error_code = WAITING, code

    def not_sent(self, retry_at: datetime, code: int | None = None) -> None:
        """Nothing went out: wait for the next try."""
        self.status, self.next_at, self.error_code, self.leased_until = WAITING, retry_at, code, None

    def left_to_the_phone(self) -> None:
        """WeChat cannot reach the person: the hotline rings."""
        self.status, self.leased_until = CALLING, None

    def outcome_unknown(self) -> None:
        """The connection broke after the request left."""
        self.status, self.leased_until = UNCERTAIN, None

    @classmethod
    def ready_to_ride(cls, session: Session, follower_id: int) -> list[Delivery]:
        """What stands at the head of this person's next reply, oldest first."""
        ridden_out = and_(cls.status == RIDING, cls.changed_at < now() - RIDE)
        free = and_(cls.status == WAITING, or_(cls.leased_until.is_(None), cls.leased_until < now()))
        ready = or_(free, cls.status == UNCERTAIN, ridden_out)
        return list(
            session.scalars(select(cls).where(cls.follower_id == follower_id, ready).order_by(cls.id).with_for_update())
        )

    def ride(self, key: str) -> None:
        """Stand at the head of the reply to the message with this key."""
        self.status, self.rides_on = RIDING, key

    @classmethod
    def handed_over(cls, session: Session, key: str) -> None:
        """The reply was given in time: what rode on it has arrived."""
        session.execute(
            update(cls).where(cls.rides_on == key, cls.status == RIDING).values(status=DELIVERED, changed_at=now())
        )

    @classmethod
    def leave_to_the_phone(cls, session: Session, follower: Follower) -> None:
        """The person unfollowed: what has not arrived stands in the hotline's call list."""
        open_ = cls.status.in_((WAITING, SENDING, UNCERTAIN, RIDING))
        session.execute(
            update(cls)
            .where(cls.follower_id == follower.id, open_, cls._is_worth_a_call())
            .values(status=CALLING, changed_at=now())
        )
        session.execute(delete(cls).where(cls.follower_id == follower.id, cls.extra))
        session.execute(update(cls).where(cls.follower_id == follower.id).values(follower_id=None))

    @classmethod
    def give_up_older_than(cls, session: Session, age: timedelta) -> int:
        """What has not arrived after so long goes to the call list, and so does what has no WeChat user to go to."""
        old = and_(cls.status.in_((WAITING, UNCERTAIN, RIDING)), cls.created_at < now() - age)
        nobody = and_(cls.status == WAITING, cls.follower_id.is_(None))
        stale = and_(cls.extra, cls.created_at < now() - _NO_NEWS)
        session.execute(delete(cls).where(stale))
        late = update(cls).where(or_(old, nobody), cls._is_worth_a_call())
        done = session.execute(late.values(status=CALLING, changed_at=now()))
        return int(done.rowcount)  # type: ignore[attr-defined]

    @classmethod
    def _is_worth_a_call(cls) -> ColumnElement[bool]:
        # A step on the way (taken on, handed over) is seen with the progress, a payment with 查补贴; nobody is telephoned.
        from models.case_event import CaseEvent

        return and_(~cls.extra, ~exists().where(CaseEvent.id == cls.event_id, CaseEvent.what != "answered"))

    @classmethod
    def to_call(cls, session: Session) -> list[Delivery]:
        """The hotline's call list, oldest first."""
        return list(session.scalars(select(cls).where(cls.status == CALLING).order_by(cls.id)))

    def called(self) -> None:
        """A hotline agent has told the person by telephone."""
        self.status = CALLED

    def nobody_answered(self) -> None:
        """A hotline agent rang in vain; the row stays in the call list, behind those not yet tried."""
        self.next_at = now()


def _due() -> ColumnElement[bool]:
    free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now())
    return and_(Delivery.status == WAITING, Delivery.next_at <= now(), Delivery.follower_id.is_not(None), free)
