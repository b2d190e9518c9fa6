"""Where a new case goes: to the department of which the routing is sure, else to the coordinator's desk for triage.

回避 first: whoever is complained about is no choice. Then 谁主管、谁审核、谁负责: a complaint about a decision is answered
by the department in charge, under another's supervision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE, TOWNSHIP
from knowledge.catalogue.places import TOWNS
from knowledge.errors import Refused
from knowledge.routing import Route
from models.avoidance import ABOUT_DECISIONS, anybody_at, named_in
from models.case import BARRED, DOUBT, ELSEWHERE, Suggestion
from models.staff import Department, Staff


@dataclass(frozen=True, slots=True)
class Placing:
    """Who gets a new case, who must not, and what the coordinator is shown where nobody is sure."""

    department: Department
    barred: tuple[Department, ...]
    barred_people: tuple[Staff, ...]
    village_barred: bool
    watched_by: Department | None
    suggestions: tuple[Suggestion, ...]
    triage: str | None


def placed(
    session: Session, way: Route, kind: str, town: str | None, text: str, *, accused: Collection[str] = (),
    contact_name: str | None = None, terms: Assigning | None = None,
) -> Placing:  # fmt: skip
    """The place of a case that was routed this `way`, and that is about the conduct of the `accused` besides.

    Where none of the departments is here, the coordinator takes it; where that is the accused, the discipline office.
    """
    here = Department.here(session, (*way.accused, *accused, *way.departments, COORDINATOR, DISCIPLINE), town)
    barred = tuple(here[name] for name in dict.fromkeys((*way.accused, *accused)) if name in here)
    found = list(_open_to(here, way, barred))
    coordinator = next(_unbarred(here, (COORDINATOR, DISCIPLINE), barred), None)
    if not found and coordinator is None:
        raise Refused("现在没有能接办的部门。请打12345反映，我们也会尽快补上。")
    triage = _doubt(way, town, found, terms or Assigning()) if coordinator and coordinator.name == COORDINATOR else None
    department = coordinator if coordinator and (triage or not found) else found[0][0]
    people = named_in(session, text, but=contact_name)
    accused_at = any(one.department_id == department.id for one in people)
    if triage is None and coordinator and accused_at and not anybody_at(session, department, but=[one.id for one in people]):
        department, triage = coordinator, BARRED  # its only handler is the one complained about
    return Placing(
        department=department,
        barred=barred,
        barred_people=tuple(people),
        village_barred=way.village_accused,
        watched_by=_supervisor(here, kind, way, department, barred) if triage is None else None,
        suggestions=tuple(
            {"department": one.name, "confidence": sure, "why": _why(one, name)} for one, name, sure in found
        ),
        triage=triage,
    )


def _open_to(
    here: Mapping[str, Department], way: Route, barred: tuple[Department, ...]
) -> Iterator[tuple[Department, str, float]]:
    """The departments of the route that are here, with the name by which they were called and how sure that is."""
    for place, name in enumerate(way.departments):
        department = here.get(name)
        if department is not None and department not in barred:
            yield department, name, way.confidence[place] if place < len(way.confidence) else 0.0


def _unbarred(here: Mapping[str, Department], names: tuple[str, ...], barred: tuple[Department, ...]) -> Iterator[Department]:
    return (here[name] for name in names if name in here and here[name] not in barred)


def _doubt(way: Route, town: str | None, found: list[tuple[Department, str, float]], terms: Assigning) -> str | None:
    """Why the coordinator decides first, or None."""
    there = TOWNS.get(town or "")
    if there is not None and there.administered_elsewhere:
        return ELSEWHERE
    if not found or found[0][2] < terms.triage_below:
        # Which township it is was not said, and the next department in the list is sure: a case without a town goes by item.
        first_is_left_out = bool(way.departments) and way.departments[0] == TOWNSHIP and town is None
        return None if found and first_is_left_out and way.confidence[:1] >= (terms.triage_below,) else DOUBT
    return None


def _supervisor(
    here: Mapping[str, Department], kind: str, way: Route, department: Department, barred: tuple[Department, ...]
) -> Department | None:
    if kind not in ABOUT_DECISIONS or barred or way.village_accused:
        return None
    others = tuple(name for name in (COORDINATOR, DISCIPLINE) if name != department.name)
    return next(_unbarred(here, others, barred), None)


def _why(department: Department, called: str) -> str:
    known = DEPARTMENTS.get(called)
    return known.answers_for if known else ""
