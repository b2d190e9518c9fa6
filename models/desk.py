"""What a person at a desk may load besides single cases: the loader is the permission check."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from knowledge.errors import NotAllowed, NotThere
from models.attachment import Attachment
from models.audit import AuditEntry
from models.case import Case
from models.case_bar import CaseBar
from models.case_loading import case_for, hidden_from
from models.delivery import CALLING, Delivery
from models.handover import CaseCopy
from models.staff import Department, Permission, Staff
from models.visit import check_review, is_reviewer


def case_to_handle(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever answers it, locked: its department's people alone. NotAllowed for those who may only look."""
    case = _locked(session, case_for(session, staff, number))
    in_department = case.department_id == staff.department_id or is_reviewer(session, case, staff)
    if not in_department or not staff.may(Permission.CASES):
        raise NotAllowed(f"这件事由{case.department.full_name}办理和答复。您可以写内部备注。")
    if case.is_unplaced:
        raise NotAllowed("这件事还在分派，定了由谁办才能办理。您可以写内部备注。")
    check_review(session, case, staff)
    return case


def case_to_move(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever may decide what becomes of it, locked: its department's people, and those who triage."""
    return case_to_see(session, staff, number) if staff.may(Permission.TRIAGE) else case_to_handle(session, staff, number)


def case_to_see(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever may see it, locked: what they may do with it the act itself checks."""
    return _locked(session, case_for(session, staff, number))


def attachment_for(session: Session, staff: Staff, number: str, attachment_id: int) -> Attachment:
    """A photo or voice of a case that this person may see, and that was handed on with it."""
    case = case_for(session, staff, number)
    copy = copies_for(session, staff, [case.id]).get(case.id)
    found = session.scalar(select(Attachment).where(Attachment.id == attachment_id, Attachment.case_id == case.id))
    if found is None or (copy is not None and not copy.with_attachments):
        raise NotThere
    return found


def copies_for(session: Session, staff: Staff, case_ids: Collection[int]) -> Mapping[int, CaseCopy]:
    """By case, what this person reads instead of the resident's own words, where a sealed case was handed on."""
    if staff.department_id is None or not case_ids or staff.may(Permission.SEALED_PERSON):
        return {}
    query = select(CaseCopy).where(CaseCopy.department_id == staff.department_id, CaseCopy.case_id.in_(case_ids))
    return {one.case_id: one for one in session.scalars(query)}


def departments_for(session: Session, case: Case) -> Sequence[Department]:
    """To whom a case can be handed: every active department but its own and those that it complains about."""
    barred = select(CaseBar.department_id).where(CaseBar.case_id == case.id)
    query = select(Department).where(Department.active, Department.id != case.department_id)
    return session.scalars(query.where(Department.id.not_in(barred)).order_by(Department.id)).all()


def calls_for(staff: Staff) -> Select[Delivery, Case]:
    """The call list of this person, first those not yet tried; nothing about a case barred to the own department."""
    query = select(Delivery, Case).join(Case, Case.id == Delivery.case_id).where(Delivery.status == CALLING)
    if not staff.may(Permission.CALL_LIST):
        raise NotThere
    return query.where(~hidden_from(staff)).order_by(Delivery.next_at, Delivery.id)


def call_for(session: Session, staff: Staff, delivery_id: int, *, lock: bool = False) -> tuple[Delivery, Case]:
    """One line of the call list, or NotThere. Locked, so that two agents do not both tick it off."""
    query = calls_for(staff).where(Delivery.id == delivery_id)
    row = session.execute(query.with_for_update(of=Delivery) if lock else query).first()
    if row is None:
        raise NotThere("这个电话已经有人打过了，或者不在您的名单里。")
    return row[0], row[1]


def audit_for(staff: Staff) -> Select[AuditEntry]:
    """The audit log for this person, newest first; nothing about a case barred to the own department."""
    if not staff.may(Permission.AUDIT):
        raise NotThere
    hidden = select("case:" + Case.number).where(hidden_from(staff))
    return select(AuditEntry).where(AuditEntry.subject.not_in(hidden)).order_by(AuditEntry.id.desc())


def barred_numbers(session: Session, staff: Staff) -> frozenset[str]:
    """The numbers of the cases that this person must not even hear of."""
    return frozenset(session.scalars(select(Case.number).where(hidden_from(staff))))


def _locked(session: Session, case: Case) -> Case:
    # As it stands once others who act on it at this moment are done.
    session.refresh(case, with_for_update=True)
    return case
