"""Many new rows of one table, by the fastest way the driver has: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.orm import Session

from models.base import Base, Encrypted, EncryptedText, keyring_of
from models.crypto import Keyring

Writer = Callable[[Any], Any]
_REMEMBERED = 5_000  # values of a column


class Bulk:
    """Inserts into some columns of a table. Defaults of the table are not applied."""

    def __init__(self, table: type[Base], columns: Sequence[str]) -> None:
        self._table: Any = table.__table__
        self._columns = columns
        self._writers: WeakKeyDictionary[Dialect, list[tuple[int, Writer]]] = WeakKeyDictionary()

    def insert(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert the rows, each a value for each column."""
        self.insert_written(session, self.written(session.get_bind().dialect, rows))

    def written(self, dialect: Dialect, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        """The rows as the columns' types write them: encrypted, and dates as the driver takes them."""
        writers = self._writers.get(dialect)
        if writers is None:
            writers = self._writers[dialect] = list(self._writers_of(dialect))
        return [_written(row, writers) for row in rows]

    def insert_written(self, session: Session, written: Sequence[Sequence[Any]], *, unless: str = "") -> None:
        """Insert rows that are written already; those that have the same value in the column `unless` are left out."""
        raw: Any = session.connection().connection
        names = ", ".join(self._columns)
        cursor = raw.cursor()
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        if is_sqlite or unless:
            places = ", ".join(["?" if is_sqlite else "%s"] * len(self._columns))
            otherwise = f" ON CONFLICT ({unless}) DO NOTHING" if unless else ""
            cursor.executemany(f"INSERT INTO {self._table.name} ({names}) VALUES ({places}){otherwise}", written)  # noqa: S608
        else:
            with cursor.copy(f"COPY {self._table.name} ({names}) FROM STDIN") as copy:
                for row in written:
                    copy.write_row(row)
        cursor.close()

    def _writers_of(self, dialect: Dialect) -> list[tuple[int, Writer]]:
        """What the columns' types do to a value on its way in, by place; None is written as it is."""
        writers: list[tuple[int, Writer]] = []
        for at, name in enumerate(self._columns):
            column_type = self._table.columns[name].type
            if isinstance(column_type, Encrypted):
                writers.append((at, _encrypting(column_type, keyring_of(dialect))))
            elif isinstance(column_type, LargeBinary):
                continue  # both drivers take bytes as they are
            elif (write := column_type.dialect_impl(dialect).bind_processor(dialect)) is not None:
                writers.append((at, lru_cache(4096)(write)))  # dates: there are few different ones
        return writers


def _encrypting(column_type: Encrypted, keyring: Keyring) -> Writer:
    # Past SQLAlchemy's way around a single value, which costs as much as the encryption.
    seal = keyring.sealer(column_type.label.encode())
    to_bytes: Writer = column_type.to_bytes
    if not isinstance(column_type, EncryptedText):
        to_bytes = _remembering(to_bytes)
    return lambda value: seal(to_bytes(value))


def _remembering(to_bytes: Writer) -> Writer:
    """The same for plain mappings of text, of which many are alike; writing JSON takes longer than encrypting it."""
    known: dict[tuple[tuple[str, str], ...], bytes] = {}

    def remembered(value: Any) -> bytes:
        if not isinstance(value, dict):
            return to_bytes(value)  # type: ignore[no-any-return]
        key = tuple(value.items())
        made = known.get(key)
        if made is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            made = known[key] = to_bytes(value)
        return made

    return remembered


def _written(row: Sequence[Any], writers: Sequence[tuple[int, Writer]]) -> list[Any]:
    written = list(row)
    for at, write in writers:
        if written[at] is not None:
            written[at] = write(written[at])
    return written
