"""What the tests of cases at the desk share: an accusation, a number, changes behind the console's back, and what was written down."""

from __future__ import annotations

from sqlalchemy import select

from models.audit import AuditEntry
from models.db import Database
from tests.console.factories import case_of

ACCUSED = "口前镇民政办的办事员态度恶劣，骂人，低保的事推来推去"
ID_NUMBER = "22022119340412936X"


def change(database: Database, number: str, **fields: object) -> None:
    def work(session) -> None:
        for name, value in fields.items():
            setattr(case_of(session, number), name, value)

    database.write(work)


def actions(database: Database, *names: str) -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id))
        )
