"""Full-text search over any set of texts given at run time: character 1+2-grams, BM25, plain Python.

On real residents' messages characters find more than words do. Words still help where people and offices use
different ones: jieba, with a small dictionary of our own words, cuts out those that have a sense of ours, and the sense
is indexed beside the characters, so that 苞米 also finds 玉米.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from typing import Final, Generic, TypeVar

import jieba

from knowledge.understanding_sound import tidy
from knowledge.understanding_words import expand, read_toml

Id = TypeVar("Id", bound=Hashable)

_K1: Final = 1.2
_B: Final = 0.75
# A sense tells less than the characters themselves.
_SENSE_WEIGHT: Final = 0.4
# So many postings are added up for a query, the rarest gram first; the best candidates are then weighed in full.
_POSTINGS: Final = 2500
_CANDIDATES: Final = 40
_WEIGHED: Final = 16
# Of a gram in more texts than this, the texts that it weighs most in can start a search by themselves.
_COMMON: Final = 2000
_HEAD: Final = 1000

_PIECES = re.compile(r"[a-z0-9]+|[^\W_]")
_SINGLE: Final = 1


class Index(Generic[Id]):
    """An index of texts, ready to be asked. `index` builds one."""

    def __init__(self, documents: Iterable[tuple[Id, str]]) -> None:
        self._ids: list[Id] = []
        counts: list[Counter[str]] = []
        for name, text in documents:
            self._ids.append(name)
            counts.append(Counter(_grams(text)))
        lengths = [sum(count.values()) for count in counts]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        self._postings: dict[str, tuple[array[int], array[float]]] = {}
        for number, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            norm = _K1 * (1 - _B + _B * length / (average or 1.0))
            for gram, times in count.items():
                found = self._postings.get(gram)
                if found is None:
                    found = self._postings[gram] = (array("I"), array("f"))
                found[0].append(number)
                found[1].append(times * (_K1 + 1) / (times + norm))
        self._weigh()
        self._heads = {
            gram: self._head(numbers, weights)
            for gram, (numbers, weights) in self._postings.items()
            if len(numbers) > _COMMON
        }

    def _weigh(self) -> None:
        """Multiply each gram's weights by what its rarity tells."""
        total = len(self._ids)
        for gram, (numbers, weights) in self._postings.items():
            found = len(numbers)
            rarity = math.log(1 + (total - found + 0.5) / (found + 0.5)) * (_SENSE_WEIGHT if gram[0] == "#" else 1.0)
            for place, weight in enumerate(weights):
                weights[place] = weight * rarity

    @staticmethod
    def _head(numbers: array[int], weights: array[float]) -> tuple[array[int], array[float]]:
        best = heapq.nlargest(_HEAD, range(len(numbers)), key=weights.__getitem__)
        return array("I", (numbers[place] for place in best)), array("f", (weights[place] for place in best))

    def __len__(self) -> int:
        return len(self._ids)

    def top(self, query: str, k: int = 10) -> list[tuple[Id, float]]:
        """The k texts that fit best, with their scores, best first; fewer when fewer share a character with it."""
        grams = [gram for gram in dict.fromkeys(_grams(query)) if gram in self._postings]
        grams.sort(key=lambda gram: len(self._postings[gram][0]))
        scores: dict[int, float] = {}
        added, used = 0, 0
        for gram in grams:
            numbers, weights = self._postings[gram]
            if added and added + len(numbers) > _POSTINGS:
                break
            if not added and len(numbers) > _POSTINGS:
                # Nothing rarer to go by: start from where this one weighs most, and weigh it in full below.
                scores = dict.fromkeys(self._heads[gram][0], 0.0)
                break
            added += len(numbers)
            used += 1
            for number, weight in zip(numbers, weights, strict=True):
                scores[number] = scores.get(number, 0.0) + weight
        rest = [self._postings[gram] for gram in grams[used : used + _WEIGHED]]
        candidates = heapq.nlargest(max(k, _CANDIDATES), scores, key=scores.__getitem__) if rest else list(scores)
        for numbers, weights in rest:
            for number in candidates:
                place = bisect_left(numbers, number)
                if place < len(numbers) and numbers[place] == number:
                    scores[number] += weights[place]
        full = ((scores[number], -number) for number in candidates)
        return [(self._ids[-number], score) for score, number in heapq.nlargest(k, full)]


def index(documents: Iterable[tuple[Id, str]] | Iterable[str]) -> Index[Id] | Index[int]:
    """An index of (id, text) pairs, or of texts, whose ids are then their numbers from 0."""
    pairs = [(number, each) if isinstance(each, str) else each for number, each in enumerate(documents)]
    return Index(pairs)  # type: ignore[arg-type]


def _grams(text: str) -> Iterator[str]:
    """Characters (letters and digits as whole words), pairs of neighbours, and the senses of our words."""
    text = tidy(text)
    before, end = "", -1
    for piece in _PIECES.finditer(text):
        yield piece[0]
        if before and piece.start() == end:
            yield before + piece[0]
        before, end = piece[0], piece.end()
    yield from _senses(text)


def _senses(text: str) -> Iterator[str]:
    tokenizer, senses = _small_dictionary()
    for word in tokenizer.cut(text, HMM=False):
        if len(word) > _SINGLE:
            yield from senses.get(word, ())


@cache
def _small_dictionary() -> tuple[jieba.Tokenizer, dict[str, tuple[str, ...]]]:
    """A tokenizer that knows our own words only, and the senses of each. It never reads or writes a cache file."""
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
