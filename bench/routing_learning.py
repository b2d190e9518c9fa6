"""Learn from labelled complaints: `python -m bench.routing_learning [FILE...]` writes knowledge/routing_learnt_*.tsv.

Without a file, all sets of tests/knowledge but the one held back. A line may label only some of urgent, confidential,
avoid and kind. Logistic regression in plain Python, the same result every time, under a minute. To measure honestly,
leave out the file to measure with.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from knowledge.catalogue.departments import DEPARTMENTS, DISCIPLINE
from knowledge.routing_accused import BODIES, Actor, actors_in
from knowledge.routing_learnt import (
    LEARNT,
    OF_BODY,
    OF_KINDS,
    OF_RECEIVERS,
    OF_TEXT,
    SCALE,
    Leaning,
    clues_of_body,
    clues_of_text,
    packed,
)
from knowledge.routing_reading import acts_in, matters_in, signs_in, tidy

_TESTS: Final = Path(__file__).parents[1] / "tests" / "knowledge"
HELD_BACK: Final = _TESTS / "complaints" / "held_back.jsonl"  # only to measure with
SETS: Final = tuple(
    path
    for path in (*sorted((_TESTS / "data").glob("complaints*.jsonl")), *sorted((_TESTS / "complaints").glob("*.jsonl")))
    if path != HELD_BACK
)
_SEEN: Final = 2  # a clue of one text alone teaches nothing
_ROUNDS, _STEP, _SHRINK = 12, 0.1, 0.0005
_RARE: Final = 3  # a missed one counts as much as three false ones
_SMALL: Final = 6  # smaller weights change nothing and are not kept

Row = tuple[set[str], Mapping[str, Any]]
Rows = Sequence[tuple[list[str], Mapping[str, Any]]]


def labelled(row: Mapping[str, Any], output: str) -> bool | None:
    """The right answer of a line, None where it was not labelled."""
    if output == "reprisal":
        return row["urgent"] and row["department"][0] == DISCIPLINE if "department" in row else None
    if output in ("urgent", "confidential", "accused"):
        return row.get(output)
    if output in DEPARTMENTS:
        return output in row["department"]
    if output in OF_KINDS:  # each that is right, not only the best one
        return output.removeprefix("kind ") in row["kind"]
    return row["kind"][0] == output if "kind" in row else None


def learn(rows: Rows, output: str, rare: int) -> tuple[float, dict[str, float]]:
    """The constant and the weight of each clue, by AdaGrad on the logistic loss; `rare`: how much a missed one counts."""
    mine = [(found, right) for found, row in rows if (right := labelled(row, output)) is not None]
    always, moved_always = 0.0, 1e-3
    weights: dict[str, float] = {clue: 0.0 for found, _ in mine for clue in found}
    moved = dict.fromkeys(weights, 1e-3)
    chance = random.Random(1)
    for _ in range(_ROUNDS):
        chance.shuffle(mine)
        for found, right in mine:
            total = always + sum(weights[clue] for clue in found)
            miss = (1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - right) * (rare if right else 1)
            moved_always += miss * miss
            always -= _STEP * miss / math.sqrt(moved_always)
            for clue in found:
                slope = miss + _SHRINK * weights[clue]
                moved[clue] += slope * slope
                weights[clue] -= _STEP * slope / math.sqrt(moved[clue])
    return always, weights


def of_texts(line: Mapping[str, Any]) -> Iterator[Row]:
    """What a line teaches about texts."""
    text = tidy(line["text"])
    yield clues_of_text(text, *_found_in(text), matters_in(text)), line


def of_bodies(line: Mapping[str, Any]) -> Iterator[Row]:
    """What a line teaches about each department that it names."""
    if "avoid" not in line:
        return
    text = tidy(line["text"])
    actors, signs, acts = _found_in(text)
    for name in dict.fromkeys(actor.name for actor in actors if actor.kind in BODIES):
        yield clues_of_body(text, name, actors, signs, acts), {"accused": name in line["avoid"]}


def _found_in(text: str) -> tuple[list[Actor], frozenset[str], set[str]]:
    return list(actors_in(text)), signs_in(text), {act.what.name for act in acts_in(text)}


def _learnt(
    lines: Sequence[Mapping[str, Any]],
    outputs: tuple[str, ...],
    taught: Callable[[Mapping[str, Any]], Iterator[Row]],
    rare: int,
) -> Leaning:
    found = [row for line in lines for row in taught(line)]
    seen = Counter(clue for clues, _ in found for clue in clues)
    rows = [(sorted(clue for clue in clues if seen[clue] >= _SEEN), row) for clues, row in found]
    learnt = [learn(rows, output, rare) for output in outputs]
    kept = {}
    for clue in sorted(clue for clue, times in seen.items() if times >= _SEEN):
        weights = tuple(round(one.get(clue, 0.0) * SCALE) for _, one in learnt)
        if max(map(abs, weights)) > _SMALL:
            kept[clue] = packed(weights)
    return Leaning(outputs, packed(round(constant * SCALE) for constant, _ in learnt), kept)


def learn_from(lines: Sequence[Mapping[str, Any]]) -> dict[str, Leaning]:
    """Both models, by their names."""
    whole = [line for line in lines if "department" in line]
    of_whole = [_learnt(lines, OF_TEXT, of_texts, _RARE), _learnt(whole, (*OF_RECEIVERS, *OF_KINDS), of_texts, 1)]
    return {"texts": Leaning.joined(*of_whole), "bodies": _learnt(lines, OF_BODY, of_bodies, 1)}


def lines_of(files: Sequence[Path]) -> list[dict[str, Any]]:
    """The lines of labelled files."""
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def main() -> None:
    lines = lines_of([Path(name) for name in sys.argv[1:]] or SETS)
    learnt = learn_from(lines)
    for name, one in learnt.items():
        LEARNT[name].write_text("\n".join((*one.written(), "")), "utf-8")
    clues = " and ".join(f"{len(one.rows)} of {name}" for name, one in learnt.items())
    print(f"{len(lines)} lines, clues: {clues}, {sum(file.stat().st_size for file in LEARNT.values()) // 1024} KB")


if __name__ == "__main__":
    main()
