"""The worker's part of learning: examples are gathered once a day, and a change is measured on history held back from it.

Reading and thinking come first, outside of any transaction that writes; what is written goes in short ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, joinedload, load_only

from knowledge.catalogue.departments import TOWNSHIP
from knowledge.kinds import REPORT
from knowledge.routing import Route, route
from knowledge.routing_examples import Example, Precedents, is_for_rules_alone, learnable, problem_in, without_persons
from knowledge.routing_measuring import Figures, Settled, measured
from models import audit
from models.base import now
from models.case import ACCEPTED, ANSWERED, Case
from models.case_event import CaseEvent
from models.db import Database
from models.item_owner import ItemOwner, in_county
from models.precedents import as_example, called, counting_in
from models.routing_examples import (
    IN_FORCE,
    MEASURING,
    PLACED,
    PROPOSED,
    RETURNED,
    STAYED,
    TRANSFERRED,
    WAITING,
    ChangeExample,
    RoutingChange,
    RoutingExample,
    count_fresh,
    drop,
    kept_out,
)
from models.staff import Department
from models.views import names_in

Guess = Callable[[str], str | None]
Stopped = Callable[[], bool]
_T = TypeVar("_T")

_LATELY = timedelta(days=730)
_HISTORY = 5000  # settled cases that are looked at, and examples of a change, the newest
_MOST_WORDS = 400  # characters of a case that are kept
_BESIDE = 3  # cases that stayed, for each that moved
_AT_ONCE = 100  # rows in one transaction
_HELD_BACK = 0.3  # of the moves, the latest, and with them all cases filed since
_READ = (  # of a case, and nothing more of the person
    *(Case.text, Case.contact_name, Case.follower_id, Case.department_id),
    *(Case.item, Case.town, Case.filed_at, Case.accepted_at),
)
_MOVES = {"transferred": TRANSFERRED, "assigned": PLACED}


@dataclass(frozen=True, slots=True)
class _Past:
    """A settled case with its way by the rules of today, and how it came to the department that answers it."""

    case: Case
    way: Route
    how: str
    came_from: int  # the department's id
    at: datetime
    names: frozenset[str]

    @property
    def right(self) -> str:
        return called(self.case.department)


def _no_guess(_text: str) -> str | None:
    return None


# ---------------------------------------------------------------- gathering


def gather(database: Database, least: int, guess: Guess = _no_guess, stopped: Stopped = lambda: False) -> int:
    """Take in the moves since the last time, and propose a change once there are at least so many new ones.

    Gives how many were taken in. `least` 0: nothing is learnt. While a proposal waits, no other is made.
    """
    if not least:
        return 0
    _drop_unfit(database)
    with database.read() as session:
        known = exists().where(RoutingExample.case_id == Case.id)
        moved = [one for one in _past(session, guess, ~known, _has_moved()) if _teaches(one)]
    _keep(database, moved, stopped)
    with database.read() as session:
        is_due = count_fresh(session) >= least and RoutingChange.with_status(session, *WAITING) is None
    if is_due and not stopped():
        _propose(database, guess, stopped)
    return len(moved)


def _drop_unfit(database: Database) -> None:
    with database.read() as session:
        gone = RoutingExample.unfit(session)
    if gone:
        database.write(partial(drop, examples=gone))


def _propose(database: Database, guess: Guess, stopped: Stopped) -> None:
    with database.read() as session:
        moves = _usable(session)
        nearby = _stayed(session, moves, guess)
    _keep(database, nearby, stopped)
    if stopped():
        return
    cases = [one.case_id for one in moves] + [one.case.id for one in nearby]
    database.write(partial(_begin, cases=cases))


def _usable(session: Session) -> list[RoutingExample]:
    """All moves but those that the coordinator has ever struck out, the newest."""
    struck = exists().where(ChangeExample.example_id == RoutingExample.id, ChangeExample.struck_at.is_not(None))
    query = (
        select(RoutingExample).where(RoutingExample.how != STAYED, ~struck).order_by(RoutingExample.settled_at.desc())
    )
    return list(session.scalars(query.limit(_HISTORY).options(joinedload(RoutingExample.to_department))))


def _stayed(session: Session, moves: Sequence[RoutingExample], guess: Guess) -> list[_Past]:
    """The cases that stayed where they were though they are like some that moved, for each of these the most alike."""
    precedents, near = Precedents(map(as_example, moves)), dict[Example, list[tuple[float, int]]]()
    stayed = [
        one for one in _past(session, guess, ~_has_moved()) if one.way.departments[0] == one.right and _teaches(one)
    ]
    for place, one in enumerate(stayed):
        for example, likeness in precedents.nearest(one.right, one.case.text, one.case.item):
            near.setdefault(example, []).append((likeness, place))
    wanted = {place for found in near.values() for _, place in sorted(found, reverse=True)[:_BESIDE]}
    return [stayed[place] for place in sorted(wanted)]


def _begin(session: Session, cases: Sequence[int]) -> None:
    if RoutingChange.with_status(session, *WAITING) is not None:
        return  # another worker was faster
    change = RoutingChange(status=MEASURING)
    session.add(change)
    session.flush()
    struck = exists().where(ChangeExample.example_id == RoutingExample.id, ChangeExample.struck_at.is_not(None))
    ids = [number for part in _parts(cases) for number in session.scalars(
        select(RoutingExample.id).where(RoutingExample.case_id.in_(part), ~struck).order_by(RoutingExample.id)
    )]  # fmt: skip
    session.add_all(ChangeExample(change_id=change.id, example_id=number) for number in ids)
    audit.record(session, "worker", "routing.propose", f"routing:{change.id}", examples=len(ids))


def _keep(database: Database, found: Sequence[_Past], stopped: Stopped) -> None:
    for part in _parts(found):
        if stopped():
            return
        database.write(partial(_write, part=part))


def _write(session: Session, part: Sequence[_Past]) -> None:
    # A case may have changed since it was read, and another worker may have been faster.
    fit = select(Case.id).where(Case.id.in_([one.case.id for one in part]), *_settled())
    fit = fit.where(~exists().where(RoutingExample.case_id == Case.id))
    still = set(session.scalars(fit))
    session.add_all(_example(one) for one in part if one.case.id in still)


def _example(one: _Past) -> RoutingExample:
    case = one.case
    words = without_persons(case.text, one.names)[:_MOST_WORDS]
    return RoutingExample(
        case_id=case.id, how=one.how, words=words, item=case.item, problem=problem_in(case.text), town=case.town,
        first=one.way.departments[0], from_department_id=one.came_from, to_department_id=case.department_id,
        filed_at=case.filed_at, settled_at=one.at,
    )  # fmt: skip


# ---------------------------------------------------------------- history


def _settled() -> tuple[ColumnElement[bool], ...]:
    """In whose hands the case is has been said, by the department taking it, and nothing keeps it out."""
    return (Case.status.in_((ACCEPTED, ANSWERED)), Case.triage.is_(None), Case.filed_at > now() - _LATELY, ~kept_out())


def _has_moved() -> ColumnElement[bool]:
    moved = CaseEvent.from_department_id != CaseEvent.to_department_id
    return exists().where(CaseEvent.case_id == Case.id, CaseEvent.what.in_(_MOVES), moved)


def _past(session: Session, guess: Guess, *which: ColumnElement[bool]) -> Iterable[_Past]:
    """The settled cases, newest first, but those of which the rules alone decide."""
    query = select(Case).where(*_settled(), *which).order_by(Case.filed_at.desc(), Case.id.desc()).limit(_HISTORY)
    cases = list(session.scalars(query.options(load_only(*_READ), joinedload(Case.department))))
    events, names = _events(session, cases), names_in(session, cases)
    changed = ItemOwner.changed(session)
    since = dict(session.execute(select(ItemOwner.item, ItemOwner.changed_at)).all())
    for case in cases:
        if case.item in since and case.filed_at < since[case.item]:
            continue  # the county has said since whose the item is
        if (story := _story(case, events.get(case.id, ()))) is None:
            continue
        way = in_county(changed, route(case.text, item=case.item, town=case.town, guess=guess), case.item)
        if not is_for_rules_alone(way):
            yield _Past(case, way, *story, names=names[case.id])


def _events(session: Session, cases: Sequence[Case]) -> Mapping[int, list[CaseEvent]]:
    found: dict[int, list[CaseEvent]] = {}
    for part in _parts(cases):
        query = select(CaseEvent).where(CaseEvent.case_id.in_([case.id for case in part]))
        query = query.where(CaseEvent.what.in_((*_MOVES, "returned", "rekinded")))
        for event in session.scalars(query.order_by(CaseEvent.id)):
            found.setdefault(event.case_id, []).append(event)
    return found


def _story(case: Case, events: Sequence[CaseEvent]) -> tuple[str, int, datetime] | None:
    """How the case came to its department, from which, and when; None if it ever was a report, or is in another place's hands."""
    if any(event.what == "rekinded" and REPORT in (event.text or "") for event in events):
        return None
    if case.department.town is not None and case.department.town != case.town:
        return None
    moves = [one for one in events if one.what in _MOVES and one.from_department_id != one.to_department_id]
    if not moves or moves[0].from_department_id in (None, case.department_id):
        return STAYED, case.department_id, case.accepted_at or case.filed_at
    returned = any(event.what == "returned" for event in events)
    return RETURNED if returned else _MOVES[moves[-1].what], moves[0].from_department_id or 0, moves[-1].at


def _teaches(one: _Past) -> bool:
    return learnable(one.right, first=one.way.departments[0], town=one.case.town)


# ---------------------------------------------------------------- measuring


def measure(database: Database, guess: Guess = _no_guess, stopped: Stopped = lambda: False) -> int:
    """Find out what the change that waits for it would have done; gives how many changes were measured.

    Before, whatever has become no example is dropped, also out of what is in force.
    """
    _drop_unfit(database)
    with database.read() as session:
        change = RoutingChange.with_status(session, MEASURING)
        if change is None:
            return 0
        counting = counting_in(session, change)
        figures = _figures(session, counting, guess)
    if stopped():
        return 0
    return int(database.write(partial(_put, number=change.id, examples=[one.id for one in counting], figures=figures)))


def _figures(session: Session, counting: Sequence[RoutingExample], guess: Guess) -> Figures:
    """What the examples from before say of all cases that were filed after them, beside what is in force now."""
    moves = sorted(one.filed_at for one in counting if one.how != STAYED)
    if not moves:
        return Figures()
    since = moves[int(len(moves) * (1 - _HELD_BACK))]
    held = (
        Settled(one.case.id, one.way, one.case.text, one.case.item, one.case.town, one.right)
        for one in _past(session, guess, Case.filed_at >= since)
    )
    current = RoutingChange.with_status(session, IN_FORCE)
    standing = counting_in(session, current) if current is not None else ()
    now_held, taught = (
        Precedents(as_example(one) for one in examples if one.filed_at < since) for examples in (standing, counting)
    )
    return measured(now_held, taught, held, {TOWNSHIP, *session.scalars(Department.active_names())})


def _put(session: Session, number: int, examples: Sequence[int], figures: Figures) -> bool:
    change = session.get(RoutingChange, number, with_for_update=True)
    links = select(ChangeExample.example_id).where(ChangeExample.change_id == number, ChangeExample.struck_at.is_(None))
    if change is None or change.status != MEASURING or set(session.scalars(links)) != set(examples):
        return False  # struck out or dropped meanwhile: measured again
    change.status, change.figures, change.measured_at = PROPOSED, figures.as_dict(), now()
    audit.record(
        session,
        "worker",
        "routing.measure",
        f"routing:{number}",
        improves=figures.improves,
        held_back=figures.held_back,
    )
    return True


def _parts(rows: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
