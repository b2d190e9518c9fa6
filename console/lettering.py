"""Names in which characters, pinyin and initials can all be looked for at once.

A letter that was typed goes on in the same sound or begins the next character's; a character that was typed stands for
itself or for one that sounds the same. A mask of the letters that occur in a name lets most names be passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from knowledge.article import Article
from knowledge.catalogue.items import ITEMS, TOPICS

_LETTERS = re.compile(r"[a-z]+")
_FOLDS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
_WHOLE, _BEGUN, _INSIDE, _LOOSE = 100.0, 91.0, 80.0, 73.0
_SKIPPED: Final = 5  # characters of a name that may be left out


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write an item or an aspect. `place` is its place among the ways, the most usual first."""

    target: str
    written: str
    syllables: tuple[str, ...]
    place: int

    @classmethod
    def of(cls, target: str, written: str, place: int = 0) -> Name:
        """The name with its sounds."""
        return cls(target, written, tuple(_syllable(char) for char in written), place)

    @property
    def initials(self) -> str:
        """db of 低保."""
        return "".join(one[:1] for one in self.syllables)

    @property
    def heard(self) -> str:
        """The whole sound, without what dialects do not tell apart."""
        return folded("".join(self.syllables))


@dataclass(frozen=True, slots=True)
class Found:
    """A name in which something was found: from its first character on, and to its last one."""

    name: Name
    begins: bool
    is_whole: bool
    score: float


class Names:
    """Many names, as they are spelt and as dialects say them."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._spelt = [_Line.of(name, lambda syllable: syllable) for name in names]
        self._heard = [_Line.of(name, folded) for name in names]

    def find(self, query: str, *, loose: bool = False, begun: bool = False) -> Iterator[Found]:
        """The names that hold the query as one stretch, or (`loose`) with others between; only at their begin (`begun`)."""
        if not query:
            return
        begun = begun or len(query) == 1
        yield from _in(self._spelt, _Query.of(query, lambda syllable: syllable), 0, loose, begun)
        heard = _Query.of(folded(query), folded)
        if heard.text != query or not is_letters(query):
            yield from _in(self._heard, heard, 2, loose, begun)


@dataclass(frozen=True, slots=True)
class _Line:
    """A name as it is looked through."""

    name: Name
    syllables: tuple[str, ...]
    initials: str  # a blank for what has no sound
    mask: int

    @classmethod
    def of(cls, name: Name, spell: Callable[[str], str]) -> _Line:
        syllables = tuple(spell(syllable) for syllable in name.syllables)
        return cls(name, syllables, "".join(one[:1] or " " for one in syllables), _mask("".join(syllables)))


@dataclass(frozen=True, slots=True)
class _Query:
    """What was typed: letters stand for themselves, of each character the sound is known."""

    text: str
    sounds: tuple[str, ...]
    mask: int

    @classmethod
    def of(cls, text: str, spell: Callable[[str], str]) -> _Query:
        sounds = tuple("" if char.isascii() else spell(_syllable(char)) for char in text)
        return cls(text, sounds, _mask("".join(sound or char for sound, char in zip(sounds, text, strict=True))))

    def starts(self, line: _Line, begun: bool) -> Iterator[int]:
        """Where in the name the first of what was typed may stand."""
        first, heard = self.text[0], self.sounds[0]
        if first.isascii():
            place = line.initials.find(first)
            while place >= 0 and not (begun and place):
                yield place
                place = line.initials.find(first, place + 1)
            return
        for place, syllable in enumerate(line.syllables[:1] if begun else line.syllables):
            if syllable == heard or line.name.written[place] == first:
                yield place

    def ends(self, line: _Line, start: int, loose: bool) -> int:
        """How many characters of the name have been used when all is found, beginning with the one at `start`; else -1."""
        failed: set[tuple[int, int, int]] = set()

        def at(place: int, syllable: int, skips: int) -> int:
            if place == len(self.text):
                return syllable
            if syllable == len(line.syllables) or (place, syllable, skips) in failed:
                return -1
            for taken in self._taken(place, line, syllable):
                if (end := at(place + taken, syllable + 1, skips)) >= 0:
                    return end
            if skips and place and (end := at(place, syllable + 1, skips - 1)) >= 0:
                return end
            failed.add((place, syllable, skips))
            return -1

        return at(0, start, _SKIPPED if loose else 0)

    def _taken(self, place: int, line: _Line, syllable: int) -> Sequence[int]:
        """How much of the query this character may stand for, the most first."""
        heard, sound = line.syllables[syllable], self.sounds[place]
        if not self.text[place].isascii():
            return (1,) if self.text[place] == line.name.written[syllable] or (sound and sound == heard) else ()
        same = 0
        while same < len(heard) and place + same < len(self.text) and heard[same] == self.text[place + same]:
            same += 1
        return range(same, 0, -1)


def _in(lines: Sequence[_Line], query: _Query, less: float, loose: bool, begun: bool) -> Iterator[Found]:
    characters = [char for char in query.text if not char.isascii()]
    need = query.mask
    for line in [line for line in lines if line.mask & need == need]:
        for start in query.starts(line, begun):
            if (end := query.ends(line, start, loose)) >= 0:
                name, length = line.name, len(line.syllables)
                is_whole = start == 0 and end == length and not loose
                score = _LOOSE if loose else _WHOLE if is_whole else _BEGUN if start == 0 else _INSIDE
                score -= 0.7 * min(length - end + start, 14) + less + min(name.place, 20) / 10
                if any(char not in name.written for char in characters):
                    score -= 9  # it only sounds so
                yield Found(name, start == 0, is_whole, score)
                break


def _mask(text: str) -> int:
    """One bit for each letter that occurs."""
    found = 0
    for char in set(text):
        if "a" <= char <= "z":
            found |= 1 << (ord(char) - ord("a"))
    return found


def names_of(article: Article) -> Iterator[str]:
    """Every way to write the article's item."""
    item = ITEMS.get(article.item) or TOPICS.get(article.item)
    names = (article.item, *(item.aliases if item else ()), *(item.programmes if item else ()))
    yield from dict.fromkeys(name for name in names if name and not _LETTERS.search(name.lower()))


def is_letters(text: str) -> bool:
    """Whether it was typed in letters alone."""
    return _LETTERS.fullmatch(text) is not None


def sound(text: str) -> str:
    """The text with every character as it sounds."""
    return "".join(_syllable(char) or char for char in text)


def folded(pinyin: str) -> str:
    """Without the differences that dialects and quick fingers do not make: zh and z, ang and an."""
    for written, heard in _FOLDS:
        pinyin = pinyin.replace(written, heard)
    return pinyin


@lru_cache(maxsize=8192)
def _syllable(char: str) -> str:
    """The sound of one character; empty for what has none."""
    if char.isascii():
        return ""
    # Not at the top: the knowledge has by now told pypinyin to leave its 40 MB of phrases alone.
    from pypinyin import lazy_pinyin

    said = lazy_pinyin(char)[0]
    return said if _LETTERS.fullmatch(said) else ""
