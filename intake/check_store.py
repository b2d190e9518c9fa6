"""What the checks find, into the database: each once, with its evidence, persons masked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from knowledge.identity import mask_account, mask_id_number, mask_name
from knowledge.suspicion import Suspicion
from models.base import now
from models.db import Database
from models.finding import CLEARED, OPEN, VANISHED, Finding, FindingPerson
from models.payment import Payment
from models.resident import Resident

_AT_ONCE = 100  # findings of one transaction
_SHOWN = 40  # payments in the evidence
_PATIENCE = 60.0
_OF_ONE = ("names_differ", "exclusive", "amount", "standard", "jump", "after_death", "age")


class _Counts(Protocol):
    found: int
    new: int
    changed: int
    gone: int


class Store:
    """Takes suspicions; at the end, what was open and is not found any more goes."""

    def __init__(self, database: Database, counts: _Counts) -> None:
        self._database, self._counts = database, counts
        self._waiting: list[Suspicion] = []
        self._seen: set[int] = set()

    def take(self, found: Iterable[Suspicion]) -> None:
        """Keep them; a key that comes twice in one check counts once."""
        for one in found:
            if (key := hash(one.key)) not in self._seen:
                self._seen.add(key)
                self._waiting.append(one)
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def finish(self, wanted: Collection[int] | None, touched: Collection[int] | None) -> None:
        """Write the rest, and let go what is not found any more.

        `wanted`: who was read (None: everybody); `touched`: for whom everything that they share was read, too.
        """
        self._write()
        read = frozenset(wanted) if wanted is not None else None
        whole = frozenset(touched or ())
        after = 0
        while True:
            query = select(Finding.id, Finding.key, Finding.kind).where(Finding.status == OPEN, Finding.id > after)
            with self._database.read() as session:
                rows = session.execute(query.order_by(Finding.id).limit(1_000)).all()
                gone = [row for row in rows if hash(row.key) not in self._seen]
                persons = _persons_of(session, [row.id for row in gone]) if wanted is not None else {}
            ids = [row.id for row in gone if self._was_looked_for(row, persons.get(row.id, set()), read, whole)]
            if ids:
                self._database.write(partial(_let_go, ids=ids), wait=_PATIENCE)
                self._counts.gone += len(ids)
            if not rows:
                return
            after = rows[-1].id

    def _was_looked_for(self, row: Any, persons: set[int], read: frozenset[int] | None, whole: frozenset[int]) -> bool:
        if read is None or row.kind == "binder":
            return True
        return persons <= read if row.kind in _OF_ONE else not persons.isdisjoint(whole)

    def _write(self) -> None:
        for start in range(0, len(self._waiting), _AT_ONCE):
            some = self._waiting[start : start + _AT_ONCE]
            with self._database.read() as session:  # what can be made ready is made before the transaction begins
                standing = _standing(session, [one.key for one in some])
                due = _made_ready(session, [one for one in some if _is_due(standing.get(one.key), one)])
            if due:
                new, changed = self._database.write(partial(_save, due=due), wait=_PATIENCE)
                self._counts.new += new
                self._counts.changed += changed
        self._counts.found += len(self._waiting)
        self._waiting = []


class _Ready(NamedTuple):
    """A suspicion with what is to be written."""

    one: Suspicion
    evidence: dict[str, Any]
    town: str | None
    persons: list[int]


def _standing(session: Session, keys: Sequence[str], *, lock: bool = False) -> dict[str, Finding]:
    query = select(Finding).where(Finding.key.in_(keys))
    return {row.key: row for row in session.scalars(query.with_for_update() if lock else query)}


def _made_ready(session: Session, due: Sequence[Suspicion]) -> list[_Ready]:
    persons, payments = _looked_up(session, due)
    ready = []
    for one in due:
        known = [persons[id_] for id_ in one.persons if id_ in persons]
        town = next((person.town for person in known if person.town), None)
        ready.append(_Ready(one, _evidence(one, persons, payments), town, [person.id for person in known]))
    return ready


def _save(session: Session, due: Sequence[_Ready]) -> tuple[int, int]:
    """How many are new, and how many have changed. One that was cleared meanwhile stays so."""
    standing = _standing(session, [ready.one.key for ready in due], lock=True)
    written: list[tuple[Finding, _Ready]] = []
    for ready in due:
        one, row = ready.one, standing.get(ready.one.key)
        if not _is_due(row, one):
            continue
        if row is None:
            row = Finding(key=one.key, kind=one.kind)
            session.add(row)
        row.severity, row.town, row.item, row.year = one.severity, ready.town, one.item, one.year
        row.evidence, row.changed_at, row.status = ready.evidence, now(), OPEN
        written.append((row, ready))
    session.flush()
    changed = [row.id for row, ready in written if ready.one.key in standing]
    if changed:
        session.execute(delete(FindingPerson).where(FindingPerson.finding_id.in_(changed)))
    persons = [{"finding_id": row.id, "resident_id": id_} for row, ready in written for id_ in ready.persons]
    if persons:
        session.execute(insert(FindingPerson), persons)
    return len(written) - len(changed), len(changed)


def _is_due(row: Finding | None, one: Suspicion) -> bool:
    """Whether it is new, or rests on other facts than before; what was cleared stays cleared otherwise."""
    if row is None:
        return True
    if row.evidence["facts"] != repr(one.facts):
        return True
    return row.status != CLEARED and (row.status != OPEN or row.severity != one.severity or row.evidence["rule"] != one.rule)


def _looked_up(session: Session, due: Sequence[Suspicion]) -> tuple[dict[int, Resident], dict[int, Payment]]:
    ids = {id_ for one in due for id_ in one.persons}
    rows = {id_ for one in due for id_ in one.payments[:_SHOWN]}
    persons = {row.id: row for row in session.scalars(select(Resident).where(Resident.id.in_(ids)))}
    return persons, {row.id: row for row in session.scalars(select(Payment).where(Payment.id.in_(rows)))}


def _evidence(one: Suspicion, persons: dict[int, Resident], payments: dict[int, Payment]) -> dict[str, Any]:
    shown = [payments[id_] for id_ in one.payments[:_SHOWN] if id_ in payments]
    return {
        "rule": one.rule,
        "figures": [list(pair) for pair in one.figures],
        "facts": repr(one.facts),
        "more": max(0, len(one.payments) - _SHOWN),
        "persons": [_person(persons[id_]) for id_ in one.persons if id_ in persons],
        "payments": [_payment(row) for row in sorted(shown, key=lambda row: (row.item, row.stage_date, row.id))],
    }


def _person(row: Resident) -> dict[str, Any]:
    return {
        "id": row.id, "name": mask_name(row.name), "number": mask_id_number(row.id_number),
        "place": f"{row.town or ''}{row.village or ''}", "account": mask_account(row.account) if row.account else "",
    }  # fmt: skip


def _payment(row: Payment) -> dict[str, Any]:
    return {
        "id": row.id, "person": row.resident_id, "item": row.item, "period": row.period, "quantity": row.quantity,
        "unit": row.unit or "", "standard_fen": row.standard_fen, "amount_fen": row.amount_fen, "stage": row.stage,
        "day": (row.paid_date or row.stage_date).isoformat(), "account": mask_account(row.account) if row.account else "",
    }  # fmt: skip


def _persons_of(session: Session, finding_ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {id_: set() for id_ in finding_ids}
    for row in session.scalars(select(FindingPerson).where(FindingPerson.finding_id.in_(finding_ids))):
        found[row.finding_id].add(row.resident_id)
    return found


def _let_go(session: Session, ids: Sequence[int]) -> None:
    for row in session.scalars(select(Finding).where(Finding.id.in_(ids), Finding.status == OPEN).with_for_update()):
        row.status, row.changed_at = VANISHED, now()
