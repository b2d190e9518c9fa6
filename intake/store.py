"""Checked rows into the database: staged in short transactions, visible in one flip, nothing left when it fails.

A row that the database already has as it is, is not stored again; one that differs goes in as the newer of the two.
The same file again therefore changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from intake.checking import CheckedRow, Checking
from intake.payment_row import PaymentRow
from intake.reading import FileRefused
from intake.report import Report
from intake.residents import Fresh, Residents
from models.audit import AuditEntry, record
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.payment import LIVE, STAGED, Batch, Payment
from models.resident import Binding, Resident

CHUNK = 1_000  # rows of one transaction, which takes well below 200 ms
_FORGOTTEN = timedelta(days=1)  # after which a staged batch is what a killed process left behind
_MOST_CHANGED = 1_000  # corrected rows that are named
_PATIENCE = 60.0  # seconds that an import waits for its turn to write

Key = tuple[int, str, int, str]  # resident, item, year, period
Progress = Callable[[int], None]


@dataclass(slots=True)
class Outcome:
    """What an import did. `batch_id` is None if the database had everything already, or nothing was to be stored.

    `changed_rows` are rows of the file that corrected a payment which the database had differently.
    """

    report: Report
    notes: list[str]
    batch_id: int | None = None
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    changed_rows: list[tuple[int, int]] = field(default_factory=list)
    residents_changed: int = 0
    imported_before: datetime | None = None


def check_file(file: Path, *, today: date, given: Mapping[str, str], progress: Progress) -> Outcome:
    """Check a file and store nothing. Raises FileRefused."""
    checking, report = Checking(file, today=today, given=given), Report()
    for row in checking:
        report.add(row)
        _tell(progress, checking)
    return Outcome(report, checking.notes)


def import_file(
    database: Database, file: Path, *, today: date, given: Mapping[str, str], by: str, progress: Progress
) -> Outcome:
    """Check a file and store what passes. Raises FileRefused or Busy, and then leaves nothing behind."""
    _sweep(database)
    sha256 = digest(file, given)
    checking = Checking(file, today=today, given=given)
    loader = _Loader(database, file.name[-255:].encode("utf-8", "replace").decode(), sha256, by)
    outcome = Outcome(Report(), checking.notes, imported_before=loader.imported_before)
    try:
        waiting: list[CheckedRow] = []
        for row in checking:
            outcome.report.add(row)
            if row.values is not None:
                waiting.append(row)
            if len(waiting) >= CHUNK:
                loader.store(waiting, outcome)
                waiting = []
            _tell(progress, checking)
        loader.store(waiting, outcome)
        loader.finish(outcome)
    except BaseException:
        loader.abandon()
        raise
    return outcome


def digest(file: Path, given: Mapping[str, str]) -> str:
    """SHA-256 of a file and of what was said beside it, in hexadecimal."""
    total = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while chunk := content.read(1 << 20):
                total.update(chunk)
    except OSError:
        raise FileRefused("文件打不开。请确认文件还在，并且有权限读它。") from None
    for name in sorted(given):
        total.update(f"\0{name}={given[name]}".encode())
    return total.hexdigest()


def _tell(progress: Progress, checking: Checking) -> None:
    if checking.rows_read % 10_000 == 0 and checking.rows_read:
        progress(checking.rows_read)


class _Loader:
    """Stages the rows of one batch."""

    def __init__(self, database: Database, file_name: str, sha256: str, by: str) -> None:
        self._database = database
        self._keyring = database.keyring
        self._by = by
        self._sha256 = sha256
        self._items: set[tuple[str, int]] = set()
        self._as_of = date.min
        with database.read() as session:
            live = session.scalars(select(Batch).where(Batch.status == LIVE)).all()
        self._live = frozenset(batch.id for batch in live)
        self.imported_before = next((batch.live_at for batch in live if batch.sha256 == sha256), None)
        self._residents = Residents(database.keyring, self._live)
        batch = Batch(file_name=file_name, sha256=sha256, status=STAGED, imported_by=by, imported_at=now())
        self._batch_id = database.write(lambda session: _added(session, batch), wait=_PATIENCE)
        self._started = batch.imported_at

    def store(self, checked: Sequence[CheckedRow], outcome: Outcome) -> None:
        """Stage those of the rows that the database does not have as they are."""
        rows = [row.values for row in checked if row.values is not None]
        if not rows:
            return
        with self._database.read() as session:
            fresh = self._residents.look_up(session, rows)
            standing = self._standing(session, rows)
        staged = []
        for row in checked:
            if row.values is not None and (values := self._unless_stored(row, row.values, standing, outcome)):
                staged.append((row.values, values))
        self._as_of = max(self._as_of, *(row.stage_date for row in rows))
        self._items.update((row.item, row.year) for row in rows)
        made = self._database.write(lambda session: self._insert(session, fresh, staged), wait=_PATIENCE)
        self._residents.remember(fresh, made, rows)

    def _insert(
        self, session: Session, fresh: Mapping[str, Fresh], staged: Sequence[tuple[PaymentRow, dict[str, Any]]]
    ) -> dict[str, int]:
        made = self._residents.insert(session, fresh)
        for row, values in staged:
            values["resident_id"] = made.get(row.id_number) or self._residents[row.id_number].id
        if staged:
            # By the connection: the session's own bulk insert takes a third longer.
            session.connection().execute(insert(Payment), [values for _, values in staged])
        return made

    def _standing(self, session: Session, rows: Sequence[PaymentRow]) -> dict[Key, bytes]:
        """The content of the newest live row of each payment that these rows might correct."""
        old = {self._residents[row.id_number].id for row in rows if self._is_old(row.id_number)}
        if not old:
            return {}
        # No join with the batches: the planner would start from them and walk through a million rows.
        found = session.execute(
            select(
                Payment.batch_id, Payment.resident_id, Payment.item, Payment.year, Payment.period, Payment.content_hash
            ).where(
                Payment.resident_id.in_(old),
                Payment.item.in_({row.item for row in rows}),
                Payment.year.in_({row.year for row in rows}),
            )
        )
        live = sorted((row for row in found if row.batch_id in self._live), key=lambda row: row.batch_id)
        return {(row[1], row[2], row[3], row[4]): bytes(row[5]) for row in live}

    def _is_old(self, id_number: str) -> bool:
        return id_number in self._residents and not self._residents[id_number].is_new

    def _unless_stored(
        self, checked: CheckedRow, row: PaymentRow, standing: dict[Key, bytes], outcome: Outcome
    ) -> dict[str, Any] | None:
        """The values to insert, None if the database has the payment as it is."""
        content = content_hash(row, self._keyring)
        stored = None
        if standing and self._is_old(row.id_number):
            stored = standing.get((self._residents[row.id_number].id, row.item, row.year, row.batch))
        if stored is None:
            outcome.new += 1
        elif stored == content or self.imported_before:
            # A file that is live already and was corrected by a later one does not undo the correction.
            outcome.unchanged += 1
            return None
        else:
            outcome.changed += 1
            if len(outcome.changed_rows) < _MOST_CHANGED:
                outcome.changed_rows.append((checked.sheet, checked.row_number))
        return {"batch_id": self._batch_id, "content_hash": content, **_columns(row)}

    def finish(self, outcome: Outcome) -> None:
        """Bring the residents up to date and make the batch visible; an empty one goes away."""
        if not self.imported_before:
            outcome.residents_changed = self._residents.bring_up_to_date(self._database)
        if not (outcome.new or outcome.changed):
            self._database.write(lambda session: _removed(session, self._batch_id), wait=_PATIENCE)
            return
        outcome.batch_id = self._batch_id
        self._database.write(lambda session: self._flip(session, outcome), wait=_PATIENCE)

    def _flip(self, session: Session, outcome: Outcome) -> None:
        batch = session.get_one(Batch, self._batch_id)
        batch.accepted, batch.refused = outcome.report.accepted, outcome.report.refused
        batch.data_as_of = self._as_of
        batch.items = [[item, year] for item, year in sorted(self._items)]
        batch.go_live()
        record(
            session, self._by, "payments.import", f"batch:{batch.id}",
            file=batch.file_name, sha256=self._sha256, accepted=outcome.report.accepted,
            refused=outcome.report.refused, new=outcome.new, changed=outcome.changed,
        )  # fmt: skip

    def abandon(self) -> None:
        """Take back everything that was staged."""
        _take_back(self._database, self._batch_id, self._started)


def content_hash(row: PaymentRow, keyring: Keyring) -> bytes:
    """What tells a corrected payment from the same one: 16 bytes, keyed, for accounts and amounts can be guessed."""
    paid = row.paid_date.toordinal() if row.paid_date else 0  # as number, for writing dates out takes long
    content = (
        f"{row.quantity_hundredths}|{row.unit}|{row.standard_fen}|{row.amount_fen}|{row.stage}"
        f"|{row.stage_date.toordinal()}|{paid}|{row.bank}|{row.account}|{row.fail_reason}|{row.remarks}"
    )
    return keyring.blind_index(content, "payment")[:16]


def _columns(row: PaymentRow) -> dict[str, Any]:
    return {
        "item": row.item,
        "year": row.year,
        "period": row.batch,
        "quantity": row.quantity_hundredths,
        "unit": row.unit or None,
        "standard_fen": row.standard_fen,
        "amount_fen": row.amount_fen,
        "stage": row.stage,
        "stage_date": row.stage_date,
        "paid_date": row.paid_date,
        "bank": row.bank or None,
        "account": row.account or None,
        "fail_reason": row.fail_reason or None,
        "remarks": row.remarks,
    }


def _added(session: Session, batch: Batch) -> int:
    session.add(batch)
    session.flush()
    return batch.id


def _removed(session: Session, batch_id: int) -> None:
    session.execute(delete(Batch).where(Batch.id == batch_id))


def _sweep(database: Database) -> None:
    """Take back what imports left behind that were killed."""
    with database.read() as session:
        forgotten = session.execute(
            select(Batch.id, Batch.imported_at).where(Batch.status == STAGED, Batch.imported_at < now() - _FORGOTTEN)
        ).all()
    for batch_id, started in forgotten:
        _take_back(database, batch_id, started)


def _take_back(database: Database, batch_id: int, started: datetime) -> None:
    """Delete a staged batch, its rows, and the residents that came with it and are nowhere else; in short steps."""
    payments = select(Payment.id).where(Payment.batch_id == batch_id).limit(CHUNK)
    while database.write(lambda session: _deleted(session, Payment, payments), wait=_PATIENCE):
        pass
    used = [exists().where(table.resident_id == Resident.id) for table in (Payment, Binding, AuditEntry)]
    alone = select(Resident.id).where(Resident.changed_at >= started, *(~one for one in used)).limit(CHUNK)
    while database.write(lambda session: _deleted(session, Resident, alone), wait=_PATIENCE):
        pass
    database.write(lambda session: _removed(session, batch_id), wait=_PATIENCE)


def _deleted(session: Session, table: Any, which: Any) -> int:
    ids = list(session.scalars(which))
    if ids:
        session.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)
