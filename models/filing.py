"""From what a person said to a complete filing: routed, kept from those complained about, with its date.

Chat and hotline both file through here, so that the same words go to the same desk by the same day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from knowledge.catalogue.departments import COORDINATOR, DISCIPLINE
from knowledge.deadlines import Clocks, answer_by
from knowledge.errors import Refused
from knowledge.routing import route
from models.base import now
from models.case import Filing
from models.staff import Department


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person said, and what was asked for or confirmed. None means: not said."""

    text: str
    source: str  # chat, hotline
    kind: str | None = None  # 咨询 投诉 举报 信访 信息公开申请 建议; None: told by the words
    item: str | None = None
    town: str | None = None
    village: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    confidential: bool = False


def prepared(
    session: Session,
    draft: Draft,
    clocks: Clocks,
    filed_at: datetime | None = None,
    *,
    guess: Callable[[str], str | None] | None = None,
) -> Filing:
    """The filing for a draft: first acceptable department that exists here, bars, kind, and the date of the answer.

    `guess` names the item of a text that names none. Where none of the departments is here, the coordinator takes it;
    where that is the accused, the discipline office.
    """
    moment = filed_at or now()
    way = route(draft.text, item=draft.item, town=draft.town, guess=guess)
    town = draft.town or way.town
    kind = draft.kind or way.kind
    barred = [d for name in way.accused if (d := Department.named(session, name, town))]
    department = _first_open(session, (*way.departments, COORDINATOR, DISCIPLINE), town, barred)
    deadline = answer_by(kind, moment, clocks)
    return Filing(
        text=draft.text, kind=kind, department=department, source=draft.source, item=draft.item, town=town,
        village=draft.village or way.village, contact_name=draft.contact_name, phone=draft.phone, urgent=way.urgent,
        confidential=draft.confidential or way.confidential, why=way.why, barred=barred,
        due_at=deadline.due if deadline else None, due_trail=deadline.trail if deadline else (),
        provisional=deadline.provisional if deadline else False,
    )  # fmt: skip


def _first_open(session: Session, names: tuple[str, ...], town: str | None, barred: list[Department]) -> Department:
    for name in names:
        department = Department.named(session, name, town)
        if department is not None and department not in barred:
            return department
    raise Refused("现在没有能接办的部门。请打12345反映，我们也会尽快补上。")
