"""One check at a time over all processes: two would write the same finding at once. Imports do not wait for it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from knowledge.errors import Refused
from models.db import Database
from models.platform import Lease

_NAME = "checks"
_LENGTH = timedelta(seconds=120)
_HELD_AGAIN = 30.0  # seconds after which the lease is made longer
_LOOK = 0.5
_PATIENCE = 60.0  # seconds to wait for the writer


class CheckTurn:
    """The right to check. `keep` is called again and again while the work goes on; Refused once it was lost."""

    def __init__(self, database: Database) -> None:
        self._database, self._owner, self._held = database, uuid.uuid4().hex, 0.0

    def take(self) -> bool:
        """Take it, or hold it longer; False if somebody else has it."""
        self._held = time.monotonic()
        taken = self._database.write(lambda session: Lease.take(session, _NAME, self._owner, _LENGTH) is not None, wait=_PATIENCE)
        return bool(taken)

    def keep(self) -> None:
        """Hold it longer if that is due."""
        if time.monotonic() - self._held > _HELD_AGAIN and not self.take():
            raise Refused("这次核对停得太久，已经由别的进程接着做了。")

    def give_back(self) -> None:
        """Let others have it."""
        self._database.write(lambda session: Lease.give_back(session, _NAME, self._owner), wait=_PATIENCE)


@contextmanager
def checking_alone(database: Database, patience: float) -> Iterator[CheckTurn]:
    """The turn while the block runs. Refused if it cannot be had within so many seconds."""
    turn = CheckTurn(database)
    until = time.monotonic() + patience
    while not turn.take():
        if time.monotonic() > until:
            raise Refused("正在核对。请过几分钟再来。")
        time.sleep(_LOOK)
    try:
        yield turn
    finally:
        turn.give_back()
