"""Very many cases for a benchmark, as a county's years would leave them: spread over departments, townships, items, kinds and
days, most of them answered, some asked about. Written by the tables' own types, so the words are encrypted as always.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.kinds import COMPLAINT, DISCLOSURE, INQUIRY, PETITION, REPORT
from models.base import now
from models.case import ACCEPTED, ANSWERED, FILED, WITHDRAWN, Case
from models.case_bar import CaseBar
from models.case_event import CaseEvent
from models.db import Database
from models.staff import Department
from models.visit import Visit

_AT_ONCE = 2_000
_WORDS = "我家在{town}，{item}一直没有到账，问了村里几回都说等着，请帮忙查一查是怎么回事。"


def fill(database: Database, count: int, *, days: int = 330, seed: int = 12345) -> None:
    """So many cases, filed over the last days; the departments must be there."""
    dice = random.Random(seed)
    with database.read() as session:
        departments = list(session.scalars(select(Department.id).where(Department.active).order_by(Department.id)))
        first = session.scalar(select(Case.id).order_by(Case.id.desc()).limit(1)) or 0
    moment = now()
    for start in range(0, count, _AT_ONCE):
        ids = range(first + start + 1, first + min(start + _AT_ONCE, count) + 1)
        rows = [_case(dice, one, departments, moment - timedelta(days=days), days) for one in ids]
        database.write(partial(_insert, dice=dice, rows=rows, departments=departments))


def _case(dice: random.Random, number: int, departments: list[int], begin: datetime, days: int) -> dict[str, Any]:
    filed = begin + timedelta(seconds=dice.randrange(days * 86_400))
    status = dice.choices((ANSWERED, ACCEPTED, FILED, WITHDRAWN), (88, 6, 4, 2))[0]
    item, town = dice.choice((*ITEMS, None)), dice.choice((*TOWNS, None))
    accepted = filed + timedelta(hours=dice.expovariate(1 / 20)) if status in (ANSWERED, ACCEPTED) else None
    answered = filed + timedelta(hours=dice.expovariate(1 / 60)) if status == ANSWERED else None
    return {
        "id": number, "number": f"YJ{filed:%Y%m%d}-B{number:06d}", "code_hash": number.to_bytes(32, "big"), "status": status, "source": "chat",
        "kind": dice.choices((INQUIRY, COMPLAINT, PETITION, DISCLOSURE, REPORT), (50, 38, 6, 3, 3))[0],
        "department_id": dice.choice(departments), "item": item, "town": town, "text": _WORDS.format(town=town, item=item),
        "contact_name": "关玉梅", "phone": f"154{number:08d}", "why": "这项归这个部门", "filed_at": filed, "accepted_at": accepted,
        "answered_at": answered, "due_at": filed + timedelta(days=dice.choice((3, 5, 7))), "due_trail": ["从收到的第二天起数"],
        "assigned_at": filed,
    }  # fmt: skip


def _insert(session: Session, dice: random.Random, rows: list[dict[str, Any]], departments: list[int]) -> None:
    session.execute(insert(Case), rows)
    answered = [row for row in rows if row["status"] == ANSWERED]
    events = [{"case_id": row["id"], "what": "filed", "at": row["filed_at"], "public": True} for row in rows]
    events += [
        {"case_id": row["id"], "what": "answered", "at": row["answered_at"], "public": True, "text": "已经补发，请查收。"} for row in answered
    ]  # fmt: skip
    session.execute(insert(CaseEvent), [{"text": None, **event} for event in events])
    ids = select(CaseEvent.id, CaseEvent.case_id).where(CaseEvent.what == "answered", CaseEvent.case_id.in_([row["id"] for row in answered]))
    visits = [
        {"case_id": case_id, "event_id": event_id, "resolved": dice.random() < 0.85, "satisfied": dice.random() < 0.8, "round": 1}
        for event_id, case_id in session.execute(ids).all() if dice.random() < 0.4
    ]  # fmt: skip
    session.execute(insert(Visit), visits)
    session.execute(insert(CaseBar), [{"case_id": row["id"], "department_id": dice.choice(departments)} for row in rows if dice.random() < 0.03])
