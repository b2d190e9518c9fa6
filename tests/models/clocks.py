"""What the tests of a case's clock share: a case that came in at a given moment, and acts on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks, answer_by
from knowledge.wording import BEIJING, beijing
from models import case_clock
from models.case import Case
from models.clock_step import ClockStep, What
from models.db import Database
from models.delivery import Delivery
from models.staff import Staff
from tests.console.factories import case_of, file_case

T = TypeVar("T")
CLOCKS = Clocks()
_MODULES = ("models.base", "models.case", "models.case_clock", "models.case_kind", "models.clock_step", "models.correction")


def clock_of_the_house(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """Sets the time; gives the moment."""

    def set_(year: int, month: int, day: int, hour: int = 10) -> datetime:
        moment = datetime(year, month, day, hour, tzinfo=BEIJING)
        for module in _MODULES:
            monkeypatch.setattr(f"{module}.now", lambda: moment)
        return moment

    return set_


def filed(database: Database, moment: datetime, **said: object) -> str:
    """A case that came in at this moment, with the date that filing gives it."""
    number = file_case(database, **said)

    def work(session: Session) -> None:
        case = case_of(session, number)
        case.filed_at = moment
        case_clock.put(case, answer_by(case.kind, moment, CLOCKS))

    database.write(work)
    return number


def act(database: Database, number: str, work: Callable[[Session, Case, Staff], T], who: str = "lin") -> T:
    return database.write(lambda s: work(s, case_of(s, number), Staff.by_username(s, who)))


def due(database: Database, number: str) -> date | None:
    with database.read() as session:
        moment = case_of(session, number).due_at
        return beijing(moment).date() if moment else None


def told(database: Database) -> str:
    with database.read() as session:
        return "\n".join(session.scalars(select(Delivery.text).order_by(Delivery.id)))


def granted(database: Database, number: str, days: int, who: str = "qian") -> None:
    act(database, number, lambda s, c, w: case_clock.ask_extension(s, c, w, days, "要到外地核实", CLOCKS))
    grant_it(database, number, who)


def grant_it(database: Database, number: str, who: str) -> None:
    act(database, number, lambda s, c, w: case_clock.grant(s, ClockStep.waiting(s, c, What.EXTENSION), w, CLOCKS), who)
