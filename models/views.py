"""谁看过我的信息: what staff have looked at that is about a WeChat user's own persons and cases (个人信息保护法 第44、45条)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models.audit import AuditEntry
from models.case import Case
from models.resident import Binding
from models.staff import Department, Staff

_OF_CASES = ("case.view", "case.reveal", "case.attachment", "call.open")


@dataclass(frozen=True, slots=True)
class View:
    """One look of one member of staff. `subject` is the case's number, or empty for the person's payments."""

    at: datetime
    department: str
    role: str
    action: str
    subject: str
    reason: str


def views_of(session: Session, follower_id: int, limit: int = 30) -> Sequence[View]:
    """The newest first. Looks at persons for whom the user may look, and at the cases that the user has filed."""
    people = select(Binding.resident_id).where(Binding.follower_id == follower_id, Binding.ended_at.is_(None))
    numbers = session.scalars(select(Case.number).where(Case.follower_id == follower_id)).all()
    subjects = [f"case:{number}" for number in numbers]
    of_cases = and_(AuditEntry.subject.in_(subjects), AuditEntry.action.in_(_OF_CASES))
    query = (
        select(AuditEntry, Staff.role, Department.name)
        .join(Staff, Staff.id == AuditEntry.staff_id)
        .outerjoin(Department, Department.id == Staff.department_id)
        .where(or_(AuditEntry.resident_id.in_(people), of_cases))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return [
        View(
            entry.at, department or "", role, entry.action, entry.subject.partition(":")[2] if entry.subject in subjects else "",
            str((entry.detail or {}).get("reason", "")),
        )
        for entry, role, department in session.execute(query)
    ]  # fmt: skip
