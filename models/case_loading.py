"""The loader is the permission check: a case is only ever loaded for someone, and never for whom it complains about."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from knowledge.catalogue.places import spellings_of
from knowledge.errors import NotThere
from models.case import Case
from models.case_bar import CaseBar, StaffBar
from models.handover import ASKED, Handover, Help
from models.roles import VILLAGE
from models.staff import Permission, Staff


def hidden_from(staff: Staff) -> ColumnElement[bool]:
    """回避, for every query in which a case stands: whether it complains about this person, or about where they work."""
    bars: list[ColumnElement[bool]] = [exists().where(StaffBar.case_id == Case.id, StaffBar.staff_id == staff.id)]
    if staff.department_id is not None:
        bars.append(exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == staff.department_id))
    if staff.role == VILLAGE:
        bars.append(Case.village_barred.is_(True))
    return or_(*bars)


def cases_for(staff: Staff) -> Select[Case]:
    """Every case this person may see: the department's own, what others offer it or ask its help with; or all."""
    return select(Case).where(_seen_by(staff), ~hidden_from(staff))


def own_cases_for(staff: Staff) -> Select[Case]:
    """The cases that this person's department answers for; all of them for whoever sees all, the village's for its clerk."""
    return select(Case).where(_answered_by(staff), ~hidden_from(staff))


def offered_to(staff: Staff) -> Select[Case]:
    """The cases that other departments offer to this person's own."""
    return select(Case).where(_in_department(staff), Case.id.in_(_offers(staff)), ~hidden_from(staff))


def helped_by(staff: Staff) -> Select[Case]:
    """The cases in which this person's department still owes its part."""
    owed = _helps(staff).where(Help.open)
    return select(Case).where(_in_department(staff), Case.id.in_(owed), ~hidden_from(staff))


def case_for(session: Session, staff: Staff, number: str) -> Case:
    """The case for this person, or NotThere whether it does not exist or is not for this person."""
    found = session.scalar(cases_for(staff).where(Case.number == number))
    if found is None:
        raise NotThere
    return found


def _seen_by(staff: Staff) -> ColumnElement[bool]:
    if staff.may(Permission.ALL_CASES) or staff.may(Permission.VILLAGE_CASES):
        return _answered_by(staff)
    return or_(_answered_by(staff), and_(_in_department(staff), or_(Case.id.in_(_offers(staff)), Case.id.in_(_helps(staff)))))


def _answered_by(staff: Staff) -> ColumnElement[bool]:
    if staff.may(Permission.ALL_CASES):
        return true()
    if staff.may(Permission.VILLAGE_CASES):
        return _of_the_village(staff)
    return and_(_in_department(staff), Case.department_id == staff.department_id)


def _in_department(staff: Staff) -> ColumnElement[bool]:
    return true() if staff.may(Permission.CASES) and staff.department_id is not None else false()


def _of_the_village(staff: Staff) -> ColumnElement[bool]:
    # Neighbours: nothing sealed, and no report against anybody.
    if staff.department is None or staff.department.town is None or not staff.village:
        return false()
    here = and_(Case.town == staff.department.town, Case.village.in_(spellings_of(staff.village)))
    return and_(here, ~Case.confidential, Case.kind != "举报")


def _offers(staff: Staff) -> Select[int]:
    offered = select(Handover.case_id).where(Handover.to_department_id == staff.department_id)
    return offered.where(Handover.state == ASKED)


def _helps(staff: Staff) -> Select[int]:
    return select(Help.case_id).where(Help.department_id == staff.department_id)
