"""What sayings have taught: how surely a message is ours, which aspect it asks for and which item it means.

A linear model over single characters, neighbouring pairs, their sounds, and what the catalogue's words say of the
message. learnt.json is written by `python -m bench.learning`: for each clue a text of two signs a weight, the first
for the output, the second for the weight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import add, itemgetter
from pathlib import Path
from typing import Final

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_sound import Heard, unspelled
from knowledge.understanding_words import Hit, read_toml

LEARNT: Final = Path(__file__).with_name("catalogue") / "learnt.json"
OURS: Final = "ours"
GOES_ON: Final = "goes on"  # in a talk: the message is a question to us
ALONE: Final = "alone"  # in a talk: the message says itself what it is about
ASPECTS: Final = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
OF_CARD: Final = tuple(f"卡{name}" for name in ("概览", *read_toml("aspects.toml")["card"]))
THINGS: Final = (*ITEMS, *TOPICS)
OUTPUTS: Final = (OURS, GOES_ON, ALONE, *ASPECTS, *OF_CARD, *THINGS)
PLACE: Final = {name: place for place, name in enumerate(OUTPUTS)}
SCALE: Final = 16  # a weight of 1.0 in the file
MOST: Final = 45  # no weight in the file is farther from 0

LATER: Final = "later"  # the clue that a message goes on with a talk
MOST_NEW: Final = 6
_AROUND: Final = 2  # what the story of a letter says of what is asked counts one part in so many of what its asking part says
_FIRST_OUTPUT: Final = ord("0")
_NO_WEIGHT: Final = ord("P")
ELSEWHERE: Final = "elsewhere"
_TOLD: Final = frozenset({"foreign", "talk", "card"})
_ASKED: Final = frozenset({"aspect", "helper"})
_NUMBER = re.compile(r"\d{3,5}")
_PAUSE = re.compile(r"[,，。.!！?？;；、 ]+")
_OPENS: Final = frozenset("要能给是有算还得让可会该用归找按几多哪谁咋怎够也都再去补没")
_ENDS: Final = frozenset("吗不没么呢吧行")
_CALLED: Final = frozenset({"name", "programme"})

# One number holds a value for every output, a lane each, so that one addition adds them all. A lane has room for the
# heaviest weights of more clues than the longest message shows (a test holds that).
LANE: Final = 16  # bits
_MIDDLE: Final = 1 << (LANE - 1)
_FIRST_ASPECT: Final = PLACE[ASPECTS[0]]
_FIRST_THING: Final = len(OUTPUTS) - len(THINGS)
_value = itemgetter(1)
_ZERO: Final = sum(_MIDDLE << (LANE * place) for place in range(len(OUTPUTS)))
_BYTES: Final = len(OUTPUTS) * LANE // 8


def _lanes(total: int) -> Sequence[int]:
    """The values that one number holds for the outputs, each too high by _MIDDLE."""
    return memoryview((total + _ZERO).to_bytes(_BYTES, "little")).cast("H")


def clues(heard: Heard, hits: Sequence[Hit], senses: Iterable[str], yes_no: bool) -> set[str]:
    """All that the model looks at in a message. Sounds are written as signs here, as syllables in the file."""
    found = {f"S:{sense}" for sense in senses}
    for text in (f"^{heard.written}$", f"^{heard.sounds}$"):
        found.update(text)
        found.update(map("".join, pairwise(text)))
    names = foreign = False
    for hit in hits:
        for kind, value, weight in hit.tags:
            if kind in _TOLD and value != ELSEWHERE:
                found.add(f"{kind}:{value}")
                foreign = foreign or kind == "foreign"
            elif kind in _ASKED:
                found.add(f"{kind}:{value}:{weight:g}")
            elif kind in _CALLED:
                found.add(f"{kind}:")
                found.add(f"I:{value}")
                names = True
    found.update(_frames(heard.written))
    found.update(f"number:{number}" for number in _NUMBER.findall(heard.written))
    if names and foreign:
        found.add("named and foreign")
    if yes_no:
        found.add("yes or no")
    return found


def _frames(written: str) -> Iterator[str]:
    """The word that opens a question with the one that ends it: 要…吗, 还…不, in each part of the message."""
    for part in _PAUSE.split(written):
        end = part[-1:] if part[-1:] in _ENDS else part[-2:-1] if part[-2:-1] in _ENDS else ""
        if end:
            yield from (f"{sign}…{end}" for sign in _OPENS.intersection(part[:-1]))


def novelty(characters: int) -> str:
    """The clue that so many characters, or their sounds, stand in no saying."""
    return f"new:{min(characters, MOST_NEW)}"


def was(aspect: str, idle: bool) -> set[str]:
    """The clues that a talk was about an aspect; `idle` when the message itself asks for none."""
    return {LATER, f"was:{aspect}", f"idle:{aspect}" if idle else f"asks:{aspect}"}


@dataclass(frozen=True)
class Verdict:
    """The model's view of one message; read lazily, for some messages need only a part of it."""

    total: int
    weights: Mapping[str, int]
    asked: int | None = None  # the same of the part of a letter that asks

    def after(self, aspect: str, idle: bool) -> Verdict:
        """The verdict in a talk that was about this aspect."""
        more = sum(self.weights.get(clue, 0) for clue in was(aspect, idle))
        return Verdict(self.total + more, self.weights, None if self.asked is None else self.asked + more)

    def asking(self, part: Verdict) -> Verdict:
        """The verdict on a letter of which this part asks."""
        return Verdict(self.total, self.weights, part.total)

    @cached_property
    def _values(self) -> Sequence[int]:
        values = _lanes(self.total)
        if self.asked is None:
            return values
        asks = slice(_FIRST_ASPECT, _FIRST_THING)
        around = [(value - _MIDDLE) // _AROUND for value in values[asks]]
        return [*values[: asks.start], *map(add, _lanes(self.asked)[asks], around), *values[asks.stop :]]

    def of(self, output: str) -> float:
        """How much speaks for an output (log odds for OURS, GOES_ON and ALONE, comparable within aspects and within things)."""
        return (self._values[PLACE[output]] - _MIDDLE) / SCALE

    @property
    def ours(self) -> float:
        """Log odds that the message is a question to us."""
        return self.of(OURS)

    @property
    def goes_on(self) -> float:
        """Log odds that a message in a talk is a question to us."""
        return self.of(GOES_ON)

    @property
    def alone(self) -> float:
        """Log odds that a message in a talk says itself what it is about."""
        return self.of(ALONE)

    @cached_property
    def aspect(self) -> str:
        """The likeliest aspect."""
        return max(ASPECTS, key=self.of)

    @cached_property
    def card_aspect(self) -> str:
        """The likeliest aspect of a question about the card."""
        return max(OF_CARD, key=self.of).removeprefix("卡")

    @cached_property
    def things(self) -> list[tuple[str, float]]:
        """The items and topics, the likeliest first."""
        values = [(value - _MIDDLE) / SCALE for value in self._values[_FIRST_THING:]]
        return sorted(zip(THINGS, values, strict=True), key=_value, reverse=True)


class Experience:
    """The learnt weights. Built once at start; read only."""

    def __init__(self, weights: Mapping[str, str]) -> None:
        packed = {text: _packed(text) for text in set(weights.values())}  # many clues weigh the same
        self._weights = {unspelled(clue): packed[text] for clue, text in weights.items()}
        self._always = self._weights.pop("", 0)

    @classmethod
    def load(cls) -> Experience:
        """What learnt.json holds."""
        return cls(json.loads(LEARNT.read_text(encoding="utf-8"))["weights"])

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


def kept(weights: Iterable[tuple[int, int]]) -> str:
    """The weights of a clue, each after its output's number, as the file keeps them."""
    return "".join(chr(_FIRST_OUTPUT + output) + chr(_NO_WEIGHT + weight) for output, weight in weights)


def _packed(text: str) -> int:
    pairs = zip(text[::2], text[1::2], strict=True)
    return sum((ord(weight) - _NO_WEIGHT) << (LANE * (ord(output) - _FIRST_OUTPUT)) for output, weight in pairs)
