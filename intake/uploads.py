"""Files that were handed in at the console, worked on: checked for the clerk to see, and imported once confirmed.

The worker calls `work_on_next` again and again. A file is leased while it is worked on; if the worker dies, another one
takes it up, and what was staged is cleared away. The file is in the clear only in this process's memory.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from intake.preview import Column, Preview, Sheet, preview
from intake.report_xlsx import faults, workbook
from intake.store import Outcome, check_file, import_file
from knowledge.errors import Busy, Refused
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.staff import Staff
from models.upload import CHECKING, FILE, PIECE, REPORT, Upload, UploadPart

log = logging.getLogger("mingbaika.intake")
_PATIENCE = 60.0
_HELD_EVERY = 15.0  # seconds between two times that the lease is made longer
_TOLD_EVERY = 0.5  # seconds between two words about the progress
_MOST_TRIES = 3
_SHOWN = 20  # corrected and vanished rows on the page; the workbook has more
_SHOWN_PLACES = 15  # row numbers of each fault
_BROKEN = "系统处理这个文件时出了问题，什么都没有入库。请告诉系统管理员，或另存为CSV再试一次。"


class Stopped(Exception):
    """The worker is told to stop, or the file is not ours any more."""


def work_on_next(database: Database, owner: str, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Check or import the file that waits longest; False if none waits."""
    upload = database.write(lambda session: Upload.lease(session, owner))
    if upload is None:
        return False
    work = _Work(database, upload, owner, stopped)
    try:
        with work.alive():
            if upload.tries > _MOST_TRIES:
                work.end(lambda ours: ours.refuse(_BROKEN))
            elif upload.status == CHECKING:
                work.check()
            else:
                work.import_()
    except Stopped:
        work.end(lambda ours: ours.put_back())
    except Busy:
        raise  # the lease runs out, and the file is tried again
    except Refused as refused:
        said = refused.said
        work.end(lambda ours: ours.refuse(said))
    except Exception as error:  # noqa: BLE001  (whatever the file did to us, it must not come back for ever)
        log.error("an uploaded file could not be worked on: %s", type(error).__name__)
        work.end(lambda ours: ours.refuse(_BROKEN))
    return True


def sweep(database: Database) -> None:
    """Delete the files and reports that have been kept long enough."""
    while database.write(Upload.sweep):
        pass


class _Work:
    """One file, leased."""

    def __init__(self, database: Database, upload: Upload, owner: str, stopped: Callable[[], bool]) -> None:
        self._database, self._owner, self._stopped = database, owner, stopped
        self._id, self._name, self._staff_id = upload.id, upload.file_name, upload.confirmed_by_id or upload.staff_id
        self._given: Mapping[str, str] = upload.answers or {}
        self._sheets = [_sheet(one) for one in (upload.findings or {}).get("sheets", ())]
        self._told = 0.0
        self._today = beijing(now()).date()

    def check(self) -> None:
        """Look the file through; if nothing is left to ask, hold it against the database too."""
        outcome, report = None, None
        with _in_the_clear(self._database, self._id) as file:
            seen = preview(file, self._given, today=self._today, name=self._name, progress=self._tell)
            if seen.ready:
                outcome = check_file(
                    file, today=self._today, given=self._given, progress=self._tell, database=self._database,
                    file_name=self._name,
                )  # fmt: skip
                report = workbook(file, seen.sheets, outcome, self._name)
            elif seen.refusal and not seen.sheets:
                raise Refused(seen.refusal)
        self._keep(report)
        findings = as_seen(seen) | (_of_outcome(outcome) if outcome else {})
        self.end(lambda ours: ours.checked(findings, seen.rows))

    def import_(self) -> None:
        """Import the file as it was confirmed."""
        with self._database.read() as session:
            staff = session.get_one(Staff, self._staff_id)
        with _in_the_clear(self._database, self._id) as file:
            outcome = import_file(
                self._database, file, today=self._today, given=self._given, by=staff, progress=self._tell,
                file_name=self._name,
            )  # fmt: skip
            report = workbook(file, self._sheets, outcome, self._name)
        self._keep(report)
        findings = _of_outcome(outcome)
        self.end(lambda ours: ours.imported((ours.findings or {}) | findings, outcome.batch_id))

    def end(self, work: Callable[[Upload], None]) -> None:
        """The last word on the file, if it is still ours."""

        def last(session: Session) -> None:
            ours = Upload.ours(session, self._id, self._owner)
            if ours is not None:
                work(ours)

        self._database.write(last, wait=_PATIENCE)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Keep the lease for as long as the block runs: it is lost only if this process dies."""
        over = threading.Event()

        def hold() -> None:
            while not over.wait(_HELD_EVERY):
                with suppress(Busy):
                    self._database.write(lambda session: Upload.ours(session, self._id, self._owner) and None)

        holder = threading.Thread(target=hold, daemon=True)
        holder.start()
        try:
            yield
        finally:
            over.set()
            holder.join()

    def _tell(self, rows: int) -> None:
        """Say how far it is, now and then; Stopped if it is to end here."""
        if self._stopped():
            raise Stopped
        if time.monotonic() - self._told > _TOLD_EVERY:
            self._told = time.monotonic()
            if not self._database.write(lambda session: self._tell_in(session, rows), wait=_PATIENCE):
                raise Stopped

    def _tell_in(self, session: Session, rows: int) -> bool:
        ours = Upload.ours(session, self._id, self._owner)
        if ours is None:
            return False
        ours.rows = rows
        return True

    def _keep(self, report: bytes | None) -> None:
        self._database.write(lambda session: UploadPart.drop(session, self._id, REPORT), wait=_PATIENCE)
        for number in range(-(-len(report or b"") // PIECE)):
            piece = (report or b"")[number * PIECE : (number + 1) * PIECE]
            part = {"upload_id": self._id, "kind": REPORT, "number": number, "content": piece}
            self._database.write(partial(_add_part, part=part), wait=_PATIENCE)


def _add_part(session: Session, part: dict[str, Any]) -> None:
    session.add(UploadPart(**part))


@contextmanager
def _in_the_clear(database: Database, upload_id: int) -> Iterator[Path]:
    """The uploaded file as one that can be opened, while the block runs."""
    with _anonymous() as file:
        with database.read() as session:
            for piece in UploadPart.of(session, upload_id, FILE):
                file.write(piece)
        file.flush()
        yield Path(f"/proc/self/fd/{file.fileno()}") if Path("/proc/self/fd").is_dir() else Path(str(file.name))


def _anonymous() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("upload"), "w+b")
    return tempfile.NamedTemporaryFile()  # for this user's eyes alone, and gone when it is closed


# ---------------------------------------------------------------- what the page shows


def as_seen(seen: Preview) -> dict[str, Any]:
    """What was taken for what, and what is to be asked, as plain values; nobody's whole number, name or account."""
    return {
        "sheets": [asdict(sheet) for sheet in seen.sheets], "questions": [asdict(one) for one in seen.questions],
        "notes": list(seen.notes), "refusal": seen.refusal, "can_import": False,
    }  # fmt: skip


def _sheet(kept: Mapping[str, Any]) -> Sheet:
    return Sheet(**{**kept, "columns": tuple(Column(**column) for column in kept["columns"])})


def _of_outcome(outcome: Outcome) -> dict[str, Any]:
    report, found = outcome.report, outcome.found
    again = outcome.imported_before is not None and not outcome.new
    return {
        "can_import": report.accepted > 0 and not again,
        "accepted": report.accepted, "refused": report.refused, "fixed": report.fixed, "warned": report.warned,
        "total_fen": report.total_fen, "totals": dict(sorted(report.totals.items())),
        "faults": [fault._asdict() for fault in faults(report, _SHOWN_PLACES)],
        "new": found.new, "changed": found.changed, "unchanged": found.unchanged, "vanished": found.vanished,
        "older": found.older, "older_rows": found.older_rows[:_SHOWN],
        "changes": [change._asdict() for change in found.changes[:_SHOWN]],
        "gone": [gone._asdict() for gone in found.gone[:_SHOWN]],
        "other_towns": dict(found.other_towns),
        "residents_changed": outcome.residents_changed,
        "before": _iso(outcome.imported_before), "before_by": outcome.imported_by,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""
