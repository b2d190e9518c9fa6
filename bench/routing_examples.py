"""What learning from transfers costs and gains: python -m bench.routing_examples [EXAMPLES] (5,000 unless told).

Time: to build the precedents of so many examples, to ask them, and to gather and measure as many settled cases in a
database of its own. Gain: the labelled complaints of tests/knowledge play counties in which a quarter of the items belong
to another department than the rules say, with seven in a hundred transfers at random; the latest 30 % are held back.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.routing_learning import SETS
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.catalogue.items import ITEMS
from knowledge.routing import Route, route
from knowledge.routing_examples import Example, Precedents, is_for_rules_alone, problem_in
from knowledge.routing_measuring import Figures, Settled, measured
from knowledge.routing_reading import items_in, tidy
from models import schema
from models.base import now
from models.case import ACCEPTED, Case
from models.case_event import CaseEvent
from models.crypto import Keyring
from models.db import Database
from models.routing_examples import PROPOSED, RoutingChange, RoutingExample, counts_of
from models.routing_gathering import gather, measure
from models.staff import Department

_HELD_BACK, _MOVED, _NOISE, _BESIDE, _COUNTIES = 0.3, 0.25, 0.05, 3, 6
_KEYS = Keyring({"k1": bytes(32)}, {"k1": bytes(32)})
_OFFICES = (
    "民政局",
    "财政局",
    "人力资源和社会保障局",
    "农业农村局",
    "教育局",
    "卫生健康局",
    "住房和城乡建设局",
    "残疾人联合会",
)
Row = tuple[str, Route, str | None]


def texts() -> list[str]:
    """Every complaint that is written down, once."""
    lines = (json.loads(line) for file in SETS for line in file.read_text("utf-8").splitlines())
    return list(dict.fromkeys(line["text"] for line in lines))


def rows(guess: Answerer) -> list[Row]:
    """The complaints of which the rules are not the only ones to decide, with their way and item."""
    found = ((text, route(text, guess=guess.guess_item), min(items_in(tidy(text)), default=None)) for text in texts())
    return [(text, way, item or guess.guess_item(text)) for text, way, item in found if not is_for_rules_alone(way)]


def county(all_rows: Sequence[Row], seed: int) -> Figures:
    """One made-up county: what it would have gained on its latest cases."""
    chance = random.Random(seed)
    cases = list(all_rows)
    chance.shuffle(cases)
    practice = {item: chance.choice(_OFFICES) for item in ITEMS if chance.random() < _MOVED}
    settled = [
        Settled(n, way, text, item, None, _right(way, item, practice, chance))
        for n, (text, way, item) in enumerate(cases)
    ]
    cut = int(len(settled) * (1 - _HELD_BACK))
    moved = [_example(one) for one in settled[:cut] if one.right != one.way.departments[0]]
    stayed = _beside(moved, [one for one in settled[:cut] if one.right == one.way.departments[0]])
    here = {*_OFFICES, *(name for _, way, _ in cases for name in way.departments)}
    return measured(Precedents(), Precedents([*moved, *stayed]), settled[cut:], here)


def _right(way: Route, item: str | None, practice: dict[str, str], chance: random.Random) -> str:
    if chance.random() < _NOISE / 2:
        return chance.choice(_OFFICES)
    return practice[item] if item in practice and chance.random() > _NOISE else way.departments[0]


def _example(one: Settled) -> Example:
    return Example(one.text, one.way.departments[0], one.right, one.item)


def _beside(moved: Sequence[Example], stayed: Sequence[Settled]) -> list[Example]:
    precedents, near = Precedents(moved), dict[Example, list[tuple[float, int]]]()
    for place, one in enumerate(stayed):
        for example, likeness in precedents.nearest(one.right, one.text, one.item):
            near.setdefault(example, []).append((likeness, place))
    wanted = {place for found in near.values() for _, place in sorted(found, reverse=True)[:_BESIDE]}
    return [_example(stayed[place]) for place in sorted(wanted)]


def made_up(count: int) -> Iterator[str]:
    """So many different complaints."""
    written, chance = texts(), random.Random(7)
    for number in range(count):
        yield f"{chance.choice(written)}，{chance.choice(written)[:30]}，第{number}回问了"


def filled(folder: str, count: int) -> Database:
    """A database with so many settled cases, half of them moved."""
    database = Database(f"sqlite:///{folder}/bench.db", _KEYS)
    schema.upgrade(database)
    database.write(Department.seed)

    def work(session: Session) -> None:
        offices = dict(session.execute(select(Department.name, Department.id)).all())
        moment, cases, events = now(), [], []
        for number, text in enumerate(made_up(count), 1):
            to = offices[_OFFICES[number % len(_OFFICES)]]
            filed = moment - timedelta(days=700 * (1 - number / count) + 1)
            cases.append({
                "id": number, "number": f"B{number}", "code_hash": bytes(32), "kind": "投诉", "status": ACCEPTED, "source": "hotline",
                "department_id": to, "text": text, "town": "口前镇", "why": "", "filed_at": filed, "accepted_at": filed,
            })  # fmt: skip
            if number % 2:
                came = offices["民政局"] if to != offices["民政局"] else offices["财政局"]
                events.append({
                    "case_id": number, "what": "transferred", "at": filed, "from_department_id": came, "to_department_id": to, "public": True,
                })  # fmt: skip
        session.execute(insert(Case), cases)
        session.execute(insert(CaseEvent), events)

    database.write(work, wait=60)
    return database


def timed_in_a_database(count: int, guess: Answerer) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = filled(folder, count)
        start, worked = time.perf_counter(), time.process_time()
        gather(database, 1, guess.guess_item)
        gathered = time.perf_counter()
        measure(database, guess.guess_item)
        done = time.perf_counter()
        with database.read() as session:
            change = RoutingChange.with_status(session, PROPOSED)
            assert change is not None
            moved, stayed, _ = counts_of(session, change)
            kept = session.query(RoutingExample).count()
        print(f"{count} settled cases, half of them moved: {kept} examples ({moved} moved, {stayed} beside them)")
        print(
            f"gathered and proposed in {gathered - start:.1f} s, measured in {done - gathered:.1f} s ({time.process_time() - worked:.1f} of work)"
        )
        database.dispose()


def main() -> None:
    """Print what it takes and what it gains."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    guess = Answerer(load_folder())
    words = list(made_up(count))
    examples = [
        Example(text, _OFFICES[n % 4], _OFFICES[n % 8], problem=problem_in(text)) for n, text in enumerate(words)
    ]
    start, worked = time.perf_counter(), time.process_time()
    precedents = Precedents(examples)
    built, worked = time.perf_counter(), time.process_time() - worked
    ways = [(text, route(text)) for text in words[:500]]
    routed = time.perf_counter()
    for text, way in ways:
        precedents.applied(way, text)
    asked = time.perf_counter()
    for text, way in ways:
        Precedents().applied(way, text)
    nothing = time.perf_counter()
    each = 1000 / len(ways)
    print(
        f"{count} examples: built in {built - start:.2f} s ({worked:.2f} of work); asked in {(asked - routed) * each:.2f} ms a case"
    )
    print(
        f"beside {(routed - built) * each:.2f} ms of the rules; {(nothing - asked) * each:.4f} ms where nothing was learnt"
    )
    timed_in_a_database(count, guess)
    all_rows = rows(guess)
    for figures in (county(all_rows, seed) for seed in range(_COUNTIES)):
        print(
            f"held back {figures.held_back}, taught {figures.taught}: first right {figures.first_before} → {figures.first_after}, "
            f"among three {figures.three_before} → {figures.three_after}, better {len(figures.better)}, worse {len(figures.worse)}"
        )


if __name__ == "__main__":
    main()
