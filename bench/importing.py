"""Chat while a file is being imported: by the clock at a busy county's rate, latency counted from when due."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import prepare, report, talks
from bench.client import Result
from bench.messages import Account
from bench.rounds import exchange
from bench.servers import ROOT, Server
from bench.talks import CONNECTIONS

RATE = 160.0  # messages a second, far above what a county of some hundred thousand residents sends in its busiest hour
_SLICE, _LONGEST = 2.0, 180.0  # seconds, for 30,000 rows; more rows may take as much longer
_WANTED = int(RATE * _SLICE * 1.2)  # messages of a slice
_READY, _FIRST_NUMBER = 25, 1_000_000  # slices whose people stand ready before the clock runs, and their numbers
_KINDS = ("policy", "look-up", "filing step")  # connections take turns: 0, 3, … ask; 1, 4, … look up; 2, 5, … file


def measure(
    engine: str, server: Server, account: Account, config: Path, folder: Path, *, file: Path | None = None,
    rows: int = prepare.IMPORTED,
) -> str:  # fmt: skip
    """Import a file on the service's own command line, and give how chat answered before and meanwhile."""
    file = file or prepare.payment_file(folder / f"{engine}.csv")
    chat = _Chat(server, account)
    calm = [chat.go_on() for _ in range(3)]
    started = time.perf_counter()
    command = [sys.executable, "-m", "flask", "import-payments", str(file), "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"CONFIG": str(config)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as importer:
        busy, seconds = [], 0.0
        try:
            while importer.poll() is None and seconds < _LONGEST * max(1, rows // prepare.IMPORTED):
                busy.append(chat.go_on())
                seconds = time.perf_counter() - started
        finally:
            if importer.poll() is None:
                importer.terminate()
        output = importer.stdout.read() if importer.stdout else b""
    accepted = json.loads(output)["accepted"] if importer.returncode == 0 else 0
    if accepted != rows:
        return f"{engine}: the import did not end well (status {importer.returncode}, {accepted} rows)"
    return report.chat(engine, f"{accepted:,} rows imported in {seconds:.0f} s", RATE, _by_kind(calm), _by_kind(busy))


class _Chat:
    """A mixture of messages, one slice of time after the other; in each, other people file their cases."""

    def __init__(self, server: Server, account: Account) -> None:
        self._server, self._account = server, account
        self._next = _FIRST_NUMBER
        for number in range(_FIRST_NUMBER, _FIRST_NUMBER + _READY):
            self._open(number)

    def go_on(self) -> Result:
        """One slice."""
        number, self._next = self._next, self._next + 1
        if number >= _FIRST_NUMBER + _READY:
            self._open(number)
        kinds = [talk(number, _WANTED) for talk in (talks.policy, talks.look_up, talks.steps)]
        script = [kinds[at % len(kinds)][at] for at in range(CONNECTIONS)]
        return exchange(self._server, self._account, script, _SLICE, rate=RATE)

    def _open(self, number: int) -> None:
        people = talks.openings(number, _WANTED)
        filing = [people[at] for at in range(CONNECTIONS) if at % 3 == 2]
        exchange(self._server, self._account, filing, _LONGEST, to_the_end=True)


def _by_kind(results: list[Result]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    for result in results:
        for at, line in enumerate(result.latencies):
            found[_KINDS[at % len(_KINDS)]] += line
    return found
