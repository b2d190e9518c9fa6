"""The answer of a case while it is written: a draft, an answer that a head looks at first, and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.case_answer import Written, composed
from knowledge.errors import NotAllowed, Refused
from models import audit
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.case import WITHDRAWN, Case
from models.staff import Staff
from models.visit import is_reviewer


class State(StrEnum):
    """How far an answer has come."""

    DRAFT = "draft"
    ASKED = "asked"  # for a head's approval
    RETURNED = "returned"  # by the head, to be reworded
    SENT = "sent"


OPEN = (State.DRAFT, State.ASKED, State.RETURNED)


class CaseAnswer(Base):
    """One answer by one person. What was sent is kept: the notices and the statistics read the result from it."""

    __tablename__ = "case_answers"
    __table_args__ = (Index("ix_case_answers_case_id", "case_id", "staff_id"), Index("ix_case_answers_state", "state"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(8), default=State.DRAFT)
    result: Mapped[str] = mapped_column(String(16), default="")
    said: Mapped[str] = mapped_column(EncryptedText("case_answers.said"), default="")
    basis: Mapped[str] = mapped_column(EncryptedText("case_answers.basis"), default="")
    next_step: Mapped[str] = mapped_column(EncryptedText("case_answers.next_step"), default="")
    no_basis: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_why: Mapped[str | None] = mapped_column(EncryptedText("case_answers.returned_why"))
    case: Mapped[Case] = relationship()
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    approver: Mapped[Staff | None] = relationship(foreign_keys=[approver_id])

    @classmethod
    def open_of(cls, session: Session, case: Case, staff: Staff) -> CaseAnswer | None:
        """What this person has begun and not sent."""
        query = select(cls).where(cls.case_id == case.id, cls.staff_id == staff.id, cls.state.in_(OPEN))
        return session.scalars(query.order_by(cls.id.desc()).limit(1)).first()

    @classmethod
    def asked_of(cls, session: Session, case: Case) -> CaseAnswer | None:
        """The answer of this case that waits for a head."""
        return session.scalars(select(cls).where(cls.case_id == case.id, cls.state == State.ASKED).limit(1)).first()

    @classmethod
    def last_sent(cls, session: Session, case: Case) -> CaseAnswer | None:
        """The newest that went out."""
        query = select(cls).where(cls.case_id == case.id, cls.state == State.SENT)
        return session.scalars(query.order_by(cls.id.desc()).limit(1)).first()

    @classmethod
    def keep(cls, session: Session, case: Case, staff: Staff, written: Written) -> CaseAnswer:
        """Keep what is written so far; it waits for its author, also after a log-out. Call it with the case locked."""
        found = cls.open_of(session, case, staff)
        if found is None:
            found = cls(case_id=case.id, staff_id=staff.id)
            session.add(found)
        if found.state == State.ASKED:
            raise Refused("答复已经报上去了，等负责人看过再改。")
        if case.status == WITHDRAWN:
            raise Refused("这件事群众已经撤回，不用再答复。")
        found.result, found.said, found.basis = written.result, written.said, written.basis
        found.next_step, found.no_basis, found.saved_at = written.next_step, written.no_basis, now()
        session.flush()
        return found

    @property
    def written(self) -> Written:
        """What was filled in."""
        return Written(self.result, self.said, self.basis, self.next_step, self.no_basis)

    def text(self, ask: str) -> str:
        """As the resident reads it."""
        return composed(self.case.kind, self.written.checked(self.case.kind), ask)

    @property
    def body(self) -> str:
        """The same for a printed page, which tells itself what one can do afterwards."""
        return composed(self.case.kind, self.written, ends=False)

    def send(self, session: Session, staff: Staff, ask: str) -> None:
        """Out it goes: the case is answered, in one commit with this row."""
        self.written.checked(self.case.kind)
        self.case.stopped = None
        self.case.answer(session, staff, self.text(ask))
        self.state, self.saved_at = State.SENT, now()

    def ask(self, session: Session, staff: Staff) -> None:
        """Before it goes out a head looks at it."""
        self.written.checked(self.case.kind)
        if self.case.status == WITHDRAWN:
            raise Refused("这件事群众已经撤回，不用再答复。")
        if type(self).asked_of(session, self.case) is not None:
            raise Refused("这件事已经有一份答复在等负责人看。")
        self.state, self.returned_why = State.ASKED, None
        self.case.happened(session, "to_approve", staff)
        audit.record(session, staff, "answer.ask", f"case:{self.case.number}")

    def approve(self, session: Session, head: Staff, ask: str) -> None:
        """The head lets it go out, in the name of the one who wrote it."""
        self._decided_by(head)
        author = session.get_one(Staff, self.staff_id)
        if author.department_id != self.case.department_id and not is_reviewer(session, self.case, author):
            raise Refused("这件事已经转给别的部门，这份答复不能再发。")
        self.send(session, author, ask)
        audit.record(session, head, "answer.approve", f"case:{self.case.number}", author=author.username)

    def give_back(self, session: Session, head: Staff, why: str) -> None:
        """The head wants it worded otherwise; nothing reaches the resident."""
        self._decided_by(head)
        if len(why.strip()) < 2:
            raise Refused("请写一句要怎么改。")
        self.state, self.returned_why = State.RETURNED, why.strip()
        self.case.happened(session, "answer_returned", head, why.strip())
        audit.record(session, head, "answer.return", f"case:{self.case.number}", reason=why.strip())

    def _decided_by(self, head: Staff) -> None:
        if self.state != State.ASKED:
            raise Refused("这份答复已经有人看过了。刷新一下就能看到。")
        if head.id == self.staff_id:
            raise NotAllowed("自己写的答复要由别人来看。")
        self.approver_id, self.decided_at = head.id, now()


def needs_approval(case: Case, approval: Collection[str]) -> bool:
    """Whether the county wants a head to see answers of this kind, or of this department."""
    return case.kind in approval or case.department.name in approval


def staff_names(session: Session) -> Sequence[str]:
    """The names of everybody at a desk, for the check of what goes out."""
    return session.scalars(select(Staff.name)).all()


