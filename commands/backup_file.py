"""The file of a backup: all tables in one zip, readable by either engine.

`manifest.json`, and for each table `tables/NAME.jsonl` with one JSON array a row. Values stand there as they are
stored (bytes in base64, times in ISO 8601), so what is encrypted stays encrypted: without the keys of the
configuration nobody can read or use it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, TypeDecorator, func, select

from knowledge.errors import Refused
from models import schema
from models.base import Base, Encrypted, EncryptedBytes, now
from models.crypto import Keyring
from models.db import Database

CHUNK, CHUNK_OF_FILES = 1000, 4  # rows held at a time
_FORMAT = "mingbaika-backup-1"
_LONGEST_LINE = 64 * 1024 * 1024  # bytes; a photo has a few millions
_MANIFEST_LIMIT = 1024 * 1024
_MOST_PACKED = 300  # times; our own files stay far below, a bomb reaches 1,000

_DAMAGED = "这份备份读不通：文件不完整、被改过，或不是明白卡的备份。什么都没有动。请换一份备份。"
_OTHER_SCHEMA = "这份备份出自另一个版本的程序，数据库结构不一样。什么都没有动。请用做备份时的那一版还原，再升级。"
_NO_KEY = (
    "配置里没有这份备份用的加密密钥，还原了也读不出来。什么都没有动。"
    "请把做备份时 config.toml 里 [secrets] 的密钥加进来。"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of one table: its columns, rows, bytes and SHA-256."""

    columns: Sequence[str]
    rows: int
    size: int
    sha256: str


def tables() -> Mapping[str, Table]:
    """Every table by name, parents first, with what lies beneath the encrypted types."""
    return {table.name: _as_stored(table) for table in Base.metadata.sorted_tables}


def _as_stored(table: Table) -> Table:
    def kind(column: Column[Any]) -> Any:
        return LargeBinary() if isinstance(column.type, Encrypted) else column.type

    columns = (Column(column.name, kind(column), primary_key=column.primary_key) for column in table.columns)
    return Table(table.name, MetaData(), *columns)


# ---------------------------------------------------------------- writing


def write_archive(database: Database, file: IO[bytes]) -> Mapping[str, Entry]:
    """Write every table, from one consistent look at the database that holds nobody up."""
    written: dict[str, Entry] = {}
    with database.snapshot() as connection, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables().items():
            with archive.open(_member(name), "w", force_zip64=True) as member:
                written[name] = _write_table(connection, table, member)
            if written[name].rows != connection.scalar(select(func.count()).select_from(table)):
                raise Refused("数据没有读全，备份没有做成。请再试一次。")
        manifest = {
            "format": _FORMAT,
            "schema": schema.newest(),
            "made_at": now().isoformat(),
            "tables": {name: asdict(entry) for name, entry in written.items()},
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return written


def _write_table(connection: Connection, table: Table, member: IO[bytes]) -> Entry:
    digest, rows, size = hashlib.sha256(), 0, 0
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": _held(table)}) as result:
        for row in result:
            values = [_to_json(value) for value in row]
            line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            member.write(line)
            rows, size = rows + 1, size + len(line)
    return Entry(list(table.columns.keys()), rows, size, digest.hexdigest())


def _held(table: Table) -> int:
    holds_files = any(isinstance(column.type, EncryptedBytes) for column in Base.metadata.tables[table.name].columns)
    return CHUNK_OF_FILES if holds_files else CHUNK


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _to_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    raise TypeError(f"no way to write a {type(value).__name__}")


# ---------------------------------------------------------------- reading


@contextmanager
def _damage_in_words() -> Iterator[None]:
    unreadable = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
    nonsense = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
    try:
        yield
    except (*unreadable, *nonsense) as error:
        raise Refused(_DAMAGED) from error


class Archive:
    """A backup opened for reading. Trusts nothing: names, sizes and columns must be ours, or Refused."""

    def __init__(self, file: IO[bytes]) -> None:
        with _damage_in_words():
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
            self._check_sizes(members, file.seek(0, os.SEEK_END))
            manifest = self._manifest()
            self._check_names(members)
            self.made_at = _moment(manifest["made_at"])
            self.entries = {name: Entry(**entry) for name, entry in manifest["tables"].items()}
            self._check_columns()

    @staticmethod
    def _check_sizes(members: Sequence[zipfile.ZipInfo], length: int) -> None:
        # Members may overlap in the file, so their packed sizes are held against the file's own.
        if sum(member.compress_size for member in members) > length or not all(map(_is_harmless, members)):
            raise Refused(_DAMAGED)

    def _manifest(self) -> Any:
        with self._zip.open("manifest.json") as member:
            raw = member.read(_MANIFEST_LIMIT)
        manifest = json.loads(raw)
        if manifest["format"] != _FORMAT:
            raise Refused(_DAMAGED)
        if manifest["schema"] != schema.newest():
            raise Refused(_OTHER_SCHEMA)
        return manifest

    @staticmethod
    def _check_names(members: Sequence[zipfile.ZipInfo]) -> None:
        if sorted(member.filename for member in members) != sorted(["manifest.json", *map(_member, tables())]):
            raise Refused(_DAMAGED)

    def _check_columns(self) -> None:
        ours = {name: list(table.columns.keys()) for name, table in tables().items()}
        if {name: entry.columns for name, entry in self.entries.items()} != ours:
            raise Refused(_DAMAGED)

    def rows(self, table: Table) -> Iterator[tuple[dict[str, Any], int]]:
        """The rows of a table, each with its bytes. Refused, at the latest after the last, if any was changed."""
        entry = self.entries[table.name]
        kinds = [(column.name, _kind(column)) for column in table.columns]
        digest, rows, size = hashlib.sha256(), 0, 0
        with _damage_in_words(), self._zip.open(_member(table.name)) as member:
            while line := member.readline(_LONGEST_LINE):
                digest.update(line)
                rows, size = rows + 1, size + len(line)
                pairs = zip(kinds, json.loads(line), strict=True)
                yield {name: _from_json(kind, value) for (name, kind), value in pairs}, len(line)
            if (rows, size, digest.hexdigest()) != (entry.rows, entry.size, entry.sha256):
                raise Refused(_DAMAGED)

    def check(self, keyring: Keyring) -> None:
        """Read everything once: checksums, counts, values, and that the keys at hand open what is encrypted."""
        for name, table in tables().items():
            columns = Base.metadata.tables[name].columns
            sealed = [(column.name, column.type.label) for column in columns if isinstance(column.type, Encrypted)]
            opened: set[tuple[str, bytes]] = set()
            for row, _size in self.rows(table):
                for column, label in sealed:
                    _open_once(keyring, label, row[column], opened)


def _is_harmless(member: zipfile.ZipInfo) -> bool:
    plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not member.flag_bits & 1
    return plain and member.file_size <= member.compress_size * _MOST_PACKED


def _open_once(keyring: Keyring, label: str, value: bytes | None, opened: set[tuple[str, bytes]]) -> None:
    # One value of each column and key is enough to know that the key is the right one.
    if not value or (mark := (label, value[: 1 + value[0]])) in opened:
        return
    try:
        keyring.decrypt(value, label.encode())
    except (LookupError, ValueError, InvalidTag):
        raise Refused(_NO_KEY) from None
    opened.add(mark)


def _kind(column: Column[Any]) -> type[Any]:
    kind = column.type
    return kind.impl_instance.python_type if isinstance(kind, TypeDecorator) else kind.python_type


def _from_json(kind: type[Any], value: Any) -> Any:
    if value is None:
        return None
    if kind is bytes:
        return base64.b64decode(value, validate=True)
    if kind is datetime:
        return _moment(value)
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind or (kind is int and abs(value) >= 2**63):
        raise ValueError("a value of another kind")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
