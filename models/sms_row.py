"""What every SMS of a case has in common: a row that is the queue, sent by one worker, and never twice.

waiting ──sending committed──► sending ──► sent
   ▲                              │ └────► uncertain    may have gone out: never sent again
   └── busy, or it never left ────┴──────► refused      not taken, tried in vain for too long, or nobody's news any more
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import String, exists, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import BigId, UtcDateTime, now

WAITING, SENDING, SENT, REFUSED, UNCERTAIN = "waiting", "sending", "sent", "refused", "uncertain"
_LASTS = timedelta(hours=4)  # after that nobody expects it any more


class SmsRow:
    """The columns, and the way of a row through them. Each table says itself what it sends, and to whom."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default=WAITING)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def any_due(cls, session: Session) -> bool:
        """Whether there is anything for the worker to do."""
        return session.scalar(select(exists().where(cls.status.in_((WAITING, SENDING)), cls.next_at <= now()))) or False

    @classmethod
    def lease(cls, session: Session, owner: str, length: timedelta, limit: int = 10) -> list[int]:
        """Take what is due, by number; two workers never take the same. What a dead worker had begun stays undecided."""
        died = (cls.status == SENDING) & (cls.leased_until < now())
        session.execute(update(cls).where(died).values(status=UNCERTAIN))
        free = (cls.leased_until.is_(None)) | (cls.leased_until < now())
        due = select(cls).where(cls.status == WAITING, cls.next_at <= now(), free).order_by(cls.id).limit(limit)
        rows = list(session.scalars(due.with_for_update(skip_locked=True)))
        for row in rows:
            row.leased_by, row.leased_until = owner, now() + length
        return [row.id for row in rows]

    @classmethod
    def leased(cls, session: Session, row_id: int, owner: str) -> Self | None:
        """The row, locked, if it still waits and is this worker's."""
        row = session.get(cls, row_id, with_for_update=True)
        return row if row is not None and row.status == WAITING and row.leased_by == owner else None

    @classmethod
    def begin(cls, session: Session, row_id: int, owner: str) -> tuple[str, dict[str, str]] | None:
        """The sending is about to be made, and is committed before it is. Gives telephone and content; None: nothing to send."""
        row = cls.leased(session, row_id, owner)
        message = row.message(session) if row is not None else None
        if row is not None and message is not None:
            row.status = SENDING
        return message

    def message(self, session: Session) -> tuple[str, dict[str, str]] | None:
        """Telephone and content, taken for the sending. None unless a table has something to send."""
        return None

    @classmethod
    def settle(cls, session: Session, row_id: int, status: str) -> None:
        """What came of it."""
        session.execute(update(cls).where(cls.id == row_id).values(status=status, leased_until=None))

    @classmethod
    def put_off(cls, session: Session, row_id: int, phone: str, content: Mapping[str, str], wait: timedelta) -> None:
        """Nothing went out: later again, or never again once nobody expects it any more."""
        row = session.get(cls, row_id, with_for_update=True)
        if row is None:
            return
        row.leased_until = None
        if row.asked_at < now() - _LASTS:
            row.status = REFUSED
        else:
            row.status, row.next_at = WAITING, now() + wait
            row.keep(phone, content)

    def keep(self, phone: str, content: Mapping[str, str]) -> None:
        """For the next try."""
