"""What a person at a desk may load besides single cases: the loader is the permission check."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from knowledge.errors import NotThere
from models.audit import AuditEntry
from models.case import Attachment, Case, CaseBar, cases_for
from models.delivery import CALLING, Delivery
from models.staff import Department, Permission, Staff


def attachment_for(session: Session, staff: Staff, number: str, attachment_id: int) -> Attachment:
    """A photo or voice of a case that this person may see."""
    case = session.scalar(cases_for(staff).where(Case.number == number))
    found = next((each for each in case.attachments if each.id == attachment_id), None) if case else None
    if found is None:
        raise NotThere
    return found


def departments_for(session: Session, case: Case) -> Sequence[Department]:
    """To whom a case can be handed: every active department but its own and those that it complains about."""
    barred = select(CaseBar.department_id).where(CaseBar.case_id == case.id)
    query = select(Department).where(Department.active, Department.id != case.department_id)
    return session.scalars(query.where(Department.id.not_in(barred)).order_by(Department.id)).all()


def calls_for(staff: Staff) -> Select[tuple[Delivery, Case]]:
    """The call list of this person, first those not yet tried; nothing about a case barred to the own department."""
    query = select(Delivery, Case).join(Case, Case.id == Delivery.case_id).where(Delivery.status == CALLING)
    if not staff.may(Permission.CALL_LIST):
        raise NotThere
    return query.where(~_barred(staff)).order_by(Delivery.next_at, Delivery.id)


def call_for(session: Session, staff: Staff, delivery_id: int) -> tuple[Delivery, Case]:
    """One line of the call list, or NotThere."""
    row = session.execute(calls_for(staff).where(Delivery.id == delivery_id)).first()
    if row is None:
        raise NotThere
    return row[0], row[1]


def audit_for(staff: Staff) -> Select[tuple[AuditEntry]]:
    """The audit log for this person, newest first; nothing about a case barred to the own department."""
    if not staff.may(Permission.AUDIT):
        raise NotThere
    hidden = select("case:" + Case.number).where(_barred(staff))
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    return query.where(AuditEntry.subject.not_in(hidden)) if staff.department_id else query


def _barred(staff: Staff):  # type: ignore[no-untyped-def]  # a column expression
    return exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == staff.department_id)
