"""What the cases of a period came to: 响应率, 按期答复率, 解决率, 满意率 and the median of days, by department and so on.

What each rate counts: models/statistics_values.py. A case that complains about the reader's own office counts for that
reader nowhere: every query here goes through the loader (回避).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks, accept_by
from knowledge.kinds import KINDS, REPORT
from knowledge.wording import BEIJING, beijing
from models.base import now
from models.case import ANSWERED, OPEN, WITHDRAWN, Case
from models.case_loading import cases_for
from models.staff import Department, Staff
from models.statistics_values import DIMENSIONS, Line, Period
from models.visit import Visit

_EPOCH, _DAY, _EAST = date(1970, 1, 1), 86_400, 8 * 3600


@dataclass(frozen=True, slots=True)
class Statistics:
    """By what it was asked for, and in all; `months` in their order for the chart."""

    lines: Mapping[str | int | None, Line]
    total: Line
    months: Mapping[str, Line]


def statistics(session: Session, staff: Staff, by: str, period: Period, clocks: Clocks) -> Statistics:
    """The figures of a period for this reader, from one pass over its cases."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        session.execute(text("SET LOCAL jit = off"))  # compiling the query takes longer than the query
    lines: dict[str | int | None, Line] = {}
    months: dict[str, Line] = {}
    total = Line()
    for row in session.execute(_counted(staff, by, period, clocks, on_sqlite)):
        for line in (total, months.setdefault(row.month, Line()), lines.setdefault(row.month if by == "month" else row.key, Line())):
            line.add(row)
    return Statistics(lines, total, dict(sorted(months.items())))


def _counted(staff: Staff, by: str, period: Period, clocks: Clocks, on_sqlite: bool) -> Select[Any]:
    day, last = _day_number(on_sqlite), _last_said()
    took = case((Case.status == ANSWERED, day(Case.answered_at) - day(Case.filed_at)))
    joined = (
        cases_for(staff).outerjoin(last, last.c.case_id == Case.id).outerjoin(Visit, Visit.id == last.c.visit_id)
        .where(Case.filed_at >= period.begins, Case.filed_at < period.ends)
    )  # fmt: skip
    # Not the bare column: SQLite would go by its index from row to row all over the table instead of straight through.
    columns = [func.coalesce(_KEYS[by], literal_column("NULL")).label("key")] if by in _KEYS else []
    columns += [_month(period).label("month"), took.label("days")]
    wanted = _wanted() | _responded(period, clocks, day)
    counted = [func.count().filter(each).label(name) for name, each in wanted.items()]
    return joined.with_only_columns(*columns, func.count().label("filed"), *counted).group_by(*columns)


_KEYS: Mapping[str, ColumnElement[Any]] = {
    "department": Case.department_id.expression, "town": Case.town.expression, "item": Case.item.expression, "kind": Case.kind.expression,
}  # fmt: skip


def _wanted() -> dict[str, ColumnElement[bool]]:
    """What each count of the query takes in."""
    is_open, answered, overdue = Case.status.in_(OPEN), Case.status == ANSWERED, is_overdue(now())
    return {
        "withdrawn": Case.status == WITHDRAWN,
        "open": is_open,
        "overdue": overdue,
        "in_time_part": and_(answered, Case.answered_at <= Case.due_at),
        "in_time_whole": or_(and_(answered, Case.due_at.is_not(None)), overdue),
        "resolved_part": Visit.resolved.is_(True),
        "resolved_whole": Visit.resolved.is_not(None),
        "satisfied_part": Visit.satisfied.is_(True),
        "satisfied_whole": Visit.satisfied.is_not(None),
    }


def is_overdue(moment: datetime) -> ColumnElement[bool]:
    """Open, over its date, and its clock is not standing still."""
    return and_(Case.status.in_(OPEN), Case.due_at < moment, Case.stopped.is_(None))


def _responded(period: Period, clocks: Clocks, day: Callable[[Any], Any]) -> dict[str, ColumnElement[bool]]:
    """接办 in time: as many days as there were, by the kind and by what stood in the calendar behind the day it came."""
    today = beijing(now()).date()
    came, taken = day(func.coalesce(Case.counts_from, Case.filed_at)), day(func.coalesce(Case.accepted_at, Case.answered_at))
    allowed = case(*(
        (Case.kind.in_(kinds), case(*((came.in_(days), given) for given, days in rest), else_=usual))
        for kinds, usual, rest in _allowed(period, clocks, today)
    ))  # fmt: skip
    counts = and_(Case.status != WITHDRAWN, Case.kind != REPORT)
    return {
        "responded_part": and_(counts, taken - came <= allowed),
        "responded_whole": and_(counts, or_(taken.is_not(None), (today - _EPOCH).days - came > allowed)),
    }


def _allowed(period: Period, clocks: Clocks, today: date) -> Iterator[tuple[list[str], int, list[tuple[int, list[int]]]]]:
    """Kinds with one rule, how many calendar days they usually have, and the other numbers with their days of filing."""
    kinds_of: dict[tuple[int, ...], list[str]] = {}
    days = list(period.days_on(today))
    for kind in KINDS:
        dues = [accept_by(kind, datetime.combine(one, time(12), BEIJING), clocks).due_date for one in days] if kind != REPORT else []
        if dues:
            given = tuple((due - one).days for due, one in zip(dues, days, strict=True) if due is not None)
            kinds_of.setdefault(given, []).append(kind)
    for given, kinds in kinds_of.items():
        usual = Counter(given).most_common(1)[0][0]
        rest: dict[int, list[int]] = {}
        for number, one in zip(given, days, strict=True):
            if number != usual:
                rest.setdefault(number, []).append((one - _EPOCH).days)
        yield kinds, usual, list(rest.items()) or [(usual, [0])]


def _last_said() -> Any:
    """The newest visit of each case in which the person said anything."""
    said = or_(Visit.resolved.is_not(None), Visit.satisfied.is_not(None))
    return select(Visit.case_id, func.max(Visit.id).label("visit_id")).where(said).group_by(Visit.case_id).subquery("last_said")


def _day_number(on_sqlite: bool) -> Callable[[Any], Any]:
    """The day of a moment in Beijing, counted from 1970."""
    if on_sqlite:
        return lambda moment: (func.unixepoch(moment, type_=Integer) + _EAST) // _DAY
    return lambda moment: cast(func.floor((func.date_part("epoch", moment) + _EAST) / float(_DAY)), Integer)


def _month(period: Period) -> ColumnElement[str]:
    """The month of filing, 2026-03: told by its bounds, which costs less than making a date of every moment."""
    bounds, first = [], period.since.replace(day=1)
    while first <= period.until:
        after = (first + timedelta(days=32)).replace(day=1)
        bounds.append((Case.filed_at < Period(after, after).begins, f"{first:%Y-%m}"))
        first = after
    return case(*bounds)


# ---------------------------------------------------------------- which cases a figure is made of


def behind(staff: Staff, period: Period, by: str, key: str | int | None, count: str) -> Select[Case]:
    """The cases that one figure counts, for whoever may see them: through the same loader as the figure."""
    query = cases_for(staff).where(Case.filed_at >= period.begins, Case.filed_at < period.ends)
    if by == "month" and isinstance(key, str):
        query = query.where(_month(period) == key)
    elif by in _KEYS:
        query = query.where(_KEYS[by].is_not_distinct_from(key))
    said: dict[str, ColumnElement[bool]] = {
        "open": Case.status.in_(OPEN), "overdue": is_overdue(now()), "answered": Case.status == ANSWERED,
        "withdrawn": Case.status == WITHDRAWN,
    }  # fmt: skip
    return query.where(said[count]) if count in said else query


def names_of(session: Session, by: str, keys: Sequence[str | int | None]) -> Mapping[str | int | None, str]:
    """What the lines are called."""
    if by != "department":
        return {key: str(key) if key is not None else f"没说{DIMENSIONS[by]}" for key in keys}
    found = dict(session.execute(select(Department.id, Department.name)).all())
    return {key: found.get(int(key), "—") if key is not None else "—" for key in keys}
