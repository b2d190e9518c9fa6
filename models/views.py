"""谁看过我的信息: what staff have looked at that is about a WeChat user's own persons and cases (个人信息保护法 第44、45条)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from knowledge.looks import Look
from models.audit import AuditEntry
from models.case import Case
from models.resident import SELF, Binding, Resident
from models.staff import ROLE_NAMES, Department, Staff

MOST = 200
_OF_CASES = ("case.view", "case.reveal", "case.attachment", "call.open")


def views_of(session: Session, follower_id: int, limit: int = MOST) -> Sequence[Look]:
    """The newest first: looks at persons for whom the user may look, and at the cases that the user has filed.

    What somebody else has filed about such a person is not told: it would betray who filed it (信访工作条例 第30条).
    """
    people = select(Binding.resident_id).where(Binding.follower_id == follower_id, Binding.ended_at.is_(None))
    cases = session.scalars(select(Case.number).where(Case.follower_id == follower_id)).all()
    subjects = [f"case:{number}" for number in cases]
    of_people = and_(AuditEntry.resident_id.in_(people), ~AuditEntry.subject.startswith("case:"))
    of_cases = and_(AuditEntry.subject.in_(subjects), AuditEntry.action.in_(_OF_CASES))
    query = (
        select(AuditEntry, Staff.role, Department.name)
        .join(Staff, Staff.id == AuditEntry.staff_id)
        .outerjoin(Department, Department.id == Staff.department_id)
        .where(or_(of_people, of_cases))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return [_look(entry, role, now_in or "") for entry, role, now_in in session.execute(query)]


def _look(entry: AuditEntry, role: str, now_in: str) -> Look:
    detail = entry.detail or {}
    kind, _, name = entry.subject.partition(":")
    who = str(detail.get("department") or now_in or ROLE_NAMES.get(role, "工作人员"))
    return Look(entry.at, who, entry.action, name if kind == "case" else "", str(detail.get("reason") or ""))


def person_of(session: Session, case: Case) -> int | None:
    """Whom a look at this case is a look at, for the audit log: the WeChat user who filed it, as far as that is known."""
    if case.follower_id is None:
        return None
    query = select(Binding.resident_id, Binding.relation).where(
        Binding.follower_id == case.follower_id, Binding.ended_at.is_(None)
    )
    bound = session.execute(query).all()
    own = [resident_id for resident_id, relation in bound if relation == SELF]
    return own[0] if len(own) == 1 else bound[0][0] if len(bound) == 1 else None


def names_in(session: Session, cases: Sequence[Case]) -> Mapping[int, frozenset[str]]:
    """By case, the names that its words may hold and that a list must not show: who filed it, and whom they look for."""
    bound = names_bound(session, {case.follower_id for case in cases if case.follower_id is not None})
    return {
        case.id: bound.get(case.follower_id or 0, frozenset()) | frozenset({case.contact_name or ""} - _NO_NAMES)
        for case in cases
    }


def names_bound(session: Session, followers: Collection[int]) -> Mapping[int, frozenset[str]]:
    """By WeChat user, the names of the persons for whom they have ever been allowed to look."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    query = select(Binding.follower_id, Resident.name).join(Resident, Resident.id == Binding.resident_id)
    for follower_id, name in session.execute(query.where(Binding.follower_id.in_(followers))) if followers else ():
        found[follower_id].add(name)
    return {follower_id: frozenset(names - _NO_NAMES) for follower_id, names in found.items()}


_NO_NAMES = {""}
