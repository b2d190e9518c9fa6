"""The database: engines, transactions, and the only commit of the house."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from knowledge.errors import Busy
from models.crypto import Keyring
from models.writer import Writer

T = TypeVar("T")

WAIT = 4.0  # seconds; the platform hangs up after five
_RERUNS = 5
_RERUN_STATES = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL's error codes)
_BUSY_STATES = {"55P03", "57014", "53300"}  # lock not available, statement timeout, too many connections


class Database:
    """One database, SQLite or PostgreSQL, and the keys for its encrypted columns.

    Reads go through `read()`, changes through `write(work)`, which runs `work` in one transaction, reruns it as a whole
    on a deadlock, and raises `knowledge.errors.Busy` when a lock cannot be had in time.
    """

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 8) -> None:
        self.url = make_url(url)
        self.keyring = keyring
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql(pool_size)
        self.engine.dialect.keyring = keyring  # type: ignore[attr-defined]
        # A look is one statement after another, each by itself: no BEGIN and ROLLBACK around them.
        looks = {"looks": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._looking = self.engine.execution_options(**looks)
        self._writing = self.engine.execution_options(writes=True)
        self._writer = Writer(str(self.url.database)) if self.is_sqlite else None

    def _sqlite(self) -> Engine:
        Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url, pool_size=16, max_overflow=16, connect_args={"timeout": WAIT, "isolation_level": None}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self, pool_size: int) -> Engine:
        options = f"-c lock_timeout={int(WAIT * 1000)} -c timezone=UTC"
        return create_engine(
            self.url, pool_size=pool_size, max_overflow=8, pool_timeout=WAIT, pool_pre_ping=False,
            connect_args={"options": options, "connect_timeout": int(WAIT)},
        )  # fmt: skip

    def exists(self) -> bool:
        """Whether there is a database to look into; SQLite would make an empty file by looking."""
        return not self.is_sqlite or Path(str(self.url.database)).is_file()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to look with; whatever it changes is dropped."""
        with _busy_in_words(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection to look with, for the paths that every message takes. Each statement stands alone."""
        with _busy_in_words(), self._looking.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A bare connection whose statements all see the database of one moment."""
        with _busy_in_words(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def write(self, work: Callable[[Session], T], *, wait: float = WAIT) -> T:
        """Run `work` in one transaction and commit it; `work` may run more than once and must only touch the session."""
        for attempt in range(_RERUNS):
            try:
                with _busy_in_words(), self.pen(wait):
                    return self._once(work)
            except _Rerun:
                time.sleep(0.01 * 2**attempt)
        raise Busy

    def _once(self, work: Callable[[Session], T]) -> T:
        with Session(self._writing, expire_on_commit=False) as session:
            try:
                result = work(session)
                session.commit()
            except DBAPIError as error:
                session.rollback()
                if getattr(error.orig, "sqlstate", None) in _RERUN_STATES:
                    raise _Rerun from error
                raise
            return result

    def pen(self, wait: float = WAIT) -> Any:
        """The right to write, for work that brings its own transaction; nothing to wait for on PostgreSQL."""
        return self._writer.holding(wait) if self._writer else nullcontext()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class _Rerun(Exception):
    pass


@contextmanager
def _busy_in_words() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Busy from error
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _BUSY_STATES or (state is None and _sqlite_is_locked(error)):
            raise Busy from error
        raise


def _sqlite_is_locked(error: OperationalError) -> bool:
    return "locked" in str(error.orig) or "busy" in str(error.orig)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("looks"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
