"""The base of all tables, and the column types of the house: aware UTC times and encrypted values."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from models.crypto import Keyring

# SQLite gives row numbers by itself only to a column declared INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables. The naming convention lets migrations name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


Row = TypeVar("Row", bound=Base)


def insert_for(session: Session) -> Callable[..., Any]:
    """The insert() of the session's engine that knows ON CONFLICT."""
    return insert_of(session.get_bind().dialect.name)


def insert_of(engine: str) -> Callable[..., Any]:
    """The same by the engine's name, for statements that are built once and kept."""
    return sqlite.insert if engine == "sqlite" else postgresql.insert


def locked_row(session: Session, table: type[Row], key: dict[str, Any], **new: Any) -> Row:
    """The row with this key, locked until the end of the transaction; made with `new` on first use.

    Two transactions may make the same row at once: the second waits at its insert and then finds the first one's row.
    """
    query = select(table).filter_by(**key).with_for_update()
    found = session.scalar(query)
    if found is None:
        session.execute(insert_for(session)(table).values(**key, **new).on_conflict_do_nothing())
        found = session.scalars(query).one()
    return found


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment. Stored in UTC, returned in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def keyring_of(dialect: Dialect) -> Keyring:
    """The keys that `models.db.Database` hung on its engine."""
    keyring = getattr(dialect, "keyring", None)
    if keyring is None:
        raise RuntimeError("an encrypted column was used on an engine without keys")
    return keyring  # type: ignore[no-any-return]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Encrypted(TypeDecorator[Any]):
    """A value of any JSON type, text included, encrypted at rest. `label` is the column's name and is authenticated."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return keyring_of(dialect).encrypt(self.to_bytes(value), self.label.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return self.from_bytes(keyring_of(dialect).decrypt(bytes(value), self.label.encode()))

    def to_bytes(self, value: Any) -> bytes:
        return _json(value).encode()

    def from_bytes(self, stored: bytes) -> Any:
        return json.loads(stored)


class EncryptedText(Encrypted):
    """Text, encrypted at rest."""

    cache_ok = True

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, stored: bytes) -> str:
        return stored.decode()


class EncryptedBytes(Encrypted):
    """A file, encrypted at rest."""

    cache_ok = True

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, stored: bytes) -> bytes:
        return stored
