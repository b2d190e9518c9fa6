"""The rows of a file against what the database has: new, corrected, the same, and what is no longer there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.checking import CheckedRow
from intake.payment_row import PaymentRow
from intake.residents import Residents
from intake.standing import Change, Corrected, Gone, Issue, Key, Standing, Stored, changes
from knowledge.identity import mask_name
from models.content import hashed, is_same, said
from models.crypto import Keyring
from models.db import Database
from models.payment import LIVE, Batch, Payment
from models.resident import Resident

_MOST_NAMED = 1_000  # corrected rows, and vanished ones, that are named
_MOST_REFUSED = 200_000  # refused rows whose person is remembered
NEW, CHANGED, SAME = "new", "changed", "same"


class Compared(NamedTuple):
    """A row, what it is to the database, and the hash of its content."""

    row: PaymentRow
    kind: str
    content: bytes


class GoneRow(NamedTuple):
    """A vanished payment as a clerk sees it, the person masked."""

    payment_id: int
    name: str
    town: str
    village: str
    item: str
    period: str
    amount_fen: int
    stage: str


@dataclass(slots=True)
class Comparison:
    """The counts. `changes` and `gone` name the first thousand.

    `other_towns`: payments of townships that a file of several townships does not hold at all; they are left alone.
    `older` rows tell of a day before the payment went out or came back; their stage is not taken.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    changes: list[Change] = field(default_factory=list)
    gone: list[GoneRow] = field(default_factory=list)
    other_towns: Counter[str] = field(default_factory=Counter)
    older: int = 0
    older_rows: list[tuple[int, int]] = field(default_factory=list)

    def note_older(self, row: CheckedRow) -> None:
        """Count a row whose stage was overtaken; the first thousand by sheet and number."""
        self.older += 1
        if len(self.older_rows) < _MOST_NAMED:
            self.older_rows.append((row.sheet, row.row_number))


class Comparer:
    """Compares one file, some rows at a time. `before` is the batch of the very same file, if that is live."""

    def __init__(self, database: Database, sha256: str) -> None:
        self.database = database
        self._keyring = database.keyring
        with database.read() as session:
            self.standing = Standing(session)
            same = select(Batch).where(Batch.status == LIVE, Batch.sha256 == sha256).order_by(Batch.id).limit(1)
            self.before = session.scalar(same)
        self.residents = Residents(database.keyring, self.standing.live)
        self._held: defaultdict[Issue, set[int]] = defaultdict(set)
        self._towns: defaultdict[Issue, set[str]] = defaultdict(set)
        self._refused: set[str] = set()

    def refused(self, id_number: str) -> None:
        """A row about this person was refused: the payment has not vanished, it is only written wrongly."""
        if id_number and self.standing.held and len(self._refused) < _MOST_REFUSED:
            self._refused.add(id_number)

    def compare(
        self, checked: Sequence[CheckedRow], found: Comparison
    ) -> tuple[dict[str, PaymentRow], list[Compared]]:
        """The people among these rows who are nowhere yet, and what each row is; `found` takes the counts."""
        rows = [row.values for row in checked if row.values is not None]
        with self.database.read() as session:
            unknown = self.residents.look_up(session, rows)
            stood = self._stood(session, rows)
            whole = self._whole(session, checked, stood)
            compared: list[Compared] = []
            corrected: list[Corrected] = []
            for row in checked:
                if row.values is None:
                    continue
                values = self._with_what_stands(row, row.values, stood, whole)
                content = content_hash(values, self._keyring)
                kind, stored = self._kind(values, content, stood)
                if kind == CHANGED and stored is not None and stored.is_ahead_of(values):
                    found.note_older(row)
                    values = stored.kept_in(values)
                    content = content_hash(values, self._keyring)
                    kind, stored = self._kind(values, content, stood)
                if kind == CHANGED and stored is not None and len(found.changes) + len(corrected) < _MOST_NAMED:
                    corrected.append((row.sheet, row.row_number, values, stored.payment_id))
                compared.append(Compared(values, kind, content))
            found.changes += changes(session, corrected) if corrected else ()
        kinds = Counter(one.kind for one in compared)
        found.new += kinds[NEW]
        found.changed += kinds[CHANGED]
        found.unchanged += kinds[SAME]
        return unknown, compared

    def _stood(self, session: Session, rows: Sequence[PaymentRow]) -> dict[Key, Stored]:
        keys: list[Key] = []
        for row in rows:
            if (row.item, row.year) in self.standing.held:
                known = self.residents.get(row.id_number)
                if known is not None and not known.is_new:
                    keys.append((known.id, row.item, row.year, row.batch))
        return self.standing.of(session, keys)

    def _whole(self, session: Session, checked: Sequence[CheckedRow], stood: dict[Key, Stored]) -> dict[int, Payment]:
        """The payments in full, by id, of which rows say something else, or only a part."""
        if not stood or self.before is not None:
            return {}
        rows = [row.values for row in checked if row.values is not None]
        kinds = [self._kind(row, content_hash(row, self._keyring), stood) for row in rows]
        ids = [stored.payment_id for kind, stored in kinds if kind == CHANGED and stored is not None]
        return {one.id: one for one in session.scalars(select(Payment).where(Payment.id.in_(ids)))} if ids else {}

    def _with_what_stands(
        self, row: CheckedRow, values: PaymentRow, stood: dict[Key, Stored], whole: dict[int, Payment]
    ) -> PaymentRow:
        stored = self._stored(values, stood) if whole else None
        payment = whole.get(stored.payment_id) if stored is not None else None
        return row.lacking.filled(values, payment) if payment is not None and row.lacking is not None else values

    def _stored(self, row: PaymentRow, stood: dict[Key, Stored]) -> Stored | None:
        known = self.residents.get(row.id_number) if stood else None
        return stood.get((known.id, row.item, row.year, row.batch)) if known is not None else None

    def _kind(self, row: PaymentRow, content: bytes, stood: dict[Key, Stored]) -> tuple[str, Stored | None]:
        stored = self._stored(row, stood)
        if stored is None:
            return NEW, None
        if self.before is not None or is_same(self._keyring, stored.content, content, lambda: _said(row)):
            # A file that is live already and was corrected, or dropped, by a later one does not undo that.
            return SAME, stored
        return (NEW if self.standing.is_dropped(stored) else CHANGED), stored

    def note(self, rows: Sequence[PaymentRow]) -> None:
        """Remember whom the file holds, once the residents of these rows are known."""
        for row in rows:
            if (row.item, row.year) in self.standing.held:
                issue = (row.item, row.year, row.batch)
                self._held[issue].add(self.residents[row.id_number].id)
                self._towns[issue].add(row.town)

    def vanished(self, found: Comparison) -> Iterator[list[int]]:
        """The payments that count now and that the file does not hold, by id, some at a time; `found` takes the counts."""
        if self.before is not None or not self._held:
            return
        with self.database.read() as session:
            for some in self.standing.vanished(session, self._held, self._refused_residents(session)):
                ours = [gone.payment_id for gone in some if self._is_covered(gone)]
                found.other_towns.update(gone.town for gone in some if not self._is_covered(gone))
                found.vanished += len(ours)
                if ours:
                    found.gone += gone_rows(session, ours[: _MOST_NAMED - len(found.gone)])
                    yield ours
        if all(len(towns) == 1 for towns in self._towns.values()):
            found.other_towns.clear()  # the file of one township says nothing about the others

    def _is_covered(self, gone: Gone) -> bool:
        towns = self._towns[gone.issue]
        return not gone.town or gone.town in towns or towns <= {""}

    def _refused_residents(self, session: Session) -> set[int]:
        index = [self._keyring.blind_index(one, "id_number", key) for key in self._keyring.index for one in self._refused]
        found: set[int] = set()
        for start in range(0, len(index), _MOST_NAMED):
            some = index[start : start + _MOST_NAMED]
            found |= set(session.scalars(select(Resident.id).where(Resident.id_index.in_(some))))
        return found


def gone_rows(session: Session, payment_ids: Sequence[int]) -> list[GoneRow]:
    """Vanished payments as a clerk sees them."""
    query = (
        select(Payment, Resident.name, Resident.town, Resident.village)
        .join(Resident, Resident.id == Payment.resident_id)
        .where(Payment.id.in_(payment_ids))
        .order_by(Payment.id)
    )
    return [
        GoneRow(one.id, mask_name(name), town or "", village or "", one.item, one.period, one.amount_fen, one.stage)
        for one, name, town, village in session.execute(query)
    ]


def content_hash(row: PaymentRow, keyring: Keyring) -> bytes:
    """What tells a corrected payment from the same one."""
    return hashed(keyring, _said(row))


def _said(row: PaymentRow) -> str:
    return said(
        row.quantity_hundredths, row.unit, row.standard_fen, row.amount_fen, row.stage, row.stage_date, row.paid_date,
        row.bank, row.account, row.fail_reason, row.remarks,
    )  # fmt: skip
