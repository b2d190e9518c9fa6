"""Residents, the bindings that say which WeChat user may look for whom, and the count of failed proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId, EncryptedText, UtcDateTime, keyring_of, locked_row, now
from models.follower import Follower


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
        keyring = keyring_of(session.get_bind().dialect)
        indexes = [keyring.blind_index(id_number, "id_number", key) for key in keyring.index]
        return session.scalar(select(cls).where(cls.id_index.in_(indexes)))

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


class Binding(Base):
    """The proof that a WeChat user is this resident, or acts for one. Ended, never overwritten."""

    __tablename__ = "bindings"
    __table_args__ = (Index("ix_bindings_follower_id", "follower_id", "ended_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    proof: Mapped[str] = mapped_column(String(32))
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resident: Mapped[Resident] = relationship()

    @classmethod
    def of(cls, session: Session, follower_id: int) -> list[Bound]:
        """The persons for whom a WeChat user may look, in the order of binding."""
        rows = session.connection().execute(_BOUND, {"follower_id": follower_id})
        return [Bound(*row) for row in rows]

    @classmethod
    def make(cls, session: Session, follower: Follower, resident: Resident, proof: str) -> None:
        """Bind, unless the binding stands already."""
        if all(standing.resident_id != resident.id for standing in cls.of(session, follower.id)):
            session.add(cls(follower_id=follower.id, resident_id=resident.id, proof=proof))
            session.flush()

    def end(self) -> None:
        """From now on this WeChat user may no longer look for this resident."""
        self.ended_at = now()


_BOUND = (
    select(Binding.id, Binding.resident_id, Resident.name)
    .join(Resident, Resident.id == Binding.resident_id)
    .where(Binding.follower_id == bindparam("follower_id"), Binding.ended_at.is_(None))
    .order_by(Binding.id)
)


class Attempt(Base):
    """Failed proofs of one subject (a WeChat user, or an ID number whether or not it exists) within a window."""

    __tablename__ = "attempts"

    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def subject_of(cls, session: Session, kind: str, value: str) -> bytes:
        """The key under which failures are counted: keyed, so that the table does not tell whom it is about."""
        return keyring_of(session.get_bind().dialect).blind_index(value, f"attempt:{kind}")

    @classmethod
    def locked(cls, session: Session, subjects: list[bytes], limit: int, window: timedelta) -> bool:
        """Whether any of the subjects has used up its attempts."""
        rows = session.scalars(select(cls).where(cls.subject.in_(subjects)))
        return any(row.failures >= limit and row.since > now() - window for row in rows)

    @classmethod
    def failed(cls, session: Session, subjects: list[bytes], window: timedelta) -> None:
        """Count one failure for each subject; an old window starts anew."""
        for subject in sorted(subjects):
            row = locked_row(session, cls, {"subject": subject})
            if row.since <= now() - window:
                row.failures, row.since = 1, now()
            else:
                row.failures += 1
        session.flush()
