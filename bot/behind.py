"""What may be lost, written behind the replies: the topic last talked of, the hour last seen, gaps.

Each process gathers for a moment and writes all of it in one transaction, so that a pure answer costs no durable write.
"""

from __future__ import annotations

import atexit
import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from knowledge.errors import Busy
from models.base import insert_of, now
from models.db import Database
from models.delivery import Delivery
from models.follower import Conversation, Follower
from models.gap import Asked, Gap
from models.prepared import Prepared

log = logging.getLogger("mingbaika.behind")
_PAUSE = 0.2  # seconds between two writings
_SEEN_EVERY = timedelta(minutes=10)  # last_seen_at is a hint at 48 hours: minutes do not count
_MOST = 20_000  # notes kept while the database cannot be had; older ones are dropped


class Behind:
    """Notes of one process, written by a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._records: dict[int, tuple[dict[str, Any], datetime]] = {}
        self._seen: dict[int, datetime] = {}
        self._noted: dict[int, datetime] = {}  # when this process last noted that somebody was here
        self._gaps: list[Asked] = []
        self._handed_over: list[str] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, follower_id: int, record: dict[str, Any], at: datetime) -> None:
        """Keep where the talk with a follower stands."""
        with self._lock:
            self._records[follower_id] = (record, at)
            self._note(follower_id, at)
        self._start()

    def record_of(self, follower_id: int) -> tuple[dict[str, Any], datetime] | None:
        """What this process knows of the talk and has not written yet."""
        return self._records.get(follower_id)

    def settled(self, follower_id: int, *, gone: bool) -> None:
        """A durable write has just kept everything about this follower, or deleted it."""
        with self._lock:
            self._records.pop(follower_id, None)
            if gone:
                self._seen.pop(follower_id, None)
                self._noted.pop(follower_id, None)
                return
            if not self._note(follower_id, now()):
                return
        self._start()

    def _note(self, follower_id: int, at: datetime) -> bool:
        noted = self._noted.get(follower_id)
        if noted is not None and at - noted < _SEEN_EVERY:
            return False
        if len(self._noted) >= _MOST:
            self._noted.clear()
        self._seen[follower_id] = self._noted[follower_id] = at
        return True

    def gap(self, asked: Asked) -> None:
        """Note a question without an answer, or an answer that did not help."""
        with self._lock:
            self._gaps.append(asked)
        self._start()

    def handed_over(self, key: str) -> None:
        """The reply to this message was given in time: what rode on it has arrived."""
        with self._lock:
            self._handed_over.append(key)
        self._start()

    def flush(self) -> None:
        """Write everything noted so far; what cannot be written now is kept for the next time."""
        with self._writing:
            with self._lock:
                taken = (dict(self._records), dict(self._seen), self._gaps[:], self._handed_over[:])
            if not any(taken):
                return
            try:
                self._database.write(lambda session: _write(session, *taken))
            except Busy:
                self._shorten()
                return
            self._drop(*taken)

    def _drop(
        self, records: dict[int, tuple[dict[str, Any], datetime]], seen: dict[int, datetime], gaps: list[Asked],
        handed: list[str],
    ) -> None:  # fmt: skip
        with self._lock:
            for follower_id, written in records.items():
                if self._records.get(follower_id) is written:
                    del self._records[follower_id]
            for follower_id, at in seen.items():
                if self._seen.get(follower_id) == at:
                    del self._seen[follower_id]
            del self._gaps[: len(gaps)]
            del self._handed_over[: len(handed)]

    def _shorten(self) -> None:
        with self._lock:
            for notes in (self._records, self._seen):
                for old in list(notes)[: max(0, len(notes) - _MOST)]:
                    notes.pop(old)
            del self._gaps[: max(0, len(self._gaps) - _MOST)]

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
                    self._thread.start()
                    atexit.register(self.close)
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(_PAUSE)
            self._wake.clear()
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001  (the thread must outlive any one failure)
                log.error("write behind failed: %s", type(error).__name__)

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._stop.set()
        self._wake.set()
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001  (the process is ending)
            log.error("write behind failed at the end: %s", type(error).__name__)


def _write(
    session: Session, records: dict[int, tuple[dict[str, Any], datetime]], seen: dict[int, datetime], gaps: list[Asked],
    handed: list[str],
) -> None:  # fmt: skip
    if records:
        # Somebody may have left since: nothing is kept of those.
        here = set(session.scalars(select(Follower.id).where(Follower.id.in_(records), Follower.subscribed)))
        records = {follower_id: kept for follower_id, kept in records.items() if follower_id in here}
    if records:
        rows = [{"follower_id": i, "version": 0, "topic": r, "topic_at": at} for i, (r, at) in sorted(records.items())]
        _KEEP_NEWER.run(session, *rows)
    if seen:
        query = update(Follower).where(Follower.id == bindparam("who"))
        values = [{"who": follower_id, "at": at} for follower_id, at in sorted(seen.items())]
        session.connection().execute(query.values(last_seen_at=bindparam("at")), values)
    for asked in gaps:
        Gap.note(session, asked)
    for key in sorted(handed):
        Delivery.handed_over(session, key)


def _keep_newer(engine: str) -> Any:
    statement = insert_of(engine)(Conversation)
    newer = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["follower_id"],
        set_={"topic": newer.topic, "topic_at": newer.topic_at},
        where=func.coalesce(Conversation.topic_at, newer.topic_at) <= newer.topic_at,
    )


_KEEP_NEWER = Prepared(_keep_newer, given=("follower_id", "version", "topic", "topic_at"))
