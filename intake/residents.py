"""The residents of a file: found by the blind index of their ID number, made where they are new, kept up to date.

What the database says of somebody is changed by the file's latest row about them, and only at the end of an import:
until then a file that turns out to be broken has changed nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from intake.payment_row import PaymentRow
from intake.people import is_garbled
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.payment import Payment
from models.resident import Resident

_REMEMBERED = 500_000  # residents met in one import; about 100 MB
_CHUNK = 500


class Details(NamedTuple):
    """What a resident's row says beside the ID number; text that is not known is empty."""

    name: str = ""
    phone: str = ""
    account: str = ""
    bank: str = ""
    town: str = ""
    village: str = ""

    def updated(self, later: Details) -> Details:
        """As somebody later has it; what is not known there stays."""
        garbled = is_garbled(later.name) and bool(self.name)
        account = later if later.account else self
        place = later if later.town else self
        return Details(
            self.name if garbled else later.name,
            later.phone or self.phone,
            account.account,
            account.bank,
            place.town,
            place.village,
        )

    def columns(self, keyring: Keyring) -> dict[str, Any]:
        """The values for the resident's table."""
        return {
            "name": self.name,
            "phone": self.phone or None,
            "account": self.account or None,
            "account_index": keyring.blind_index(self.account, "account") if self.account else None,
            "bank": self.bank or None,
            "town": self.town or None,
            "village": self.village or None,
            "changed_at": now(),
        }


class Known:
    """One resident during an import: `told` is the date of the latest row, `seen` the hash of its details."""

    __slots__ = ("id", "is_new", "seen", "told")

    def __init__(self, id_: int, *, is_new: bool, told: date, seen: int) -> None:
        self.id = id_
        self.is_new = is_new
        self.told = told
        self.seen = seen


class Fresh(NamedTuple):
    """Somebody who is new: the latest row about them, and the values to insert."""

    row: PaymentRow
    values: dict[str, Any]


class Residents:
    """The residents that one import meets."""

    def __init__(self, keyring: Keyring, live: Collection[int]) -> None:
        self._keyring = keyring
        self._live = live
        self._known: dict[str, Known] = {}
        self._later: dict[int, Details] = {}

    def __getitem__(self, id_number: str) -> Known:
        return self._known[id_number]

    def __contains__(self, id_number: str) -> bool:
        return id_number in self._known

    def look_up(self, session: Session, rows: Sequence[PaymentRow]) -> dict[str, Fresh]:
        """Find the residents of these rows, and give those who are nowhere yet, by ID number."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        unknown: dict[str, PaymentRow] = {}
        for row in rows:
            if row.id_number not in self._known:
                before = unknown.get(row.id_number)
                if before is None or row.stage_date >= before.stage_date:
                    unknown[row.id_number] = row
        if unknown:
            self._find(session, unknown)
        return {number: Fresh(row, self._values(row)) for number, row in unknown.items() if number not in self._known}

    def _find(self, session: Session, unknown: Mapping[str, PaymentRow]) -> None:
        index = self._keyring.blind_index
        number_of = {index(number, "id_number", key): number for key in self._keyring.index for number in unknown}
        differing: dict[int, Known] = {}
        for found in session.execute(_STORED.where(Resident.id_index.in_(list(number_of)))):
            number = number_of[found.id_index]
            row = unknown[number]
            stored, told = Details(*(text or "" for text in found[2:])), _details_of(row)
            known = Known(found.id, is_new=False, told=row.stage_date, seen=hash(told))
            if stored.updated(told) != stored:
                known.seen, differing[found.id] = hash(stored), known
            self._known[number] = known
        for known in differing.values():
            known.told = date.min
        for resident_id, batch_id, latest in session.execute(_LATEST.where(Payment.resident_id.in_(list(differing)))):
            if batch_id in self._live:
                differing[resident_id].told = max(differing[resident_id].told, latest)

    def _values(self, row: PaymentRow) -> dict[str, Any]:
        return {
            "id_index": self._keyring.blind_index(row.id_number, "id_number"),
            "index_key": self._keyring.newest_index,
            "id_number": row.id_number,
            **_details_of(row).columns(self._keyring),
        }

    def insert(self, session: Session, fresh: Mapping[str, Fresh]) -> dict[str, int]:
        """Insert those who are new and give their ids; where another import came first with one, that one's id."""
        if not fresh:
            return {}
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        unless_there = insert(Resident).on_conflict_do_nothing(index_elements=["id_index"])
        session.connection().execute(unless_there, [new.values for new in fresh.values()])
        number_of = {new.values["id_index"]: number for number, new in fresh.items()}
        made = select(Resident.id_index, Resident.id).where(Resident.id_index.in_(list(number_of)))
        return {number_of[id_index]: id_ for id_index, id_ in session.execute(made)}

    def remember(self, fresh: Mapping[str, Fresh], made: Mapping[str, int], rows: Iterable[PaymentRow]) -> None:
        """Take note of who was inserted, and of rows that know somebody's details better than what is stored."""
        for number, id_ in made.items():
            row = fresh[number].row
            self._known[number] = Known(id_, is_new=True, told=row.stage_date, seen=hash(_details_of(row)))
        for row in rows:
            known, details = self._known[row.id_number], _details_of(row)
            if row.stage_date >= known.told:
                known.told, seen = row.stage_date, hash(details)
                if seen != known.seen:
                    known.seen = seen
                    self._later[known.id] = self._later.get(known.id, Details()).updated(details)

    def bring_up_to_date(self, database: Database) -> int:
        """Write what rows knew better, a few hundred residents at a time; the number of residents changed."""
        changed = 0
        ids = list(self._later)
        for start in range(0, len(ids), _CHUNK):
            with database.read() as session:
                stored = session.execute(_STORED.where(Resident.id.in_(ids[start : start + _CHUNK]))).all()
            values = []
            for row in stored:
                before = Details(*(text or "" for text in row[2:]))
                after = before.updated(self._later[row.id])
                if after != before:
                    values.append({"id": row.id, **after.columns(self._keyring)})
            if values:
                database.write(partial(_update, values=values))
                changed += len(values)
        return changed


_STORED = select(
    Resident.id, Resident.id_index, Resident.name, Resident.phone, Resident.account, Resident.bank,
    Resident.town, Resident.village,
)  # fmt: skip
_LATEST = select(Payment.resident_id, Payment.batch_id, func.max(Payment.stage_date)).group_by(
    Payment.resident_id, Payment.batch_id
)


def _details_of(row: PaymentRow) -> Details:
    return Details(row.name, row.phone, row.account, row.bank, row.town, row.village)


def _update(session: Session, values: list[dict[str, Any]]) -> None:
    session.execute(update(Resident), values)
