"""Who belongs to whose household, and who has died: from files of the police and of civil affairs.

Rows are never changed: of several files that name somebody the newest live one counts. So a file becomes visible, or is
withdrawn, in one flip of its status, as a batch of payments does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.payment import LIVE, STAGED, WITHDRAWN

HOUSEHOLDS, DEATHS, RETURNS = "households", "deaths", "returns"


class Register(Base):
    """One file that is no payment file: households, deaths, or what the bank sent back.

    `batch_id` is the batch of payments that a bank's file made; `checked_at` when payments were held against it.
    """

    __tablename__ = "registers"
    __table_args__ = (Index("ix_registers_kind", "kind", "status"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(EncryptedText("registers.file_name"), nullable=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(16), default=STAGED)
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), index=True)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def go_live(self) -> None:
        """The one flip: from the commit on everybody sees the file."""
        self.status, self.live_at = LIVE, now()

    def withdraw(self) -> None:
        """Hide the file again; what it had replaced counts as before."""
        self.status, self.checked_at = WITHDRAWN, None

    @classmethod
    def same(cls, session: Session, kind: str, sha256: str) -> Register | None:
        """The very same file, if it is in."""
        query = select(cls).where(cls.kind == kind, cls.sha256 == sha256, cls.status == LIVE)
        return session.scalar(query.order_by(cls.id).limit(1))


class Member(Base):
    """That a person belongs to the household of another, or is its head. `name`: only if the file calls them otherwise."""

    __tablename__ = "members"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    register_id: Mapped[int] = mapped_column(ForeignKey("registers.id"), primary_key=True, index=True)
    head_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    relation: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(EncryptedText("members.name"))

    @classmethod
    def head_of(cls, session: Session, resident_id: int) -> int | None:
        """The head of a person's household, by resident; None where no file says."""
        return cls.heads_of(session, [resident_id]).get(resident_id)

    @classmethod
    def heads_of(cls, session: Session, resident_ids: Sequence[int]) -> dict[int, int]:
        """The heads of the households of these persons, as far as a file says; a head is their own."""
        query = (
            select(cls.resident_id, cls.head_id)
            .join(Register, Register.id == cls.register_id)
            .where(cls.resident_id.in_(resident_ids), Register.status == LIVE)
            .order_by(cls.register_id)
        )
        return {row.resident_id: row.head_id for row in session.execute(query)}


class Death(Base):
    """That a person has died, and when. `source` is what the file calls the date; `name` as in `Member`."""

    __tablename__ = "deaths"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    register_id: Mapped[int] = mapped_column(ForeignKey("registers.id"), primary_key=True, index=True)
    died_on: Mapped[date] = mapped_column()
    source: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(EncryptedText("deaths.name"))

    @classmethod
    def dates_of(cls, session: Session, resident_ids: Sequence[int]) -> dict[int, date]:
        """When these persons died, as far as a file says."""
        query = (
            select(cls.resident_id, cls.died_on)
            .join(Register, Register.id == cls.register_id)
            .where(cls.resident_id.in_(resident_ids), Register.status == LIVE)
            .order_by(cls.register_id)
        )
        return {row.resident_id: row.died_on for row in session.execute(query)}
