"""`flask backup` and `flask restore`: all data into one file, and back, also from one engine to the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from commands.backup_file import CHUNK, Archive, Entry, tables, write_archive
from knowledge.errors import Busy, Fault, Refused
from knowledge.wording import beijing
from models import schema
from models.audit import AuditKey
from models.base import now
from models.db import Database

_CHUNK_BYTES = 4 * 1024 * 1024  # of one INSERT: photos must not fill the memory
_WAIT = 30.0  # seconds for whoever is writing to finish
# A service that nobody has used yet has rows of these.
_FROM_THE_START = {"departments", "article_versions", "counters", "leases", "access_tokens", "audit_keys"}

_OLD_DATABASE = "数据库还是旧版本的结构。请先启动一次服务让它升级（flask serve），再来做备份。"
_NOT_EMPTY = "数据库里已经有数据，什么都没有动。确实要用备份换掉现有的全部数据，请先停下服务，再加上 --replace。"
_UNFIT = "备份里有放不进数据库的内容，已全部撤回，什么都没有动。请换一份备份。"
_IN_USE = "数据库正被别的程序占用，什么都没有动。请停下服务再试。"


def make_backup(database: Database, path: Path) -> Mapping[str, Entry]:
    """Write a new file, for its owner's eyes alone, read it again to be sure, and give what is in it."""
    if not schema.is_current(database):
        raise Refused(_OLD_DATABASE)
    if path.exists():
        raise Refused(f"已经有这个文件：{path}。请换一个名字。")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            written = write_archive(database, file)
            file.flush()
            os.fsync(file.fileno())
            Archive(file).check(database.keyring)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def restore_backup(database: Database, file: IO[bytes], *, replace: bool = False) -> Archive:
    """Put a backup into the database in one transaction. Refused, with nothing changed, when it cannot be."""
    archive = Archive(file)
    archive.check(database.keyring)
    schema.upgrade(database)
    try:
        database.write(lambda session: _restore(session, archive, replace), wait=_WAIT)
    except Busy:
        raise Refused(_IN_USE) from None
    except StatementError as error:
        raise Refused(_UNFIT) from error
    return archive


def _restore(session: Session, archive: Archive, replace: bool) -> None:
    connection, everything = session.connection(), tables()
    _shut_others_out(connection, everything)
    if not replace and _holds_data(connection, everything):
        raise Refused(_NOT_EMPTY)
    _empty(connection, everything)
    for table in everything.values():
        for chunk in _chunks(archive.rows(table)):
            connection.execute(insert(table), chunk)
        _count_on(connection, table)
    AuditKey.forget(session)


def _shut_others_out(connection: Connection, everything: Mapping[str, Table]) -> None:
    if connection.dialect.name == "sqlite":  # the transaction is the only writer already
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        connection.execute(text(f"LOCK TABLE {', '.join(everything)} IN ACCESS EXCLUSIVE MODE"))


def _holds_data(connection: Connection, everything: Mapping[str, Table]) -> bool:
    used = [table for name, table in everything.items() if name not in _FROM_THE_START]
    return any(connection.scalar(select(1).select_from(table).limit(1)) for table in used)


def _empty(connection: Connection, everything: Mapping[str, Table]) -> None:
    if connection.dialect.name == "sqlite":
        for table in reversed(list(everything.values())):
            connection.execute(table.delete())
    else:
        connection.execute(text(f"TRUNCATE {', '.join(everything)}"))


def _chunks(rows: Iterator[tuple[dict[str, Any], int]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    size = 0
    for row, length in rows:
        chunk.append(row)
        size += length
        if len(chunk) == CHUNK or size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _count_on(connection: Connection, table: Table) -> None:
    # PostgreSQL numbers new rows from a sequence. setval() would outlive a roll-back, ALTER SEQUENCE does not.
    if connection.dialect.name == "sqlite" or "id" not in table.columns:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    last = connection.scalar(select(func.max(table.c.id))) or 0
    if sequence:
        connection.execute(text(f"ALTER SEQUENCE {sequence} RESTART WITH {int(last) + 1}"))


# ---------------------------------------------------------------- the commands


@contextmanager
def _faults_in_words() -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        click.echo(fault.said, err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"文件读写没有成功：{error.strerror or type(error).__name__}。请检查路径、权限和磁盘空间。", err=True)
        sys.exit(1)


def backup_command(open_database: Callable[[], Database]) -> click.Command:
    """The command; `open_database` is called when it runs."""

    @click.command("backup")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
    def backup(file: Path | None) -> None:
        """把全部数据备份成一个文件（不写文件名就放在 backups 里）。服务不用停。"""
        path = file or Path("backups") / f"mingbaika-{beijing(now()):%Y%m%d-%H%M%S}.zip"
        with _faults_in_words():
            written = make_backup(open_database(), path)
            rows, size = sum(entry.rows for entry in written.values()), path.stat().st_size
        click.echo(f"备份好了，也核对过了：{path}（{len(written)}张表，{rows}行，{size / 1e6:.1f} MB）。")
        click.echo("里面的个人信息仍是加密的，还原时要用现在 config.toml 里的密钥。请把 config.toml 另外收好。")

    return backup


def restore_command(open_database: Callable[[], Database]) -> click.Command:
    """The command; `open_database` is called when it runs."""

    @click.command("restore")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--replace", is_flag=True, help="换掉数据库里现有的全部数据。")
    def restore(file: Path, replace: bool) -> None:
        """用备份文件还原全部数据。请先停下服务。"""
        with _faults_in_words(), file.open("rb") as opened:
            archive = restore_backup(open_database(), opened, replace=replace)
        rows = sum(entry.rows for entry in archive.entries.values())
        click.echo(f"还原好了：{beijing(archive.made_at):%Y年%m月%d日%H:%M}的备份，共{rows}行。现在可以启动服务了。")

    return restore
