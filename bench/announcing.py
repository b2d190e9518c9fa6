"""How long it takes to announce a batch to those who asked for it, and the longest that the writer is held.

    python -m bench.announcing [--rows 30000] [--agreed 5000] [--engine sqlite]

Three times: a batch that pays everybody who asked, the same file again (no news), and a batch that pays none of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.servers import postgresql
from knowledge.wording import beijing
from models import schema
from models.agreement import PAID_NOTICES, Agreement
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.follower import Follower
from models.paid_notice import announce_due
from models.payment import LIVE, Batch, Payment
from models.resident import Binding, Resident

T = TypeVar("T")
_CHUNK = 2000
_AIM_MS = 200


class Watched(Database):
    """A database that notes how long each transaction took."""

    longest = 0.0

    def write(self, work: Callable[[Session], T], *, wait: float = 4.0) -> T:
        def timed(session: Session) -> T:
            nonlocal began
            began = time.perf_counter()
            return work(session)

        began = time.perf_counter()
        result = super().write(timed, wait=wait)
        self.longest = max(self.longest, time.perf_counter() - began)
        return result


def fill(database: Database, rows: int, agreed: int) -> None:
    """Residents, each paid once in a batch that is old news; the first of them with WeChat users who asked."""
    people = [
        {"id": n, "id_index": f"{n:032d}".encode(), "index_key": "k1", "id_number": f"{n:018d}", "name": "关玉梅", "changed_at": now()}
        for n in range(1, rows + 1)
    ]
    numbers = range(1, agreed + 1)
    followers = [{"id": n, "openid": f"o{n}", "subscribed": True, "first_seen_at": now(), "last_seen_at": None} for n in numbers]
    bindings = [{"follower_id": n, "resident_id": n, "proof": "name", "bound_at": now()} for n in numbers]
    wishes = [{"follower_id": n, "kind": PAID_NOTICES, "version": 1, "agreed_at": now()} for n in numbers]
    for table, values in ((Resident, people), (Follower, followers), (Binding, bindings), (Agreement, wishes)):
        _insert(database, table, values)


def load(database: Database, period: str, first: int, last: int, today: date) -> None:
    """A live batch that pays these residents today."""

    def batch(session: Session) -> int:
        row = Batch(file_name="b.csv", sha256="0" * 64, status=LIVE, imported_by="bench", live_at=now(), data_as_of=today)
        session.add(row)
        session.flush()
        return row.id

    batch_id = database.write(batch)
    values = [
        {
            "batch_id": batch_id, "resident_id": n, "item": "高龄津贴", "year": today.year, "period": period, "quantity": 300,
            "unit": "月", "standard_fen": 10000, "amount_fen": 30000, "stage": "已发放", "stage_date": today,
            "paid_date": today, "bank": "吉林农信", "account": "6299990102491369086", "content_hash": bytes(16),
        }
        for n in range(first, last + 1)
    ]  # fmt: skip
    _insert(database, Payment, values)


def _insert(database: Database, table: type, values: list[dict[str, object]]) -> None:
    for at in range(0, len(values), _CHUNK):
        database.write(lambda session, at=at: session.execute(insert(table), values[at : at + _CHUNK]) and None)  # type: ignore[misc]


def measured(database: Watched, label: str) -> None:
    """Announce, and say what it took."""
    database.longest, began = 0.0, time.perf_counter()
    made = announce_due(database, at=now().replace(hour=4))
    took, longest = time.perf_counter() - began, database.longest * 1000
    kept = "ok" if longest <= _AIM_MS else "TOO LONG"
    print(f"  {label:<34}{made:6} messages {took:7.2f} s   longest transaction {longest:6.1f} ms  {kept}")


def main() -> None:
    """Print the times on both engines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--agreed", type=int, default=5_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    wanted, today = options.engine or ["sqlite", "postgresql"], beijing(now()).date()
    with ExitStack() as stack:
        disk = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=disk))
        urls = {"sqlite": f"sqlite:///{Path(folder) / 'announcing.db'}"}
        if "postgresql" in wanted:
            urls["postgresql"] = stack.enter_context(postgresql()) or ""
        for engine in wanted:
            if not urls[engine]:
                print(f"{engine}: not on this machine")
                continue
            database = Watched(urls[engine], Keyring({"k1": bytes(range(32))}, {"k1": bytes(range(32, 64))}))
            schema.upgrade(database)
            fill(database, options.rows, options.agreed)
            print(f"{engine}, {options.rows} rows, {options.agreed} who asked:")
            load(database, "第1批", 1, options.rows, today)
            measured(database, "pays everybody who asked")
            load(database, "第1批", 1, options.rows, today)
            measured(database, "the same file again")
            load(database, "第2批", options.agreed + 1, options.rows, today)
            measured(database, "pays nobody who asked")
            database.dispose()


if __name__ == "__main__":
    main()
