"""`python -m bench.import_million`: an import of a million rows against a bare encrypted insert of the same rows.

    bare      one table that holds what the rows say: name, ID number, telephone, account and remark encrypted, the ID
              number's keyed index, everything else in columns; SQLAlchemy's executemany, 1,000 rows a transaction
    bare, fast  the payments' own table alone (account and remark encrypted), by the driver's fastest way (COPY on PostgreSQL)
    import    the whole way: parse in the reading child, validate, look for duplicates, find or make the people, encrypt,
              index, compare with what is there, stage, and the flip

The rows are the same, the engine's durability too (WAL with FULL on SQLite, the default on PostgreSQL). Every part is a
process of its own, so that its processor time (with its children) and its memory are its own; bare ones are not charged
for making the rows. `--again` imports the file once more with every amount changed; `--chat` sends messages meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, Integer, LargeBinary, MetaData, SmallInteger, String, Table, insert
from sqlalchemy.orm import Session

from bench import importing, prepare
from bench.messages import Account
from bench.servers import ROOT, new_config, new_databases, postgresql, serving, wait_until_listening
from commands.demo_data import generate, write_csv
from intake.bulk import Bulk
from intake.payment_row import PaymentRow
from intake.staging import PAYMENT_COLUMNS
from intake.store import import_file
from models import schema
from models.base import BigId, Encrypted, EncryptedText, now
from models.crypto import Keyring
from models.db import Database
from models.payment import STAGED, Batch, Payment
from models.resident import Resident

_KEYS = Keyring({"k1": bytes(range(32))}, {"k1": bytes(range(32, 64))})
_DAY = date(2026, 11, 24)
_SEED, _CHUNK = 2, 1_000
_AIMS = {"sqlite": 0.5, "postgresql": 0.4}
_MEMORY = 600  # MB
_FLAT = Table(
    "bench_flat", MetaData(), Column("id", BigId, primary_key=True), Column("id_index", LargeBinary(32), index=True),
    *(Column(name, EncryptedText(f"bench.{name}")) for name in ("id_number", "name", "phone", "account")),
    Column("remarks", Encrypted("bench.remarks")), Column("town", String(32)), Column("village", String(32)),
    Column("item", String(32)), Column("year", SmallInteger), Column("period", String(64)), Column("quantity", Integer),
    Column("unit", String(16)), Column("standard_fen", BigId), Column("amount_fen", BigId), Column("stage", String(8)),
    Column("stage_date", Date), Column("paid_date", Date), Column("bank", String(64)), Column("fail_reason", String(128)),
)  # fmt: skip


# ---------------------------------------------------------------- the parts, each a process of its own


def bare(database: Database, rows: int, _file: Path) -> dict[str, Any]:
    """One table, as anyone would write it."""
    _FLAT.metadata.create_all(database.engine.execution_options(writes=True))

    def values(row: PaymentRow) -> dict[str, Any]:
        index = _KEYS.blind_index(row.id_number, "id_number")
        return {
            "id_index": index, "id_number": row.id_number, "name": row.name, "phone": row.phone, "account": row.account,
            "remarks": row.remarks, "town": row.town, "village": row.village, "item": row.item, "year": row.year,
            "period": row.batch, "quantity": row.quantity_hundredths, "unit": row.unit, "standard_fen": row.standard_fen,
            "amount_fen": row.amount_fen, "stage": row.stage, "stage_date": row.stage_date, "paid_date": row.paid_date,
            "bank": row.bank, "fail_reason": row.fail_reason,
        }  # fmt: skip

    def write(some: list[PaymentRow]) -> None:
        made = [values(row) for row in some]
        database.write(lambda session: session.connection().execute(insert(_FLAT), made) and None)

    return _timed(rows, write)


def bare_fast(database: Database, rows: int, _file: Path) -> dict[str, Any]:
    """The payments' table alone, and the driver's fastest way."""
    bulk, content = Bulk(Payment, PAYMENT_COLUMNS), bytes(16)

    def begin(session: Session) -> tuple[int, int]:
        batch = Batch(file_name="bench", sha256="0" * 64, status=STAGED, imported_by="bench", imported_at=now())
        person = Resident(id_index=bytes(32), index_key="k1", id_number="x", name="x")
        session.add_all([batch, person])
        session.flush()
        return batch.id, person.id

    ids = database.write(begin)

    def write(some: list[PaymentRow]) -> None:
        made = [
            [*ids, row.item, row.year, row.batch, row.quantity_hundredths, row.unit, row.standard_fen, row.amount_fen,
             row.stage, row.stage_date, row.paid_date, row.bank, row.account, row.fail_reason, row.remarks, content]
            for row in some
        ]  # fmt: skip
        database.write(lambda session: bulk.insert(session, made))

    return _timed(rows, write)


def imported(database: Database, rows: int, file: Path) -> dict[str, Any]:
    """The whole way; also how long its transactions were."""
    lengths: list[float] = []
    once = database._once  # the transaction itself, without the wait for the pen

    def measured(work: Callable[[Session], Any]) -> Any:
        began = time.perf_counter()
        result = once(work)
        lengths.append(time.perf_counter() - began)
        return result

    database._once = measured  # type: ignore[method-assign]
    began, cpu = time.perf_counter(), _cpu()
    outcome = import_file(database, file, today=_DAY, given={}, by="bench", progress=lambda rows: None)
    seconds, cpu = time.perf_counter() - began, _cpu() - cpu
    assert outcome.report.accepted == rows, "every row is taken"
    lengths.sort()
    return {
        "seconds": seconds, "cpu": cpu, "new": outcome.new, "changed": outcome.changed, "batch": outcome.batch_id,
        "transaction_p99": lengths[int(len(lengths) * 0.99)], "transaction_max": lengths[-1],
    }  # fmt: skip


_PARTS: dict[str, Callable[[Database, int, Path], dict[str, Any]]] = {
    "bare": bare, "bare, fast": bare_fast, "import": imported, "import again": imported,
}  # fmt: skip


def _timed(rows: int, write: Callable[[list[PaymentRow]], None]) -> dict[str, Any]:
    seconds = cpu = 0.0
    made = itertools.islice(generate(rows, _SEED, _DAY), rows)
    while some := list(itertools.islice(made, _CHUNK)):
        began, used = time.perf_counter(), time.process_time()
        write(some)
        seconds += time.perf_counter() - began
        cpu += time.process_time() - used
    return {"seconds": seconds, "cpu": cpu}


def _cpu() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def _part(name: str, url: str, rows: int, file: Path) -> None:
    database = Database(url, _KEYS)
    schema.upgrade(database)
    found = _PARTS[name](database, rows, file)
    database.dispose()
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps(found | {"memory": peaks[0], "reader": peaks[1]}))


# ---------------------------------------------------------------- the run


def _run(name: str, url: str, rows: int, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.import_million", "--part", name, "--url", url, "--rows", str(rows), "--file", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _changed(rows: int) -> Iterator[PaymentRow]:
    """The same payments, reached their stage a day later: every row corrects one."""
    for row in itertools.islice(generate(rows, _SEED, _DAY), rows):
        earlier = row.stage_date - timedelta(days=1)
        yield row._replace(stage_date=earlier if row.paid_date is None or earlier >= row.paid_date else row.stage_date, bank="另一家银行")


def _measure(engine: str, urls: dict[str, str], options: argparse.Namespace, files: dict[str, Path]) -> bool:
    found: dict[str, dict[str, Any]] = {}
    for name in _PARTS if options.again else list(_PARTS)[:3]:
        url = urls["import" if name.startswith("import") else name]
        found[name] = _run(name, url, options.rows, files.get(name, files["import"]))
        _say(engine, name, found[name], found, options.rows)
    ours = found["import"]
    ratio = found["bare"]["seconds"] / ours["seconds"]
    memory = ours["memory"] + ours["reader"]
    good = ratio >= _AIMS[engine] and memory < _MEMORY
    print(f"{engine}: {ratio:.2f} of bare (aim {_AIMS[engine]}), {memory:.0f} MB (aim < {_MEMORY})  {'ok' if good else 'NOT REACHED'}")
    return good


def _say(engine: str, name: str, one: dict[str, Any], all_: dict[str, dict[str, Any]], rows: int) -> None:
    line = f"{engine:<11}{name:<13}{rows / one['seconds']:>8,.0f} rows/s   {rows / one['cpu']:>8,.0f} rows/cpu-s   {one['memory']:>5.0f} MB"
    if name.startswith("import"):
        line += f" + reader {one['reader']:.0f} MB"
        for against in ("bare", "bare, fast"):
            wall, cpu = all_[against]["seconds"] / one["seconds"], all_[against]["cpu"] / one["cpu"]
            line += f"   {wall:.2f} of {against} (by cpu {cpu:.2f})"
        line += f"   transactions p99 {one['transaction_p99'] * 1000:.0f} ms, max {one['transaction_max'] * 1000:.0f} ms"
    print(line, flush=True)


def _chat(stack: ExitStack, engine: str, url: str, folder: Path, file: Path, rows: int) -> None:
    config = new_config(folder / f"{engine}.toml", url)
    prepare.fill(config)
    log = folder / f"{engine}.log"
    server = stack.enter_context(serving("app:create_app", config, log))
    wait_until_listening(server, log)
    print(importing.measure(engine, server, Account(config), config, folder, file=file, rows=rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if an aim was not reached."""
    options = _options(arguments)
    if options.part:
        _part(options.part, options.url, options.rows, Path(options.file))
        return 0
    # On a real disk: /tmp is often memory, where a durable commit costs nothing.
    folder = Path(tempfile.mkdtemp(prefix="bench-import-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None))  # noqa: S108
    good = True
    try:
        with ExitStack() as stack:
            files = {"import": folder / "payments.csv", "import again": folder / "again.csv"}
            write_csv(itertools.islice(generate(options.rows, _SEED, _DAY), options.rows), files["import"])
            if options.again:
                write_csv(_changed(options.rows), files["import again"])
            for engine in options.engine or ["sqlite", "postgresql"]:
                urls = _urls(stack, engine, folder)
                if urls is not None:
                    good &= _measure(engine, urls, options, files)
                    if options.chat:
                        _chat(stack, engine, urls["chat"], folder, files["import"], options.rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


def _urls(stack: ExitStack, engine: str, folder: Path) -> dict[str, str] | None:
    names = ("bare", "bare, fast", "import", "chat")
    if engine == "sqlite":
        return {name: f"sqlite:///{folder}/{at}.db" for at, name in enumerate(names)}
    server = stack.enter_context(postgresql())
    if server is None:
        print("postgresql: not on this machine")
        return None
    made = stack.enter_context(new_databases(server, *(f"part{at}" for at in range(len(names)))))
    return {name: made[f"part{at}"] for at, name in enumerate(names)}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.import_million", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append", help="only this engine")
    parser.add_argument("--again", action="store_true", help="import a second file that corrects every row")
    parser.add_argument("--chat", action="store_true", help="send messages while the file is imported")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
