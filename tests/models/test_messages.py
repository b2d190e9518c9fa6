"""Messages are kept as long as the law asks, and no longer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from models.base import now
from models.db import Database
from models.follower import Message

YEAR = timedelta(days=365)


def test_old_messages_go_a_part_at_a_time_and_failed_ones_wait_for_staff(database: Database) -> None:
    ages = {"new": 1, "old-1": 400, "old-2": 401, "old-3": 402, "failed": 400, "failed-long-ago": 500}

    def keep(session):  # type: ignore[no-untyped-def]
        for key, days in ages.items():
            failed = "KeyError" if key.startswith("failed") else None
            session.add(Message(key=key, received_at=now() - timedelta(days=days), failed=failed))

    database.write(keep)
    turns = 1
    while database.write(lambda session: Message.drop_older_than(session, YEAR, most=2)):
        turns += 1
    with database.read() as session:
        assert set(session.scalars(select(Message.key))) == {"new", "failed"}
    assert turns == 3
