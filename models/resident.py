"""Residents, the bindings that say which WeChat user may look for whom, and the count of failed proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import ForeignKey, Index, LargeBinary, String, bindparam, delete, exists, false, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId, EncryptedText, UtcDateTime, keyring_of, locked_row, now
from models.follower import Follower
from models.prepared import Prepared


class Resident(Base):
    """A person of the payment files. This row alone holds the blind indexes of the ID number and the account."""

    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    index_key: Mapped[str] = mapped_column(String(16))
    id_number: Mapped[str] = mapped_column(EncryptedText("residents.id_number"))
    name: Mapped[str] = mapped_column(EncryptedText("residents.name"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("residents.phone"))
    account: Mapped[str | None] = mapped_column(EncryptedText("residents.account"))
    bank: Mapped[str | None] = mapped_column(String(64))
    town: Mapped[str | None] = mapped_column(String(32))
    village: Mapped[str | None] = mapped_column(String(32))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def by_id_number(cls, session: Session, id_number: str) -> Resident | None:
        """The resident with this 18-character ID number, under whichever index key the row was written."""
        return session.scalar(select(cls).where(cls.id_index.in_(cls.indexes(session, id_number))))

    @classmethod
    def id_of(cls, session: Session, id_number: str) -> int | None:
        """The row number of the resident with this ID number."""
        return session.scalar(select(cls.id).where(cls.id_index.in_(cls.indexes(session, id_number))))

    @classmethod
    def indexes(cls, session: Session, id_number: str) -> list[bytes]:
        """What the blind index of an ID number may be, under each of the index keys."""
        keyring = keyring_of(session.get_bind().dialect)
        return [keyring.blind_index(id_number, "id_number", key) for key in keyring.index]

    def proves(self, *, name: str | None, card_tail: str | None) -> bool:
        """Whether the proof given fits; what is None was not asked for by the county's setting."""
        fits = True
        if name is not None:
            fits &= self.name.replace("·", "") == name.replace("·", "")
        if card_tail is not None:
            fits &= bool(self.account) and str(self.account).endswith(card_tail)
        return fits


@dataclass(frozen=True, slots=True)
class Bound:
    """A person for whom a WeChat user may look."""

    binding_id: int
    resident_id: int
    name: str


SELF, PARENT, CHILD, OTHER = "self", "parent", "child", "other"  # what the person looked up is to the WeChat user


class Binding(Base):
    """The proof that a WeChat user is this resident, or acts for one. Ended, never overwritten.

    `relation` is what the user said the person is to them; `guardian` that they said to be the guardian of a child
    under 14 (个人信息保护法 第31条).
    """

    __tablename__ = "bindings"
    __table_args__ = (Index("ix_bindings_follower_id", "follower_id", "ended_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    proof: Mapped[str] = mapped_column(String(32))
    relation: Mapped[str] = mapped_column(String(8), default=SELF, server_default=SELF)
    guardian: Mapped[bool] = mapped_column(default=False, server_default=false())
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resident: Mapped[Resident] = relationship()

    @classmethod
    def of(cls, session: Session, follower_id: int) -> list[Bound]:
        """The persons for whom a WeChat user may look, in the order of binding."""
        return [Bound(*row) for row in _BOUND.rows(session, {"follower_id": follower_id})]

    @classmethod
    def make(
        cls, session: Session, follower: Follower, resident: Resident, proof: str, *, relation: str = SELF,
        guardian: bool = False,
    ) -> bool:  # fmt: skip
        """Bind, unless the binding stands already. Gives whether it is new."""
        if any(standing.resident_id == resident.id for standing in cls.of(session, follower.id)):
            return False
        session.add(
            cls(follower_id=follower.id, resident_id=resident.id, proof=proof, relation=relation, guardian=guardian)
        )
        session.flush()
        return True

    @classmethod
    def others_of(cls, session: Session, resident_id: int, follower_id: int) -> list[Binding]:
        """The standing bindings of other WeChat users to this person, oldest first.

        Only for one who is bound to the person: anybody else is given none. `end()` ends one of them.
        """
        standing = select(cls).where(cls.resident_id == resident_id, cls.ended_at.is_(None)).order_by(cls.id)
        rows = session.scalars(standing).all()
        others = [row for row in rows if row.follower_id != follower_id]
        return others if len(others) < len(rows) else []

    @classmethod
    def ended_lately(cls, session: Session, resident_id: int, follower_id: int, since: datetime) -> bool:
        """Whether this WeChat user had been bound to the person and gave it up after `since`."""
        mine = select(cls.id).where(cls.resident_id == resident_id, cls.follower_id == follower_id, cls.ended_at > since)
        return session.scalar(mine.limit(1)) is not None

    def end(self) -> None:
        """From now on this WeChat user may no longer look for this resident."""
        self.ended_at = now()


_BOUND = Prepared(
    select(Binding.id, Binding.resident_id, Resident.name)
    .join(Resident, Resident.id == Binding.resident_id)
    .where(Binding.follower_id == bindparam("follower_id"), Binding.ended_at.is_(None))
    .order_by(Binding.id),
    given=("follower_id",),
)


USER, PERSON, STAFF, EVERYONE, MESSAGES, ERRAND = "user", "person", "staff", "everyone", "sms", "case"
_WAITS = {2: timedelta(minutes=1), 1: timedelta(minutes=10)}  # by the tries that are left


class Attempt(Base):
    """Failed proofs of one subject within a window: a WeChat user, a staff member, everyone together, or an ID number,
    whether or not it exists.

    `resident_id` names the person of an ID number that exists, so that whoever is bound to it can be told; 0 for nobody.
    It is no foreign key: the engine would check it, and take longer for a person who exists.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_kind", "kind", "changed_at"),)

    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), default=ERRAND, server_default=ERRAND)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resident_id: Mapped[int | None] = mapped_column(BigId)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def subjects_of(cls, session: Session, kind: str, value: str) -> list[bytes]:
        """The keys under which failures are counted, by each index key, the newest first: whom it is about, it does not tell."""
        keyring = keyring_of(session.get_bind().dialect)
        return [keyring.blind_index(value, f"attempt:{kind}", key) for key in keyring.index]

    @classmethod
    def held(cls, session: Session, kind: str, value: str) -> Attempt:
        """The count of this subject, locked to the end of the transaction: tries made at the same moment count too."""
        newest, *older = cls.subjects_of(session, kind, value)
        for subject in older:  # a change of keys gives nobody new tries
            moved = update(cls).where(cls.subject == subject, ~exists().where(_COUNTS.c.subject == newest))
            session.execute(moved.values(subject=newest), execution_options={"synchronize_session": False})
        return locked_row(session, cls, {"subject": newest}, kind=kind)

    @classmethod
    def seen(cls, session: Session, kind: str, value: str) -> Attempt:
        """The count of this subject, for looking at only."""
        rows = (session.get(cls, subject) for subject in cls.subjects_of(session, kind, value))
        return next((row for row in rows if row is not None), None) or cls(failures=0, since=now())

    def within(self, window: timedelta) -> int:
        """The failures of the window that still runs."""
        return self.failures if self.since > now() - window else 0

    def minutes_to_wait(self) -> int:
        """Whole minutes until the next try is looked at; 0 for none."""
        left = (self.wait_until - now()).total_seconds() if self.wait_until else 0.0
        return max(0, ceil(left / 60))

    def count(self, limit: int, window: timedelta, *, resident_id: int | None = None) -> None:
        """One more failure. An old window starts anew; the last tries before the limit must each be waited for."""
        moment = now()
        if self.since <= moment - window:
            self.failures, self.since = 0, moment
        self.failures += 1
        wait = _WAITS.get(limit - self.failures)
        self.changed_at, self.resident_id = moment, resident_id
        self.wait_until = moment + wait if wait else self.wait_until

    @classmethod
    def locked(cls, session: Session, subjects: list[bytes], limit: int, window: timedelta) -> bool:
        """Whether any of the subjects has used up its attempts."""
        rows = session.scalars(select(cls).where(cls.subject.in_(subjects)))
        return any(row.failures >= limit and row.since > now() - window for row in rows)

    @classmethod
    def failed(cls, session: Session, subjects: list[bytes], window: timedelta) -> None:
        """Count one failure for each subject; an old window starts anew."""
        for subject in sorted(subjects):
            locked_row(session, cls, {"subject": subject}).count(0, window)
        session.flush()

    @classmethod
    def untold(cls, session: Session) -> list[Attempt]:
        """The ID numbers of persons that were tried in vain since the last word about it, which was a day ago."""
        told_long_ago = or_(cls.told_at.is_(None), cls.told_at < now() - timedelta(days=1))
        news = or_(cls.told_at.is_(None), cls.told_at < cls.changed_at)
        query = select(cls).where(cls.kind == PERSON, cls.resident_id > 0, told_long_ago, news)
        return list(session.scalars(query.limit(200).with_for_update(skip_locked=True)))

    @classmethod
    def drop_old(cls, session: Session) -> None:
        """Forget what no window can still be running for (the longest is 30 days)."""
        session.execute(delete(cls).where(cls.since < now() - timedelta(days=31)))


_COUNTS = Attempt.__table__.alias()
