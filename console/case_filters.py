"""Which cases of a desk's queue are shown: read from the address, put into the query, and back into links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func

from console import forms
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.wording import beijing
from models.base import now
from models.case import ACCEPTED, ANSWERED, FILED, OPEN, WITHDRAWN, Case
from models.case_loading import helped_by, offered_to, own_cases_for
from models.correction import run_out_for
from models.staff import Staff

_STATES = {"open": OPEN, "filed": (FILED,), "accepted": (ACCEPTED,), "answered": (ANSWERED,), "withdrawn": (WITHDRAWN,)}
_LISTS = {"incoming": offered_to, "helping": helped_by, "run_out": run_out_for}  # beside the queue


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is shown; as it stands in the address."""

    state: str
    item: str
    town: str
    urgent: bool
    late: bool
    soon: bool
    department: int | None
    number: str

    @classmethod
    def asked(cls) -> Filters:
        """From the address; what was not offered is ignored."""
        state, department = forms.asked("state") or "open", forms.asked("department")
        return cls(
            state=state if state in (*_STATES, *_LISTS, "all") else "open",
            item=item if (item := forms.asked("item")) in (*ITEMS, "-") else "",
            town=town if (town := forms.asked("town")) in TOWNS else "",
            urgent=forms.asked("urgent") == "1",
            late=forms.asked("late") == "1",
            soon=forms.asked("soon") == "1",
            department=int(department) if department.isascii() and department.isdigit() else None,
            number=forms.asked("number").upper(),
        )

    def cases(self, staff: Staff) -> Select[Case]:
        """The cases that fit, of those that this person may see."""
        query = _LISTS.get(self.state, own_cases_for)(staff)
        if self.state in _LISTS:
            query = query.where(Case.status.in_(OPEN))
        elif self.state != "all":
            query = query.where(Case.status.in_(_STATES[self.state]))
        if self.item:
            query = query.where(Case.item.is_(None) if self.item == "-" else Case.item == self.item)
        if self.town:
            query = query.where(Case.town == self.town)
        if self.urgent:
            query = query.where(Case.urgent)
        if self.late:
            query = query.where(Case.status.in_(OPEN), Case.due_at < now())
        if self.soon:
            query = query.where(Case.status.in_(OPEN), *due_by_tomorrow())
        if self.department is not None:
            query = query.where(Case.department_id == self.department)
        if self.number:
            query = query.where(Case.number.endswith(self.number, autoescape=True))
        return query

    def with_(self, **changed: Any) -> dict[str, Any]:
        """The address's arguments with some of them changed; empty ones are left out."""
        kept = {
            "state": self.state if self.state != "open" else None, "item": self.item, "town": self.town,
            "urgent": "1" if self.urgent else None, "late": "1" if self.late else None,
            "soon": "1" if self.soon else None,
            "department": self.department, "number": self.number,
        }  # fmt: skip
        return {name: value for name, value in (kept | changed).items() if value}

    @property
    def is_plain(self) -> bool:
        """Whether it is the whole of the open queue."""
        return not self.with_()

    @property
    def order(self) -> tuple[Any, ...]:
        """The most pressing first; what is done, newest first."""
        if self.state in ("answered", "withdrawn", "all"):
            return (Case.id.desc(),)
        return (Case.due_at.is_(None), Case.due_at, Case.id)


def pressing() -> dict[str, ColumnElement[int]]:
    """Of the open cases, how many there are of each pressing kind."""
    return {
        "open": func.count(),
        "filed": func.count().filter(Case.status == FILED),
        "late": func.count().filter(Case.due_at < now()),
        "soon": func.count().filter(*due_by_tomorrow()),
        "urgent": func.count().filter(Case.urgent),
    }


def due_by_tomorrow() -> tuple[ColumnElement[bool], ...]:
    """What has to be answered today or tomorrow."""
    moment = now()
    tonight = beijing(moment).replace(hour=23, minute=59, second=59, microsecond=999999)
    return Case.due_at >= moment, Case.due_at <= tonight + timedelta(days=1)
