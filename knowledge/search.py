"""Full-text search over any set of texts given at run time: character 1+2-grams, BM25, plain Python.

On real residents' messages characters find more than words do. Words still help where people and offices use
different ones: jieba, with a small dictionary of our own words, cuts out those that have a sense of ours, and the sense
is indexed beside the characters, so that 苞米 also finds 玉米.

Every text is weighed, whatever is asked, so nothing that belongs to the best is missed: a long number has a lane of bits
for each text, and one addition adds what a gram weighs in all of them. A gram of many texts is kept as such a number;
those of few are written into one when they are asked for.
"""

from __future__ import annotations

import heapq
import re
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from knowledge.understanding_sound import tidy
from knowledge.understanding_words import expand, read_toml

if TYPE_CHECKING:
    import jieba

Id = TypeVar("Id", bound=Hashable)

_K1: Final = 1.2
_B: Final = 0.75
# A sense tells less than the characters themselves.
_SENSE_WEIGHT: Final = 0.4

# Lanes so wide that no text can weigh more, with the highest bit left free: weights are whole parts of _FULL.
_BYTES: Final = 4
_HIGH: Final = 1 << 8 * _BYTES - 1
_FULL: Final = 2_000_000_000
# A gram of more than this share of the texts, and of so many, is kept in lanes, the commonest first while there is room.
_SHARE: Final = 1 / 150
_FEW: Final = 40
_ROOM: Final = 256 << 20  # bytes
# So many texts tell from which sum on a text may be among the best.
_SAMPLE: Final = 400

_RUNS = re.compile(r"[^\W_]+")
_TOKENS = re.compile(r"[a-z0-9]{2,}")
_MARK = re.compile(rb"\x80")
_SINGLE: Final = 1

Postings = tuple["array[int]", "array[int]"]  # the texts that hold a gram, by number, and what it weighs in each


class Index(Generic[Id]):
    """An index of texts, ready to be asked. `index` builds one."""

    def __init__(self, documents: Iterable[tuple[Id, str]]) -> None:
        self._ids: list[Id] = []
        lengths: list[int] = []
        postings: dict[str, Postings] = {}
        for number, (name, text) in enumerate(documents):
            self._ids.append(name)
            lengths.append(_count(number, text, postings))
        self._unit = _weigh(postings, lengths)
        total = len(self._ids)
        common = [gram for gram, (numbers, _) in postings.items() if len(numbers) > max(_FEW, total * _SHARE)]
        common.sort(key=lambda gram: -len(postings[gram][0]))
        kept = common[: _ROOM // (_BYTES * total or 1)]
        self._common = {gram: self._in_lanes([postings.pop(gram)]) for gram in kept}
        self._rare = postings
        self._ones = int.from_bytes((1).to_bytes(_BYTES, "little") * total, "little")
        self._high_bits = self._ones * _HIGH

    def __len__(self) -> int:
        return len(self._ids)

    def top(self, query: str, k: int = 10) -> list[tuple[Id, float]]:
        """The k texts that fit best, with their scores, best first, of equal ones the earlier.

        Fewer when fewer share a character with the query.
        """
        grams = set(_grams(query))
        rare = self._in_lanes([self._rare[gram] for gram in grams if gram in self._rare])
        total = sum((self._common[gram] for gram in grams if gram in self._common), rare)
        if not total or k < 1:
            return []
        sums = memoryview(total.to_bytes(_BYTES * len(self._ids), "little")).cast("I")
        sample = heapq.nlargest(k, sums[:: max(1, len(sums) // _SAMPLE)])
        bar = max(1, sample[-1]) if len(sample) == k else 1
        best = heapq.nsmallest(k, self._reaching(bar, total), key=lambda number: (-sums[number], number))
        return [(self._ids[number], sums[number] / self._unit) for number in best]

    def _in_lanes(self, several: Iterable[Postings]) -> int:
        row = array("I", bytes(_BYTES * len(self._ids)))
        for numbers, weights in several:
            for number, weight in zip(numbers, weights, strict=True):
                row[number] += weight
        return int.from_bytes(row.tobytes(), "little")

    def _reaching(self, bar: int, total: int) -> Iterator[int]:
        """The texts whose sum is the bar or more."""
        marks = (total + self._ones * (_HIGH - bar)) & self._high_bits
        found = _MARK.finditer(marks.to_bytes(_BYTES * len(self._ids), "little"))
        return (mark.start() // _BYTES for mark in found)


def index(documents: Iterable[tuple[Id, str]] | Iterable[str]) -> Index[Id] | Index[int]:
    """An index of (id, text) pairs, or of texts, whose ids are then their numbers from 0."""
    pairs = [(number, each) if isinstance(each, str) else each for number, each in enumerate(documents)]
    return Index(pairs)  # type: ignore[arg-type]


def _count(number: int, text: str, postings: dict[str, Postings]) -> int:
    """Notes how often each gram stands in a text; gives how many there are in all."""
    counts = Counter(_grams(text))
    for gram, times in counts.items():
        found = postings.get(gram)
        if found is None:
            found = postings[gram] = (array("I"), array("I"))
        found[0].append(number)
        found[1].append(times)
    return counts.total()


def _weigh(postings: Mapping[str, Postings], lengths: Sequence[int]) -> float:
    """Puts what each gram weighs in each text (BM25) in place of how often it stands there; gives what 1.0 is.

    All grams of a text together weigh less than the rarest would if an average text held nothing else, times
    (k1 + 1) / (k1 · b): the unit is chosen so that this fills a lane.
    """
    total = len(lengths)
    average = sum(lengths) / total if total else 0.0
    norms = [_K1 * (1 - _B + _B * length / (average or 1.0)) for length in lengths]
    unit = _FULL / (_rarity(1, total) * (average or 1.0) * (_K1 + 1) / (_K1 * _B))
    for gram, (numbers, weights) in postings.items():
        whole = unit * (_K1 + 1) * _rarity(len(numbers), total) * (_SENSE_WEIGHT if gram[0] == "#" else 1.0)
        for place, (number, times) in enumerate(zip(numbers, weights, strict=True)):
            weights[place] = int(whole * times / (times + norms[number])) or 1
    return unit


def _rarity(holding: int, total: int) -> float:
    return log(1 + (total - holding + 0.5) / (holding + 0.5))


def _grams(text: str) -> Iterator[str]:
    """Characters, pairs of neighbours, words in letters and digits as a whole, senses of our words, of a text."""
    text = tidy(text)
    yield from _senses(text)
    for run in _RUNS.findall(text):
        yield from run
        yield from map("".join, pairwise(run))
        for word in _TOKENS.findall(run):
            yield f"={word}"


def _senses(text: str) -> Iterator[str]:
    tokenizer, senses = _small_dictionary()
    for word in tokenizer.cut(text, HMM=False):
        if len(word) > _SINGLE:
            yield from senses.get(word, ())


@cache
def _small_dictionary() -> tuple[jieba.Tokenizer, dict[str, tuple[str, ...]]]:
    """A tokenizer that knows our own words only, and the senses of each. It never reads or writes a cache file."""
    import jieba  # here, for it costs 16 MB, and a process that only answers needs none of it

    senses: dict[str, tuple[str, ...]] = {}
    for sense, words in read_toml("words.toml")["senses"].items():
        for word in map(tidy, expand(words)):
            if len(word) > _SINGLE:
                senses[word] = (*senses.get(word, ()), f"#{sense}")
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = {word[:end]: 0 for word in senses for end in range(1, len(word))} | dict.fromkeys(senses, 10)
    tokenizer.total = 10 * len(senses)
    tokenizer.initialized = True
    return tokenizer, senses
