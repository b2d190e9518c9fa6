"""Statements of the paths that every message takes, built once and run through the driver itself.

SQLAlchemy still builds them and its types still read and write each column (encryption included); only its way around
a single statement, which costs several times the statement, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Insert, Select, Update
from sqlalchemy.orm import Session

RAW = "raw connection"  # in the info of a session that looks


class Prepared:
    """One statement. `given` names the values that each run brings.

    Defaults of the tables are not applied: every value is given.
    """

    def __init__(self, build: Callable[[str], Executable] | Executable, given: Sequence[str] = ()) -> None:
        self._build = build
        self._given = given
        self._forms: WeakKeyDictionary[Dialect, _Form] = WeakKeyDictionary()

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a SELECT, as plain tuples."""
        form, cursor = self._cursor(session)
        cursor.execute(form.sql, form.bound(values))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
        if not form.readers:
            return found
        return [form.read(row) for row in found]

    def run(self, session: Session, *values: Mapping[str, Any]) -> int:
        """Insert, update or delete, once for each set of values; the number of rows of the last one."""
        form, cursor = self._cursor(session)
        if len(values) == 1:
            cursor.execute(form.sql, form.bound(values[0]))
        else:
            cursor.executemany(form.sql, [form.bound(each) for each in values])
        count: int = cursor.rowcount
        cursor.close()
        return count

    def _cursor(self, session: Session) -> tuple[_Form, Any]:
        raw = session.info.get(RAW) or session.connection().connection
        dialect = session.get_bind().dialect
        form = self._forms.get(dialect)
        if form is None:
            form = self._forms[dialect] = _Form(self._build, dialect, self._given)
        return form, raw.cursor()


class _Form:
    """The statement as one engine takes it."""

    def __init__(self, build: Callable[[str], Executable] | Executable, dialect: Dialect, given: Sequence[str]) -> None:
        statement: Any = build(dialect.name) if callable(build) else build
        columns = statement.table.columns if isinstance(statement, Insert | Update) else ()
        compiled: Any = statement.compile(dialect=dialect, column_keys=[name for name in given if name in columns] or None)
        self.sql = str(compiled)
        writers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        fixed = {name: value for name, value in compiled.params.items() if name not in given}
        self._fixed = {name: writers[name](value) if writers[name] else value for name, value in fixed.items()}
        self._written = [(name, writers[name]) for name in compiled.binds if name in given]
        self._order = compiled.positiontup if compiled.positional else None
        selected = statement.selected_columns if isinstance(statement, Select) else ()
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in selected]
        self.readers = [(place, read) for place, read in enumerate(readers) if read]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        bound = dict(self._fixed)
        for name, write in self._written:
            value = values[name]
            bound[name] = write(value) if write else value
        return [bound[name] for name in self._order] if self._order is not None else bound

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, read in self.readers:
            values[place] = read(values[place])
        return tuple(values)
