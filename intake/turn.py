"""One import at a time, over all processes: whoever stages rows, or clears away what a killed import left, has the turn.

The turn is a lease. Every transaction of an import extends it and fails if it was lost, so that one who was thought
dead can do no harm when it wakes up.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.orm import Session

from knowledge.errors import Refused
from models.db import Database
from models.platform import Lease

NAME = "intake"
LENGTH = timedelta(seconds=90)  # above the longest wait for one transaction
PATIENCE = 60.0  # seconds that one transaction of an import waits for the writer
_HELD_AGAIN = 15.0  # seconds after which the lease is extended even if nothing is written
_LOOK = 0.5  # seconds between two looks whether it is free


class TurnLost(Refused):
    """Somebody else has the turn: ours ran out."""

    said = "这次入库停得太久，已经作废，什么都没有留下。请再导入一次。"


class Turn:
    """The right to stage rows and to take them back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = uuid.uuid4().hex
        self._held = 0.0

    def take(self, session: Session) -> bool:
        """Take the turn, or hold it longer, in this transaction; False if somebody else has it."""
        self._held = time.monotonic()
        return Lease.take(session, NAME, self._owner, LENGTH) is not None

    def hold(self, session: Session) -> None:
        """Hold it longer. TurnLost if it is not ours any more."""
        if not self.take(session):
            raise TurnLost

    def keep(self) -> None:
        """Hold it longer if that is due; for work that reads much and writes nothing."""
        if time.monotonic() - self._held > _HELD_AGAIN:
            self._database.write(self.hold, wait=PATIENCE)

    def give_back(self) -> None:
        """Let others have it."""
        self._database.write(lambda session: Lease.give_back(session, NAME, self._owner), wait=PATIENCE)


@contextmanager
def our_turn(database: Database, patience: float, waiting: Callable[[], object] = lambda: None) -> Iterator[Turn]:
    """The turn, for as long as the block runs. Refused if it cannot be had within so many seconds.

    `waiting` is called again and again until it is ours.
    """
    turn = Turn(database)
    until = time.monotonic() + patience
    while not database.write(turn.take, wait=PATIENCE):
        if time.monotonic() > until:
            raise Refused("另一个文件正在入库，或者刚刚中断。请过两三分钟再来。")
        waiting()
        time.sleep(_LOOK)
    try:
        yield turn
    finally:
        turn.give_back()
