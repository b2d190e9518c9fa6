"""What labelled complaints have taught: how much a text sounds urgent, like a wish for confidence, an accusation, a report.

A linear model over one to three neighbouring characters, beside the rules: it hears what no list has a word for.
routing_learnt.json is written by `python -m bench.routing_learning`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LEARNT: Final = Path(__file__).with_name("routing_learnt.json")
OUTPUTS: Final = ("urgent", "confidential", "accuses", "举报", "咨询", "建议", "信息公开申请")
SCALE: Final = 100  # a weight of 1.0 in the file
LONGEST: Final = 3


def clues(text: str) -> set[str]:
    """All that the model looks at in a tidy text."""
    framed = f"^{text}$"
    return {framed[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(framed) - size + 1)}


class Leaning:
    """The learnt weights. Built once; read only."""

    def __init__(self, always: tuple[int, ...], weights: Mapping[str, tuple[int, ...]]) -> None:
        self._always, self._weights = always, weights

    @classmethod
    def load(cls) -> Leaning:
        """What routing_learnt.json holds."""
        kept = json.loads(LEARNT.read_text(encoding="utf-8"))
        return cls(tuple(kept["always"]), {clue: tuple(row) for clue, row in kept["weights"].items()})

    def of(self, text: str) -> dict[str, float]:
        """The log odds of each output for a tidy text."""
        known = self._weights.get
        rows = [self._always, *(row for clue in clues(text) if (row := known(clue)))]
        return dict(zip(OUTPUTS, (sum(column) / SCALE for column in zip(*rows, strict=True)), strict=True))
