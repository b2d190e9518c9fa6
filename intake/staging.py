"""A batch on its way into the database: staged in short transactions, visible in one flip, and taken back as a whole.

Everything in here happens in somebody's turn (`intake.turn`), so that whatever is staged and not ours is left over from
an import that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake import details
from intake.bulk import Bulk
from intake.comparing import Compared, Comparison
from intake.payment_row import PaymentRow
from intake.residents import Details, Fresh, Residents
from intake.turn import PATIENCE, Turn, our_turn
from knowledge.errors import Refused
from models.audit import record
from models.base import Base, now
from models.db import Database
from models.payment import STAGED, Batch, Payment
from models.resident import Resident
from models.staff import Staff
from models.upload import Vanished

PAYMENT_COLUMNS = (
    "batch_id", "resident_id", "item", "year", "period", "quantity", "unit", "standard_fen", "amount_fen", "stage",
    "stage_date", "paid_date", "bank", "account", "fail_reason", "remarks", "content_hash",
)  # fmt: skip
_PAYMENTS = Bulk(Payment, PAYMENT_COLUMNS)
_VANISHED = Bulk(Vanished, ("batch_id", "payment_id"))
_TAKEN_BACK_AT_ONCE = 500
_AT_ONCE = 1_000
_FEWEST, _MOST = 500, 4_000  # rows of one transaction
_QUICK, _SLOW = 0.06, 0.12  # seconds of one transaction; 0.2 is what chat may have to wait


class Stager:
    """Stages the rows of one file. `chunk` is how many rows to bring at once: as many as a short transaction takes."""

    def __init__(self, database: Database, turn: Turn, batch: Batch, residents: Residents, chunk: int) -> None:
        self.chunk = chunk
        self.batch = batch
        self._database, self._turn, self._residents = database, turn, residents
        self._items: set[tuple[str, int]] = set()
        self._as_of = date.min
        self._write(lambda session: _add(session, batch))

    def stage(self, unknown: Mapping[str, PaymentRow], compared: Sequence[Compared]) -> None:
        """Stage rows, and the people among them who are nowhere yet."""
        rows = [one.row for one in compared]
        dialect = self._database.engine.dialect
        fresh = self._residents.to_insert(dialect, unknown)
        # What can be made ready is made before the transaction begins.
        values = _PAYMENTS.written(dialect, [_values(one, self.batch.id) for one in compared])
        began = time.monotonic()
        made = self._write(partial(self._insert, fresh=fresh, rows=rows, values=values))
        self._adapt(time.monotonic() - began, len(rows))
        self._residents.remember(unknown, made, rows)
        self._as_of = max(self._as_of, *(row.stage_date for row in rows))
        self._items.update((row.item, row.year) for row in rows)

    def _insert(
        self, session: Session, fresh: Mapping[str, Fresh], rows: Sequence[PaymentRow], values: Sequence[list[Any]]
    ) -> dict[str, int]:
        made = self._residents.insert(session, fresh)
        for row, each in zip(rows, values, strict=True):
            each[1] = made.get(row.id_number) or self._residents[row.id_number].id
        _PAYMENTS.insert_written(session, values)
        return made

    def _adapt(self, seconds: float, rows: int) -> None:
        if seconds > _SLOW:
            self.chunk = max(_FEWEST, self.chunk // 2)
        elif seconds < _QUICK and rows >= self.chunk:
            self.chunk = min(_MOST, self.chunk * 2)

    def stage_vanished(self, payment_ids: Sequence[int]) -> None:
        """Keep which payments the file does not hold any more, for a clerk to decide."""
        for start in range(0, len(payment_ids), _AT_ONCE):
            rows = [[self.batch.id, one] for one in payment_ids[start : start + _AT_ONCE]]
            self._write(partial(_VANISHED.insert, rows=rows))

    def stage_details(self) -> None:
        """Keep what the file knew better about people."""
        later = iter(self._residents.later.items())
        while some := dict(islice(later, _TAKEN_BACK_AT_ONCE)):
            self._write(partial(_stage_details, batch_id=self.batch.id, later=some))

    def flip(self, by: Staff | str, found: Comparison, accepted: int, refused: int) -> None:
        """The one flip: from here on everybody sees the batch. It is in the audit log by the same commit."""

        def work(session: Session) -> None:
            batch = session.get_one(Batch, self.batch.id)
            batch.accepted, batch.refused = accepted, refused
            batch.new, batch.changed, batch.unchanged, batch.vanished = found.new, found.changed, found.unchanged, found.vanished
            batch.data_as_of = self._as_of
            batch.items = [[item, year] for item, year in sorted(self._items)]
            batch.go_live()
            record(
                session, by, "payments.import", f"batch:{batch.id}", file=batch.file_name, sha256=batch.sha256,
                accepted=accepted, refused=refused, new=found.new, changed=found.changed, unchanged=found.unchanged,
                vanished=found.vanished,
            )  # fmt: skip

        self._write(work)

    def _write(self, work: Any) -> Any:
        def in_turn(session: Session) -> Any:
            self._turn.hold(session)
            return work(session)

        return self._database.write(in_turn, wait=PATIENCE)


def new_batch(file_name: str, sha256: str, by: Staff | str) -> Batch:
    """A batch of which nothing is there yet."""
    name = by.username if isinstance(by, Staff) else by
    return Batch(file_name=file_name, sha256=sha256, status=STAGED, imported_by=name[:64], imported_at=now())


def clear_up(database: Database) -> None:
    """`clear_away` if there is anything to do and nobody is importing; for the worker."""
    with database.read() as session:
        staged = session.scalar(select(exists().where(Batch.status == STAGED)))
    if staged or details.due(database):
        with suppress(Refused), our_turn(database, 0.0) as turn:
            clear_away(database, turn)


def clear_away(database: Database, turn: Turn) -> None:
    """Take back what imports left behind that were killed, and finish what they had begun to say about people."""
    with database.read() as session:
        left = session.execute(select(Batch.id, Batch.imported_at).where(Batch.status == STAGED)).all()
    for batch in left:
        take_back(database, turn, batch.id)
    details.apply_all(database)
    details.give_back_all(database)


def take_back(database: Database, turn: Turn, batch_id: int) -> None:
    """Delete a staged batch, its rows, and the people who came with it and are nowhere else; in short steps."""
    for step in (_forget_vanished, details.forget, _forget_payments):
        while database.write(partial(_in_turn, turn=turn, step=step, batch_id=batch_id), wait=PATIENCE):
            pass
    database.write(lambda session: _forget_batch(session, turn, batch_id), wait=PATIENCE)


def _in_turn(session: Session, turn: Turn, step: Any, batch_id: int) -> int:
    turn.hold(session)
    return step(session, batch_id, _TAKEN_BACK_AT_ONCE)  # type: ignore[no-any-return]


def _forget_vanished(session: Session, batch_id: int, limit: int) -> int:
    some = select(Vanished.payment_id).where(Vanished.batch_id == batch_id).limit(limit)
    ids = session.scalars(some).all()
    session.execute(delete(Vanished).where(Vanished.batch_id == batch_id, Vanished.payment_id.in_(ids)))
    return len(ids)


def _forget_payments(session: Session, batch_id: int, limit: int) -> int:
    rows = session.execute(
        select(Payment.id, Payment.resident_id).where(Payment.batch_id == batch_id).limit(limit)
    ).all()
    session.execute(delete(Payment).where(Payment.id.in_([row.id for row in rows])))
    began = select(Batch.imported_at).where(Batch.id == batch_id).scalar_subquery()
    came = (Resident.id.in_({row.resident_id for row in rows}), Resident.changed_at >= began)
    try:
        with session.begin_nested():
            session.execute(delete(Resident).where(*came, *_unused()))
    except IntegrityError:  # somebody has just come to use one of them: they stay
        pass
    return len(rows)


def _unused() -> list[ColumnElement[bool]]:
    """That nothing of the whole database speaks of a resident."""
    found = []
    for table in Base.metadata.tables.values():
        for column in _columns_of_residents(table):
            found.append(~exists().where(column == Resident.id))
    return found


def _columns_of_residents(table: Table) -> list[Any]:
    return [key.parent for key in table.foreign_keys if key.column.table is Resident.__table__]


def _forget_batch(session: Session, turn: Turn, batch_id: int) -> None:
    turn.hold(session)
    session.execute(delete(Batch).where(Batch.id == batch_id, Batch.status == STAGED))


def _add(session: Session, batch: Batch) -> None:
    session.add(batch)
    session.flush()


def _stage_details(session: Session, batch_id: int, later: Mapping[int, Details]) -> None:
    details.stage(session, batch_id, later)


def _values(one: Compared, batch_id: int) -> list[Any]:
    row = one.row
    return [
        batch_id, 0, row.item, row.year, row.batch, row.quantity_hundredths, row.unit or None, row.standard_fen,
        row.amount_fen, row.stage, row.stage_date, row.paid_date, row.bank or None, row.account or None,
        row.fail_reason or None, row.remarks, one.content,
    ]  # fmt: skip
