"""The echo that also keeps each message: one durable transaction of three writes, as anyone would write it.

SQLAlchemy Core with its usual settings; on SQLite in WAL mode with synchronous=FULL, so that a commit is on the disk
before the reply is given; on PostgreSQL with its default, which is as durable. BENCH_DATABASE holds the address.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from wechatpy.messages import TextMessage

from bench import echo

_metadata = MetaData()
messages = Table(
    "bench_messages", _metadata, Column("id", String(64), primary_key=True), Column("openid", String(64)),
    Column("text", Text),
)  # fmt: skip
talks = Table(
    "bench_talks", _metadata, Column("openid", String(64), primary_key=True), Column("state", Text),
    Column("at", DateTime(timezone=True)),
)  # fmt: skip
events = Table(
    "bench_events", _metadata, Column("id", Integer, primary_key=True), Column("openid", String(64)),
    Column("what", String(32)), Column("at", DateTime(timezone=True)),
)  # fmt: skip


def create_app() -> Flask:
    """The echo with the three writes before each reply."""
    engine = _engine(os.environ["BENCH_DATABASE"])
    upsert: Any = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    talk = upsert(talks)
    talk = talk.on_conflict_do_update(
        index_elements=["openid"], set_={"state": talk.excluded.state, "at": talk.excluded.at}
    )

    def keep(message: TextMessage) -> None:
        at, openid, words = datetime.now(UTC), message.source, message.content
        with engine.begin() as connection:
            connection.execute(insert(messages), {"id": str(message.id), "openid": openid, "text": words})
            connection.execute(talk, {"openid": openid, "state": words, "at": at})
            connection.execute(insert(events), {"openid": openid, "what": "answered", "at": at})

    return echo.create_app(keep)


def make_tables(url: str) -> None:
    """Make the three tables in a new database."""
    engine = _engine(url)
    _metadata.create_all(engine)
    engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=8, max_overflow=8)
    engine = create_engine(url, pool_size=16, connect_args={"timeout": 10, "isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    # Without IMMEDIATE, two that both read first and then write fail on "database is locked" at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
