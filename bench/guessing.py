"""Does the time of an answer tell a guesser whether a person exists? Paired trials, medians, on both engines.

    python -m bench.guessing [--pairs 200] [--engine sqlite]

Each trial is a new WeChat user who says everything up to the last answer; the last one is timed. Of a pair, one uses
number and name of a resident (with a wrong card, or to be sent a code), the other a valid number that nobody has; which
goes first changes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.servers import postgresql
from bot.dispatch import Dispatcher
from commands.demo_data import load
from handlers.binding import rules_of
from handlers.turn import Incoming, Values
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.deadlines import Clocks
from knowledge.identity import id_check_digit
from knowledge.wording import beijing
from models import proving, schema
from models.base import now
from models.crypto import Keyring
from models.db import Database
from models.follower import Follower
from models.known import Claim
from models.resident import Resident
from models.start import fill_empty

RESIDENTS, WARM_UP = 2_000, 20
AIM = 0.05  # by how much the medians may differ
_TAIL = "0000"
VALUES = Values(
    county="永吉县", account_name="永吉明白卡", hotline="12333", clocks=Clocks(), proof=("name", "card_tail"),
    failures_per_user=5, failures_per_id=5, lock_hours=24, persons_per_user=4, failures_global_per_hour=1_000_000,
)  # fmt: skip

Somebody = tuple[str, str]  # ID number and name
Trial = Callable[[str, Somebody], float]  # openid, whom it tries → seconds


def people(database: Database, count: int) -> tuple[list[Somebody], list[Somebody]]:
    """Grown-up residents, and as many of the same county and age that nobody is."""
    with database.read() as session:
        rows = session.execute(select(Resident.id_number, Resident.name).order_by(Resident.id)).all()
    there = [(number, name) for number, name in rows if number[6:10] < "2005" and len(name) == len("王桂兰")]
    chance = random.Random(3)
    known, absent = {number for number, _ in there}, list[Somebody]()
    while len(absent) < count:
        first17 = there[len(absent) % len(there)][0][:14] + f"{chance.randrange(1000):03d}"
        if (number := first17 + id_check_digit(first17)) not in known:
            known.add(number)
            absent.append((number, there[len(absent) % len(there)][1]))
    return chance.sample(there, min(count, len(there))), absent


def in_chat(database: Database, values: Values) -> Trial:
    """The last answer of the chat's flow, at the dispatcher's door."""
    answerer = Answerer(load_folder())
    dispatcher = Dispatcher(database, values, lambda: answerer)

    def trial(openid: str, somebody: Somebody) -> float:
        said = ["查补贴", "同意", *somebody] + ([_TAIL] if "card_tail" in values.proof else [])
        for step, text in enumerate(said[:-1]):
            dispatcher.handle(Incoming(f"{openid}-{step}", openid, "text", text=text))
        begun = time.perf_counter()
        dispatcher.handle(Incoming(f"{openid}-last", openid, "text", text=said[-1]))
        return time.perf_counter() - begun

    return trial


def by_itself(database: Database, values: Values) -> Trial:
    """The proof in a transaction of its own, as the page and the desk make it."""
    rules = rules_of(values)

    def prove(session: Session, openid: str, claim: Claim) -> None:
        proving.prove(session, Follower.met(session, openid, lock=True), claim, rules)

    def trial(openid: str, somebody: Somebody) -> float:
        database.write(lambda session: Follower.met(session, openid))
        begun = time.perf_counter()
        database.write(partial(prove, openid=openid, claim=Claim(*somebody, _TAIL)))
        return time.perf_counter() - begun

    return trial


def medians(
    trial: Trial, there: Sequence[Somebody], absent: Sequence[Somebody], pairs: int, label: str
) -> tuple[float, float]:  # fmt: skip
    """Medians in seconds: of those who exist, of those who do not."""
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(WARM_UP + pairs):
        sides = [(0, there[n % len(there)]), (1, absent[n % len(absent)])]
        for side, somebody in sides if n % 2 else sides[::-1]:
            taken = trial(f"{label}-{n}-{side}", somebody)
            if n >= WARM_UP:
                times[side].append(taken)
    return statistics.median(times[0]), statistics.median(times[1])


WAYS: tuple[tuple[str, Callable[[Database, Values], Trial], tuple[str, ...]], ...] = (
    ("chat, name + card", in_chat, ("name", "card_tail")),
    ("chat, name + sms", in_chat, ("name", "sms")),
    ("page and desk", by_itself, ("name", "card_tail")),
)


def measured(database: Database, pairs: int) -> Iterator[tuple[str, float, float]]:
    """Each way with its two medians."""
    count = WARM_UP + pairs
    there, absent = people(database, len(WAYS) * count)
    for place, (label, way, proof) in enumerate(WAYS):
        part = slice(place * count, (place + 1) * count)
        trial = way(database, replace(VALUES, proof=proof))
        yield label, *medians(trial, there[part], absent[part], pairs, str(place))


def _filled(url: str) -> Database:
    database = Database(url, Keyring({"k1": bytes(range(32))}, {"k1": bytes(range(32, 64))}))
    schema.upgrade(database)
    fill_empty(database)
    load(database, beijing(now()).date(), count=RESIDENTS, seed=1)
    return database


def main() -> None:
    """Print the medians; status 1 if one pair differs by more than the aim."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    wanted, bad = options.engine or ["sqlite", "postgresql"], False
    with ExitStack() as stack:
        # On a real disk: /tmp is often memory, where a durable commit costs nothing.
        disk = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=disk))
        urls = {"sqlite": f"sqlite:///{Path(folder) / 'guessing.db'}"}
        if "postgresql" in wanted:
            urls["postgresql"] = stack.enter_context(postgresql()) or ""
        for engine in wanted:
            if not urls[engine]:
                print(f"{engine}: not on this machine")
                continue
            database = _filled(urls[engine])
            for label, there, absent in measured(database, options.pairs):
                apart = abs(there / absent - 1)
                bad |= apart > AIM
                print(
                    f"{engine:<11}{label:<18} exists {there * 1000:6.2f} ms   nobody {absent * 1000:6.2f} ms   "
                    f"apart {apart:5.1%}  {'ok' if apart <= AIM else 'TOO FAR'}"
                )
            database.dispose()
    raise SystemExit(int(bad))


if __name__ == "__main__":
    main()
