"""What the audit log's marks and seals cost, on SQLite and on PostgreSQL: `python -m bench.auditing [rows]`."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bench.statistics import KEYRING, databases
from models import audit, schema
from models.audit import _marked
from models.audit_chain import seal_due, verify
from models.db import Database

_AT_ONCE = 500


def each(work: Callable[[], object], times: int) -> float:
    """Seconds of one run, the median."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def measured(database: Database, rows: int) -> None:
    """Print the figures of one engine."""
    key = bytes(32)
    said = {"at": datetime.now(UTC), "staff_id": 7, "actor": "lin", "action": "case.view", "subject": "case:YJ20261124-0007",
            "resident_id": 5, "detail": {"reason": "打电话核实", "department": "民政局"}}  # fmt: skip
    print(f"  a mark alone      {1e6 * each(lambda: _marked(key, os.urandom(8), said), 20_000):8.1f} µs")

    def write(count: int) -> None:
        def work(session: Session) -> None:
            for n in range(count):
                audit.record(session, "cli:bench", "case.view", f"case:YJ20261124-{n:04d}", reason="打电话核实", department="民政局")

        database.write(work)

    print(f"  one row, committed {1e3 * each(lambda: write(1), 300):7.2f} ms")
    for _ in range(rows // _AT_ONCE):
        write(_AT_ONCE)
    longest, real = [0.0], database.write

    def timed(work: Callable[[Session], object], **more: float) -> object:
        began = time.perf_counter()
        done = real(work, **more)
        longest[0] = max(longest[0], time.perf_counter() - began)
        return done

    database.write = timed  # type: ignore[assignment, method-assign]
    started = time.perf_counter()
    sealed = seal_due(database, every=True)
    spent = time.perf_counter() - started
    print(f"  sealing            {sealed / spent:7.0f} rows a second, longest transaction {1e3 * longest[0]:.0f} ms")
    print(f"  nothing to seal    {1e3 * each(lambda: seal_due(database), 20):7.2f} ms")
    started = time.perf_counter()
    verdict = verify(database)
    assert not verdict.fault
    print(f"  verifying          {verdict.sealed / (time.perf_counter() - started):7.0f} rows a second ({verdict.sealed} rows)")


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with databases() as urls:
        for engine, url in urls.items():
            print(engine)
            database = Database(url, KEYRING)
            schema.upgrade(database)
            measured(database, rows)
            database.dispose()


if __name__ == "__main__":
    main()
