"""One-time links out of the chat: a page is opened by tapping, and what it shows is for the one who was given the link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, UtcDateTime, now

NUMBER, STATEMENT, EXPORT = "number", "statement", "export"
LASTS = timedelta(minutes=10)


class Ticket(Base):
    """A link, or the short session that it opened. The token itself is nowhere: the row holds its SHA-256."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def issue(
        cls, session: Session, kind: str, follower_id: int, *, resident_id: int | None = None, lasts: timedelta = LASTS
    ) -> str:
        """A new token for a link, good for `lasts` and for one spending."""
        token = secrets.token_urlsafe(24)
        session.add(
            cls(
                token_hash=_hash(token), kind=kind, follower_id=follower_id, resident_id=resident_id,
                expires_at=now() + lasts,
            )
        )  # fmt: skip
        session.flush()
        return token

    @classmethod
    def look(cls, session: Session, kind: str, token: str, *, lock: bool = False) -> Ticket | None:
        """The ticket of this token if it is still good; looking spends nothing."""
        query = select(cls).where(cls.token_hash == _hash(token), cls.kind == kind)
        found = session.scalar(query.with_for_update() if lock else query)
        return found if found and found.spent_at is None and found.expires_at > now() else None

    @classmethod
    def spend(cls, session: Session, kind: str, token: str) -> Ticket | None:
        """The ticket of this token, used up by this call; None if it was used before, is too old, or never was."""
        found = cls.look(session, kind, token, lock=True)
        if found:
            found.spent_at = now()
        return found

    @classmethod
    def drop_old(cls, session: Session) -> None:
        """Delete what can no longer be opened."""
        session.execute(delete(cls).where(cls.expires_at < now() - timedelta(days=1)))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
