"""The database: engines, transactions, and the only commit of the house."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from knowledge.errors import Busy
from models.crypto import Keyring
from models.prepared import RAW
from models.writer import Writer

T = TypeVar("T")

WAIT = 4.0  # seconds; the platform hangs up after five
_RERUNS = 5
_RERUN_STATES = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL's error codes)
_READ_ONLY = "25006"
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
        self._looking = self._sqlite(looks=True) if self.is_sqlite else self._postgresql(pool_size, looks=True)
        for engine in (self.engine, self._looking):
            engine.dialect.keyring = keyring  # type: ignore[attr-defined]
        self._driver: Any = self.engine.dialect.loaded_dbapi
        self._kept = _Kept()
        self._all_kept: WeakSet[Any] = WeakSet()
        self._writing = self.engine.execution_options(writes=True)
        self._writer = Writer(str(self.url.database)) if self.is_sqlite else None

    def _sqlite(self, *, looks: bool = False) -> Engine:
        Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url, pool_size=16, max_overflow=16, connect_args={"timeout": WAIT, "isolation_level": None}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        # A look is one statement after another, each by itself: no BEGIN around them, and nothing is written.
        event.listen(engine, *(("connect", _only_looks_at_sqlite) if looks else ("begin", _begin_sqlite)))
        return engine

    def _postgresql(self, pool_size: int, *, looks: bool = False) -> Engine:
        options = f"-c lock_timeout={int(WAIT * 1000)} -c timezone=UTC"
        alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if looks else {}
        options += " -c default_transaction_read_only=on" if looks else ""
        return create_engine(
            self.url, pool_size=pool_size, max_overflow=8, pool_timeout=WAIT, pool_pre_ping=False,
            connect_args={"options": options, "connect_timeout": int(WAIT)}, **alone,
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
    def look(self) -> Iterator[Session]:
        """A session for the paths that every message takes: each statement stands alone, and none can write.

        `models.prepared` runs its statements on a connection that this thread keeps, as it keeps the session.
        """
        session = self._kept_session(self._looking)
        try:
            yield session
        except PoolTimeout as error:
            raise Busy from error
        except (OperationalError, self._driver.OperationalError) as error:
            self._let_go(session, error)
            raise
        finally:
            if session.in_transaction() or session.new:
                session.close()

    def _kept_session(self, engine: Engine) -> Session:
        session = self._kept.sessions.get(engine)
        if session is None:
            session = self._kept.sessions[engine] = Session(engine, autoflush=False)
            kept = session.info[RAW] = engine.raw_connection()
            self._all_kept.add(kept)
        return session

    def _let_go(self, session: Session, error: Exception) -> None:
        """Busy for a lock that cannot be had, and for a server that is gone, whose connection is not used again."""
        if self.is_sqlite:
            if _is_locked(error):
                raise Busy from error
        elif _state(error) is None or _state(error) in _BUSY_STATES:
            session.info[RAW].invalidate()
            self._kept.sessions = {engine: kept for engine, kept in self._kept.sessions.items() if kept is not session}
            raise Busy from error

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection to look with. Each statement stands alone."""
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
        return self._until_it_stands(lambda: self._once(work), wait)

    def write_prepared(self, work: Callable[[Session], T], *, wait: float = WAIT) -> T:
        """The same for work that runs nothing but `models.prepared`: on a connection that this thread keeps."""
        return self._until_it_stands(lambda: self._once_prepared(work), wait)

    def _until_it_stands(self, once: Callable[[], T], wait: float) -> T:
        for attempt in range(_RERUNS):
            try:
                with _busy_in_words(), self.pen(wait):
                    return once()
            except _Rerun:
                time.sleep(0.01 * 2**attempt)
        raise Busy

    def _once(self, work: Callable[[Session], T]) -> T:
        with Session(self._writing, expire_on_commit=False) as session:
            try:
                result = work(session)
                session.commit()
            except (DBAPIError, self._driver.Error) as error:
                session.rollback()
                _say_again(error)
                raise
            return result

    def _once_prepared(self, work: Callable[[Session], T]) -> T:
        session = self._kept_session(self.engine)
        raw = session.info[RAW]
        try:
            if self.is_sqlite:
                raw.execute("BEGIN IMMEDIATE")
            result = work(session)
            raw.commit()
        except self._driver.Error as error:
            if isinstance(error, self._driver.OperationalError) and _state(error) not in _RERUN_STATES:
                self._let_go(session, error)
            raw.rollback()
            _say_again(error)
            raise
        except BaseException:
            raw.rollback()
            raise
        return result

    def pen(self, wait: float = WAIT) -> Any:
        """The right to write, for work that brings its own transaction; nothing to wait for on PostgreSQL."""
        return self._writer.holding(wait) if self._writer else nullcontext()

    def dispose(self) -> None:
        """Close every connection."""
        for kept in self._all_kept:
            kept.close()
        self._kept = _Kept()
        self._looking.dispose()
        self.engine.dispose()
        if self._writer:
            self._writer.close()


class _Kept(threading.local):
    """The sessions that a thread keeps, by engine; each with a connection of its own."""

    def __init__(self) -> None:
        self.sessions: dict[Engine, Session] = {}


class _Rerun(Exception):
    pass


def _say_again(error: Exception) -> None:
    if _state(error) in _RERUN_STATES:
        raise _Rerun from error
    if _state(error) in _BUSY_STATES:
        raise Busy from error


@contextmanager
def _busy_in_words() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Busy from error
    except OperationalError as error:
        state = _state(error)
        if state in _BUSY_STATES or (state is None and _is_locked(error.orig)):
            raise Busy from error
        raise


def _state(error: Any) -> str | None:
    # SQLAlchemy's error holds the driver's; models.prepared lets the driver's through as it is.
    state: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state


def would_write(error: BaseException) -> bool:
    """Whether somebody tried to write where one may only look."""
    return _state(error) == _READ_ONLY or "readonly database" in str(getattr(error, "orig", error))


def _is_locked(error: BaseException | None) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _only_looks_at_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
