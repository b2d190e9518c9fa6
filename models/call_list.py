"""What one may see of telephone calls afterwards: one's own, or everybody's but those about the own department."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from knowledge.errors import NotThere
from knowledge.wording import BEIJING, beijing
from models.call import OUTCOMES, CallCase, HotlineCall, compact
from models.case import Case
from models.case_loading import hidden_from
from models.resident import Resident
from models.staff import Permission, Staff


def calls_seen_by(staff: Staff) -> Select[HotlineCall]:
    """The calls of this person, newest first; everybody's with the permission for it, but none about the own department."""
    query = select(HotlineCall).order_by(HotlineCall.id.desc())
    if not staff.may(Permission.ALL_CALLS):
        return query.where(HotlineCall.staff_id == staff.id)
    kept_out = select(CallCase.call_id).join(Case, Case.id == CallCase.case_id).where(hidden_from(staff))
    return query.where(or_(HotlineCall.staff_id == staff.id, HotlineCall.id.not_in(kept_out)))


def call_seen_by(session: Session, staff: Staff, call_id: int) -> HotlineCall:
    """One of them, or NotThere."""
    found = session.scalar(calls_seen_by(staff).where(HotlineCall.id == call_id))
    if found is None:
        raise NotThere("没有这个电话，或者不是您接的。")
    return found


def of_day(query: Select[HotlineCall], day: datetime) -> Select[HotlineCall]:
    """The calls that began on the day of this moment, by Beijing's clock."""
    begin = datetime.combine(beijing(day).date(), time(), BEIJING)
    return query.where(HotlineCall.begun_at >= begin, HotlineCall.begun_at < begin + timedelta(days=1))


def with_number(query: Select[HotlineCall], typed: str) -> Select[HotlineCall]:
    """The calls that bear this outside number, or in which the case of this number was filed."""
    number = compact(typed)
    of_case = select(CallCase.call_id).join(Case, Case.id == CallCase.case_id)
    of_case = of_case.where(func.replace(Case.number, "-", "") == number)
    return query.where(or_(HotlineCall.outside_number == number, HotlineCall.id.in_(of_case)))


def count_by_outcome(calls: Sequence[HotlineCall]) -> Mapping[str, int]:
    """How many ended how; the open ones are not counted."""
    return {outcome: sum(call.outcome == outcome for call in calls) for outcome in OUTCOMES}


def earlier_of(session: Session, staff: Staff, resident_id: int, most: int = 3) -> list[HotlineCall]:
    """What this person has telephoned about before, as far as the agent may know of it, newest first."""
    sealed = exists().where(CallCase.call_id == HotlineCall.id, CallCase.case_id == Case.id, Case.confidential)
    kept_out = exists().where(CallCase.call_id == HotlineCall.id, CallCase.case_id == Case.id, hidden_from(staff))
    query = select(HotlineCall).where(HotlineCall.resident_id == resident_id, HotlineCall.open_for.is_(None))
    return list(session.scalars(query.where(~sealed, ~kept_out).order_by(HotlineCall.id.desc()).limit(most)))


def names_in_calls(session: Session, calls: Sequence[HotlineCall]) -> Mapping[int, frozenset[str]]:
    """By call, the names that its words may hold and that a screen must not show afterwards."""
    people = {call.resident_id for call in calls if call.resident_id is not None}
    query = select(Resident.id, Resident.name).where(Resident.id.in_(people))
    known = {number: name for number, name in session.execute(query)} if people else {}
    return {
        call.id: frozenset({known.get(call.resident_id or 0, ""), *(case.contact_name or "" for case in call.cases)} - {""})
        for call in calls
    }
