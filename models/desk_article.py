"""What an agent keeps at hand: pinned articles, and those opened last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.errors import Refused
from models.base import Base, UtcDateTime, locked_row, now
from models.staff import Staff

MOST_PINNED = 12
_MOST_RECENT = 8


class DeskArticle(Base):
    """One section that somebody has pinned or opened."""

    __tablename__ = "desk_articles"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    aspect: Mapped[str] = mapped_column(String(16), primary_key=True)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def opened(cls, session: Session, staff: Staff, item: str, aspect: str) -> None:
        """It was opened just now; of many, the last ones are kept."""
        cls._row(session, staff, item, aspect).opened_at = now()
        session.flush()
        kept = {(row.item, row.aspect) for row in cls.recent(session, staff)}
        for row in session.scalars(select(cls).where(cls.staff_id == staff.id, cls.pinned_at.is_(None))):
            if (row.item, row.aspect) not in kept:
                session.delete(row)

    @classmethod
    def pin(cls, session: Session, staff: Staff, item: str, aspect: str, *, on: bool) -> None:
        """Keep it at the top of this person's desk, or no longer."""
        if on and len(cls.pinned(session, staff)) >= MOST_PINNED:
            raise Refused(f"最多钉住{MOST_PINNED}条。请先取下一条不常用的。")
        cls._row(session, staff, item, aspect).pinned_at = now() if on else None

    @classmethod
    def pinned(cls, session: Session, staff: Staff) -> list[DeskArticle]:
        """What this person pinned, in that order."""
        query = select(cls).where(cls.staff_id == staff.id, cls.pinned_at.is_not(None))
        return list(session.scalars(query.order_by(cls.pinned_at)))

    @classmethod
    def recent(cls, session: Session, staff: Staff) -> list[DeskArticle]:
        """What this person opened last, the newest first."""
        query = select(cls).where(cls.staff_id == staff.id, cls.opened_at.is_not(None))
        return list(session.scalars(query.order_by(cls.opened_at.desc()).limit(_MOST_RECENT)))

    @classmethod
    def forget(cls, session: Session, staff: Staff) -> None:
        """The list of what was opened is emptied; what is pinned stays pinned."""
        session.execute(delete(cls).where(cls.staff_id == staff.id, cls.pinned_at.is_(None)))

    @classmethod
    def _row(cls, session: Session, staff: Staff, item: str, aspect: str) -> DeskArticle:
        return locked_row(session, cls, {"staff_id": staff.id, "item": item, "aspect": aspect})
