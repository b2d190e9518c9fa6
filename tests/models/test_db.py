"""Transactions, encryption at rest, and the fair queue of writers."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from knowledge.errors import Busy
from models.base import insert_of, now
from models.db import Database, would_write
from models.follower import Conversation, Follower
from models.platform import Counter
from models.prepared import Prepared
from models.resident import Resident
from tests.factories import GUAN, resident


def test_what_a_failed_transaction_wrote_is_gone(database: Database) -> None:
    def work(session):
        Follower.met(session, "o1")
        raise ValueError

    with pytest.raises(ValueError):
        database.write(work)
    with database.read() as session:
        assert session.scalar(select(Follower.id)) is None


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        database.write(lambda s: s.add(Follower(openid="o1", last_seen_at=datetime(2026, 1, 1))))  # noqa: DTZ001


def test_times_come_back_aware(database: Database) -> None:
    database.write(lambda s: Follower.met(s, "o1") and None)
    with database.read() as session:
        assert session.scalar(select(Follower.last_seen_at)).utcoffset().total_seconds() == 0


def test_personal_data_cannot_be_read_from_the_tables(database: Database) -> None:
    database.write(lambda s: resident(s, GUAN) and None)
    with database.connect() as connection:
        row = connection.execute(text("SELECT id_number, name, account, id_index FROM residents")).one()
    for value in GUAN.values():
        assert not any(value.encode() in bytes(cell) for cell in row)


def test_a_resident_is_found_by_id_number_and_only_by_that(database: Database) -> None:
    database.write(lambda s: resident(s, GUAN) and None)
    with database.read() as session:
        assert Resident.by_id_number(session, GUAN["id_number"]).name == "关玉梅"
        assert Resident.by_id_number(session, "220221195807209531") is None


def test_a_value_moved_to_another_column_is_not_decrypted(database: Database) -> None:
    database.write(lambda s: resident(s, GUAN) and None)
    database.write(lambda s: s.execute(text("UPDATE residents SET name = id_number")) and None)
    with database.read() as session, pytest.raises(InvalidTag):
        _ = session.scalars(select(Resident)).one().name


def test_a_writer_that_waits_too_long_is_told_to_come_again(sqlite_database: Database) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold(session):
        inside.set()
        leave.wait(5)

    holder = threading.Thread(target=sqlite_database.write, args=(hold,))
    holder.start()
    inside.wait(5)
    with pytest.raises(Busy):
        sqlite_database.write(lambda s: None, wait=0.05)
    leave.set()
    holder.join()


def test_a_busy_writer_lets_others_in_between(new_sqlite, tmp_path: Path) -> None:
    from tests.factories import KEYRING

    url = new_sqlite("db")
    greedy, patient = Database(url, KEYRING), Database(url, KEYRING)  # two processes would have two writers
    stop, waits = threading.Event(), []

    def hog():
        while not stop.is_set():
            greedy.write(lambda s: time.sleep(0.05) or Follower.met(s, "hog").id)

    thread = threading.Thread(target=hog)
    thread.start()
    time.sleep(0.1)
    for number in range(5):
        start = time.monotonic()
        patient.write(lambda s, n=number: Follower.met(s, f"o{n}") and None)
        waits.append(time.monotonic() - start)
    stop.set()
    thread.join()
    greedy.dispose()
    patient.dispose()
    assert max(waits) < 0.5


def test_a_deadlock_reruns_the_whole_transaction(new_postgres) -> None:
    from tests.factories import KEYRING

    database = Database(new_postgres("db"), KEYRING)
    ids = [database.write(lambda s, n=n: Follower.met(s, n).id) for n in ("o1", "o2")]
    barrier = threading.Barrier(2, timeout=5)
    runs: list[int] = []

    def cross(first: int, second: int) -> None:
        def work(session):
            runs.append(first)
            session.get(Follower, first, with_for_update=True)
            if len(runs) <= 2:
                barrier.wait()
            session.get(Follower, second, with_for_update=True).subscribed = False

        database.write(work)

    threads = [threading.Thread(target=cross, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert not any(session.scalars(select(Follower.subscribed)))
    assert len(runs) == 3
    database.dispose()


def test_a_conversation_is_made_once(database: Database) -> None:
    def work(session):
        return Conversation.of(session, Follower.met(session, "o1")).follower_id

    assert database.write(work) == database.write(work)


def test_rows_made_for_the_first_time_by_many_at_once_are_made_once(database: Database) -> None:
    numbers: list[int] = []

    def count() -> None:
        numbers.append(database.write(lambda s: Counter.next(s, "case:20261124")))

    threads = [threading.Thread(target=count) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 13))


def test_a_look_cannot_write(database: Database) -> None:
    with database.look() as session:
        session.add(Follower(openid="o1"))
        with pytest.raises(DBAPIError) as refused:
            session.flush()
        assert would_write(refused.value)
    with database.read() as session:
        assert session.scalar(select(Follower.id)) is None


def test_a_prepared_statement_reads_and_writes_as_the_tables_do(database: Database) -> None:
    insert = Prepared(lambda engine: insert_of(engine)(Conversation), given=("follower_id", "version", "state", "expires_at"))
    ask = Prepared(select(Conversation.state, Conversation.expires_at).where(Conversation.version == 7))
    follower_id = database.write(lambda s: Follower.met(s, "o1").id)
    row = {"follower_id": follower_id, "version": 7, "state": {"名": "关玉梅"}, "expires_at": now()}
    assert database.write_prepared(lambda s: insert.run(s, row)) == 1
    with database.look() as session:
        assert ask.rows(session, {}) == [(row["state"], row["expires_at"])]
    with database.read() as session:
        assert ask.rows(session, {}) == [(row["state"], row["expires_at"])]


def test_what_a_failed_prepared_transaction_wrote_is_gone(database: Database) -> None:
    insert = Prepared(lambda engine: insert_of(engine)(Counter), given=("name", "value"))

    def work(session):
        insert.run(session, {"name": "x", "value": 1})
        raise ValueError

    with pytest.raises(ValueError):
        database.write_prepared(work)
    database.write_prepared(lambda s: insert.run(s, {"name": "x", "value": 2}))
    with database.read() as session:
        assert Counter.value_of(session, "x") == 2
