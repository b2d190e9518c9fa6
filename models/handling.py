"""A case between departments: offered and taken (首接负责), and helped with (主办、协办)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.clock_words import until
from knowledge.deadlines import Clocks
from knowledge.errors import NotThere, Refused
from knowledge.kinds import PETITION
from models import audit
from models.avoidance import is_barred, supervise
from models.base import now
from models.case import ACCEPTED, FILED, OPEN, UNANSWERED, Case
from models.case_clock import accepted, deadline_of
from models.handover import ASKED, DECLINED, NO_ANSWER, TAKEN, CaseCopy, Copy, Handover, Help
from models.staff import Department, Staff

_AT_ONCE = 100
_SHORTEST = timedelta(hours=12)  # no day of an office is over sooner


def offer(
    session: Session, case: Case, staff: Staff, department: Department, reason: str, copy: Copy | None = None
) -> Handover:  # fmt: skip
    """Ask another department to take the case; until it says yes, nothing changes for the resident."""
    _check_target(session, case, department)
    if not reason.strip():
        raise Refused("请写明为什么转办。")
    if case.is_unplaced:
        raise Refused("这件事还在分派。请在“待分派”里直接定由谁办。")
    if waiting := case.offered:
        raise Refused(f"已经转给{waiting.to_department.name}，正等对方接收。要改转别处，请先收回。")
    handover = Handover(
        from_department=case.department, to_department=department, reason=reason.strip(), asked_by_id=staff.id
    )  # fmt: skip
    case.handovers.append(handover)
    CaseCopy.keep(session, case, department, copy)
    case.happened(session, "offered", staff, reason.strip(), moved=(case.department, department))
    audit.record(session, staff, "case.offer", f"case:{case.number}", to=department.name, copied=copy is not None)
    return handover


def offer_to(session: Session, case: Case, staff: Staff) -> Handover:
    """The offer that waits for this person's department; NotThere if there is none (any more)."""
    waiting = case.offered
    if waiting is None or staff.department_id is None or waiting.to_department_id != staff.department_id:
        raise NotThere("这件事没有等您部门接收，可能对方已经收回。刷新一下就能看到。")
    return waiting


def take(session: Session, case: Case, staff: Staff, clocks: Clocks) -> None:
    """The other department takes the case: from now on it answers, and the resident is told once.

    A case that nobody had accepted is accepted with that, and a petition counts from there (信访工作条例 第34条). What was
    accepted before keeps its day: no change of hands makes the resident wait longer.
    """
    waiting = offer_to(session, case, staff)
    if case.status not in OPEN:
        raise Refused("这件事已经办结，不用接收了。")
    came_from = case.department
    waiting.end(TAKEN, staff)
    case.settle()
    is_new = case.status == FILED
    case.department, case.status, case.assigned_at = waiting.to_department, ACCEPTED, now()
    case.accepted_at = case.accepted_at or now()
    session.flush()
    supervise(session, case)
    case.handler_id = staff.id
    for one in session.scalars(select(Help).where(Help.case_id == case.id, Help.department_id == case.department.id)):
        one.open = False
    event = case.happened(session, "transferred", staff, moved=(came_from, case.department), public=True)
    if is_new:
        accepted(session, case, clocks)
    case.tell(event, f"您的事（编号{case.number}）已转到{case.department.full_name}办理。{_by_when(case, began_anew=is_new)}")
    audit.record(session, staff, "case.transfer", f"case:{case.number}", to=case.department.name)


def _by_when(case: Case, *, began_anew: bool) -> str:
    if case.kind == PETITION and began_anew:
        return f"今天受理，{until(deadline_of(case))}。"
    return "答复时间不变。"


def decline(session: Session, case: Case, staff: Staff, reason: str) -> None:
    """The other department does not take it, and says why; it stays where it was."""
    waiting = offer_to(session, case, staff)
    if not reason.strip():
        raise Refused("请写一句为什么不接收，好让对方知道该找谁。")
    waiting.end(DECLINED, staff, reason.strip())
    CaseCopy.keep(session, case, waiting.to_department, None)
    case.happened(session, "declined", staff, reason.strip())
    audit.record(session, staff, "case.decline", f"case:{case.number}")


def take_back(session: Session, case: Case, staff: Staff) -> None:
    """Whoever offered it keeps it after all."""
    waiting = case.offered
    if waiting is None:
        raise Refused("现在没有等接收的转办。刷新一下就能看到。")
    waiting.lapse()
    case.happened(session, "taken_back", staff)
    audit.record(session, staff, "case.take_back", f"case:{case.number}")


def escalate(session: Session, terms: Assigning) -> int:
    """Offers that nobody answered in time go to the coordinator; meanwhile the first department stays responsible."""
    due = select(Handover).where(Handover.state == ASKED, Handover.asked_at < now() - _SHORTEST)
    due = due.order_by(Handover.id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    late = [one for one in session.scalars(due) if terms.receive_by(one.asked_at) < now()]
    for one in late:
        one.end(NO_ANSWER)
        if one.case.status in OPEN:
            one.case.triage, one.case.triage_since = UNANSWERED, now()
            one.case.happened(session, "unanswered", None, moved=(one.from_department, one.to_department))
    return len(late)


# ---------------------------------------------------------------- 协办


def ask_help(
    session: Session, case: Case, staff: Staff, department: Department, wanted: str, copy: Copy | None = None
) -> Help:  # fmt: skip
    """Ask another department for its part. The resident hears of it in the one answer only."""
    _check_target(session, case, department)
    if not wanted.strip():
        raise Refused("请写明要对方协办什么，比如“核对银行退回的原因”。")
    already = select(Help.id).where(Help.case_id == case.id, Help.department_id == department.id, Help.open)
    if session.scalar(already) is not None:
        raise Refused(f"已经请{department.name}协办了，还没给意见。")
    asked = Help(case_id=case.id, department=department, wanted=wanted.strip(), asked_by_id=staff.id)
    session.add(asked)
    if copy is not None:
        CaseCopy.keep(session, case, department, copy)
    session.flush()
    case.happened(session, "help_asked", staff, wanted.strip(), moved=(case.department, department))
    audit.record(session, staff, "case.ask_help", f"case:{case.number}", to=department.name)
    return asked


def give_part(session: Session, case: Case, staff: Staff, text: str) -> None:
    """The helping department's part, for the one that answers."""
    query = select(Help).where(Help.case_id == case.id, Help.department_id == staff.department_id, Help.open)
    asked = session.scalars(query.with_for_update()).first()
    if asked is None:
        raise NotThere("这件事没有等您部门的协办意见。刷新一下就能看到。")
    if not text.strip():
        raise Refused("请写上协办意见。")
    asked.open, asked.part, asked.given_at, asked.given_by_id = False, text.strip(), now(), staff.id
    case.happened(session, "helped", staff, text.strip())
    audit.record(session, staff, "case.help", f"case:{case.number}")


def helps_of(session: Session, case: Case) -> list[Help]:
    """Whom the case's department has asked for their part, and what they gave."""
    return list(session.scalars(select(Help).where(Help.case_id == case.id).order_by(Help.id)))


def _check_target(session: Session, case: Case, department: Department) -> None:
    if case.status not in OPEN:
        raise Refused("这件事已经办结，不能再转了。")
    if department.id == case.department_id or not department.active:
        raise Refused("请另选一个部门。")
    if is_barred(session, case, department.id):
        raise Refused("按回避规定，这件事不能交给这个部门。请另选一个。")
