"""An SMS with a case's number, for whoever has no WeChat: written here, sent by the worker, never while a page waits.

    waiting ──sending committed──► sending ──► sent
       ▲                              │ └────► uncertain    may have gone out: never sent again
       └── busy, or it never left ────┴──────► refused      not taken, or tried in vain for too long
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, exists, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.errors import Refused
from knowledge.identity import find_phones
from models import audit
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.case import Case
from models.staff import Staff

WAITING, SENDING, SENT, REFUSED, UNCERTAIN = "waiting", "sending", "sent", "refused", "uncertain"
_LASTS = timedelta(hours=4)  # after that nobody expects it any more


class CaseText(Base):
    """One SMS of one case: the number, who answers and by when; nothing of what it is about, for phones are shared.

    Telephone and content are kept only until they are sent.
    """

    __tablename__ = "case_texts"
    __table_args__ = (Index("ix_case_texts_due", "status", "next_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("case_texts.phone"))
    content: Mapped[dict[str, str] | None] = mapped_column(Encrypted("case_texts.content"))
    status: Mapped[str] = mapped_column(String(12), default=WAITING)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def ask(cls, session: Session, staff: Staff, case: Case, content: Mapping[str, str]) -> None:
        """Have it sent to the telephone of the case. Refused for a landline, and for the second time."""
        phone = mobile_of(case)
        if phone is None:
            raise Refused("没有留手机号，发不了短信。请念给他记，或打印出来。")
        if cls.of(session, [case.id]):
            raise Refused("这件事的短信已经交出去了，不用再发。")
        session.add(cls(case_id=case.id, phone=phone, content=dict(content)))
        audit.record(session, staff, "case.text", f"case:{case.number}")

    @classmethod
    def of(cls, session: Session, case_ids: list[int]) -> Mapping[int, str]:
        """By case, how far its SMS has come; nothing for a case without one."""
        query = select(cls.case_id, cls.status).where(cls.case_id.in_(case_ids))
        return {case_id: status for case_id, status in session.execute(query)} if case_ids else {}

    # ---- sending

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
    def begin(cls, session: Session, text_id: int, owner: str) -> tuple[str, dict[str, str]] | None:
        """The sending is about to be made, and is committed before it is. Gives phone and content, which go from here."""
        row = session.get(cls, text_id, with_for_update=True)
        if row is None or row.status != WAITING or row.leased_by != owner or row.phone is None:
            return None
        phone, content = row.phone, dict(row.content or {})
        row.status, row.phone, row.content = SENDING, None, None
        return phone, content

    @classmethod
    def settle(cls, session: Session, text_id: int, status: str) -> None:
        """What came of it."""
        session.execute(update(cls).where(cls.id == text_id).values(status=status, leased_until=None))

    @classmethod
    def put_off(cls, session: Session, text_id: int, phone: str, content: dict[str, str], wait: timedelta) -> None:
        """Nothing went out: later again, or never again once nobody expects it any more."""
        row = session.get(cls, text_id, with_for_update=True)
        if row is None:
            return
        row.leased_until = None
        if row.asked_at < now() - _LASTS:
            row.status = REFUSED
        else:
            row.status, row.phone, row.content, row.next_at = WAITING, phone, content, now() + wait


def mobile_of(case: Case) -> str | None:
    """The mobile telephone that was left with a case."""
    return next(iter(find_phones(case.phone or "")), None)
