"""The residents of a file: found by the blind index of their ID number, made where they are new, kept up to date.

What the database says of somebody is changed by the file's latest row about them, and only once the file is in: until
then a file that turns out to be broken has changed nobody. `intake.details` writes those changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Dialect, func, select
from sqlalchemy.orm import Session

from intake.bulk import Bulk
from intake.payment_row import PaymentRow
from intake.people import is_garbled
from models.base import now
from models.crypto import Keyring
from models.payment import Payment
from models.resident import Resident

_REMEMBERED = 500_000  # residents met in one import; about 100 MB


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
    """One resident during an import: `told` is the date of the latest row, `seen` the hash of its details.

    `id` is 0 for somebody who is new and not inserted, because the file is only looked at.
    """

    __slots__ = ("id", "is_new", "seen", "told")

    def __init__(self, id_: int, *, is_new: bool, told: date, seen: int) -> None:
        self.id = id_
        self.is_new = is_new
        self.told = told
        self.seen = seen


class Fresh(NamedTuple):
    """Somebody who is new: the blind index of the ID number, and the row to insert as the driver takes it."""

    id_index: bytes
    written: list[Any]


class Residents:
    """The residents that one import meets."""

    def __init__(self, keyring: Keyring, live: Collection[int]) -> None:
        self._keyring = keyring
        self._live = live
        self._known: dict[str, Known] = {}
        self.later: dict[int, Details] = {}  # what rows knew better than what is stored, by resident

    def __getitem__(self, id_number: str) -> Known:
        return self._known[id_number]

    def get(self, id_number: str) -> Known | None:
        """The resident if the last look-up found one."""
        return self._known.get(id_number)

    def look_up(self, session: Session, rows: Sequence[PaymentRow]) -> dict[str, PaymentRow]:
        """Find the residents of these rows; by ID number those that are nowhere yet, with the latest row about each."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        known = self._known
        unknown: dict[str, PaymentRow] = {}
        for row in rows:
            if row.id_number not in known:
                before = unknown.get(row.id_number)
                if before is None or row.stage_date >= before.stage_date:
                    unknown[row.id_number] = row
        if unknown:
            self._find(session, unknown)
        return {number: row for number, row in unknown.items() if number not in known}

    def _find(self, session: Session, unknown: Mapping[str, PaymentRow]) -> None:
        index = self._keyring.blind_index
        number_of = {index(number, "id_number", key): number for key in self._keyring.index for number in unknown}
        differing: dict[int, Known] = {}
        for found in session.execute(STORED.where(Resident.id_index.in_(list(number_of)))):
            number = number_of[found.id_index]
            row = unknown[number]
            stored, told = Details(*(text or "" for text in found[2:])), details_of(row)
            known = Known(found.id, is_new=False, told=row.stage_date, seen=hash(told))
            if stored.updated(told) != stored:
                known.seen, differing[found.id] = hash(stored), known
            self._known[number] = known
        for known in differing.values():
            known.told = date.min
        for resident_id, batch_id, latest in session.execute(_LATEST.where(Payment.resident_id.in_(list(differing)))):
            if batch_id in self._live:
                differing[resident_id].told = max(differing[resident_id].told, latest)

    def to_insert(self, dialect: Dialect, unknown: Mapping[str, PaymentRow]) -> dict[str, Fresh]:
        """The rows to insert for those who are nowhere yet."""
        values = [self._values(row) for row in unknown.values()]
        written = _RESIDENTS.written(dialect, values)
        return {number: Fresh(row[0], row) for number, row in zip(unknown, written, strict=True)}

    def _values(self, row: PaymentRow) -> list[Any]:
        index, of_details = self._keyring.blind_index(row.id_number, "id_number"), details_of(row).columns(self._keyring)
        return [index, self._keyring.newest_index, row.id_number, *of_details.values()]

    def insert(self, session: Session, fresh: Mapping[str, Fresh]) -> dict[str, int]:
        """Insert those who are new and give their ids; where somebody else came first with one, that one's id."""
        if not fresh:
            return {}
        _RESIDENTS.insert_written(session, [new.written for new in fresh.values()], unless="id_index")
        number_of = {new.id_index: number for number, new in fresh.items()}
        made = select(Resident.id_index, Resident.id).where(Resident.id_index.in_(list(number_of)))
        return {number_of[id_index]: id_ for id_index, id_ in session.execute(made)}

    def remember(self, unknown: Mapping[str, PaymentRow], made: Mapping[str, int], rows: Iterable[PaymentRow]) -> None:
        """Take note of who is new, and of rows that know somebody's details better than what is stored."""
        for number, row in unknown.items():
            self._known[number] = Known(
                made.get(number, 0), is_new=True, told=row.stage_date, seen=hash(details_of(row))
            )
        for row in rows:
            known = self._known[row.id_number]
            if row.stage_date >= known.told:
                known.told, details = row.stage_date, details_of(row)
                if (seen := hash(details)) != known.seen:
                    known.seen = seen
                    self.later[known.id] = self.later.get(known.id, Details()).updated(details)


_RESIDENTS = Bulk(Resident, ("id_index", "index_key", "id_number", *Details().columns(Keyring({}, {}))))
STORED = select(
    Resident.id, Resident.id_index, Resident.name, Resident.phone, Resident.account, Resident.bank,
    Resident.town, Resident.village,
)  # fmt: skip
_LATEST = select(Payment.resident_id, Payment.batch_id, func.max(Payment.stage_date)).group_by(
    Payment.resident_id, Payment.batch_id
)


def details_of(row: PaymentRow) -> Details:
    """What a row of a file says about the person."""
    return Details(row.name, row.phone, row.account, row.bank, row.town, row.village)
