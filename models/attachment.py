"""Photos and voices of a case, fetched by the worker from the platform."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, EncryptedBytes, UtcDateTime, now
from models.delivery import WAITING

FETCHED, LOST = "fetched", "lost"


class Attachment(Base):
    """A photo or voice. The worker fetches it from the platform, which keeps it for three days only."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_waiting", "status", "next_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    media_id: Mapped[str] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(8), default=WAITING)
    media_type: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("attachments.content"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)

    @classmethod
    def keep(
        cls, session: Session, follower_id: int, kind: str, media_id: str, *, case_id: int | None = None
    ) -> Attachment:
        """Note a photo or voice for the worker to fetch, once; with a case it belongs to that case from now on."""
        found = session.scalar(select(cls).where(cls.follower_id == follower_id, cls.media_id == media_id))
        if found is None:
            found = cls(follower_id=follower_id, kind=kind, media_id=media_id)
            session.add(found)
        found.case_id = case_id or found.case_id
        session.flush()
        return found

    @classmethod
    def claim(cls, session: Session, limit: int, back_off: timedelta) -> list[tuple[int, str, str]]:
        """Take due ones for fetching: id, kind and media id. Nobody else takes them before the back-off is over."""
        rows = session.scalars(
            select(cls).where(cls.status == WAITING, cls.next_at <= now())
            .order_by(cls.id).limit(limit).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        for row in rows:
            row.attempts, row.next_at = row.attempts + 1, now() + back_off
        return [(row.id, row.kind, row.media_id) for row in rows]

    def fetched(self, content: bytes, media_type: str) -> None:
        """The content is here."""
        self.status, self.content, self.media_type = FETCHED, content, media_type

    def lost(self) -> None:
        """It cannot be had any more; the console says so."""
        self.status = LOST
