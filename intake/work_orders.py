"""A file of 12345's work orders, read in the limited child process; each becomes a case once, and its faults are told by row.

One whose number a hotline call has noted is that call's case: nothing is handled twice.
Each order is a transaction of its own, so that a thousand of them hold nobody up, and one that fails takes no other along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.work_order_rows import Order, read_order, rows_of
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.errors import Fault, Refused
from knowledge.wording import BEIJING, beijing, day_and_weekday
from models import audit
from models.base import now
from models.call import case_of_call, is_on_the_line
from models.case import Case, Filing
from models.db import Database
from models.filing import Draft, prepared
from models.staff import Staff
from models.work_order import SOURCE, WorkOrder

_LATELY = timedelta(days=7)  # whoever said the same before is thought of so long
_ALIKE = 0.3  # of the pairs of characters of the shorter text
_MOST_FAULTS = 500  # told one by one

Progress = Callable[[int], None]


_SAID = {"text": "诉求内容", "name": "来电人", "phone": "电话", "kind": "类型", "sealed": "是否保密", "on": "受理时间", "due": "办结期限"}


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be taken, and what to do."""

    row: int
    said: str


@dataclass(slots=True)
class Outcome:
    """What became of a file. In a dry run nothing was stored and `filed` says where each would go."""

    read: int = 0
    filed: list[tuple[str, str, str]] = field(default_factory=list)  # number from outside, case, department
    known: int = 0
    changed: list[tuple[str, str]] = field(default_factory=list)  # number, what is different
    perhaps: list[tuple[str, str]] = field(default_factory=list)  # number, the case that it may be
    joined: list[tuple[int, str, str]] = field(default_factory=list)  # row, number, the case that the hotline had filed
    faults: list[RowFault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """What filing needs beside the file."""

    by: Staff | str
    clocks: Clocks
    terms: Assigning | None = None
    guess: Callable[[str], str | None] | None = None

    @property
    def who(self) -> str:
        """As it is written beside what was imported."""
        return (self.by.username if isinstance(self.by, Staff) else self.by)[:64]

    def staff(self, session: Session) -> Staff | None:
        """The person, in this session."""
        return session.get(Staff, self.by.id) if isinstance(self.by, Staff) else None


def import_work_orders(
    database: Database, file: Path, name: str, desk: Desk, *, dry_run: bool = False, progress: Progress = lambda _: None
) -> Outcome:
    """Take the file in. Refused if it cannot be read or holds no such table; whatever else is wrong is told by row."""
    outcome, orders = Outcome(), []
    for row in rows_of(file):
        outcome.read += 1
        try:
            orders.append(read_order(row))
        except Refused as refused:
            outcome.faults.append(RowFault(row.number, refused.said))
    orders = list(_once_each(orders, outcome))
    with database.read() as session:
        stored = {number: dict(one.content) for number, one in WorkOrder.known(session, [one.number for one in orders]).items()}
        lately = _lately(session)
    for at, order in enumerate(orders, 1):
        if order.number in stored:
            _compare(order, stored[order.number], outcome)
            continue
        try:
            _take_in(database, order, name, desk, lately, outcome, dry_run=dry_run)
        except Fault as fault:
            outcome.faults.append(RowFault(order.row, fault.said))
        progress(at)
    if not dry_run and (outcome.filed or outcome.perhaps or outcome.joined):
        database.write(lambda session: _note(session, desk, name, outcome))
    return outcome


def file_order(session: Session, order: WorkOrder, desk: Desk) -> Case:
    """Make the case of a work order that is here."""
    kept = order.content
    due = date.fromisoformat(kept["due"]) if kept["due"] else None
    case, _ = Case.file(session, _filing(session, kept, due, desk), staff=desk.staff(session))
    order.case_id = case.id
    case.happened(session, "work_order", desk.staff(session), f"12345工单{order.number}转来。")
    return case


# ---------------------------------------------------------------- one number, one case


def _once_each(orders: Sequence[Order], outcome: Outcome) -> Iterator[Order]:
    seen: dict[str, Order] = {}
    for order in orders:
        if order.number not in seen:
            seen[order.number] = order
            yield order
        elif seen[order.number].content != order.content:
            outcome.faults.append(RowFault(order.row, f"和第{seen[order.number].row}行是同一个工单编号，内容却不一样。这一行没有收。"))


def _compare(order: Order, stored: Mapping[str, Any], outcome: Outcome) -> None:
    different = [said for name, said in _SAID.items() if stored.get(name) != order.content[name]]
    if different:
        outcome.changed.append((order.number, "、".join(different)))
    else:
        outcome.known += 1


# ---------------------------------------------------------------- filing


Lately = dict[str, list[tuple[int, str, str]]]  # by telephone: case, its number, its words


def _lately(session: Session) -> Lately:
    found: Lately = {}
    query = select(Case.id, Case.number, Case.phone, Case.text).where(Case.filed_at > now() - _LATELY, Case.phone.is_not(None))
    for case_id, number, phone, text in session.execute(query):
        found.setdefault(str(phone).replace("-", ""), []).append((case_id, number, text))
    return found


def _take_in(
    database: Database, order: Order, name: str, desk: Desk, lately: Lately, outcome: Outcome, *, dry_run: bool
) -> None:  # fmt: skip
    phone = (order.phone or "").replace("-", "")
    same = next((one for one in lately.get(phone, ()) if _is_alike(one[2], order.text)), None) if phone else None
    if dry_run:
        with database.read() as session:
            _look(session, order, desk, same, outcome)
        return

    def work(session: Session) -> tuple[str, int, str, str] | None:
        of_call = _of_call(session, order)
        row = WorkOrder.take_in(
            session, order.number, content=order.content, ordered_at=_moment(order.on), due_at=_end(order.due), file_name=name[-255:],
            imported_by=desk.who, perhaps_case_id=same[0] if same and of_call is None else None,
        )  # fmt: skip
        if row is None:
            return None
        if of_call is not None:
            said = f"12345工单{row.number}就是热线登记的这件，一起办、一起答复。"
            row.goes_with(session, of_call, desk.staff(session), said)
            return "joined", of_call.id, of_call.number, ""
        if same is not None:
            return "perhaps", same[0], same[1], ""
        case = file_order(session, row, desk)
        return "filed", case.id, case.number, case.department.name

    made = database.write(work)
    if made is None:
        outcome.known += 1
        return
    what, case_id, case_number, home = made
    if what == "joined":
        outcome.joined.append((order.row, order.number, case_number))
    elif what == "perhaps":
        outcome.perhaps.append((order.number, case_number))
    else:
        outcome.filed.append((order.number, case_number, home))
        lately.setdefault(phone, []).append((case_id, case_number, order.text))


def _look(session: Session, order: Order, desk: Desk, same: tuple[int, str, str] | None, outcome: Outcome) -> None:
    """What would become of an order, and nothing stored."""
    if (case := _of_call(session, order)) is not None:
        outcome.joined.append((order.row, order.number, case.number))
    elif same is not None:
        outcome.perhaps.append((order.number, same[1]))
    else:
        outcome.filed.append((order.number, "", _filing(session, order.content, order.due, desk).department.name))


def _of_call(session: Session, order: Order) -> Case | None:
    """The case that the hotline filed in the call with this number. Refused while that call goes on: it may yet file one."""
    case = case_of_call(session, SOURCE, order.number)
    if case is None and is_on_the_line(session, SOURCE, order.number):
        raise Refused("热线正在接这个单号的电话，可能马上就登记。等电话收尾，再导一次就行。")
    return case


def _filing(session: Session, content: Mapping[str, Any], due: date | None, desk: Desk) -> Filing:
    draft = Draft(
        text=content["text"], source=SOURCE, kind=content["kind"], contact_name=content["name"], phone=content["phone"],
        confidential=content["sealed"],
    )  # fmt: skip
    filing = prepared(session, draft, desk.clocks, guess=desk.guess, terms=desk.terms)
    until = _end(due)
    if until is None or (filing.due_at is not None and filing.due_at <= until):
        return filing
    said = f"12345工单要求{day_and_weekday(until, beijing(now()).date())}前办结，比县里的期限早，按工单的。"
    return replace(filing, due_at=until, due_trail=(*filing.due_trail, said))


def _is_alike(one: str, other: str) -> bool:
    """Whether two texts share much: of the pairs of characters of the shorter one."""
    first, second = _pairs(one), _pairs(other)
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) / shorter >= _ALIKE


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"[^\w]", "", text)
    return {bare[at : at + 2] for at in range(len(bare) - 1)}


def _moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), BEIJING).astimezone(UTC) if day else None


def _end(day: date | None) -> datetime | None:
    return datetime.combine(day, time(23, 59, 59), BEIJING).astimezone(UTC) if day else None


def _note(session: Session, desk: Desk, name: str, outcome: Outcome) -> None:
    audit.record(
        session, desk.staff(session) or desk.who, "order.import", "list:orders", file=name[-120:], filed=len(outcome.filed),
        perhaps=len(outcome.perhaps), joined=len(outcome.joined), known=outcome.known, faults=len(outcome.faults),
    )  # fmt: skip
