"""A county with a history for the tests of learning: one sort of complaint was always moved, another one always stayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from models import handling, triage
from models.base import now
from models.case import Case
from models.db import Database
from models.filing import Draft, prepared
from models.precedents import Learnt
from models.routing_examples import PROPOSED, RoutingChange
from models.routing_gathering import gather, measure
from models.staff import Staff
from tests.models.cases import file_case, hire, office, person

# Both are about 最低生活保障, and the rules give both to one department.
PLACES = (
    "村东头",
    "村西头",
    "学校旁边",
    "河沿上",
    "老井边",
    "磨房后院",
    "供销社对面",
    "山根底下",
    "坝上",
    "桥头",
    "粮库后身",
    "沟里",
)
MOVES = "低保本上户主名字还是老头的，人没了要改成我，{}跑了两趟没改成"
STAYS = "低保停了三个月，{}的，问了几回都说等着"
NEW = "低保本户主名字要改，老头没了，改成我的名跑好几趟改不了"
TO = "残疾人联合会"


def clerk_of(session: Session, name: str) -> Staff:
    """Somebody who works there, hired on first need."""
    home = office(session, name)
    found = session.scalars(select(Staff).where(Staff.department_id == home.id, Staff.role == "clerk")).first()
    return found or Staff.create(
        session, f"c{home.id}x", "一句 good 好记的话", name=f"周{home.id}", role="clerk", department=home
    )


def filed(session: Session, text: str, days_ago: float, **said: object) -> Case:
    """A case of so many days ago."""
    case = file_case(session, text, **said)
    case.filed_at = now() - timedelta(days=days_ago)
    session.flush()
    return case


def transferred(session: Session, case: Case, to: str = TO) -> Case:
    """Offered by whom it was filed with, and taken."""
    handling.offer(session, case, clerk_of(session, case.department.name), office(session, to), "归你们")
    handling.take(session, case, clerk_of(session, to), Clocks())
    session.flush()
    return case


def placed(session: Session, case: Case, to: str = TO) -> Case:
    """By the coordinator, and taken on."""
    triage.assign(session, case, person(session, "feng"), office(session, to))
    case.accept(session, clerk_of(session, to))
    return case


def stayed(session: Session, case: Case) -> Case:
    """Taken on and answered where it was."""
    case.accept(session, clerk_of(session, case.department.name))
    case.answer(session, clerk_of(session, case.department.name), "核实过了，已经补发。")
    return case


def with_history(database: Database, *, moves: int = 12, stays: int = 48, hired: bool = False) -> None:
    """Cases of the last months, of which one sort was always moved. `hired`: the people are there already."""
    if not hired:
        hire(database)

    def work(session: Session) -> None:
        for number in range(moves):
            case = filed(session, MOVES.format(PLACES[number % len(PLACES)]), 100 - 8 * number)
            transferred(session, case)
        for number in range(stays):
            stayed(session, filed(session, STAYS.format(PLACES[number % len(PLACES)]), 99 - 2 * number))

    database.write(work)


def proposed(database: Database, least: int = 5) -> int:
    """What has been learnt, gathered and measured; the number of the change that waits."""
    gather(database, least)
    assert measure(database) == 1
    with database.read() as session:
        change = RoutingChange.with_status(session, PROPOSED)
        assert change is not None
        return change.id


def act(database: Database, number: int, verb: Callable[..., object], *arguments: object, **named: object) -> object:
    """One of the coordinator's verbs on a change."""

    def work(session: Session) -> object:
        feng = person(session, "feng")
        return verb(session, RoutingChange.for_staff(session, feng, number, lock=True), feng, *arguments, **named)

    return database.write(work)


def first_of(database: Database, text: str = NEW, learnt: Learnt | None = None, **said: object) -> list[str]:
    """Whom a new case would be given to, by what holds now, best first."""
    terms = Assigning(precedents=(learnt or Learnt(database)).now)
    with database.read() as session:
        draft = Draft(**({"text": text, "source": "chat", "item": "最低生活保障", "town": "口前镇"} | said))
        return [one["department"] for one in prepared(session, draft, Clocks(), terms=terms).suggestions]
