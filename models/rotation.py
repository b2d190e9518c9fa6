"""Changing the keys while serving: everything under an older key is written again under the newest, a little at a time.

All keys of the configuration read, so a row is found and readable before, during and after its change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
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

from models.base import Base, Encrypted
from models.crypto import LONGEST_KEY_ID, Keyring
from models.db import Database
from models.resident import Resident

_LONGEST = 0.06  # seconds that one transaction aims at; 0.2 is the house's limit
_FIRST, _LEAST, _MOST = 200, 20, 2000  # rows of a transaction
_PATIENCE = 30.0  # seconds to wait for the writer: nobody is waiting for us
_RESIDENTS = Resident.__tablename__


Status = Mapping[str, Mapping[str, int]]
"""By table and key, how many values."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rotation has come in one table."""

    table: str
    rewritten: int


def rotate(database: Database, tell: Callable[[Progress], None] = lambda _: None) -> int:
    """Write everything under the newest keys; gives the number of rows rewritten. May be stopped and started again."""
    total = 0
    for full in _tables():
        done = 0
        for count in _Rotation(database, full).run():
            done += count
            tell(Progress(full.name, done))
        total += done
    return total


def status(session: Session) -> Status:
    """By table, how many values are under each key. A key may leave the configuration once nothing is under it.

    Encryption keys are named as they are, index keys with `index:` in front.
    """
    found: dict[str, dict[str, int]] = {}
    for full in _tables():
        bare, keys = _bare(full), found.setdefault(full.name, {})
        for name in _encrypted(full):
            head = func.substr(bare.c[name], 1, 1 + LONGEST_KEY_ID)
            query = select(head, func.count()).where(bare.c[name].is_not(None)).group_by(head)
            for start, count in session.connection().execute(query):
                keys[_key_in(bytes(start))] = keys.get(_key_in(bytes(start)), 0) + count
        if full.name == _RESIDENTS:
            for key, count in session.execute(select(Resident.index_key, func.count()).group_by(Resident.index_key)):
                keys[f"index:{key}"] = count
    return found


def _key_in(stored: bytes) -> str:
    return stored[1 : 1 + stored[0]].decode(errors="replace")


def _tables() -> list[Table]:
    return [full for full in Base.metadata.sorted_tables if _encrypted(full)]


def _encrypted(full: Table) -> dict[str, bytes]:
    """The encrypted columns by name, with the label that is authenticated with each value."""
    return {each.name: each.type.label.encode() for each in full.columns if isinstance(each.type, Encrypted)}


def _bare(full: Table) -> TableClause:
    # Encrypted columns as the bytes that they are, and no defaults that an update would set off.
    kinds = ((each.name, LargeBinary() if isinstance(each.type, Encrypted) else each.type) for each in full.columns)
    return table(full.name, *(column(name, kind) for name, kind in kinds))


class _Rotation:
    """One table, in the order of its primary key."""

    def __init__(self, database: Database, full: Table) -> None:
        self._database, self._keyring = database, database.keyring
        self._bare, self._labels = _bare(full), _encrypted(full)
        self._key = [self._bare.c[each.name] for each in full.primary_key.columns]
        self._has_indexes = full.name == _RESIDENTS
        newest = self._keyring.newest_encryption.encode()
        prefix = bytes([len(newest)]) + newest
        old = [func.substr(self._bare.c[name], 1, len(prefix)) != prefix for name in self._labels]
        if self._has_indexes:
            old.append(self._bare.c.index_key != self._keyring.newest_index)
        columns = [*self._key, *(self._bare.c[name] for name in self._labels)]
        self._due = select(*columns).where(or_(*old)).order_by(*self._key)
        self._change = self._statement()

    def run(self) -> Iterator[int]:
        """Rewrite what is due; yields after each transaction how many rows it changed."""
        after: tuple[Any, ...] = ()
        size = _FIRST
        while rows := self._next(after, size):
            values = [self._renewed(row) for row in rows]
            started = time.monotonic()
            self._database.write(partial(self._write, values=values), wait=_PATIENCE)
            spent = max(time.monotonic() - started, 0.001)
            after = tuple(rows[-1][: len(self._key)])
            size = max(_LEAST, min(_MOST, int(size * min(2.0, _LONGEST / spent))))
            yield len(rows)

    def _next(self, after: tuple[Any, ...], size: int) -> Sequence[Any]:
        query = self._due.limit(size)
        if after:
            query = query.where(self._key[0] > after[0] if len(after) == 1 else tuple_(*self._key) > tuple_(*after))
        with self._database.read() as session:
            return session.connection().execute(query).all()

    def _renewed(self, row: Sequence[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {f"key_{n}": value for n, value in enumerate(row[: len(self._key)])}
        plain: dict[str, str] = {}
        for (name, label), stored in zip(self._labels.items(), row[len(self._key) :], strict=True):
            values[f"was_{name}"] = values[f"new_{name}"] = stored
            if stored is None:
                continue
            opened = self._keyring.decrypt(bytes(stored), label)
            if self._has_indexes:
                plain[name] = opened.decode()
            if _key_in(bytes(stored)) != self._keyring.newest_encryption:
                values[f"new_{name}"] = self._keyring.encrypt(opened, label)
        return values | (_indexes(self._keyring, plain) if self._has_indexes else {})

    def _statement(self) -> Update:
        # What has changed since it was read was written under the newest key already, and stays as it is.
        known = [each == bindparam(f"key_{n}") for n, each in enumerate(self._key)]
        known += [
            self._bare.c[name].is_not_distinct_from(bindparam(f"was_{name}", type_=LargeBinary)) for name in self._labels
        ]
        changes = {name: bindparam(f"new_{name}", type_=LargeBinary) for name in self._labels}
        if self._has_indexes:
            changes |= {name: bindparam(f"new_{name}") for name in ("id_index", "account_index", "index_key")}
        return update(self._bare).where(*known).values(changes)

    def _write(self, session: Session, values: list[dict[str, Any]]) -> None:
        session.connection().execute(self._change, values)


def _indexes(keyring: Keyring, plain: Mapping[str, str]) -> dict[str, Any]:
    account = plain.get("account")
    return {
        "new_id_index": keyring.blind_index(plain["id_number"], "id_number"),
        "new_account_index": keyring.blind_index(account, "account") if account else None,
        "new_index_key": keyring.newest_index,
    }
