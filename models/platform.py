"""What all processes share about the platform and about work that only one of them may do at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedText, UtcDateTime, locked_row, now

JS_TICKET = "js:"  # before the account's id: the ticket with which pages sign


class AccessToken(Base):
    """The one access token of an account, shared by every process and encrypted; and the ticket of its pages."""

    __tablename__ = "access_tokens"

    app_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str] = mapped_column(EncryptedText("access_tokens.token"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Lease(Base):
    """The right of one process to a named piece of work, until a moment; whoever finds it run out may take it."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def take(cls, session: Session, name: str, owner: str, length: timedelta) -> Lease | None:
        """The lease if it is free, run out, or already ours; else None."""
        found = locked_row(session, cls, {"name": name}, owner=owner, until=now())
        if found.owner != owner and found.until > now():
            return None
        found.owner, found.until = owner, now() + length
        return found

    @classmethod
    def hold(cls, session: Session, owner: str, length: timedelta) -> None:
        """Everything that this owner is still at stays the owner's for longer."""
        session.execute(update(cls).where(cls.owner == owner, cls.until > now()).values(until=now() + length))

    @classmethod
    def give_back(cls, session: Session, name: str, owner: str, *, done: bool = False) -> None:
        """Give the work back before the time is up. `done`: it was done now, and is due again from here."""
        found = session.get(cls, name, with_for_update=True)
        if found is None or found.owner != owner:
            return
        found.owner, found.until = "", now()
        if done:
            found.last_run_at = now()


class Counter(Base):
    """A number that only grows, by name: the version of the knowledge, the last case number of a day."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)

    @classmethod
    def next(cls, session: Session, name: str) -> int:
        """Count on by one and give the number; concurrent callers wait for each other."""
        found = locked_row(session, cls, {"name": name})
        found.value += 1
        session.flush()
        return found.value

    @classmethod
    def value_of(cls, session: Session, name: str) -> int:
        """The number as it stands, 0 if it was never counted."""
        return session.scalar(select(cls.value).where(cls.name == name)) or 0
