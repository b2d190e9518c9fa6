"""What shows only between rows: duplicates, one account for two people, two names for one, exclusive items.

Nothing of the rows is kept but hashes and row numbers: about 150 bytes a row. Python's keyed 64-bit hash serves; among
a million rows the chance that any two different ones collide is 1 in 30 million.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from intake import names
from intake.findings import Finding
from intake.payment_row import PaymentRow
from intake.people import is_garbled
from intake.progress import periods
from knowledge.catalogue.items import ITEMS

_NO_ROW = 0xFFFFFFFF
_MOST_RELATED = 20  # rows that a finding names


class Place(NamedTuple):
    """Where a row stands."""

    sheet: int
    row: int


class _Chains:
    """For each key the rows that have it, as a chain through one array."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._before = array("I")

    def add(self, key: int | None) -> int:
        """Append a row; the previous row with this key, or _NO_ROW."""
        at = len(self._before)
        before = _NO_ROW
        if key is not None:
            before = self._last.get(key, _NO_ROW)
            self._last[key] = at
        self._before.append(before)
        return before

    def before(self, at: int) -> int:
        """The previous row with the same key as this one, or _NO_ROW."""
        return self._before[at]

    def rows(self, key: int) -> list[int]:
        """All rows with this key, first to last."""
        found, at = [], self._last[key]
        while at != _NO_ROW:
            found.append(at)
            at = self._before[at]
        return found[::-1]


def _exclusive() -> dict[str, frozenset[str]]:
    """For each item those that may not be had with it; the catalogue may name a pair on either side."""
    pairs: defaultdict[str, set[str]] = defaultdict(set)
    for item in ITEMS.values():
        for other in item.exclusions:
            pairs[item.name].add(other)
            pairs[other].add(item.name)
    return {name: frozenset(others) for name, others in pairs.items()}


class Across:
    """Takes the rows of a file one after the other."""

    def __init__(self) -> None:
        self._exclusive = _exclusive()
        self._places = array("Q")
        self._person = array("q")
        self._name = array("q")
        self._of_person, self._of_account = _Chains(), _Chains()
        self._two_names: set[int] = set()
        self._shared: set[int] = set()
        self._payments: dict[int, int] = {}
        self._content = array("q")
        self._held: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._together: defaultdict[int, set[int]] = defaultdict(set)

    def take(self, place: Place, row: PaymentRow) -> Finding | None:
        """A row that its own cells let pass; the finding if an earlier row of the file is the same payment."""
        person = hash(row.id_number)
        payment = hash((row.id_number, row.item, row.year, row.batch))
        content = hash(row[:18])
        at = len(self._places)
        first = self._payments.setdefault(payment, at)
        if first != at:
            code = "DUPLICATE_ROW" if self._content[first] == content else "DUPLICATE_PAYMENT"
            return self._finding(code, None, place.sheet, [first])
        self._content.append(content)
        self._remember(place, person, row)
        if row.item in self._exclusive:
            self._look_for_exclusive(at, row)
        return None

    def _remember(self, place: Place, person: int, row: PaymentRow) -> None:
        name = 0 if is_garbled(row.name) else hash(row.name)
        self._places.append(place.sheet << 32 | place.row)
        self._person.append(person)
        self._name.append(name)
        before = self._of_person.add(person)
        while before != _NO_ROW and not self._name[before]:
            before = self._of_person.before(before)
        if before != _NO_ROW and name and self._name[before] != name:
            self._two_names.add(person)
        account = hash(row.account) if row.account else None
        before = self._of_account.add(account)
        if account is not None and before != _NO_ROW and self._person[before] != person:
            self._shared.add(account)

    def _look_for_exclusive(self, at: int, row: PaymentRow) -> None:
        for period in periods(row.batch):
            key = hash((row.id_number, period))
            self._held[row.item].setdefault(key, at)
            for other in self._exclusive[row.item]:
                rival = self._held[other].get(key)
                if rival is not None:
                    self._together[at].add(rival)
                    self._together[rival].add(at)

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """What only the whole file shows: warnings for rows that were taken."""
        for at, rivals in self._together.items():
            yield self._about(at, "ITEM_EXCLUSIVE", names.ITEM, rivals)
        for account in self._shared:
            users = self._of_account.rows(account)
            for at in users:
                others = (other for other in users if self._person[other] != self._person[at])
                yield self._about(at, "ACCOUNT_SHARED", names.ACCOUNT, others)
        for person in self._two_names:
            yield from self._name_conflicts(person)

    def _name_conflicts(self, person: int) -> Iterator[tuple[Place, Finding]]:
        """The rows with another name than most rows of the person; all of them if there is no most."""
        rows = [at for at in self._of_person.rows(person) if self._name[at]]
        counts = Counter(self._name[at] for at in rows).most_common(2)
        usual = counts[0][0] if len(counts) > 1 and counts[0][1] > counts[1][1] else None
        for at in rows:
            if self._name[at] != usual:
                others = (other for other in rows if self._name[other] != self._name[at])
                yield self._about(at, "NAME_CONFLICT", names.NAME, others)

    def _place(self, at: int) -> Place:
        return Place(self._places[at] >> 32, self._places[at] & 0xFFFFFFFF)

    def _about(self, at: int, code: str, column: str, others: Iterable[int]) -> tuple[Place, Finding]:
        place = self._place(at)
        return place, self._finding(code, column, place.sheet, others)

    def _finding(self, code: str, column: str | None, sheet: int, others: Iterable[int]) -> Finding:
        """A finding on a row of this sheet, with the rows that it concerns beside."""
        places = sorted({self._place(other) for other in others})[:_MOST_RELATED]
        sheets = tuple(place.sheet for place in places)
        return Finding(code, column, tuple(place.row for place in places), () if set(sheets) == {sheet} else sheets)
