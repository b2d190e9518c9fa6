"""Changing the keys while serving: everything under an older key is written again under the newest, a little at a time.

All keys of the configuration read, so a row is found and readable before, during and after its change. Every encrypted
column of every table is found by its type; what is found or compared by an index key is made anew with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Table,
    TableClause,
    Update,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from models import content
from models.base import Base, Encrypted, EncryptedBytes
from models.crypto import LONGEST_KEY_ID, Keyring
from models.db import Database
from models.payment import Payment
from models.resident import Resident

_LONGEST = 0.03  # seconds that one transaction aims at; 0.2 is the house's limit
_FIRST, _LEAST, _MOST = 200, 20, 1000  # rows of a transaction
_PATIENCE = 30.0  # seconds to wait for the writer: nobody is waiting for us
INDEX = "index:"
UNKNOWN = "?"

Status = Mapping[str, Mapping[str, int]]
"""By table and key, how many values."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rotation has come in one table. `unreadable` rows are under a key that is not here, or damaged."""

    table: str
    rewritten: int
    unreadable: int = 0


def rotate(database: Database, tell: Callable[[Progress], None] = lambda _: None) -> Progress:
    """Write everything under the newest keys. May be stopped and started again; gives what was done in all.

    A row that cannot be read is left as it is, counted, and does not keep the others from being rewritten.
    """
    total = unreadable = 0
    for full in _tables():
        done = Progress(full.name, 0)
        for done in _Rotation(database, full).run():
            tell(done)
        total, unreadable = total + done.rewritten, unreadable + done.unreadable
    return Progress("", total, unreadable)


def due(database: Database) -> Mapping[str, int]:
    """By table, how many rows a rotation would rewrite."""
    counts = {}
    for full in _tables():
        with database.read() as session:
            counts[full.name] = _Rotation(database, full).count(session)
    return counts


def status(session: Session, keyring: Keyring) -> Status:
    """By table, how many values are under each key. A key may leave the configuration once nothing is under it.

    Encryption keys are named as they are, index keys with `index:` in front.
    """
    found: dict[str, dict[str, int]] = {}
    for full in _tables():
        bare, keys = _bare(full), found.setdefault(full.name, {})
        for name in _encrypted(full):
            head = func.substr(bare.c[name], 1, 1 + LONGEST_KEY_ID)
            for start, count in _counted(session, bare.c[name], head):
                keys[_key_in(bytes(start))] = keys.get(_key_in(bytes(start)), 0) + count
        if keyed := _KEYED.get(full.name):
            marks = keyed.marks(keyring)
            for mark, count in _counted(session, bare.c[keyed.column], keyed.mark(bare)):
                key = marks.get(bytes(mark) if isinstance(mark, memoryview) else mark, INDEX + UNKNOWN)
                keys[key] = keys.get(key, 0) + count
    return found


def _counted(session: Session, stored: ColumnElement[Any], mark: Any) -> Sequence[Any]:
    query = select(mark, func.count()).where(stored.is_not(None)).group_by(mark)
    return session.connection().execute(query).all()


def _key_in(stored: bytes) -> str:
    return stored[1 : 1 + stored[0]].decode(errors="replace") if stored else UNKNOWN


def _tables() -> list[Table]:
    return [full for full in Base.metadata.sorted_tables if _encrypted(full)]


def _encrypted(full: Table) -> dict[str, Encrypted]:
    """The encrypted columns by name."""
    return {each.name: each.type for each in full.columns if isinstance(each.type, Encrypted)}


def _bare(full: Table) -> TableClause:
    # Encrypted columns as the bytes that they are, and no defaults that an update would set off.
    kinds = ((each.name, LargeBinary() if isinstance(each.type, Encrypted) else each.type) for each in full.columns)
    return table(full.name, *(column(name, kind) for name, kind in kinds))


# ---------------------------------------------------------------- what an index key has made


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A table with hashes. `column` holds the mark of the key that made them; `reads` what they are made of besides
    the encrypted columns; `made` gives all columns anew from plain values."""

    column: str
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    mark: Callable[[TableClause], Any]
    marks: Callable[[Keyring], Mapping[Any, str]]
    made: Callable[[Keyring, Mapping[str, Any]], Mapping[str, Any]]

    def is_old(self, bare: TableClause, keyring: Keyring) -> ColumnElement[bool]:
        newest = next(mark for mark, key in self.marks(keyring).items() if key == INDEX + keyring.newest_index)
        return self.mark(bare) != newest  # type: ignore[no-any-return]


def _of_resident(keyring: Keyring, plain: Mapping[str, Any]) -> dict[str, Any]:
    account = plain["account"]
    return {
        "id_index": keyring.blind_index(plain["id_number"], "id_number"),
        "account_index": keyring.blind_index(account, "account") if account else None,
        "index_key": keyring.newest_index,
    }


_CONTENT = (
    "quantity", "unit", "standard_fen", "amount_fen", "stage", "stage_date", "paid_date", "bank", "account",
    "fail_reason", "remarks",
)  # fmt: skip


def _of_payment(keyring: Keyring, plain: Mapping[str, Any]) -> dict[str, Any]:
    return {"content_hash": content.hashed(keyring, content.said(*(plain[name] for name in _CONTENT)))}


_KEYED = {
    Resident.__tablename__: _Keyed(
        "index_key", (), ("id_index", "account_index", "index_key"), lambda bare: bare.c.index_key,
        lambda keyring: {key: INDEX + key for key in keyring.index}, _of_resident,
    ),
    Payment.__tablename__: _Keyed(
        "content_hash", tuple(name for name in _CONTENT if name not in ("account", "remarks")), ("content_hash",),
        lambda bare: func.substr(bare.c.content_hash, 1, content.TAG),
        lambda keyring: {keyring.index_tag(key): INDEX + key for key in keyring.index}, _of_payment,
    ),
}  # fmt: skip


# ---------------------------------------------------------------- one table


class _Rotation:
    """One table, in the order of its primary key."""

    def __init__(self, database: Database, full: Table) -> None:
        self._database, self._keyring, self._name = database, database.keyring, full.name
        self._bare, self._types, self._keyed = _bare(full), _encrypted(full), _KEYED.get(full.name)
        self._key = [self._bare.c[each.name] for each in full.primary_key.columns]
        newest = self._keyring.newest_encryption.encode()
        prefix = bytes([len(newest)]) + newest
        old = [func.substr(self._bare.c[name], 1, len(prefix)) != prefix for name in self._types]
        if self._keyed:
            old.append(self._keyed.is_old(self._bare, self._keyring))
        self._reads = self._keyed.reads if self._keyed else ()
        columns = [*self._key, *(self._bare.c[name] for name in (*self._types, *self._reads))]
        self._old = or_(*old)
        self._due = select(*columns).where(self._old).order_by(*self._key)
        self._change = self._statement()
        # Photos and pieces of files are large: a few at a time are enough.
        has_files = any(isinstance(each, EncryptedBytes) for each in self._types.values())
        self._least, self._first = (1, 2) if has_files else (_LEAST, _FIRST)

    def count(self, session: Session) -> int:
        """How many rows are due."""
        return session.scalar(select(func.count()).select_from(self._bare).where(self._old)) or 0

    def run(self) -> Iterator[Progress]:
        """Rewrite what is due; yields after each transaction how far it has come."""
        after: tuple[Any, ...] = ()
        size, rewritten, unreadable = self._first, 0, 0
        while rows := self._next(after, size):
            values = [renewed for row in rows if (renewed := self._renewed(row)) is not None]
            started = time.monotonic()
            if values:
                self._database.write(partial(self._write, values=values), wait=_PATIENCE)
            spent = max(time.monotonic() - started, 0.001)
            after = tuple(rows[-1][: len(self._key)])
            size = max(self._least, min(_MOST, int(size * min(2.0, _LONGEST / spent))))
            rewritten, unreadable = rewritten + len(values), unreadable + len(rows) - len(values)
            yield Progress(self._name, rewritten, unreadable)

    def _next(self, after: tuple[Any, ...], size: int) -> Sequence[Any]:
        query = self._due.limit(size)
        if after:
            query = query.where(self._key[0] > after[0] if len(after) == 1 else tuple_(*self._key) > tuple_(*after))
        with self._database.read() as session:
            return session.connection().execute(query).all()

    def _renewed(self, row: Sequence[Any]) -> dict[str, Any] | None:
        keys, rest = row[: len(self._key)], row[len(self._key) :]
        values: dict[str, Any] = {f"key_{n}": value for n, value in enumerate(keys)}
        plain: dict[str, Any] = dict(zip(self._reads, rest[len(self._types) :], strict=True))
        try:
            for (name, kind), stored in zip(self._types.items(), rest, strict=False):
                values[f"was_{name}"] = values[f"new_{name}"] = stored
                plain[name] = None
                if stored is not None:
                    opened = self._keyring.decrypt(bytes(stored), kind.label.encode())
                    plain[name] = kind.from_bytes(opened) if self._keyed else None
                    if _key_in(bytes(stored)) != self._keyring.newest_encryption:
                        values[f"new_{name}"] = self._keyring.encrypt(opened, kind.label.encode())
        except (KeyError, IndexError, InvalidTag):
            return None
        made = self._keyed.made(self._keyring, plain) if self._keyed else {}
        return values | {f"new_{name}": value for name, value in made.items()}

    def _statement(self) -> Update:
        # What has changed since it was read was written under the newest key already, and stays as it is.
        known = [each == bindparam(f"key_{n}") for n, each in enumerate(self._key)]
        known += [
            self._bare.c[name].is_not_distinct_from(bindparam(f"was_{name}", type_=LargeBinary)) for name in self._types
        ]
        changes = {name: bindparam(f"new_{name}", type_=LargeBinary) for name in self._types}
        changes |= {name: bindparam(f"new_{name}") for name in (self._keyed.makes if self._keyed else ())}
        return update(self._bare).where(*known).values(changes)

    def _write(self, session: Session, values: list[dict[str, Any]]) -> None:
        session.connection().execute(self._change, values)
