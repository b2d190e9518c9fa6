"""What the tests of backup and restore share: a database with every table filled, its backup, and an empty one beside."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Boolean, Date, LargeBinary, String, Table, delete, insert, select

from commands import backup_file
from commands.backup import backup_command, restore_command
from models.audit import AuditKey
from models.base import Base, Encrypted, EncryptedBytes, EncryptedText, UtcDateTime
from models.db import Database
from tests.conftest import NewDatabase
from tests.factories import KEYRING

Members = dict[str, bytes]
FORWARD = Base.metadata.sorted_tables
MOMENT = datetime(2026, 11, 20, 1, 2, 3, 456789, UTC)


def some_value(table: Table, column: Any, n: int) -> Any:
    """A value that fits the column, another one for each row."""
    if column.foreign_keys:
        return 3 - n if column.name == "published_by" else n  # nobody publishes what they wrote
    kind = column.type
    for fits, value in (
        (EncryptedBytes, b"\x00\xff\n" * n),
        (EncryptedText, f"吉林省永吉县{n}号 “]]>” 😀"),
        (Encrypted, {"说": ["一", n], "空": None}),
        (UtcDateTime, MOMENT + timedelta(days=n)),
        (LargeBinary, hashlib.sha256(f"{table.name}{column.name}{n}".encode()).digest()[:16]),
        (String, f"{n}{column.name}"[: getattr(kind, "length", None) or 40]),
        (Date, date(2026, 1, n)),
    ):
        if isinstance(kind, fits):
            return value
    return n == 1 if isinstance(kind, Boolean) else n


def fill_every_table(database: Database) -> None:
    """Two rows in every table there is, or will be: the second with NULL wherever that is allowed."""

    def work(session: Any) -> None:
        session.execute(delete(AuditKey))  # the migration has made one
        for table in FORWARD:
            for n in (1, 2):
                row = {c.name: some_value(table, c, n) for c in table.columns if n == 1 or not c.nullable}
                session.execute(insert(table).values({c.name: row.get(c.name) for c in table.columns}))

    database.write(work)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row as it is stored."""
    with database.connect() as connection:
        tables = backup_file.tables().values()
        return {t.name: list(map(tuple, connection.execute(select(t).order_by(*t.primary_key)))) for t in tables}


def holds_anything(database: Database) -> bool:
    """Whether there is more than the key that the migration has made."""
    return any(rows for name, rows in contents(database).items() if name != "audit_keys")


def run_backup(database: Database, *arguments: str | Path) -> Result:
    return CliRunner().invoke(backup_command(lambda: database), [str(each) for each in arguments])


def run_restore(database: Database, *arguments: str | Path) -> Result:
    return CliRunner().invoke(restore_command(lambda: database), [str(each) for each in arguments])


@pytest.fixture
def filled(sqlite_database: Database) -> Database:
    fill_every_table(sqlite_database)
    return sqlite_database


@pytest.fixture
def backup(filled: Database, tmp_path: Path) -> Path:
    assert run_backup(filled, tmp_path / "all.zip").exit_code == 0
    return tmp_path / "all.zip"


@pytest.fixture
def other(new_sqlite: NewDatabase) -> Iterator[Database]:
    """A second, empty SQLite database."""
    made = Database(new_sqlite("other"), KEYRING)
    yield made
    made.dispose()


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written_to(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
