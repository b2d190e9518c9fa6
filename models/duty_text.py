"""The SMS to a department's duty phone: a case has come, is urgent, or is overdue. Its number, kind and date; nothing of anybody.

A row is made once for a case, a department and a reason, and holds neither telephone nor words: both are looked up when it
is sent, so that a case that has gone elsewhere, was answered, or complains about the department goes to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, UniqueConstraint, and_, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.wording import beijing, day_and_weekday
from models.base import Base, UtcDateTime, insert_for, now
from models.case import OPEN, Case
from models.case_bar import CaseBar
from models.db import Database
from models.sms_row import REFUSED, SmsRow
from models.staff import Department

ARRIVED, URGENT, LATE = "arrived", "urgent", "late"
_SAID: Mapping[str, str] = {ARRIVED: "新来的", URGENT: "加急的", LATE: "超期的"}
_BY_DAY = (8, 20)  # hours of Beijing; outside of them only what is urgent
_LATELY = timedelta(days=3)  # a weekend without a worker is made up for, no more
_MORNING = timedelta(minutes=30)  # how often what waits for the day is looked at
_AT_ONCE = 200


class DutyText(SmsRow, Base):
    """One SMS to one department about one case, and why."""

    __tablename__ = "duty_texts"
    __table_args__ = (
        UniqueConstraint("case_id", "department_id", "why"),
        Index("ix_duty_texts_due", "status", "next_at"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    why: Mapped[str] = mapped_column(String(8))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def message(self, session: Session) -> tuple[str, dict[str, str]] | None:
        """Nothing to send: the case is not this department's to know any more, or it is night."""
        if self.why != URGENT and not is_day(now()):
            self.next_at, self.asked_at, self.leased_until = now() + _MORNING, now() + _MORNING, None
            return None
        if self.asked_at < now() - _LATELY:  # no messages went out for days: it is no news any more
            self.status, self.leased_until = REFUSED, None
            return None
        found = session.execute(
            _to_whom().where(Case.id == self.case_id, Case.department_id == self.department_id)
        ).first()
        if found is None or (self.why == LATE and not found.late):
            self.status, self.leased_until = REFUSED, None
            return None
        self.sent_at = now()
        return found.duty_phone or "", content_of(self.why, found.number, found.kind, found.due_at)


def content_of(why: str, number: str, kind: str, due_at: datetime | None) -> dict[str, str]:
    """What the template's places are filled with: 新来的投诉, its number, and by when."""
    day = day_and_weekday(due_at, beijing(now()).date()) if due_at else "没有期限"
    return {"number": number, "kind": f"{_SAID[why]}{kind}", "day": day}


def is_day(moment: datetime) -> bool:
    """Whether a phone may ring for what is not urgent."""
    return _BY_DAY[0] <= beijing(moment).hour < _BY_DAY[1]


def note_due(database: Database) -> int:
    """Make the rows of what has come, become urgent or gone over its date since the department has a duty phone; gives how many."""
    with database.read() as session:
        due = list(_due(session))
    return database.write(lambda opened: _made(opened, due)) if due else 0


def is_urgent_now(session: Session, case: Case) -> None:
    """The case has become urgent at this moment: its department's duty phone is told, where there is one."""
    if session.scalar(select(exists().where(Department.id == case.department_id, Department.duty_since.is_not(None)))):
        _made(session, [(case.id, case.department_id, URGENT)])


def _due(session: Session) -> Iterator[tuple[int, int, str]]:
    moment, day = now(), is_day(now())
    came = and_(Case.assigned_at > moment - _LATELY, Case.assigned_at >= Department.duty_since)
    passed = and_(
        Case.due_at < moment,
        Case.due_at > moment - _LATELY,
        Case.due_at >= Department.duty_since,
        Case.stopped.is_(None),
    )
    why = {URGENT: and_(came, Case.urgent)} | ({ARRIVED: and_(came, ~Case.urgent), LATE: passed} if day else {})
    for reason, holds in why.items():
        known = exists().where(
            DutyText.case_id == Case.id, DutyText.department_id == Case.department_id, DutyText.why == reason
        )
        query = _to_whom().with_only_columns(Case.id, Case.department_id).where(holds, ~known)
        for case_id, department_id in session.execute(query.order_by(Case.id).limit(_AT_ONCE)):
            yield case_id, department_id, reason


def _made(session: Session, due: list[tuple[int, int, str]]) -> int:
    made = 0
    for case_id, department_id, why in due:
        row = {
            "case_id": case_id,
            "department_id": department_id,
            "why": why,
            "asked_at": now(),
            "next_at": now(),
            "status": "waiting",
        }
        insert = insert_for(session)(DutyText).values(**row).on_conflict_do_nothing()
        made += session.scalar(insert.returning(DutyText.id)) is not None
    return made


def _to_whom() -> Select[int, str, str, datetime | None, str | None, bool]:
    """Open cases with the duty phone of whoever has them; none of a department that a case complains about."""
    late: ColumnElement[bool] = func.coalesce(and_(Case.due_at < now(), Case.stopped.is_(None)), False)
    return (
        select(Case.id, Case.number, Case.kind, Case.due_at, Department.duty_phone, late.label("late"))
        .join(Department, Department.id == Case.department_id)
        .where(Case.status.in_(OPEN), Department.duty_phone.is_not(None))
        .where(~exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == Case.department_id))
    )
