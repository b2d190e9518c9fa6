"""`python -m bench.scale`: what a look-up takes at 100,000, 1,000,000 and 10,000,000 payments.

Payments come in ten batches, as a county's do, so that the rows of one resident lie far apart.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench.servers import ROOT, new_databases, postgresql
from models import schema
from models.crypto import Keyring
from models.db import Database
from models.payment import Batch, Payment
from models.resident import Resident

_KEYS = Keyring({"k": bytes(32)}, {"k": bytes(range(32))})
_BATCHES = 10
_CHUNK = 2000
_LOOKS = 3000


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, look, print one line a size."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    options = parser.parse_args(arguments)
    (ROOT / "var").mkdir(exist_ok=True)
    first = 0.0
    for size in options.sizes:
        p50, p99 = _one(options.engine, size)
        first = first or p50
        print(f"{options.engine} {size:>12,} payments: p50 {p50:.3f} ms, p99 {p99:.3f} ms, {p50 / first:.2f} of the first", flush=True)
    return 0


def _one(engine: str, size: int) -> tuple[float, float]:
    folder = Path(tempfile.mkdtemp(prefix="bench-scale-", dir=ROOT / "var"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = f"sqlite:///{folder}/scale.db"
        if engine == "postgresql":
            server = stack.enter_context(postgresql())
            if server is None:
                raise SystemExit(1)
            url = stack.enter_context(new_databases(server, "scale"))["scale"]
        database = Database(url, _KEYS)
        stack.callback(database.dispose)
        _fill(database, size)
        _warm(folder)
        return _look(database, size // _BATCHES)


def _warm(folder: Path) -> None:
    """Read SQLite's file once, as a service that has run for a day has: the disk is not what is measured."""
    for file in folder.glob("scale.db*"):
        with file.open("rb") as content:
            while content.read(1 << 24):
                pass


def _number(n: int) -> str:
    return f"2202211970{n:08}"


def _fill(database: Database, size: int) -> None:
    schema.upgrade(database)
    people = range(size // _BATCHES)
    for some in _chunks(people):
        database.write(lambda session, some=some: _residents(session, some))  # type: ignore[misc]
    for batch in range(1, _BATCHES + 1):
        database.write(lambda session, b=batch: session.add(_batch(b)))  # type: ignore[misc]
        for some in _chunks(people):
            database.write(lambda session, some=some, b=batch: _payments(session, some, b))  # type: ignore[misc]
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _chunks(numbers: range) -> Iterator[range]:
    return (numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK))


def _batch(n: int) -> Batch:
    return Batch(file_name=f"{n}.csv", sha256=f"{n:064}", status="live", imported_by="bench", items=[["高龄津贴", 2026]])


def _residents(session: Session, people: range) -> None:
    rows = [
        {
            "id": n + 1, "id_index": _KEYS.blind_index(_number(n), "id_number"), "index_key": "k",
            "id_number": _number(n), "name": f"居民{n}", "account": f"62999901{n:011}",
        }
        for n in people
    ]  # fmt: skip
    session.execute(insert(Resident), rows)


def _payments(session: Session, people: range, batch: int) -> None:
    rows = [
        {
            "batch_id": batch, "resident_id": n + 1, "item": "高龄津贴", "year": 2026, "period": f"{batch}月",
            "amount_fen": 30000, "stage": "已发放", "stage_date": date(2026, 1, 1), "account": f"62999901{n:011}",
            "content_hash": bytes(16),
        }
        for n in people
    ]  # fmt: skip
    session.execute(insert(Payment), rows)


def _look(database: Database, people: int) -> tuple[float, float]:
    dice = random.Random(7)
    latencies = []
    for turn in range(_LOOKS + 300):
        number = _number(dice.randrange(people))
        started = time.perf_counter()
        with database.look() as session:
            resident = Resident.id_of(session, number)
            found = Payment.of(session, resident or 0)
        if turn >= 300:
            latencies.append((time.perf_counter() - started) * 1000)
        if len(found) != _BATCHES:
            raise SystemExit(f"{len(found)} payments instead of {_BATCHES}")
    return statistics.median(latencies), statistics.quantiles(latencies, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
