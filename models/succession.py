"""People change: one act hands what a leaver has on the table to a successor, and ends the leaver's account.

A case belongs to its department; on the leaver's table is what the person took on, began to write, has to look into again,
or is bringing in. What the successor may not have (回避, or the own answer to judge) stays with the department, and is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from knowledge.errors import Refused
from models import audit
from models.case import OPEN as OPEN_CASES
from models.case import Case
from models.case_answer import OPEN as OPEN_ANSWERS
from models.case_answer import CaseAnswer
from models.case_bar import CaseBar, StaffBar
from models.roles import ROLE_NAMES, ROLES
from models.staff import Permission, Staff
from models.upload import READY, RECEIVING, UNDERWAY, Upload
from models.visit import Visit

_LONGEST_REASON = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """What somebody has on the table, and how much of each the successor may not have."""

    cases: Sequence[Case]
    drafts: Sequence[CaseAnswer]
    visits: Sequence[Visit]
    uploads: Sequence[Upload]
    left: int = 0  # of cases, drafts and visits

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand over."""
        return not (self.cases or self.drafts or self.visits or self.uploads)


def successors(session: Session, leaver: Staff) -> Sequence[Staff]:
    """Who can take over: whoever handles cases in the same department; without a department, whoever has the same post."""
    here = Staff.department_id.is_not_distinct_from(leaver.department_id)
    query = Staff.everybody().where(Staff.active, Staff.id != leaver.id, here)
    if leaver.department_id is None or Permission.CASES not in ROLES[leaver.role]:
        return [one for one in session.scalars(query.where(Staff.role == leaver.role)) if one.village == leaver.village]
    return [one for one in session.scalars(query) if one.may(Permission.CASES)]


def table_of(session: Session, leaver: Staff, successor: Staff | None = None) -> Table:
    """What would be handed over; without a successor, all that is there."""
    not_cases = not_drafts = not_visits = None
    if successor is not None:
        not_cases = _barred(successor)
        begun = select(CaseAnswer.case_id).where(CaseAnswer.staff_id == successor.id, CaseAnswer.state.in_(OPEN_ANSWERS))
        not_drafts = or_(not_cases, CaseAnswer.case_id.in_(begun))
        not_visits = or_(not_cases, Visit.replied_by_id.is_not_distinct_from(successor.id))
    in_all, cases = _two(session, _cases(leaver), not_cases)
    in_all_drafts, drafts = _two(session, _drafts(leaver), not_drafts)
    in_all_visits, visits = _two(session, _visits(leaver), not_visits)
    left = in_all + in_all_drafts + in_all_visits - len(cases) - len(drafts) - len(visits)
    uploads: Sequence[Upload] = ()
    if successor is None or successor.may(Permission.PAYMENTS):
        unfinished = Upload.status.in_((RECEIVING, READY, *UNDERWAY))
        uploads = session.scalars(select(Upload).where(Upload.staff_id == leaver.id, unfinished)).all()
    return Table(cases, drafts, visits, uploads, left)


def hand_over(session: Session, by: Staff, leaver: Staff, successor: Staff, reason: str) -> Table:
    """Everything at once, each case in its story and in the audit log; then the account is off. Refused without a reason."""
    if not 2 <= len(reason.strip()) <= _LONGEST_REASON:
        raise Refused("请写一句为什么交接，比如“调到县农业农村局”。")
    if successor.id not in {one.id for one in successors(session, leaver)}:
        raise Refused("请选同一部门、还在岗的人来接。")
    session.execute(select(Staff.id).where(Staff.id.in_((leaver.id, successor.id))).order_by(Staff.id).with_for_update())
    table = table_of(session, leaver, successor)
    for case in table.cases:
        case.handler_id = successor.id
        case.happened(session, "handed_over", by, f"由{leaver.name}交接给{successor.name}：{reason.strip()}")
        audit.record(session, by, "case.hand_over", f"case:{case.number}", person=leaver.username, to=successor.username)
    for draft in table.drafts:
        draft.staff_id = successor.id
    for visit in table.visits:
        visit.reviewer_id = successor.id
    for upload in table.uploads:
        upload.staff_id = successor.id
    leaver.switch(False)
    audit.record(
        session, by, "staff.hand_over", f"staff:{leaver.username}", to=successor.username, reason=reason.strip(),
        cases=len(table.cases), drafts=len(table.drafts), visits=len(table.visits), uploads=len(table.uploads), left=table.left,
        role=ROLE_NAMES[leaver.role],
    )  # fmt: skip
    return table


def _cases(leaver: Staff) -> Select[Case]:
    mine = and_(Case.handler_id == leaver.id, Case.department_id == leaver.department_id)
    return select(Case).where(mine, Case.status.in_(OPEN_CASES)).order_by(Case.id)


def _drafts(leaver: Staff) -> Select[CaseAnswer]:
    mine = and_(CaseAnswer.staff_id == leaver.id, CaseAnswer.state.in_(OPEN_ANSWERS))
    query = select(CaseAnswer).join(Case, Case.id == CaseAnswer.case_id)
    return query.where(mine, Case.department_id == leaver.department_id, Case.status.in_(OPEN_CASES)).order_by(CaseAnswer.id)


def _visits(leaver: Staff) -> Select[Visit]:
    query = select(Visit).join(Case, Case.id == Visit.case_id)
    return query.where(Visit.reviewer_id == leaver.id, Case.status.in_(OPEN_CASES)).order_by(Visit.id)


def _barred(staff: Staff) -> ColumnElement[bool]:
    person = exists().where(StaffBar.case_id == Case.id, StaffBar.staff_id == staff.id)
    return or_(person, exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == staff.department_id))


def _two(session: Session, query: Select[T], but: ColumnElement[bool] | None) -> tuple[int, Sequence[T]]:
    """How many there are, and those that the successor may have."""
    everything = session.scalars(query).all()
    return len(everything), everything if but is None else session.scalars(query.where(~but)).all()
