"""A payment file into the database: checked, compared with what is there, staged, visible in one flip; or nothing of it.

A file that says nothing new leaves no batch. Any other is stored whole, so that withdrawing an older file takes nothing
from it: as long as every row is there as it is, nothing is staged, and at the first that differs the file is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from intake import details
from intake.checking import CheckedRow, Checking
from intake.comparing import NEW, Compared, Comparer, Comparison
from intake.payment_row import PaymentRow
from intake.reading import FileRefused
from intake.report import Report
from intake.staging import Stager, clear_away, new_batch, take_back
from intake.standing import Change
from intake.turn import Turn, our_turn
from models.db import Database
from models.staff import Staff

CHUNK = 1_000  # rows compared at once while nothing is staged
_PATIENCE = 600.0  # seconds that an import waits for another one to end

Progress = Callable[[int], None]
Given = Mapping[str, str]


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do. `batch_id` is None if the database had everything already, or nothing was stored.

    `imported_before` says when, and `imported_by` who, if the very same file is in already.
    """

    report: Report
    notes: list[str]
    found: Comparison = field(default_factory=Comparison)
    batch_id: int | None = None
    residents_changed: int = 0
    imported_before: datetime | None = None
    imported_by: str = ""

    @property
    def new(self) -> int:
        """Rows of payments that the database did not have."""
        return self.found.new

    @property
    def changed(self) -> int:
        """Rows that corrected a payment which the database had differently."""
        return self.found.changed

    @property
    def unchanged(self) -> int:
        """Rows that the database had as they are."""
        return self.found.unchanged

    @property
    def changes(self) -> list[Change]:
        """What the first thousand corrected rows change."""
        return self.found.changes

    @property
    def changed_rows(self) -> list[tuple[int, int]]:
        """Sheet and number of the first thousand corrected rows."""
        return [(change.sheet, change.row) for change in self.found.changes]


def check_file(
    file: Path, *, today: date, given: Given, progress: Progress, database: Database | None = None, file_name: str = ""
) -> Outcome:
    """Check a file and store nothing; with a database, also say what it would change there. Raises FileRefused.

    `file_name` if the file was called otherwise.
    """
    checking = Checking(file, today=today, given=given, name=file_name)
    outcome = Outcome(Report(), checking.notes)
    comparer = Comparer(database, digest(file, given)) if database is not None else None
    if comparer is not None:
        _say_before(outcome, comparer)
    for some in _chunks(checking, outcome, progress, lambda: CHUNK):
        if comparer is not None:
            unknown, compared = _compared(comparer, some, outcome)
            comparer.residents.remember(unknown, {}, [one.row for one in compared])
            comparer.note([one.row for one in compared])
    if comparer is not None:
        for _ in comparer.vanished(outcome.found):
            progress(checking.rows_read)
    return outcome


def import_file(
    database: Database, file: Path, *, today: date, given: Given, by: Staff | str, progress: Progress,
    file_name: str = "", patience: float = _PATIENCE,
) -> Outcome:  # fmt: skip
    """Check a file and store what passes. Raises FileRefused, Refused or Busy, and then leaves nothing behind.

    `file_name` if the file was called otherwise; `patience`: seconds to wait while another import is under way.
    """
    sha256 = digest(file, given)
    name = (file_name or file.name)[-255:].encode("utf-8", "replace").decode()

    def once(turn: Turn, *, whole: bool) -> Outcome:
        return _Import(database, turn, name, sha256, by).run(Checking(file, today=today, given=given, name=name), progress, whole=whole)

    with our_turn(database, patience, lambda: progress(0)) as turn:
        clear_away(database, turn)
        try:
            return once(turn, whole=False)
        except _Differs:
            return once(turn, whole=True)


def digest(file: Path, given: Given) -> str:
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


class _Differs(Exception):
    """Rows were left out because they are there as they are, and now something is not: the whole file is wanted."""


class _Import:
    """One pass over a file. Unless the whole of it is wanted, nothing is staged until a row differs from what is there."""

    def __init__(self, database: Database, turn: Turn, name: str, sha256: str, by: Staff | str) -> None:
        self._database, self._turn, self._by = database, turn, by
        self._batch = new_batch(name, sha256, by)
        self._comparer = Comparer(database, sha256)
        self._stager: Stager | None = None
        self._skipped = 0

    def run(self, checking: Checking, progress: Progress, *, whole: bool) -> Outcome:
        outcome = Outcome(Report(), checking.notes)
        _say_before(outcome, self._comparer)
        try:
            for some in _chunks(checking, outcome, progress, self._chunk):
                self._take(some, outcome, whole=whole)
            self._finish(outcome)
        except BaseException:
            if self._stager is not None:
                take_back(self._database, self._turn, self._batch.id)
            raise
        return outcome

    def _chunk(self) -> int:
        return self._stager.chunk if self._stager is not None else CHUNK

    def _take(self, some: list[CheckedRow], outcome: Outcome, *, whole: bool) -> None:
        unknown, compared = _compared(self._comparer, some, outcome)
        if self._comparer.before is not None:
            compared = [one for one in compared if one.kind == NEW]  # the others are in, or were corrected since
        if self._stager is None and not (whole or outcome.new or outcome.changed):
            self._skipped += len(compared)
            self._comparer.residents.remember({}, {}, [one.row for one in compared])
            self._turn.keep()
        elif self._skipped:
            raise _Differs
        elif compared:
            if self._stager is None:
                self._stager = Stager(self._database, self._turn, self._batch, self._comparer.residents, CHUNK)
            self._stager.stage(unknown, compared)
        self._comparer.note([one.row for one in compared])

    def _finish(self, outcome: Outcome) -> None:
        if self._stager is None:
            if self._skipped and details.differ(self._database, self._comparer.residents.later):
                raise _Differs
            return
        for ids in self._comparer.vanished(outcome.found):
            self._stager.stage_vanished(ids)
            self._turn.keep()
        self._stager.stage_details()
        self._stager.flip(self._by, outcome.found, outcome.report.accepted, outcome.report.refused)
        outcome.batch_id = self._batch.id
        self._stager = None
        outcome.residents_changed = details.apply_all(self._database)


def _chunks(
    checking: Checking, outcome: Outcome, progress: Progress, size: Callable[[], int]
) -> Iterator[list[CheckedRow]]:
    """The rows some at a time, each counted in the report."""
    waiting: list[CheckedRow] = []
    for row in checking:
        outcome.report.add(row)
        waiting.append(row)
        if len(waiting) >= size():
            yield waiting
            waiting = []
            progress(checking.rows_read)
    if waiting:
        yield waiting
    progress(checking.rows_read)


def _say_before(outcome: Outcome, comparer: Comparer) -> None:
    if comparer.before is not None:
        outcome.imported_before, outcome.imported_by = comparer.before.live_at, comparer.before.imported_by


def _compared(comparer: Comparer, some: list[CheckedRow], outcome: Outcome) -> tuple[dict[str, PaymentRow], list[Compared]]:
    for row in some:
        if row.values is None:
            comparer.refused(row.id_number)
    return comparer.compare(some, outcome.found)
