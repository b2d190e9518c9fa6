"""`make bench`: what a message costs, side by side on this machine; `python -m bench.run --help` for what can be varied.

Every server is granian with the service's own settings and two workers; 16 keep-alive connections in safe mode; the
variants take turns in short rounds. A sample of the answers is opened and read, and a wrong one ends the run.
Everything started here is ended here; only loopback is used.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import baseline, importing, prepare, report, talks
from bench.messages import Account
from bench.rounds import Contender, WrongAnswers, exchange, take_turns
from bench.servers import (
    ROOT,
    Server,
    new_config,
    new_databases,
    postgresql,
    serving,
    wait_until_listening,
)

ECHO, DURABLE = "bare echo", "echo + 3 durable writes"


@dataclass(frozen=True, slots=True)
class Field:
    """One engine with its configuration and the servers on it."""

    engine: str
    config: Path
    account: Account
    service: Server
    durable: Server
    seconds_to_answer: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and give 0, or 1 when an answer was wrong."""
    options = _options(arguments)
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "var"))
    try:
        with ExitStack() as stack:
            _measure(stack, folder, options)
    except WrongAnswers as wrong:
        print(f"\nthe answers are not right, so nothing was measured: {wrong}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (one more warms up)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append", help="only this engine")
    parser.add_argument("--no-import", action="store_true", help="leave out the import of 30,000 rows")
    return parser.parse_args(arguments)


def _measure(stack: ExitStack, folder: Path, options: argparse.Namespace) -> None:
    wanted = options.engine or ["sqlite", "postgresql"]
    urls = {"SQLite": (f"sqlite:///{folder}/service.db", f"sqlite:///{folder}/durable.db")} if "sqlite" in wanted else {}
    server = stack.enter_context(postgresql()) if "postgresql" in wanted else None
    if server:
        made = stack.enter_context(new_databases(server, "service", "durable"))
        urls["PostgreSQL"] = (made["service"], made["durable"])
    fields = [_field(stack, folder, engine, *each) for engine, each in urls.items()]
    groups = [_contenders(stack, folder, field) for field in fields]
    print(_machine())
    for doing in take_turns(groups, options.rounds, options.seconds):
        print(f"\r\033[K{doing} …", end="", file=sys.stderr, flush=True)
    print("\r\033[K", end="", file=sys.stderr)
    print(report.table([contender for group in groups for contender in group]))
    for field in fields:
        memory = field.service.memory()
        print(report.process(field.engine, field.seconds_to_answer, memory))
    if not options.no_import:
        for field in fields:
            print(importing.measure(field.engine, field.service, field.account, field.config, folder))


def _field(stack: ExitStack, folder: Path, engine: str, service_url: str, durable_url: str) -> Field:
    print(f"\r\033[K{engine}: filling a database, starting the servers …", end="", file=sys.stderr, flush=True)
    config = new_config(folder / f"{engine}.toml", service_url)
    account = Account(config)
    prepare.fill(config)
    baseline.make_tables(durable_url)
    log = folder / f"{engine}-service.log"
    service = stack.enter_context(serving("app:create_app", config, log))
    seconds = _until_first_answer(service, account, log)
    more = {"BENCH_DATABASE": durable_url}
    log = folder / f"{engine}-durable.log"
    durable = stack.enter_context(serving("bench.baseline:create_app", config, log, more))
    wait_until_listening(durable, log)
    return Field(engine, config, account, service, durable, seconds)


def _until_first_answer(server: Server, account: Account, log: Path) -> float:
    """Seconds from the start of the process to the first right answer to a policy question."""
    wait_until_listening(server, log)
    script = talks.policy(0, 1)[:1]
    exchange(server, account, script, 30)
    return time.perf_counter() - server.started


def _contenders(stack: ExitStack, folder: Path, field: Field) -> list[Contender]:
    log = folder / f"{field.engine}-echo.log"
    echo = stack.enter_context(serving("bench.echo:create_app", field.config, log))
    wait_until_listening(echo, log)

    def row(name: str, server: Server, talk: talks.Talk, **more: object) -> Contender:
        return Contender(name, field.engine, server, field.account, talk, **more)  # type: ignore[arg-type]

    return [
        row(ECHO, echo, talks.echo),
        row("(a) policy question", field.service, talks.policy, against=ECHO, aim=0.5, slowest=50.0),
        row("    in new words", field.service, talks.fresh_policy, against=ECHO, slowest=50.0),
        row("(b) look-up, bound", field.service, talks.look_up, against=ECHO, aim=0.5, slowest=50.0),
        row(DURABLE, field.durable, talks.echo),
        row("(c) a step of filing", field.service, talks.steps, against=DURABLE, aim=0.6, openings=talks.openings),
        row("    the last step", field.service, talks.submissions, against=DURABLE, openings=talks.up_to_the_last),
    ]  # fmt: skip


def _machine() -> str:
    return f"{os.cpu_count()} cores, CPython {platform.python_version()}, {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    sys.exit(main())
