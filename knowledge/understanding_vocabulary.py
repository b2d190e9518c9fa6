"""The words found in a message by their sound, in one pass.

A word written with other characters (a homophone) counts unless those characters are an ordinary word of their own,
which the dictionary of jieba tells: 底保 is heard as 低保, while 地步 is not heard as 地补.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from knowledge.understanding_sound import Heard, initials_of, sound_of, tidy
from knowledge.understanding_words import NAME_WEIGHT, STRONG, Hit, Kind, Tag, tagged_words

# Only its dictionary is read: to import jieba would cost each process 16 MB.
_DICTIONARY: Final = Path(str(distribution("jieba").locate_file("jieba/dict.txt")))
_LETTERS = re.compile(r"[a-z]{2,10}")
# Characters that mean themselves in almost every message, so that they are no slip for another.
_FUNCTION: Final = frozenset(
    "的得地了着过是不没有在这那就都也还给上下去来到个和与跟要会能可以我"
    "你他她它们俺吗呢啊吧么怎咋啥什谁哪几多少大小里头家年月日天说问找办"
)
# Ordinary words that are younger than jieba's dictionary.
_NEWER_WORDS: Final = ("微信", "扫码", "网购", "外卖", "快递", "充值", "群里", "视频")
# A two-character word of jieba's dictionary is an ordinary word from this count on.
_ORDINARY_FROM: Final = 20
_LAYERS: Final[Mapping[Kind, int]] = {
    "name": 0, "programme": 0, "sense": 0, "foreign": 0, "aspect": 1, "helper": 1, "card": 2, "talk": 3,
}  # fmt: skip


class _Room:
    """Which characters the words that are written out already take."""

    def __init__(self, hits: list[Hit]) -> None:
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        for start, end, *_ in hits:
            if end - start > 1:
                for at in range(start, end):
                    self._first[at] = min(start, self._first.get(at, start))
                    self._last[at] = max(end, self._last.get(at, end))

    def holds(self, start: int, end: int, wrong: list[int]) -> bool:
        """Whether each wrong character of a slip is part of no written word, or of a shorter one inside the slip."""
        for at in wrong:
            first, last = self._first.get(at, start), self._last.get(at, end)
            if first < start or last > end or (at in self._first and first == start and last == end):
                return False
        return True


def _ordinary_words() -> frozenset[str]:
    """The two-character words that jieba's dictionary holds to be common."""
    with _DICTIONARY.open("rb") as lines:
        rows = (line.decode().split(" ") for line in lines if line[6:7] == b" ")
        common = (word for word, count, _ in rows if len(word) == 2 and int(count) >= _ORDINARY_FROM)
        return frozenset((*common, *_NEWER_WORDS))


@dataclass(slots=True)
class Vocabulary:
    """All words, by sound. Built once at start; read only."""

    _entries: dict[str, list[tuple[str, tuple[Tag, ...]]]] = field(default_factory=dict)
    _lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _single: dict[str, tuple[Tag, ...]] = field(default_factory=dict)
    _initials: dict[str, str] = field(default_factory=dict)
    _ordinary: frozenset[str] = frozenset()

    @classmethod
    def load(cls) -> Vocabulary:
        """The vocabulary of the catalogue."""
        words: dict[str, dict[Tag, None]] = {}
        for word, tag in tagged_words():
            words.setdefault(tidy(word), {})[tag] = None
        vocabulary = cls(_ordinary=_ordinary_words())
        lengths: dict[str, set[int]] = {}
        for word, tags in words.items():
            if len(word) == 1:
                vocabulary._single[word] = tuple(tags)
                continue
            sound = sound_of(word)
            vocabulary._entries.setdefault(sound, []).append((word, tuple(tags)))
            lengths.setdefault(sound[:2], set()).add(len(sound))
        vocabulary._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}
        vocabulary._learn_initials(words)
        return vocabulary

    def _learn_initials(self, words: Mapping[str, Mapping[Tag, None]]) -> None:
        owners: dict[str, set[str]] = {}
        for word, tags in words.items():
            for tag in tags:
                if tag.kind in ("name", "programme"):
                    owners.setdefault(initials_of(word), set()).add(tag.value)
        self._initials = {letters: owner.copy().pop() for letters, owner in owners.items() if len(owner) == 1}

    def item_by_initials(self, letters: str) -> str | None:
        """The only item or topic with a name of these initials (dblq has none, gljt is 高龄津贴)."""
        return self._initials.get(letters)

    def knows(self, kind: Kind) -> set[str]:
        """Every value that a tag of this kind has."""
        found = (tags for entry in self._entries.values() for _, tags in entry)
        return {tag.value for tags in (*found, *self._single.values()) for tag in tags if tag.kind == kind}

    def find(self, heard: Heard) -> list[Hit]:
        """The words of a message by place. In each layer (things, aspects, card, talk) a longer word hides those inside.

        A homophone gives way to every word that is written out: 保怎 in 低保怎么办 is not heard as 保证.
        """
        initials = list(self._find_initials(heard))
        if heard.typed or initials:
            return sorted((*self._find_typed(heard), *initials))
        exact, slips = self._candidates(heard)
        hits: list[Hit] = []
        reached = [0, 0, 0, 0]
        for hit in exact:
            _keep(hit, reached, hits)
        if not slips:
            return hits
        room, asked = _Room(hits), any(tag.weight >= STRONG for hit in hits for tag in hit.tags if tag.kind == "aspect")
        slips = [hit for hit in slips if self._is_slip(heard.written, hit, room) and not (asked and _asks_only(hit))]
        if not slips:
            return hits
        return _longest([*hits, *slips])

    def _candidates(self, heard: Heard) -> tuple[list[Hit], list[Hit]]:
        """Every word at every place, the longer first: those written so, and those that only sound so."""
        sounds, written = heard.sounds, heard.written
        exact: list[Hit] = []
        slips: list[Hit] = []
        for start in range(len(sounds)):
            for length in self._lengths.get(sounds[start : start + 2], ()):
                end = start + length
                entry = self._entries.get(sounds[start:end])
                if entry is None or end > len(sounds):
                    continue
                span = written[start:end]
                for word, tags in entry:
                    if word == span:
                        if not self._across(written, start, end, _of_others(tags)):
                            exact.append(Hit(start, end, word, True, tags))
                        break
                else:
                    slips.extend(Hit(start, end, word, False, tags) for word, tags in entry if not _never_a_slip(tags))
            single = self._single.get(written[start])
            if single:
                exact.append(Hit(start, start + 1, written[start], True, single))
        return exact, slips

    def _find_typed(self, heard: Heard) -> list[Hit]:
        """In typed pinyin everything only sounds: the longer word first, each in the room that is left."""
        exact, slips = self._candidates(heard)
        found = [*exact, *(hit._replace(exact=True) for hit in slips)]
        found.sort(key=lambda hit: hit.start - hit.end - any(tag.kind in ("name", "programme") for tag in hit.tags))
        taken = bytearray(len(heard.sounds) + 1)
        hits: list[Hit] = []
        for hit in found:
            if not taken[hit.start] and not taken[hit.end]:
                hits.append(hit)
                taken[hit.start + 1 : hit.end] = b"\1" * (hit.end - hit.start - 1)
        return _longest(hits)

    def _find_initials(self, heard: Heard) -> Iterator[Hit]:
        """Names of which only the first letters were typed; such letters are no syllables and stay as they are."""
        for found in _LETTERS.finditer(heard.written):
            if item := self.item_by_initials(found[0]):
                yield Hit(found.start(), found.end(), found[0], True, (Tag("name", item, NAME_WEIGHT),))

    def _is_slip(self, written: str, hit: Hit, room: _Room) -> bool:
        """Whether other characters of the same sound are a slip, and belong to no word of their own."""
        start, end, word = hit.start, hit.end, hit.word
        span, ordinary = written[start:end], self._ordinary
        wrong = [start + place for place, sign in enumerate(span) if sign != word[place]]
        if end - start == 2 and (span in ordinary or (span[1] in "了着过的" and not _asks_only(hit))):
            return False
        if end - start <= 3 and any(
            written[at] in _FUNCTION and (written[at] != "不" or end - start == 2) for at in wrong
        ):
            return False
        if wrong[0] == start > 0 and written[start - 1 : start + 1] in ordinary:
            return False
        if wrong[-1] == end - 1 and written[end - 1 : end + 1] in ordinary:
            return False
        # Of two characters the right one too must be free: 领补 in 怎么领补贴 is not heard as 林补.
        return room.holds(start, end, [start, start + 1] if end - start == 2 else wrong)

    def _across(self, written: str, start: int, end: int, others: bool) -> bool:
        """Characters that belong to neighbouring words, as 地补 in 土地补偿; digits out of a longer number.

        For a word of somebody else's business one such neighbour is enough, as for 接种 in 直接种.
        """
        if end - start > 2:
            return written[start].isdigit() and (
                written[start - 1 : start].isdigit() or written[end : end + 1].isdigit()
            )
        ordinary = self._ordinary
        before = start > 0 and written[start - 1 : start + 1] in ordinary
        after = written[end - 1 : end + 1] in ordinary
        if others:
            return before or after
        return before and after and written[start:end] not in ordinary


def _of_others(tags: tuple[Tag, ...]) -> bool:
    return all(tag.kind == "foreign" for tag in tags)


def _never_a_slip(tags: tuple[Tag, ...]) -> bool:
    return all(tag.kind in ("foreign", "talk") for tag in tags)


def _asks_only(hit: Hit) -> bool:
    """Two characters that would only tell the aspect: too little to be heard where an aspect is written out."""
    return hit.end - hit.start == 2 and all(tag.kind in ("aspect", "helper") for tag in hit.tags)


def _keep(hit: Hit, reached: list[int], hits: list[Hit]) -> None:
    """Keep a hit's tags of those layers in which no longer word covers it."""
    free = tuple(tag for tag in hit.tags if reached[_LAYERS[tag.kind]] < hit.end)
    if free:
        hits.append(hit if len(free) == len(hit.tags) else hit._replace(tags=free))
        for tag in free:
            reached[_LAYERS[tag.kind]] = hit.end


def _longest(hits: list[Hit]) -> list[Hit]:
    """The hits by place, the longer first, without tags that a longer word hides."""
    hits.sort(key=lambda hit: (hit.start, -hit.end, not hit.exact))
    reached = [0, 0, 0, 0]
    kept: list[Hit] = []
    for hit in hits:
        _keep(hit, reached, kept)
    return kept
