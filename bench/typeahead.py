"""The hotline's type-ahead: `python -m bench.typeahead [TITLES]` (2,000 unless told).

The titles are the county's own and as many made-up ones as it takes, each with its sections. Titles are typed key by key
in characters, pinyin, initials and mixtures, with and without an aspect or a slip; every key is a search. Prints p50 and
p99 of a search in the index, and of the whole answer at the server (understanding, database, page) over a real database:
by the clock, and by the time that the process itself worked, for the rest went to whatever else ran on the machine; and
how often the title stands among the first six once all of it is typed.
"""

from __future__ import annotations

import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from flask import Flask

from bench.search import common_words
from console import ConsoleValues, register_console
from console.lettering import sound
from console.typeahead import Typeahead
from knowledge.answers import Answerer
from knowledge.article import Article, load_folder
from knowledge.deadlines import Clocks
from models import password, schema
from models.crypto import Keyring
from models.db import Database
from models.staff import Department, Staff

_TITLES, _TYPED, _SEED, _SHOWN = 2_000, 250, 26, 6
_KINDS: Final = ("补贴", "补助", "津贴", "奖励", "救助金", "保险", "扶持", "专项资金")
_WANTED: Final = ("", "", "没到账", "怎么申请", "多少钱", "找谁")
_BUDGET = 50.0  # ms to the screen


def main() -> int:
    """Measure and print; 1 when the work for the whole answer takes longer than promised."""
    logging.disable(logging.WARNING)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _TITLES
    chance = random.Random(_SEED)
    articles = _articles(count, chance)
    begin = time.perf_counter()
    index = Typeahead(articles)
    print(f"{len(articles)} titles, indexed in {(time.perf_counter() - begin) * 1000:.0f} ms")
    typings = [_typing(chance.choice(articles).item, chance) for _ in range(_TYPED)]
    _measured("a search in the index", index.search, typings)
    found = sum(item in [hit.item for hit in index.search(whole, _SHOWN)] for item, whole in typings)
    print(f"the title among the first {_SHOWN}: {found / len(typings):.3f} of {len(typings)} (slips included)")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}", Keyring({"k": bytes(32)}, {"k": bytes(32)}))
        slowest = _measured("the whole answer at the server", _server(database, articles), typings)
        database.dispose()
    return 0 if slowest < _BUDGET else 1


def _measured(what: str, search: Callable[[str], object], typings: list[tuple[str, str]]) -> float:
    search("低保")  # whatever is loaded at the first question
    times, ours = [], []
    for _, whole in typings:
        for end in range(1, len(whole) + 1):
            begin, worked = time.perf_counter(), time.process_time()
            search(whole[:end])
            times.append((time.perf_counter() - begin) * 1000)
            ours.append((time.process_time() - worked) * 1000)
    cuts, own = statistics.quantiles(times, n=100), statistics.quantiles(ours, n=100)
    print(
        f"{what}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms ({len(times)} keys); "
        f"of that our own work: p50 {own[49]:.2f} ms, p99 {own[98]:.2f} ms"
    )
    return own[98]


def _articles(count: int, chance: random.Random) -> list[Article]:
    """The county's articles, then copies of them under names of their own."""
    real, words = load_folder(), common_words()
    names = iter(dict.fromkeys(f"{''.join(chance.choices(words, k=2))}{chance.choice(_KINDS)}" for _ in range(2 * count)))
    made = [replace(chance.choice(real), item=next(names)) for _ in range(count - len(real))]
    return [*real, *(replace(one, title=one.item) for one in made)]


def _typing(item: str, chance: random.Random) -> tuple[str, str]:
    """A title, and one way to type it."""
    ways: tuple[Callable[[str], str], ...] = (str, sound, _initials, lambda text: text[:2] + _initials(text[2:]))
    way = chance.choice(ways)
    typed = way(item) + way(chance.choice(_WANTED))
    if chance.random() < 0.2 and len(typed) > 5:
        lost = chance.randrange(1, len(typed))
        typed = typed[:lost] + typed[lost + 1 :]
    return item, typed


def _initials(text: str) -> str:
    return "".join(_first(text))


def _first(text: str) -> Iterator[str]:
    for char in text:
        yield sound(char)[:1]


def _server(database: Database, articles: list[Article]) -> Callable[[str], object]:
    """Searches as an agent's browser does, without the way over the network."""
    schema.upgrade(database)
    secret = password.one_time()

    def hire(session: object) -> None:
        Department.seed(session)  # type: ignore[arg-type]
        Staff.create(session, "bench", secret, name="测试", role="hotline")  # type: ignore[arg-type]

    database.write(hire)
    app, answerer = Flask("bench", static_folder=None), Answerer(articles)
    app.secret_key = password.one_time()
    values = ConsoleValues(
        county="永吉县", account_name="明白卡", hotline="12333", clocks=Clocks(), https=False, path_prefix="",
        answerer=lambda: answerer, articles=lambda: articles,
    )  # fmt: skip
    register_console(app, database, values)
    app.config["WTF_CSRF_METHODS"] = []  # the token is the browser's business, and costs it nothing here
    browser = app.test_client()
    browser.post("/console/login", data={"username": "bench", "password": secret})
    browser.post("/console/hotline/calls/begin")

    def search(typed: str) -> object:
        answer = browser.post("/console/hotline/search", data={"q": typed})
        if answer.status_code != 200:
            raise RuntimeError(f"the search answered {answer.status_code}")
        return answer

    return search


if __name__ == "__main__":
    sys.exit(main())
