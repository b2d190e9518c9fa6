"""`python -m bench.rotation`: keys are changed under a million rows while residents look; no look may fail.

Payments are written straight into the tables. Another process with the new keys asks at the dispatcher's door, as
residents who are bound do, and looks persons up by their ID number, as a proof does.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.guessing import VALUES
from bench.servers import ROOT, new_databases, postgresql
from bot.dispatch import Dispatcher
from handlers.turn import Incoming
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.wording import beijing
from models import content, rotation, schema
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.follower import Follower
from models.payment import Batch, Payment
from models.resident import Binding, Resident

_OLD = Keyring({"old": bytes(32)}, {"old": bytes(range(32))})
_NEW = Keyring({"new": bytes(range(32)), **_OLD.encryption}, {"new": bytes(range(1, 33)), **_OLD.index})
_EACH = 10  # payments of a resident
_CHUNK = 2000
_BOUND = 37  # every so many residents have a phone
_YEAR = beijing(now()).year
_PAID = date(_YEAR, 1, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, rotate, look meanwhile, print. Gives 1 when a look failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.rotation", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="payments")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args(arguments)
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-rotation-", dir=ROOT / "var"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = f"sqlite:///{folder}/rotation.db"
        if options.engine == "postgresql":
            server = stack.enter_context(postgresql())
            if server is None:
                return 1
            url = stack.enter_context(new_databases(server, "rotation"))["rotation"]
        _fill(url, options.rows)
        return _measure(options.engine, url, options.rows)


def _number(n: int) -> str:
    return f"2202211970{n:08}"


def _fill(url: str, rows: int) -> None:
    database = Database(url, _OLD)
    schema.upgrade(database)
    batch = Batch(
        file_name="bench", sha256="0" * 64, status="live", imported_by="bench", data_as_of=_PAID, items=[["高龄津贴", _YEAR]]
    )
    database.write(lambda session: session.add(batch))
    for people in _chunks(range(rows // _EACH)):
        database.write(lambda session, people=people: _residents(session, people))  # type: ignore[misc]
    database.dispose()


def _chunks(numbers: range) -> Iterator[list[int]]:
    step = _CHUNK // _EACH
    return (list(numbers[start : start + step]) for start in range(0, len(numbers), step))


def _residents(session: Session, people: Sequence[int]) -> None:
    index = _OLD.blind_index
    rows = [
        {
            "id": n + 1, "id_index": index(_number(n), "id_number"), "account_index": index(str(n), "account"),
            "index_key": "old", "id_number": _number(n), "name": f"居民{n}", "account": f"62999901{n:011}",
        }
        for n in people
    ]  # fmt: skip
    session.execute(insert(Resident), rows)
    phones = [n + 1 for n in people if n % _BOUND == 0]
    if phones:
        session.execute(insert(Follower), [{"id": n, "openid": f"o{n - 1}"} for n in phones])
        session.execute(insert(Binding), [{"follower_id": n, "resident_id": n, "proof": "bench"} for n in phones])
    payments = [
        {
            "batch_id": 1, "resident_id": n + 1, "item": "高龄津贴", "year": _YEAR, "period": f"{k}月", "amount_fen": 30000,
            "stage": "已发放", "stage_date": _PAID, "account": f"62999901{n:011}", "content_hash": _content(n),
        }
        for n in people
        for k in range(_EACH)
    ]  # fmt: skip
    session.execute(insert(Payment), payments)


def _content(n: int) -> bytes:
    return content.hashed(_OLD, content.said(None, None, None, 30000, "已发放", _PAID, None, None, f"62999901{n:011}", None, None))


def _look(url: str, people: int, ready: Event, over: Event, found: Any) -> None:
    database, answerer = Database(url, _NEW), Answerer(load_folder())
    dispatcher = Dispatcher(database, VALUES, lambda: answerer)
    dispatcher.handle(Incoming("warm-up", "o0", "text", text="查补贴"))
    ready.set()
    latencies, failed = [], 0
    for turn, n in enumerate(itertools.cycle(range(0, people, _BOUND))):
        if over.is_set():
            break
        started = time.perf_counter()
        said = dispatcher.handle(Incoming(f"{turn}", f"o{n}", "text", text="查补贴")).text
        latencies.append(time.perf_counter() - started)
        with database.read() as session:
            resident = Resident.by_id_number(session, _number(n))
            lines = Payment.of(session, resident.id) if resident else []
        failed += f"{_EACH * 300:,}元" not in said or len(lines) != _EACH or any(line.account is None for line in lines)
        time.sleep(0.002)
    found.put((latencies, failed))
    dispatcher.behind.close()
    database.dispose()


def _measure(engine: str, url: str, rows: int) -> int:
    processes = multiprocessing.get_context("spawn")
    ready, over, found = processes.Event(), processes.Event(), processes.Queue()
    looker = processes.Process(target=_look, args=(url, rows // _EACH, ready, over, found))
    looker.start()
    ready.wait(60)
    database = Database(url, _NEW)
    spent: list[float] = []
    write = database.write

    def timed(work: Any, **more: Any) -> Any:
        started = time.perf_counter()
        result = write(work, **more)
        spent.append(time.perf_counter() - started)
        return result

    database.write = timed  # type: ignore[method-assign]
    started = time.perf_counter()
    changed = rotation.rotate(database).rewritten
    seconds = time.perf_counter() - started
    over.set()
    latencies, failed = found.get()
    looker.join()
    with database.read() as session:
        left = {key for keys in rotation.status(session, _NEW).values() for key in keys if "old" in key}
    database.dispose()
    p99 = statistics.quantiles(latencies, n=100)[98] * 1000
    print(
        f"{engine}: {changed:,} rows rewritten in {seconds:.1f} s ({changed / seconds:,.0f}/s) in {len(spent):,} "
        f"transactions, p99 {statistics.quantiles(spent, n=100)[98] * 1000:.0f} ms, longest {max(spent) * 1000:.0f} ms, over 200 ms "
        f"{sum(each > 0.2 for each in spent)}; {len(latencies):,} looks meanwhile, {failed} failed, p50 "
        f"{statistics.median(latencies) * 1000:.1f} ms, p99 {p99:.1f} ms; left under old keys: {len(left)}"
    )
    return 1 if failed or left else 0


if __name__ == "__main__":
    sys.exit(main())
