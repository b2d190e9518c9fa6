"""What a person at a desk may load besides single cases: the loader is the permission check."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Exists, Select, exists, select
from sqlalchemy.orm import Session

from knowledge.errors import NotAllowed, NotThere
from models.audit import AuditEntry
from models.case import Attachment, Case, CaseBar, case_for, cases_for
from models.delivery import CALLING, Delivery
from models.staff import Department, Permission, Staff


def case_to_handle(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever answers it, locked: its department's people alone. NotAllowed for those who may only look."""
    case = _locked(session, case_for(session, staff, number))
    if case.department_id != staff.department_id:
        raise NotAllowed(f"这件事由{case.department.full_name}办理和答复。您可以写内部备注，或转给别的部门。")
    return case


def case_to_move(session: Session, staff: Staff, number: str) -> Case:
    """The case for whoever may hand it on, locked: its department's people, and those who triage."""
    if staff.may(Permission.TRIAGE):
        return _locked(session, case_for(session, staff, number))
    return case_to_handle(session, staff, number)


def attachment_for(session: Session, staff: Staff, number: str, attachment_id: int) -> Attachment:
    """A photo or voice of a case that this person may see."""
    own = cases_for(staff).with_only_columns(Case.id).where(Case.number == number).scalar_subquery()
    found = session.scalar(select(Attachment).where(Attachment.id == attachment_id, Attachment.case_id == own))
    if found is None:
        raise NotThere
    return found


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
    return query.where(~_barred(staff)).order_by(Delivery.next_at, Delivery.id)


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
    hidden = select("case:" + Case.number).where(_barred(staff))
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    return query.where(AuditEntry.subject.not_in(hidden)) if staff.department_id else query


def barred_numbers(session: Session, staff: Staff) -> frozenset[str]:
    """The numbers of the cases that this person must not even hear of."""
    return frozenset(session.scalars(select(Case.number).where(_barred(staff))))


def _locked(session: Session, case: Case) -> Case:
    # As it stands once others who act on it at this moment are done.
    session.refresh(case, with_for_update=True)
    return case


def _barred(staff: Staff) -> Exists:
    return exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == staff.department_id)
