"""Learn from labelled complaints: `python -m bench.routing_learning [FILE...]` writes knowledge/routing_learnt.json.

Without a file, all sets of tests/knowledge. A line may label only some of urgent, confidential, avoid and kind.
Logistic regression in plain Python, the same result every time, half a minute. To measure honestly, leave out the
file to measure with.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from knowledge.routing_learnt import LEARNT, OUTPUTS, SCALE, clues
from knowledge.routing_reading import tidy

_TESTS: Final = Path(__file__).parents[1] / "tests" / "knowledge"
SETS: Final = (*sorted((_TESTS / "data").glob("complaints*.jsonl")), *sorted((_TESTS / "complaints").glob("*.jsonl")))
_SEEN: Final = 2  # a clue of one text alone teaches nothing
_ROUNDS, _STEP, _SHRINK = 12, 0.1, 0.0005
_RARE: Final = 3  # a missed one counts as much as three false ones
_SMALL: Final = 6  # smaller weights change nothing and are not kept

Row = tuple[list[str], Mapping[str, Any]]


def labelled(row: Mapping[str, Any], output: str) -> bool | None:
    """The right answer of a line, None where it was not labelled."""
    if output == "accuses":
        return bool(row["avoid"]) if "avoid" in row else None
    if output in ("urgent", "confidential"):
        return row.get(output)
    return row["kind"][0] == output if "kind" in row else None


def learn(rows: Sequence[Row], output: str) -> tuple[float, dict[str, float]]:
    """The constant and the weight of each clue, by AdaGrad on the logistic loss."""
    mine = [(found, right) for found, row in rows if (right := labelled(row, output)) is not None]
    always, moved_always = 0.0, 1e-3
    weights: dict[str, float] = {clue: 0.0 for found, _ in mine for clue in found}
    moved = dict.fromkeys(weights, 1e-3)
    chance = random.Random(1)
    for _ in range(_ROUNDS):
        chance.shuffle(mine)
        for found, right in mine:
            total = always + sum(weights[clue] for clue in found)
            miss = (1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - right) * (_RARE if right else 1)
            moved_always += miss * miss
            always -= _STEP * miss / math.sqrt(moved_always)
            for clue in found:
                slope = miss + _SHRINK * weights[clue]
                moved[clue] += slope * slope
                weights[clue] -= _STEP * slope / math.sqrt(moved[clue])
    return always, weights


def learn_from(files: Sequence[Path]) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]], int]:
    """The constants, the weights of each clue that are kept, and how many lines there were."""
    lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    found = [clues(tidy(line["text"])) for line in lines]
    seen = Counter(clue for one in found for clue in one)
    rows = [(sorted(c for c in one if seen[c] >= _SEEN), line) for one, line in zip(found, lines, strict=True)]
    learnt = [learn(rows, output) for output in OUTPUTS]
    kept = {}
    for clue in sorted(clue for clue, times in seen.items() if times >= _SEEN):
        weights = tuple(round(one.get(clue, 0.0) * SCALE) for _, one in learnt)
        if max(map(abs, weights)) > _SMALL:
            kept[clue] = weights
    return tuple(round(constant * SCALE) for constant, _ in learnt), kept, len(lines)


def main() -> None:
    always, kept, lines = learn_from([Path(name) for name in sys.argv[1:]] or SETS)
    written = {"always": always, "weights": kept}
    LEARNT.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{lines} lines, {len(kept)} clues, {LEARNT.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
