"""告知书: the written notices of 信访 and 信息公开, each with a number that never has a gap, and never changed once issued."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.case_answer import clean
from knowledge.errors import NotThere, Refused
from knowledge.kinds import PETITION
from knowledge.notices import Facts, Kind, Letter, letter_of, number_of, why_not
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.case import ANSWERED, Case
from models.case_answer import CaseAnswer
from models.case_clock import deadline_of
from models.case_event import CaseEvent
from models.clock_step import ClockStep, State, What
from models.platform import Counter
from models.staff import Department, Staff

NO_NAME = "反映人（身份保密）"
_MOST = 1500


class CaseNotice(Base):
    """One notice as it was issued. `serial` counts within the department and the year."""

    __tablename__ = "case_notices"
    __table_args__ = (UniqueConstraint("department_id", "year", "serial"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    year: Mapped[int] = mapped_column()
    serial: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(String(12))
    issued_on: Mapped[date] = mapped_column()
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    addressee: Mapped[str] = mapped_column(EncryptedText("case_notices.addressee"))
    paragraphs: Mapped[list[str]] = mapped_column(Encrypted("case_notices.paragraphs"))
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_why: Mapped[str | None] = mapped_column(EncryptedText("case_notices.voided_why"))
    case: Mapped[Case] = relationship()
    department: Mapped[Department] = relationship()
    staff: Mapped[Staff] = relationship()

    @classmethod
    def of(cls, session: Session, case: Case) -> list[CaseNotice]:
        """The notices of a case, oldest first."""
        return list(session.scalars(select(cls).where(cls.case_id == case.id).order_by(cls.id)))

    @classmethod
    def issue(cls, session: Session, case: Case, staff: Staff, kind: Kind, said: str, facts: Facts) -> CaseNotice:
        """Issue it under the department's next number of this year. Call it with the case locked."""
        said = clean(said)
        if len(said) > _MOST:
            raise Refused(f"写得太长了，最多{_MOST}个字。")
        if reason := why_not(kind, facts, said):
            raise Refused(reason)
        today = beijing(now()).date()
        serial = Counter.next(session, f"notice:{case.department_id}:{today.year}")
        found = cls(
            case_id=case.id, department_id=case.department_id, year=today.year, serial=serial, kind=kind, issued_on=today,
            staff_id=staff.id, addressee=addressee_of(case), paragraphs=list(letter_of(kind, facts, said)),
        )  # fmt: skip
        session.add(found)
        case.happened(session, "notice", staff, number_of(case.department.name, today.year, serial))
        audit.record(session, staff, "notice.issue", f"case:{case.number}", notice=kind, serial=serial, year=today.year)
        session.flush()
        return found

    def void(self, session: Session, staff: Staff, why: str) -> None:
        """It was wrong: it keeps its number and says so."""
        if self.voided_at is not None:
            raise Refused("这份已经作废了。")
        if len(why.strip()) < 2:
            raise Refused("请写一句为什么作废。")
        self.voided_at, self.voided_why = now(), why.strip()
        audit.record(session, staff, "notice.void", f"case:{self.case.number}", serial=self.serial, reason=why.strip())

    @property
    def number(self) -> str:
        """民政局告〔2026〕3号."""
        return number_of(self.department.name, self.year, self.serial)

    @property
    def letter(self) -> Letter:
        """As it is printed."""
        return Letter.of(
            Kind(self.kind), self.case.kind, self.number, self.addressee, self.paragraphs, self.department.full_name, self.issued_on
        )


def notice_of(session: Session, case: Case, notice_id: int, *, lock: bool = False) -> CaseNotice:
    """A notice of a case that was loaded for somebody, or NotThere."""
    found = session.get(CaseNotice, notice_id, with_for_update=lock)
    if found is None or found.case_id != case.id:
        raise NotThere("没有这份告知书。")
    return found


def addressee_of(case: Case) -> str:
    """To whom it goes; nobody's name where the person is to stay unknown."""
    return NO_NAME if case.confidential else case.contact_name or "反映人"


def facts_of(session: Session, case: Case, *, slip_for: str = "") -> Facts:
    """What the notices of a case speak of, from what has happened to it."""
    granted = [step for step in ClockStep.of(session, case, What.EXTENSION) if step.state == State.GRANTED]
    corrections = ClockStep.of(session, case, What.CORRECTION)
    sent = CaseAnswer.last_sent(session, case) if case.status == ANSWERED else None
    deadline = deadline_of(case)
    return Facts(
        kind=case.kind, number=case.number, filed_on=beijing(case.filed_at).date(), department=case.department.full_name,
        item=case.item or "", place=f"{case.town or ''}{case.village or ''}",
        accepted_on=beijing(case.accepted_at).date() if case.accepted_at else None,
        due_on=deadline.due_date, provisional=deadline.provisional,
        extended_by=f"{granted[-1].days}{'个工作日' if case.kind != PETITION else '日'}" if granted else "",
        extended_why=granted[-1].reason if granted else "",
        answered=_answered(session, case, sent), forwarded_to=_forwarded_to(session, case),
        to_correct=corrections[-1].reason if corrections else "",
        correct_by=corrections[-1].until if corrections and corrections[-1].state != State.DONE else None, slip_for=slip_for,
    )  # fmt: skip


def _answered(session: Session, case: Case, sent: CaseAnswer | None) -> str:
    if sent is not None:
        return sent.body
    said = select(CaseEvent.text).where(CaseEvent.case_id == case.id, CaseEvent.what == "answered")
    return session.scalar(said.order_by(CaseEvent.id.desc()).limit(1)) or ""


def _forwarded_to(session: Session, case: Case) -> str:
    moved = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.what == "transferred")
    last = session.scalars(moved.order_by(CaseEvent.id.desc()).limit(1)).first()
    return last.to_department.full_name if last and last.to_department else ""
