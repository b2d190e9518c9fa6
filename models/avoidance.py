"""回避 put in place: departments, villages and single people are kept out of a case, and let in again only by the supervisor."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from knowledge.catalogue.departments import COORDINATOR, DISCIPLINE
from knowledge.errors import NotAllowed, Refused
from knowledge.routing import Route, route
from models import audit
from models.base import now
from models.case import BARRED, FILED, OPEN, Case
from models.case_bar import CaseBar, StaffBar
from models.handover import Help
from models.staff import Department, Permission, Staff

ABOUT_DECISIONS = ("投诉", "信访")  # questions and requests need no supervision
_SHORTEST_NAME = 2
_TITLED = re.compile(r"(.)(?:主任|科长|股长|局长|镇长|乡长|书记|会计|站长|所长|干事|助理|经理|同志|姐|哥)")


@dataclass(frozen=True, slots=True)
class Bars:
    """Who is kept out of a case."""

    departments: Sequence[Department]
    people: Sequence[Staff]
    village: bool

    @property
    def all(self) -> Sequence[tuple[str, str, str]]:
        """Each of them as a form names it: of what sort, which one, and in words."""
        departments = [("department", str(one.id), one.name) for one in self.departments]
        people = [("person", one.username, one.name) for one in self.people]
        return [*departments, *people, *([("village", "1", "村里")] if self.village else [])]


def bars_of(session: Session, case: Case) -> Bars:
    """Who is kept out of this case."""
    barred = select(CaseBar.department_id).where(CaseBar.case_id == case.id)
    people = select(StaffBar.staff_id).where(StaffBar.case_id == case.id)
    return Bars(
        session.scalars(select(Department).where(Department.id.in_(barred)).order_by(Department.id)).all(),
        session.scalars(select(Staff).where(Staff.id.in_(people)).order_by(Staff.id)).all(),
        case.village_barred,
    )


def is_barred(session: Session, case: Case, department_id: int | None) -> bool:
    """Whether this department must not see the case."""
    bar = (CaseBar.case_id == case.id) & (CaseBar.department_id == department_id)
    return session.scalar(select(exists().where(bar))) or False


def first_unbarred(session: Session, case: Case, *, but: int | None = None) -> Department | None:
    """The coordinator, or the discipline office where the case complains about that; `but` is to be barred next."""
    for name in (COORDINATOR, DISCIPLINE):
        department = Department.named(session, name)
        if department is not None and department.id != but and not is_barred(session, case, department.id):
            return department
    return None


def supervise(session: Session, case: Case) -> None:
    """A complaint about a decision has been given to a department: it is answered under the eyes of another one."""
    if case.kind in ABOUT_DECISIONS and case.watched_by_id in (None, case.department_id):
        case.watched_by = first_unbarred(session, case, but=case.department_id)


def named_in(session: Session, text: str, *, but: str | None = None) -> list[Staff]:
    """The people of the console whose whole name stands in a text; `but` is the resident's own name."""
    names = session.execute(select(Staff.id, Staff.name).where(Staff.active).order_by(Staff.id))
    named = [number for number, name in names if len(name) >= _SHORTEST_NAME and name != but and name in text]
    return [session.get_one(Staff, number) for number in named]


def perhaps_meant(session: Session, case: Case) -> list[Staff]:
    """People whom the words may mean and who are not barred yet: by whole name, or as 林主任 of a department spoken of."""
    barred = set(session.scalars(select(StaffBar.staff_id).where(StaffBar.case_id == case.id)))
    said = "\n".join([case.text, *(event.text or "" for event in case.events if event.what == "added")])
    surnames = set(_TITLED.findall(said))
    offices = select(Department).where(Department.active)
    spoken_of = {one.id for one in session.scalars(offices) if one.id == case.department_id or one.name in said}
    there = session.scalars(select(Staff).where(Staff.active, Staff.department_id.in_(spoken_of)).order_by(Staff.id)).all()
    meant = [*named_in(session, said), *(one for one in there if one.name[:1] in surnames)]
    return [one for one in dict.fromkeys(meant) if one.id not in barred]


# ---------------------------------------------------------------- keeping out


def bar_department(session: Session, case: Case, staff: Staff | None, department: Department, reason: str) -> None:
    """From now on this department has nothing to do with the case. One that has it loses it to the coordinator at once."""
    _check(staff, reason)
    if is_barred(session, case, department.id):
        raise Refused(f"{department.name}已经回避了，不用再设。")
    if staff is not None:
        _check_heirs(session, case, department)
    session.add(CaseBar(case_id=case.id, department_id=department.id))
    session.flush()
    _note(session, case, staff, "barred", f"{department.name}回避：{reason.strip()}", department=department.name)
    _out_of_their_hands(session, case, department)


def bar_person(session: Session, case: Case, staff: Staff | None, person: Staff, reason: str) -> None:
    """From now on this person sees nothing of the case; their colleagues go on."""
    _check(staff, reason)
    if session.get(StaffBar, (case.id, person.id)) is not None:
        raise Refused(f"{person.name}已经回避了，不用再设。")
    if staff is not None and person.id == staff.id:
        raise Refused("不能给自己设回避。请让别的统筹人员或督办人员来设。")
    session.add(StaffBar(case_id=case.id, staff_id=person.id))
    session.flush()
    _note(session, case, staff, "barred", f"{person.name}回避：{reason.strip()}", person=person.username)
    if case.status in OPEN and case.department_id == person.department_id and not has_others(session, case):
        _to_the_coordinator(session, case)


def bar_village(session: Session, case: Case, staff: Staff | None, reason: str) -> None:
    """From now on no village clerk sees the case."""
    _check(staff, reason)
    if case.village_barred:
        raise Refused("村里已经回避了，不用再设。")
    case.village_barred = True
    _note(session, case, staff, "barred", f"村里回避：{reason.strip()}", village=True)


def keep_from_accused(session: Session, case: Case, text: str) -> Route:
    """The resident has said more: whomever that accuses is kept out before anybody reads it. Gives how it was read."""
    way = route(text, item=case.item, town=case.town)
    for name in way.accused:
        department = Department.named(session, name, case.town or way.town)
        if department is not None and not is_barred(session, case, department.id):
            bar_department(session, case, None, department, "群众补充的话里反映了这个部门")
    if way.village_accused and not case.village_barred:
        bar_village(session, case, None, "群众补充的话里反映了村里")
    for person in named_in(session, text, but=case.contact_name):
        if session.get(StaffBar, (case.id, person.id)) is None:
            bar_person(session, case, None, person, "群众补充的话里有这个姓名，请核对")
    return way


def _out_of_their_hands(session: Session, case: Case, department: Department) -> None:
    """Whatever the department has of the case goes: offers, parts, supervision, and the case itself."""
    session.refresh(case, with_for_update=True)
    if (offer := case.offered) and department.id in (offer.to_department_id, offer.from_department_id):
        offer.lapse()
    for help_ in session.scalars(select(Help).where(Help.case_id == case.id, Help.department_id == department.id)):
        session.delete(help_)
    if case.watched_by_id == department.id:
        case.watched_by = first_unbarred(session, case)
    if case.department_id == department.id and case.status in OPEN:
        _to_the_coordinator(session, case)


def _check_heirs(session: Session, case: Case, department: Department) -> None:
    has_it = case.department_id == department.id and case.status in OPEN
    if has_it and first_unbarred(session, case, but=department.id) is None:
        raise Refused("现在没有能接手的部门。请先启用财政局或纪委监委，再设回避。")


def _to_the_coordinator(session: Session, case: Case) -> None:
    """The case waits at the coordinator's desk; where the only handler there is barred, it stays for those over all cases."""
    coordinator = first_unbarred(session, case)
    if coordinator is None or coordinator.id == case.department_id:
        return
    came_from = case.department
    case.settle()
    case.department, case.status, case.accepted_at, case.assigned_at = coordinator, FILED, None, now()
    case.triage, case.triage_since = BARRED, now()
    session.flush()
    event = case.happened(session, "reassigned", None, moved=(came_from, coordinator), public=True)
    case.tell(event, f"您的事（编号{case.number}）换部门办理，原来的部门不再经手，也看不到了。正在重新分派，答复时间不变。")


def has_others(session: Session, case: Case) -> bool:
    """Whether its department has somebody who may handle the case."""
    barred = session.scalars(select(StaffBar.staff_id).where(StaffBar.case_id == case.id)).all()
    return anybody_at(session, case.department, but=barred)


def anybody_at(session: Session, department: Department, *, but: Collection[int]) -> bool:
    """Whether somebody in a department handles cases, besides these people."""
    there = select(Staff).where(Staff.department_id == department.id, Staff.active, Staff.id.not_in(but))
    return any(one.may(Permission.CASES) for one in session.scalars(there))


# ---------------------------------------------------------------- letting in again


def lift_department(session: Session, case: Case, staff: Staff, department: Department, reason: str) -> None:
    """The supervisor lets a department in again: it was barred by mistake."""
    _check_lifting(staff, reason)
    _gone(session.execute(delete(CaseBar).where(CaseBar.case_id == case.id, CaseBar.department_id == department.id)))
    _note(session, case, staff, "unbarred", f"{department.name}不用回避：{reason.strip()}", department=department.name)


def lift_person(session: Session, case: Case, staff: Staff, person: Staff, reason: str) -> None:
    """The supervisor lets a person in again."""
    _check_lifting(staff, reason)
    _gone(session.execute(delete(StaffBar).where(StaffBar.case_id == case.id, StaffBar.staff_id == person.id)))
    _note(session, case, staff, "unbarred", f"{person.name}不用回避：{reason.strip()}", person=person.username)


def lift_village(session: Session, case: Case, staff: Staff, reason: str) -> None:
    """The supervisor lets the village's clerk in again."""
    _check_lifting(staff, reason)
    if not case.village_barred:
        raise Refused("这个回避已经解除了。刷新一下就能看到。")
    case.village_barred = False
    _note(session, case, staff, "unbarred", f"村里不用回避：{reason.strip()}", village=True)


def _check(staff: Staff | None, reason: str) -> None:
    if staff is not None and not staff.may(Permission.TRIAGE):
        raise NotAllowed("设回避要由统筹人员或督办人员来办。")
    if len(reason.strip()) < 2:
        raise Refused("请写一句为什么要回避。")


def _check_lifting(staff: Staff, reason: str) -> None:
    if not staff.may(Permission.LIFT_BARS):
        raise NotAllowed("解除回避只有督办人员能办。")
    if len(reason.strip()) < 2:
        raise Refused("请写一句为什么可以解除回避。")


def _gone(result: object) -> None:
    if not getattr(result, "rowcount", 0):
        raise Refused("这个回避已经解除了。刷新一下就能看到。")


def _note(session: Session, case: Case, staff: Staff | None, what: str, text: str, **detail: Any) -> None:
    case.happened(session, what, staff, text)
    action = "case.bar" if what == "barred" else "case.unbar"
    audit.record(session, staff or "system", action, f"case:{case.number}", bar=text, **detail)
