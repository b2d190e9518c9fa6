"""Many new rows of one table, by the fastest way the driver has: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.orm import Session

from models.base import Base

Writer = Callable[[Any], Any]


class Bulk:
    """Inserts into some columns of a table. Defaults of the table are not applied."""

    def __init__(self, table: type[Base], columns: Sequence[str]) -> None:
        self._table = table.__table__
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

    def insert_written(self, session: Session, written: Sequence[Sequence[Any]]) -> None:
        """Insert rows that are written already."""
        raw: Any = session.connection().connection
        names = ", ".join(self._columns)
        cursor = raw.cursor()
        if session.get_bind().dialect.name == "sqlite":
            places = ", ".join("?" * len(self._columns))
            cursor.executemany(f"INSERT INTO {self._table.name} ({names}) VALUES ({places})", written)  # noqa: S608
        else:
            with cursor.copy(f"COPY {self._table.name} ({names}) FROM STDIN") as copy:
                for row in written:
                    copy.write_row(row)
        cursor.close()

    def _writers_of(self, dialect: Dialect) -> list[tuple[int, Writer]]:
        """What the columns' types do to a value on its way in, by place; None is written as it is."""
        writers = []
        for at, name in enumerate(self._columns):
            column_type: Any = self._table.columns[name].type
            write = column_type.dialect_impl(dialect).bind_processor(dialect)
            if write is not None:
                writers.append((at, write))
        return writers


def _written(row: Sequence[Any], writers: Sequence[tuple[int, Writer]]) -> list[Any]:
    written = list(row)
    for at, write in writers:
        if written[at] is not None:
            written[at] = write(written[at])
    return written
