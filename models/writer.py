"""SQLite's one writer, handed on fairly between threads and processes.

SQLite's own busy handler sleeps for longer and longer, so that a late waiter starves an early one. Two file locks
make a queue of it: a turnstile, held while waiting, and the pen itself, held while writing. Whoever has just put the
pen down must pass the turnstile again, behind the one that waits there.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge.errors import Busy

try:
    import fcntl
except ImportError:  # Windows: threads queue here, processes by SQLite's own busy handler
    fcntl = None  # type: ignore[assignment]

_PAUSE = 0.0005  # seconds between two looks at a file lock


class Writer:
    """The right to write to one SQLite file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._files: tuple[int, int] | None = None
        self._pid = 0

    @contextmanager
    def holding(self, seconds: float) -> Iterator[None]:
        """Hold the pen; Busy if it cannot be had within `seconds`."""
        deadline = time.monotonic() + seconds
        if not self._thread.acquire(timeout=seconds):
            raise Busy
        try:
            pen = self._take(deadline)
            try:
                yield
            finally:
                if pen is not None:
                    fcntl.flock(pen, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def close(self) -> None:
        """Let go of the lock's files; holding the pen again opens them anew."""
        files, self._files = self._files, None
        if files is not None and self._pid == os.getpid():
            for file in files:
                os.close(file)

    def _take(self, deadline: float) -> int | None:
        if fcntl is None:
            return None
        turnstile, pen = self._open()
        _lock(turnstile, deadline)
        try:
            _lock(pen, deadline)
        finally:
            fcntl.flock(turnstile, fcntl.LOCK_UN)
        return pen

    def _open(self) -> tuple[int, int]:
        # A forked child shares its parent's open files and with them the locks: it needs its own.
        if self._files is None or self._pid != os.getpid():
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = (os.open(self._path + ".turn", flags, 0o600), os.open(self._path + ".pen", flags, 0o600))
            self._pid = os.getpid()
        return self._files


def _lock(file: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy from None
            time.sleep(_PAUSE)
        else:
            return
