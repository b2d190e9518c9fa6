"""首接负责 (北京条例 第14条): a case that is offered to another department stays with the first until that one says yes.

    asked ──► taken       the other answers for it from now on
          ├─► declined    with a reason; it stays where it was
          ├─► unanswered  a working day went by: the coordinator decides
          └─► lapsed      taken back, answered or assigned meanwhile
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import Refused
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.staff import Department, Staff

if TYPE_CHECKING:
    from models.case import Case

ASKED, TAKEN, DECLINED, NO_ANSWER, LAPSED = "asked", "taken", "declined", "unanswered", "lapsed"


class Handover(Base):
    """One offer. `copy` is what the other department gets to read instead of the words of a sealed case."""

    __tablename__ = "case_handovers"
    __table_args__ = (
        Index("ix_case_handovers_to", "to_department_id", "state", "case_id"),
        Index("ix_case_handovers_state", "state", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    from_department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    to_department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    state: Mapped[str] = mapped_column(String(12), default=ASKED)
    reason: Mapped[str] = mapped_column(EncryptedText("case_handovers.reason"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    answer: Mapped[str | None] = mapped_column(EncryptedText("case_handovers.answer"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    case: Mapped[Case] = relationship(back_populates="handovers")
    from_department: Mapped[Department] = relationship(foreign_keys=[from_department_id])
    to_department: Mapped[Department] = relationship(foreign_keys=[to_department_id])
    asked_by: Mapped[Staff] = relationship(foreign_keys=[asked_by_id])

    def end(self, state: str, staff: Staff | None = None, answer: str | None = None) -> None:
        """It waits no longer."""
        self.state, self.answer, self.answered_at = state, answer, now()
        self.answered_by_id = staff.id if staff else None

    def lapse(self) -> None:
        """Nobody needs its answer any more."""
        self.end(LAPSED)


@dataclass(frozen=True, slots=True)
class Copy:
    """What another department gets to read of a sealed case, instead of the resident's own words. Refused without any."""

    text: str
    with_attachments: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise Refused("转给对方看的内容不能空着。")


class CaseCopy(Base):
    """The words of a sealed case as a department may read them: without what tells who the resident is."""

    __tablename__ = "case_copies"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)
    text: Mapped[str] = mapped_column(EncryptedText("case_copies.text"))
    with_attachments: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def keep(cls, session: Session, case: Case, department: Department, copy: Copy | None) -> None:
        """What the department reads from now on; None: the resident's own words, as far as it may see the case."""
        session.execute(delete(cls).where(cls.case_id == case.id, cls.department_id == department.id))
        if copy is not None:
            session.add(
                cls(case_id=case.id, department_id=department.id, text=copy.text.strip(), with_attachments=copy.with_attachments)
            )
        session.flush()


class Help(Base):
    """协办: another department gives its part, for the one that answers (主办). `part` never reaches the resident."""

    __tablename__ = "case_helps"
    __table_args__ = (Index("ix_case_helps_department_id", "department_id", "open", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    open: Mapped[bool] = mapped_column(default=True)
    wanted: Mapped[str] = mapped_column(EncryptedText("case_helps.wanted"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    part: Mapped[str | None] = mapped_column(EncryptedText("case_helps.part"))
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    department: Mapped[Department] = relationship()
