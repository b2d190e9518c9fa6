"""交办单: what a resident has told, ready to be printed and taken to the office that takes it by law. Opened once, by a link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, Encrypted, UtcDateTime, now

LASTS = timedelta(hours=24)  # whoever prints it may be a child who comes home in the evening


class Slip(Base):
    """One slip. The token is nowhere: the row holds its SHA-256. `content` holds no name and no telephone."""

    __tablename__ = "slips"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(Encrypted("slips.content"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    @classmethod
    def issue(cls, session: Session, follower_id: int, content: dict[str, Any]) -> str:
        """A new slip; gives the token of its link."""
        token = secrets.token_urlsafe(24)
        session.add(cls(token_hash=_hash(token), follower_id=follower_id, content=content, expires_at=now() + LASTS))
        session.flush()
        return token

    @classmethod
    def look(cls, session: Session, token: str) -> bool:
        """Whether the link still opens something; looking spends nothing."""
        query = select(cls.id).where(cls.token_hash == _hash(token), cls.expires_at > now())
        return session.scalar(query) is not None

    @classmethod
    def spend(cls, session: Session, token: str) -> dict[str, Any] | None:
        """What stands on the slip, which is deleted by this; None if the link is used up or too old."""
        query = select(cls).where(cls.token_hash == _hash(token), cls.expires_at > now())
        found = session.scalar(query.with_for_update())
        if found is None:
            return None
        content = found.content
        session.delete(found)
        return content

    @classmethod
    def drop_old(cls, session: Session) -> None:
        """Delete what can no longer be opened."""
        session.execute(delete(cls).where(cls.expires_at < now()))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
