"""Persons and their payments for the checks, as plain data, read household by household in short transactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.orm import Session

from intake.people import is_garbled
from intake.progress import periods
from knowledge.checks import Standards
from knowledge.suspicion import RULES, Paid, Person
from models.db import Database
from models.household import Death, Member, Register
from models.payment import DROPPED, LIVE, Batch, Payment
from models.resident import Resident
from models.upload import DetailChange

_LAND = frozenset((*RULES["land"]["household"], *RULES["land"]["crops"]))
_PLOTS = frozenset(RULES["land"]["plots"])
_MOST_NAMES = 8

Household = list[tuple[Person, list[Paid]]]

# The account and the remarks stay as the bytes that they are: only the rows that count are opened.
_PAYMENTS = select(
    Payment.batch_id, Payment.id, Payment.resident_id, Payment.item, Payment.year, Payment.period, Payment.quantity,
    Payment.unit, Payment.standard_fen, Payment.amount_fen, Payment.stage, Payment.stage_date, Payment.paid_date,
    type_coerce(Payment.account, LargeBinary), type_coerce(Payment.remarks, LargeBinary),
)  # fmt: skip
_PERSONS = select(Resident.id, Resident.name, Resident.id_number, Resident.town, Resident.village)
_REMARKS: Any = Payment.__table__.c.remarks.type


class Reader:
    """Reads persons. `standards`: what others get, by item and year."""

    def __init__(self, database: Database, standards: Standards) -> None:
        self.standards = standards
        self._database, self._keyring = database, database.keyring
        with database.read() as session:
            self._live = frozenset(session.scalars(select(Batch.id).where(Batch.status == LIVE)))

    def read(self, households: Sequence[Sequence[int]]) -> Iterator[Household]:
        """The persons of these households who have payments, each with those that count."""
        ids = [one for household in households for one in household]
        with self._database.read() as session:
            payments = self._payments(session, ids)
            persons = self._persons(session, [one for one in ids if one in payments])
        for household in households:
            members = [(persons[one], payments[one]) for one in household if one in persons]
            if members:
                yield members

    def _payments(self, session: Session, ids: Sequence[int]) -> dict[int, list[Paid]]:
        newest: dict[tuple[int, str, int, str], Any] = {}
        rows = session.connection().execute(_PAYMENTS.where(Payment.resident_id.in_(ids))).all()
        for row in sorted((row for row in rows if row[0] in self._live), key=lambda row: (row[0], row[1])):
            newest[row[2], row[3], row[4], row[5]] = row
        found: defaultdict[int, list[Paid]] = defaultdict(list)
        for row in newest.values():
            if row[10] != DROPPED:
                found[row[2]].append(self._paid(row))
        return found

    def _paid(self, row: Any) -> Paid:
        account = hash(self._keyring.decrypt(bytes(row[13]), b"payments.account")) if row[13] is not None else 0
        return Paid(
            row[1], row[3], row[4], row[5], _months(row[5]), row[6], row[7] or "", row[8], row[9], row[10], row[11], row[12],
            account, self._plots(row),
        )  # fmt: skip

    def _plots(self, row: Any) -> tuple[str, ...]:
        """The fields that a row of land names in its remarks."""
        if row[14] is None or row[3] not in _LAND:
            return ()
        remarks: dict[str, str] = _REMARKS.from_bytes(self._keyring.decrypt(bytes(row[14]), b"payments.remarks"))
        return tuple(text for title, text in remarks.items() if title in _PLOTS and len(text) > 1)

    def _persons(self, session: Session, ids: Sequence[int]) -> dict[int, Person]:
        died = Death.dates_of(session, ids)
        of_head = Member.heads_of(session, ids)
        names = _other_names(session, ids)
        found = {}
        for id_, name, number, town, village in session.execute(_PERSONS.where(Resident.id.in_(ids))):
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
            others = tuple(names.get(id_, ()))[:_MOST_NAMES] if not is_garbled(name) else ()
            found[id_] = Person(id_, name, born, town or "", village or "", died.get(id_), of_head.get(id_, 0), others)
        return found


def _other_names(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    """Names under which files have had these persons: before a later file changed them, or in other registers."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    changed = select(DetailChange.resident_id, DetailChange.details).where(
        DetailChange.resident_id.in_(ids), DetailChange.applied
    )
    for id_, details in session.execute(changed):
        if details and details[0] and not is_garbled(details[0]):
            found[id_].add(details[0])
    for table in (Member, Death):
        named = select(table.resident_id, table.name).join(Register, Register.id == table.register_id)
        named = named.where(table.resident_id.in_(ids), table.name.is_not(None), Register.status == LIVE)
        for id_, name in session.execute(named):
            if name and not is_garbled(name):
                found[id_].add(name)
    return found


def heads(database: Database) -> dict[int, int]:
    """The head of everybody's household, as far as files say."""
    query = select(Member.resident_id, Member.head_id).join(Register, Register.id == Member.register_id)
    query = query.where(Register.status == LIVE).order_by(Member.register_id)
    with database.read() as session:
        return {person: head for person, head in session.execute(query.execution_options(yield_per=10_000))}


@lru_cache(4096)
def _months(period: str) -> frozenset[str]:
    return frozenset(one for one in periods(period) if len(one) == 6 and one.isdigit())
