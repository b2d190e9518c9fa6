"""What sayings have taught: how surely a message is ours, which aspect it asks for and which item it means.

A linear model over single characters, neighbouring pairs, their sounds, and the senses that the catalogue's words
give. It only weighs in where words alone are not clear. learnt.json is written by `python -m bench.learning`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_sound import Heard, unspelled
from knowledge.understanding_words import Hit, read_toml

LEARNT: Final = Path(__file__).with_name("catalogue") / "learnt.json"
OURS: Final = "ours"
ASPECTS: Final = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
OF_CARD: Final = tuple(f"卡{name}" for name in ("概览", *read_toml("aspects.toml")["card"]))
OUTPUTS: Final = (OURS, *ASPECTS, *OF_CARD, *ITEMS, *TOPICS)
SCALE: Final = 256  # a weight of 1.0 in the file

_LANE: Final = 32
_MIDDLE: Final = 1 << (_LANE - 1)
_ZERO: Final = sum(_MIDDLE << (_LANE * place) for place in range(len(OUTPUTS)))
_BYTES: Final = len(OUTPUTS) * _LANE // 8
_PLACE: Final = {name: place for place, name in enumerate(OUTPUTS)}
# How much the words of the catalogue weigh beside what was learnt.
_WORDS_ASPECT: Final = 0.25
_WORDS_CARD: Final = 0.6
_WORDS_ITEM: Final = 1.0
MOST_NEW: Final = 6
_TOLD: Final = frozenset({"foreign", "talk", "card"})
_ASKED: Final = frozenset({"aspect", "helper"})
_CALLED: Final = frozenset({"name", "programme"})


def clues(heard: Heard, hits: Sequence[Hit], senses: Iterable[str], yes_no: bool) -> set[str]:
    """All that the model looks at in a message. Sounds are written as signs here, as syllables in the file."""
    found = {f"S:{sense}" for sense in senses}
    for text in (f"^{heard.written}$", f"^{heard.sounds}$"):
        found.update(text)
        found.update(map("".join, pairwise(text)))
    names = foreign = False
    for hit in hits:
        for kind, value, weight in hit.tags:
            if kind in _TOLD:
                found.add(f"{kind}:{value}")
                foreign = foreign or kind == "foreign"
            elif kind in _ASKED:
                found.add(f"{kind}:{value}:{weight:g}")
            elif kind in _CALLED:
                found.add(f"{kind}:")
                found.add(f"I:{value}")
                names = True
    if names and foreign:
        found.add("named and foreign")
    if yes_no:
        found.add("yes or no")
    return found


def novelty(characters: int) -> str:
    """The clue that so many characters, or their sounds, stand in no saying."""
    return f"new:{min(characters, MOST_NEW)}"


def was(aspect: str) -> str:
    """The clue that a talk was about an aspect."""
    return f"was:{aspect}"


@dataclass(frozen=True)
class Verdict:
    """The model's view of one message; read lazily, for most messages need only a part of it."""

    total: int
    weights: Mapping[str, int]

    def after(self, aspect: str | None) -> Verdict:
        """The verdict in a talk that was about this aspect."""
        return Verdict(self.total + self.weights.get(was(aspect), 0), self.weights) if aspect else self

    @cached_property
    def _values(self) -> Sequence[int]:
        return memoryview((self.total + _ZERO).to_bytes(_BYTES, "little")).cast("I")

    def of(self, output: str) -> float:
        """How much speaks for an output (log odds for OURS, comparable within aspects and within items)."""
        return (self._values[_PLACE[output]] - _MIDDLE) / SCALE

    @property
    def ours(self) -> float:
        """Log odds that the message is a question to us."""
        return self.of(OURS)

    def aspect(self, heard: Mapping[str, float]) -> str:
        """The likeliest aspect, given what the words say."""
        return max(ASPECTS, key=lambda name: self.of(name) + _WORDS_ASPECT * heard.get(name, 0.0))

    def card_aspect(self, heard: Mapping[str, float]) -> str:
        """The likeliest aspect of a question about the card, given what the words say."""
        return max(OF_CARD, key=lambda name: self.of(name) + _WORDS_CARD * heard.get(name[1:], 0.0))[1:]

    def items(self, heard: Mapping[str, float]) -> list[tuple[str, float]]:
        """The items and topics, the likeliest first, given what the words say."""
        weighed = ((name, self.of(name) + _WORDS_ITEM * heard.get(name, 0.0)) for name in (*ITEMS, *TOPICS))
        return sorted(weighed, key=lambda pair: -pair[1])

    @cached_property
    def best_item(self) -> tuple[str, float]:
        """The likeliest item or topic, and how far it leads the next one."""
        ranked = sorted(((self.of(name), name) for name in (*ITEMS, *TOPICS)), reverse=True)
        return ranked[0][1], ranked[0][0] - ranked[1][0]


class Experience:
    """The learnt weights. Built once at start; read only."""

    def __init__(self, weights: Mapping[str, Mapping[str, int]]) -> None:
        # All weights of a clue are packed into one number, a lane each, so that one addition adds them all.
        self._weights = {
            unspelled(clue): sum(weight << (_LANE * _PLACE[output]) for output, weight in outputs.items())
            for clue, outputs in weights.items()
        }
        self._always = self._weights.pop("", 0)

    @classmethod
    def load(cls) -> Experience:
        """What learnt.json holds; without the file nothing is learnt and every weight is 0."""
        kept = json.loads(LEARNT.read_text(encoding="utf-8"))
        names = kept["outputs"]
        return cls(
            {clue: {names[int(at)]: w for at, w in row.items()} for clue, row in kept["weights"].items()}
        )

    def judge(self, found: Iterable[str]) -> Verdict:
        """The verdict on a message with these clues."""
        known, total, new = self._weights.get, self._always, 0
        for clue in found:
            weight = known(clue)
            if weight is not None:
                total += weight
            elif len(clue) == 1:
                new += 1
        return Verdict(total + known(novelty(new), 0), self._weights)
