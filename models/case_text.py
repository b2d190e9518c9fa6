"""An SMS with a case's number, for whoever has no WeChat: written here, sent by the worker, never while a page waits."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.errors import Refused
from knowledge.identity import find_phones
from models import audit
from models.base import Base, Encrypted, EncryptedText
from models.case import Case
from models.sms_row import REFUSED, SENDING, SENT, UNCERTAIN, WAITING, SmsRow
from models.staff import Staff

__all__ = ["REFUSED", "SENDING", "SENT", "UNCERTAIN", "WAITING", "CaseText", "mobile_of"]


class CaseText(SmsRow, Base):
    """One SMS of one case: the number, who answers and by when; nothing of what it is about, for phones are shared.

    Telephone and content are kept only until they are sent.
    """

    __tablename__ = "case_texts"
    __table_args__ = (Index("ix_case_texts_due", "status", "next_at"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("case_texts.phone"))
    content: Mapped[dict[str, str] | None] = mapped_column(Encrypted("case_texts.content"))

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

    def message(self, session: Session) -> tuple[str, dict[str, str]] | None:
        """Phone and content, which go from here."""
        if self.phone is None:
            return None
        phone, content = self.phone, dict(self.content or {})
        self.phone, self.content = None, None
        return phone, content

    def keep(self, phone: str, content: Mapping[str, str]) -> None:
        """For the next try."""
        self.phone, self.content = phone, dict(content)


def mobile_of(case: Case) -> str | None:
    """The mobile telephone that was left with a case."""
    return next(iter(find_phones(case.phone or "")), None)
