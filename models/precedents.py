"""What the routing has learnt, as the coordinator approved it, kept ready in each process and renewed when that changes."""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, joinedload

from knowledge.catalogue.departments import TOWNSHIP
from knowledge.errors import Fault
from knowledge.routing_examples import Example, Precedents
from models.db import Database
from models.platform import Counter
from models.routing_examples import COUNTER, IN_FORCE, ChangeExample, RoutingChange, RoutingExample
from models.staff import TOWNSHIP as OF_A_TOWN
from models.staff import Department

log = logging.getLogger("mingbaika.precedents")
_LOOK_EVERY = 2.0  # seconds; an approved change is used by every process within five
_STALE = 4.0  # seconds after which nothing is routed by what was read before: this process has slept


class Learnt:
    """Gives the `Precedents` in force. Safe for many threads; while cases come in, a renewal holds none of them up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._looked_at = 0.0
        self._precedents: Precedents | None = None

    def now(self) -> Precedents:
        """What holds now. The first call reads it; later ones look now and then, which is one short query."""
        age = time.monotonic() - self._looked_at
        if self._precedents is None or age > _STALE:
            with self._lock:
                if self._precedents is None or time.monotonic() - self._looked_at > _STALE:
                    self._look()
        elif age > _LOOK_EVERY and self._lock.acquire(blocking=False):
            self._looked_at = time.monotonic()
            threading.Thread(target=self._look_behind, name="precedents", daemon=True).start()
        return self._precedents if self._precedents is not None else Precedents()

    def _look_behind(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> None:
        # A case is filed by the rules alone rather than not at all.
        try:
            with self._database.read() as session:
                version = Counter.value_of(session, COUNTER)
                if version != self._version or self._precedents is None:
                    self._precedents, self._version = in_force(session), version
        except (Fault, DBAPIError) as error:
            log.warning("what the routing has learnt could not be read anew: %s", type(error).__name__)
        finally:
            self._looked_at = time.monotonic()


def in_force(session: Session) -> Precedents:
    """The examples of the change in force, ready to be asked; none where the rules stand alone."""
    change = RoutingChange.with_status(session, IN_FORCE)
    return Precedents(as_example(one) for one in counting_in(session, change)) if change is not None else Precedents()


def counting_in(session: Session, change: RoutingChange) -> list[RoutingExample]:
    """The examples of a change that are not struck out."""
    query = select(RoutingExample).join(ChangeExample, ChangeExample.example_id == RoutingExample.id)
    query = query.where(ChangeExample.change_id == change.id, ChangeExample.struck_at.is_(None))
    return list(session.scalars(query.order_by(RoutingExample.id).options(joinedload(RoutingExample.to_department))))


def as_example(one: RoutingExample) -> Example:
    """An example as the routing takes it."""
    return Example(one.words, one.first, called(one.to_department), one.item, one.problem)


def called(department: Department) -> str:
    """How the routing calls a department: each township by the one name of all."""
    return TOWNSHIP if department.kind == OF_A_TOWN else department.name
