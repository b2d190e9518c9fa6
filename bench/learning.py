"""Learn from sayings: `python -m bench.learning [FOLDER...]` writes knowledge/catalogue/learnt.json.

Each folder holds questions.jsonl (q, item, aspect), followups.jsonl (turns, expect) and out_of_scope.jsonl (q); without
one, all of tests/knowledge/sayings. Logistic regression in plain Python, the same result every time, half a minute.
Run it after words of the catalogue or sayings have changed. To measure honestly, leave out the folder to measure with.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_items import CARD
from knowledge.understanding_learnt import (
    ASPECTS,
    LEARNT,
    MOST_NEW,
    OF_CARD,
    OURS,
    OUTPUTS,
    SCALE,
    novelty,
    was,
)
from knowledge.understanding_reading import Reader
from knowledge.understanding_sound import spelled, tidy
from knowledge.understanding_vocabulary import Vocabulary

_SAYINGS: Final = Path(__file__).parents[1] / "tests" / "knowledge" / "sayings"
_SEEN: Final = 2  # a clue of one saying alone teaches nothing
_ROUNDS: Final = 20
_STEP: Final = 0.05
_SHRINK: Final = 0.001
# Weights below this change nothing and are not kept; of the many items a little more is left out.
_SMALL: Final = 0.06
_SMALL_OF_ITEM: Final = 0.15
_GROUPS: Final = ((OURS,), ASPECTS, OF_CARD, (*ITEMS, *TOPICS))

Saying = tuple[list[int], dict[int, int]]  # clues, and the right output in each group that applies


def sayings(folders: Sequence[Path], reader: Reader) -> tuple[list[str], list[Saying]]:
    """The clues that occur often enough, and each saying with its clues by number."""
    rows: list[tuple[set[str], dict[int, str]]] = []
    for folder in folders:
        for text, item, aspect in _openings(folder):
            right = {0: OURS if item else ""}
            if item:
                right[3] = item
            if item == CARD:
                right[2] = f"卡{aspect}"
            elif aspect in ASPECTS:
                right[1] = aspect
            rows.append((reader.clues(tidy(text)), right))
        for text, before, aspect in _later_turns(folder):
            rows.append((reader.clues(tidy(text)) | {was(before)}, {1: aspect}))
    seen = Counter(clue for found, _ in rows for clue in found)
    known = sorted(clue for clue, times in seen.items() if times >= _SEEN and "<" not in clue)
    known += [novelty(count) for count in range(MOST_NEW + 1)]
    number = {clue: place for place, clue in enumerate(["", *known])}
    return ["", *known], [
        (
            [0, *sorted(number[clue] for clue in _with_novelty(found, number) if clue in number)],
            {group: _GROUPS[group].index(name) if name else -1 for group, name in right.items()},
        )
        for found, right in rows
    ]


def _with_novelty(found: set[str], known: Mapping[str, int]) -> set[str]:
    return found | {novelty(sum(len(clue) == 1 and clue not in known for clue in found))}


def _openings(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each message that may open a talk, with its item and aspect (empty when it is not ours)."""
    for row in _rows(folder / "questions.jsonl"):
        yield row["q"], row["item"][0], row["aspect"][0]
    for row in _rows(folder / "out_of_scope.jsonl"):
        yield row["q"], "", ""
    for row in _rows(folder / "followups.jsonl"):
        expected = row["expect"][0]
        if expected["item"]:
            yield row["turns"][0], expected["item"][0], expected["aspect"][0]


def _later_turns(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each later message of a talk, with the aspect before it and its own."""
    for row in _rows(folder / "followups.jsonl"):
        aspects = [expected["aspect"][0] if expected["aspect"] else "" for expected in row["expect"]]
        for text, before, aspect in zip(row["turns"][1:], aspects, aspects[1:], strict=False):
            if before in ASPECTS and aspect in ASPECTS:
                yield text, before, aspect


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def learn(count: int, rows: list[Saying], group: int) -> list[list[float]]:
    """The weights of each clue for each output of a group, by AdaGrad on the logistic loss."""
    width = len(_GROUPS[group])
    weights = [[0.0] * width for _ in range(count)]
    moved = [[1e-3] * width for _ in range(count)]
    mine = [row for row in rows if group in row[1]]
    chance = random.Random(group)
    for _ in range(_ROUNDS):
        chance.shuffle(mine)
        for found, right in mine:
            scores = [sum(column) for column in zip(*(weights[clue] for clue in found), strict=True)]
            for output, miss in _misses(scores, right[group]):
                for clue in found:
                    slope = miss + _SHRINK * weights[clue][output] * (clue > 0)
                    moved[clue][output] += slope * slope
                    weights[clue][output] -= _STEP * slope / math.sqrt(moved[clue][output])
    return weights


def _misses(scores: list[float], right: int) -> list[tuple[int, float]]:
    """By how much each output was too high; those that hardly missed are left out."""
    if len(scores) == 1:
        chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, scores[0]))))
        return [(0, chance - (right == 0))]
    top = max(scores)
    shares = [math.exp(score - top) for score in scores]
    total = sum(shares)
    misses = ((output, share / total - (output == right)) for output, share in enumerate(shares))
    return [(output, miss) for output, miss in misses if abs(miss) > 0.002]


def write(names: list[str], groups: list[list[list[float]]]) -> None:
    """learnt.json: for each clue the outputs, by number, with their weights in 1/SCALE."""
    kept: dict[str, dict[str, int]] = {}
    least = [_SMALL_OF_ITEM if output in ITEMS or output in TOPICS else _SMALL for output in OUTPUTS]
    for place, clue in enumerate(names):
        row = [weight for weights in groups for weight in weights[place]]
        found = {
            str(output): round(weight * SCALE)
            for output, weight in enumerate(row)
            if abs(weight) >= least[output]
        }
        if found or len(clue) == 1:
            kept[spelled(clue)] = found
    text = json.dumps({"outputs": OUTPUTS, "weights": kept}, ensure_ascii=False, separators=(",", ":"))
    LEARNT.write_text(text.replace("},", "},\n") + "\n", encoding="utf-8")


def main() -> None:
    reader = Reader(Vocabulary.load())
    folders = [Path(name) for name in sys.argv[1:]] or sorted(
        file.parent for file in _SAYINGS.rglob("questions.jsonl")
    )
    names, rows = sayings(folders, reader)
    groups = [learn(len(names), rows, group) for group in range(len(_GROUPS))]
    write(names, groups)
    print(f"{len(rows)} sayings, {len(names)} clues, {LEARNT.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
