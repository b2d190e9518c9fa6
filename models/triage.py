"""The coordinator's desk (财政局): who answers a case of which nobody is sure, that nobody takes, or that was given back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.wording import beijing, day_and_weekday
from models import audit
from models.avoidance import is_barred, supervise
from models.base import now
from models.case import ANSWERED, FILED, OPEN, RETURNED, Case
from models.case_bar import CaseBar
from models.case_loading import case_for, cases_for
from models.handover import DECLINED, CaseCopy, Copy
from models.staff import Department, Permission, Staff


def waiting_for(staff: Staff) -> Select[Case]:
    """The cases that wait for the coordinator's word, for whoever may say it."""
    if not staff.may(Permission.TRIAGE):
        raise NotThere
    return cases_for(staff).where(Case.triage.is_not(None), Case.status.in_(OPEN))


def case_to_assign(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever may say who answers it, locked."""
    if not staff.may(Permission.TRIAGE):
        raise NotAllowed("分派要由统筹人员来办。")
    case = case_for(session, staff, number)
    session.refresh(case, with_for_update=True)
    return case


def assign(
    session: Session, case: Case, staff: Staff, department: Department, reason: str = "", copy: Copy | None = None
) -> None:  # fmt: skip
    """This department answers from now on. It may give the case back, unless that was done twice already.

    `copy`: what it reads of a sealed case instead of the resident's own words.
    """
    if case.status not in OPEN:
        raise Refused("这件事已经办结，不用再分派了。")
    if not department.active or is_barred(session, case, department.id):
        raise Refused("按回避规定，这件事不能交给这个部门。请另选一个。")
    came_from, was_unplaced = case.department, case.is_unplaced
    stays = department.id == case.department_id
    if stays and case.triage is None:
        raise Refused(f"这件事本来就由{department.name}办。请另选一个部门。")
    case.settle()
    if not stays:
        case.department, case.status, case.accepted_at = department, FILED, None
    case.assigned_at = now()
    CaseCopy.keep(session, case, department, copy)
    supervise(session, case)
    told = was_unplaced or not stays
    event = case.happened(session, "assigned", staff, reason.strip() or None, moved=(came_from, department), public=told)
    if told:
        case.tell(event, f"您的事（编号{case.number}）交给{department.full_name}办理。{_by_when(case)}")
    audit.record(session, staff, "case.assign", f"case:{case.number}", to=department.name, copied=copy is not None)


def may_give_back(case: Case, staff: Staff, terms: Assigning) -> str:
    """Why this department may not give the case back now; empty if it may."""
    if case.department_id != staff.department_id or case.status not in OPEN or case.triage is not None:
        return "这件事现在不能退单。"
    if case.returns >= terms.most_returns:
        return f"已经退过{terms.most_returns}次，由统筹部门定了，不能再退。要别的部门出力，请用“协办”。"
    declined = bool(case.handovers) and case.handovers[-1].state == DECLINED
    if case.status != FILED and not declined:
        return "已经接办的事不能退单。不归您管的，请“转办”给该管的部门。"
    if not declined and terms.return_by(case.kind, case.assigned_at or case.filed_at) < now():
        return "退单的时间过了。不归您管的，请“转办”给该管的部门。"
    return ""


def give_back(session: Session, case: Case, staff: Staff, reason: str, terms: Assigning) -> None:
    """退单: the coordinator is to decide; meanwhile the department stays responsible."""
    if why_not := may_give_back(case, staff, terms):
        raise Refused(why_not)
    if len(reason.strip()) < 2:
        raise Refused("请写明为什么退，该归谁管。")
    if offered := case.offered:
        offered.lapse()
    case.triage, case.triage_since, case.returns = RETURNED, now(), case.returns + 1
    case.happened(session, "returned", staff, reason.strip())
    audit.record(session, staff, "case.return", f"case:{case.number}")


def hand_outside(session: Session, case: Case, staff: Staff, to: str, text: str) -> None:
    """Another administration deals with it (岔路河镇): it got the slip, and the resident is told where to ask."""
    if case.status not in OPEN:
        raise Refused("这件事已经办结。")
    if not to.strip():
        raise Refused("请写明移交给哪里，比如“吉林中新食品区管委会”。")
    if not text.strip():
        raise Refused("请写上告诉群众的话：移交给了哪里，去哪里问。")
    case.settle()
    case.status, case.answered_at, case.accepted_at = ANSWERED, now(), case.accepted_at or now()
    case.happened(session, "handed", staff, to.strip())
    event = case.happened(session, "answered", staff, text.strip(), public=True)
    case.tell(event, f"您的事（编号{case.number}）：\n{text.strip()}")
    audit.record(session, staff, "case.hand_outside", f"case:{case.number}", to=to.strip())


def by_numbers(session: Session, staff: Staff, numbers: Collection[str]) -> list[Case]:
    """Those of these cases that wait for the coordinator's word, locked, for whoever may say it."""
    query = waiting_for(staff).where(Case.number.in_(numbers)).order_by(Case.id)
    return list(session.scalars(query.with_for_update(of=Case)))


@dataclass(frozen=True, slots=True)
class Choice:
    """A department that the routing thought of, how sure it was (0 to 1), and for what that department answers."""

    department: Department
    confidence: float
    why: str


def choices_for(session: Session, cases: Collection[Case]) -> Mapping[int, Sequence[Choice]]:
    """By case, the first three departments of its routing that are active and not barred, best first."""
    bars = select(CaseBar.case_id, CaseBar.department_id).where(CaseBar.case_id.in_([case.id for case in cases]))
    barred = {(case_id, department_id) for case_id, department_id in session.execute(bars)}
    names = {said["department"] for case in cases for said in case.suggestions or ()}
    here = {one.name: one for one in session.scalars(select(Department).where(Department.name.in_(names), Department.active))}
    return {
        case.id: [
            Choice(department, said["confidence"], said["why"])
            for said in case.suggestions or ()
            if (department := here.get(said["department"])) and (case.id, department.id) not in barred
        ]
        for case in cases
    }


def _by_when(case: Case) -> str:
    if case.due_at is None:
        return "办完会告诉您。"
    return f"最晚{day_and_weekday(case.due_at, beijing(now()).date())}答复您。"
