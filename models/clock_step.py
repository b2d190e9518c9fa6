"""What was done to the clock of a case: asked for, granted, stopped, taken up again. Nothing of it is ever deleted."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.case import Case
from models.staff import Staff


class What(StrEnum):
    """The kinds of steps."""

    EXTENSION = "extension"
    PAUSE = "pause"
    CORRECTION = "correction"
    CONFIRMED = "confirmed"
    KIND = "kind"


class State(StrEnum):
    """How far a step has come: an extension is asked, granted or refused; a pause or correction is open, then done.

    A correction whose last day is over has run out, until it arrives after all or the department decides.
    """

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    OPEN = "open"
    RUN_OUT = "run_out"
    DONE = "done"


class ClockStep(Base):
    """One step. `days` of an extension, `since` and `until` of a pause; `due_before` is what the date was.

    `until` of a correction is the last day for it while it is awaited, then the day on which it was over.
    """

    __tablename__ = "clock_steps"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    what: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("clock_steps.reason"))
    days: Mapped[int | None] = mapped_column()
    since: Mapped[date | None] = mapped_column()
    until: Mapped[date | None] = mapped_column()
    due_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(EncryptedText("clock_steps.answer"))
    case: Mapped[Case] = relationship()
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])

    @classmethod
    def of(cls, session: Session, case: Case, what: What | None = None) -> list[ClockStep]:
        """The steps of a case, oldest first."""
        query = select(cls).where(cls.case_id == case.id).order_by(cls.id)
        return list(session.scalars(query.where(cls.what == what) if what else query))

    @classmethod
    def waiting(cls, session: Session, case: Case, what: What) -> ClockStep | None:
        """The step of this kind that is not over yet."""
        steps = cls.of(session, case, what)
        return next((step for step in steps if step.state in (State.ASKED, State.OPEN, State.RUN_OUT)), None)

    def decided(self, state: State, by: Staff, answer: str | None = None) -> None:
        """It is over, and who said so."""
        self.state, self.decided_by_id, self.decided_at, self.answer = state, by.id, now(), answer
