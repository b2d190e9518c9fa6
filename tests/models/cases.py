"""Cases between departments, for tests of the models: a county with its people, and one case to move about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.staff import Department, Staff

VILLAGE = "四间"
PEOPLE = {
    "lin": ("林芳", "clerk", "民政局"), "lu": ("陆海", "clerk", "民政局"), "wang": ("王强", "clerk", "农业农村局"),
    "jiang": ("姜敏", "clerk", "口前镇"), "cun": ("丛生", "village", "口前镇"), "qian": ("钱进", "supervisor", None),
    "feng": ("冯立", "coordinator", "财政局"), "shi": ("石磊", "clerk", "财政局"), "ji": ("纪明", "clerk", "纪委监委"),
}  # fmt: skip
STORY = "我家低保停了三个月，问了几回都说等着"


@contextmanager
def opened(database: Database) -> Iterator[Session]:
    """A session as an act has it; what it changes is dropped at the end."""
    with database.pen(4), Session(database.engine.execution_options(writes=True), expire_on_commit=False) as session:
        yield session
        session.rollback()


def hire(database: Database) -> None:
    """The departments, and one person or two at each desk."""

    def work(session: Session) -> None:
        Department.seed(session)
        for username, (name, role, home) in PEOPLE.items():
            village = VILLAGE if role == "village" else None
            department = Department.named(session, home) if home else None
            Staff.create(session, username, "一句 good 好记的话", name=name, role=role, department=department, village=village)

    database.write(work)


def file_case(session: Session, text: str = STORY, **said: object) -> Case:
    """A case of a WeChat user."""
    follower = Follower.met(session, "oGuan")
    fields = {"source": "chat", "item": "最低生活保障", "town": "口前镇", "contact_name": "关玉梅"} | said
    case, _ = Case.file(session, prepared(session, Draft(text=text, **fields), Clocks()), follower=follower)
    session.flush()
    return case


def person(session: Session, username: str) -> Staff:
    """One of the people."""
    found = Staff.by_username(session, username)
    assert found is not None
    return found


def office(session: Session, name: str) -> Department:
    """A department by its short name."""
    found = Department.named(session, name)
    assert found is not None
    return found


def told(session: Session, case: Case) -> list[str]:
    """What the resident was sent about the case, in order."""
    session.flush()
    return list(session.scalars(select(Delivery.text).where(Delivery.case_id == case.id).order_by(Delivery.id)))


def happened(session: Session, case: Case) -> list[str]:
    """What happened to the case, in order."""
    session.flush()
    session.expire(case, ["events"])
    return [event.what for event in case.events]
