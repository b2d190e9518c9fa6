"""到期提醒: a desk is reminded of each date once, in working hours; what is overdue goes up to the supervisor.

A row is the reminder: two workers, or one that died half-way, never make a second one for the same date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ForeignKey, Index, Row, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.calendar import Clocks
from knowledge.deadlines import accept_by, counts_working_days
from knowledge.kinds import PETITION, REPORT
from knowledge.reminders import Point, due_point
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, UtcDateTime, insert_for, now
from models.case import FILED, OPEN, Case
from models.case_event import CaseEvent
from models.case_loading import cases_for
from models.db import Database
from models.staff import Department, Staff

ACCEPT, ANSWER = "accept", "answer"  # the two clocks of a case
_AT_ONCE = 50  # cases in one transaction
_MOST = 200  # shown on a desk


class CaseReminder(Base):
    """That the desk was reminded of one date of one clock, at one point of the time before it."""

    __tablename__ = "case_reminders"
    __table_args__ = (
        UniqueConstraint("case_id", "clock", "point", "due_on"),
        Index("ix_case_reminders_desk", "department_id", "seen_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    clock: Mapped[str] = mapped_column(String(8))
    point: Mapped[str] = mapped_column(String(8))
    due_on: Mapped[date] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    def seen(self, session: Session, staff: Staff) -> None:
        """Somebody at the desk has taken note of it."""
        if self.seen_at is None:
            self.seen_at, self.seen_by_id = now(), staff.id
            audit.record(session, staff, "reminder.seen", f"reminder:{self.id}")


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is to be given."""

    case_id: int
    clock: str
    point: Point
    due_on: date


def remind_due(
    database: Database, clocks: Clocks, *, stopped: Callable[[], bool] = lambda: False, at: datetime | None = None
) -> int:
    """Give the reminders whose day has come, in working hours only; gives how many were made.

    Read first, then written in short transactions: the writer never waits for the reading.
    """
    moment = at or now()
    if not clocks.is_office_hour(moment):
        return 0
    with database.read() as session:
        due = list(_due(session, clocks, beijing(moment).date()))
    made = 0
    for start in range(0, len(due), _AT_ONCE):
        if stopped():
            break
        made += database.write(partial(_give, due=due[start : start + _AT_ONCE], clocks=clocks, moment=moment))
    return made


_COLUMNS: Sequence[Any] = (
    Case.id, Case.kind, Case.status, Case.filed_at, Case.counts_from, Case.accepted_at, Case.due_at, Case.department_id,
)  # fmt: skip


def _due(session: Session, clocks: Clocks, today: date) -> Iterator[Due]:
    known = select(CaseReminder.case_id, CaseReminder.clock, CaseReminder.point, CaseReminder.due_on)
    open_ = known.join(Case, Case.id == CaseReminder.case_id).where(Case.status.in_(OPEN))
    given = {tuple(row) for row in session.execute(open_)}
    for case in session.execute(select(*_COLUMNS).where(Case.status.in_(OPEN), Case.stopped.is_(None))):
        for one in _of_case(case, clocks, today):
            if (one.case_id, one.clock, one.point, one.due_on) not in given:
                yield one


def _of_case(case: Row[Any], clocks: Clocks, today: date) -> Iterator[Due]:
    if case.kind == REPORT:
        return
    came = case.counts_from or case.filed_at
    if case.status == FILED and (accept := accept_by(case.kind, came, clocks)).due_date is not None:
        working = case.kind != PETITION or clocks.simple_petitions
        point = due_point(beijing(came).date(), accept.due_date, today, working, clocks)
        if point is not None:
            yield Due(case.id, ACCEPT, point, accept.due_date)
    if case.due_at is not None:
        began = case.accepted_at if case.kind == PETITION and case.accepted_at else came
        due = beijing(case.due_at).date()
        point = due_point(beijing(began).date(), due, today, counts_working_days(case.kind, clocks), clocks)
        if point is not None:
            yield Due(case.id, ANSWER, point, due)


def _give(session: Session, due: Sequence[Due], clocks: Clocks, moment: datetime) -> int:
    """Make the rows of those that are still due: a case that was answered in between gets none."""
    ids = {one.case_id for one in due}
    locked = select(*_COLUMNS).where(Case.id.in_(ids), Case.status.in_(OPEN), Case.stopped.is_(None))
    cases = {case.id: case for case in session.execute(locked.order_by(Case.id).with_for_update())}
    made, today = 0, beijing(moment).date()
    for one in due:
        case = cases.get(one.case_id)
        if case is None or one not in _of_case(case, clocks, today):
            continue
        row = {"case_id": one.case_id, "department_id": case.department_id, "clock": one.clock, "point": one.point,
               "due_on": one.due_on, "at": moment}  # fmt: skip
        insert = insert_for(session)(CaseReminder).values(**row).on_conflict_do_nothing()
        if session.scalar(insert.returning(CaseReminder.id)) is None:
            continue
        made += 1
        if one.point == Point.LATE:
            session.add(CaseEvent(case_id=one.case_id, what=f"late_{one.clock}", at=moment))
    return made


# ---------------------------------------------------------------- at the desk


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder as a desk sees it."""

    id: int
    number: str
    kind: str
    item: str | None
    town: str | None
    department: str
    clock: str
    point: Point
    due_on: date
    at: datetime


def reminders_for(session: Session, staff: Staff) -> list[Line]:
    """What the person's own desk is reminded of and nobody has taken note of; the newest of each clock, most pressing first."""
    if staff.department_id is None:
        return []
    query = (
        cases_for(staff)
        .join(CaseReminder, CaseReminder.case_id == Case.id)
        .join(Department, Department.id == Case.department_id)
        .where(Case.status.in_(OPEN), Case.stopped.is_(None), Case.department_id == staff.department_id)
        .where(CaseReminder.department_id == staff.department_id, CaseReminder.seen_at.is_(None))
        .with_only_columns(
            CaseReminder.id, Case.number, Case.kind, Case.item, Case.town, Department.name, CaseReminder.clock, CaseReminder.point,
            CaseReminder.due_on, CaseReminder.at, Case.status, Case.due_at,
        )
        .order_by(CaseReminder.id.desc())
        .limit(_MOST * 3)
    )  # fmt: skip
    found: dict[tuple[str, str], Line] = {}
    for row in session.execute(query):
        stands = row.status == FILED if row.clock == ACCEPT else row.due_at and beijing(row.due_at).date() == row.due_on
        if stands:
            found.setdefault((row.number, row.clock), Line(*row[:7], Point(row.point), row.due_on, row.at))
    return sorted(found.values(), key=lambda line: (line.due_on, line.number, line.clock))[:_MOST]


def overdue_for(session: Session, staff: Staff) -> list[Row[Any]]:
    """For the supervisor: what is over its date now, the longest first, as it stands at this moment."""
    query = _overdue(staff).join(Department, Department.id == Case.department_id)
    columns = (Case.number, Case.kind, Case.item, Case.town, Case.status, Case.due_at, Department.name.label("department"))
    return list(session.execute(query.with_only_columns(*columns).order_by(Case.due_at, Case.id).limit(_MOST)))


def count_overdue(session: Session, staff: Staff) -> int:
    """How many are over their date."""
    return session.scalar(_overdue(staff).with_only_columns(func.count(Case.id))) or 0


def _overdue(staff: Staff) -> Any:
    return cases_for(staff).where(Case.status.in_(OPEN), Case.due_at < now())


def reminder_for(session: Session, staff: Staff, reminder_id: int) -> CaseReminder | None:
    """One reminder of the person's own desk."""
    own = cases_for(staff).with_only_columns(Case.id)
    query = select(CaseReminder).where(CaseReminder.id == reminder_id, CaseReminder.case_id.in_(own))
    return session.scalar(query.where(CaseReminder.department_id == staff.department_id))
