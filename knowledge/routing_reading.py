"""What a complaint speaks of: the words of routing_words.toml, the departments and the items, found in a text.

Nothing is decided here; routing_accused.py says who is complained about, routing.py who receives it.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.understanding_sound import hear, sound_of

T = TypeVar("T")

_ITEM, _TOPIC, _NAMED, _MATTER, _STANDING, _HINT = 3.0, 2.0, 2.5, 1.5, 1.0, 0.6
_NOT_BY_NAME: Final = ("township", "bank")  # named in matters of every department
_LEADS_OTHERS: Final = (COORDINATOR, DISCIPLINE)
_WORDS: Final[Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("routing_words.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A list of patterns under one name, `beside` another anywhere in the text and `unless` a third is there.

    `cut`: the passages that do not show it, a past danger or another's secret, are taken out before.
    An act has a grade (graft or manner), whose conduct it can be (`of`, all if empty), and the sign that it `needs`.
    """

    name: str
    said: str
    pattern: re.Pattern[str]
    grade: str = ""
    of: tuple[str, ...] = ()
    needs: str = ""
    department: str = ""
    beside: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    cut: str = ""

    def shown_in(self, text: str) -> bool:
        """Whether a tidy text shows it."""
        return (
            self.pattern.search(text) is not None
            and (self.beside is None or self.beside.search(text) is not None)
            and (self.unless is None or self.unless.search(text) is None)
        )


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Something recognised in the text, and where."""

    start: int
    end: int
    what: T


class Spotter(Generic[T]):
    """Finds many plain words in a text, the longest at each place: by the first character, faster than one pattern."""

    def __init__(self, words: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[tuple[str, T]]] = {}
        for word, what in words:
            self._by_first.setdefault(word[0], []).append((word, what))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda pair: len(pair[0]), reverse=True)

    def find(self, text: str) -> Iterator[Found[T]]:
        position = 0
        while position < len(text):
            for word, what in self._by_first.get(text[position], ()):
                if text.startswith(word, position):
                    yield Found(position, position + len(word), what)
                    position += len(word) - 1
                    break
            position += 1


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(words))


def _signs(section: str) -> tuple[Sign, ...]:
    return tuple(
        Sign(
            name,
            row["said"],
            _pattern(row["words"]),
            row.get("grade", ""),
            tuple(row.get("of", ())),
            row.get("needs", ""),
            row.get("department", ""),
            _pattern(row["beside"]) if "beside" in row else None,
            _pattern(row["unless"]) if "unless" in row else None,
            row.get("cut", ""),
        )
        for name, row in _WORDS[section].items()
    )


def _spelled_out(pattern: str) -> Iterator[str]:
    """[乡镇]长 as 乡长 and 镇长."""
    parts = re.split(r"\[(.+?)\]", pattern)
    choices = (part if place % 2 else (part,) for place, part in enumerate(parts))
    return map("".join, itertools.product(*choices))


def pattern_of(section: str) -> re.Pattern[str]:
    """A plain list of routing_words.toml as one pattern."""
    return _pattern(_WORDS[section]["words"])


ACTORS: Final = _signs("actors")
ACTS: Final = _signs("acts")
SIGNS: Final = _signs("signs")
_SLIPS: Final = tuple((re.compile(slip), right) for slip, right in _WORDS["slips"].items())
_STANDINGS: Final = pattern_of("standing")
_CUTS: Final = {name: pattern_of(name) for name in dict.fromkeys(sign.cut for sign in SIGNS if sign.cut)}
_OFFICES: Final = Spotter(
    (name, one.name) for one in DEPARTMENTS.values() for called in one.called for name in _spelled_out(called)
)
_ITEM_NAMES: Final = Spotter(
    (name, item.name) for item in ITEMS.values() for name in (item.name, *item.aliases, *item.programmes)
)


def _is_plain(word: str) -> bool:
    return not re.search(r"[\\\[\](){}|?*+.^$]", word)


_TOPICS: Final = Spotter(
    (word, (one.name, weight))
    for one in DEPARTMENTS.values()
    for words, weight in ((one.topics, _TOPIC), (one.hints, _HINT))
    for word in words
    if _is_plain(word)
)
_TOPIC_PATTERNS: Final = (
    *((re.compile(desk), department, _STANDING) for department, desk in _WORDS["desks"].items()),
    *((re.compile(words), department, _MATTER) for department, words in _WORDS["matters"].items()),
    *(
        (_pattern(patterns), one.name, _TOPIC)
        for one in DEPARTMENTS.values()
        if (patterns := [word for word in one.topics if not _is_plain(word)])
    ),
)

# Office names that are put right by their sound: 向残联 is no 乡残联, and 林业说 no 林业所.
_OFFICE_BY_SOUND: Final = re.compile("(?![乡县]).{2,}[局社站行委联心府]")
_OUR_WORDS: Final = dict.fromkeys(
    (
        *(
            name
            for one in DEPARTMENTS.values()
            for called in one.called
            for name in _spelled_out(called)
            if _OFFICE_BY_SOUND.fullmatch(name)
        ),
        *(name for town in TOWNS.values() for name in (town.name, *town.aliases)),
        *(word for one in DEPARTMENTS.values() for word in one.topics if _is_plain(word)),
        *(name for item in ITEMS.values() for name in (item.name, *item.aliases)),
    )
)
_LONGEST_HEARD: Final = 8
_HEARD: Final = {sound_of(word): word for word in _OUR_WORDS if 2 <= len(word) <= _LONGEST_HEARD}
_TYPED: Final = {sound_of(word): word for word in _WORDS["typed"]["words"]}
_BEGIN: Final = frozenset(sound[:2] for sound in (*_HEARD, *_TYPED))  # nearly everywhere none does
_NUMBERS = re.compile(r"(?<!\d)\d{11,19}[xX]?(?!\d)")
_BLANK_BETWEEN_WORDS = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def tidy(text: str) -> str:
    """The text as the patterns expect it.

    Half-width signs, no blanks (one is a pause), slips and homophones put right, phone, card and identity numbers
    taken out.
    """
    clean = _BLANK_BETWEEN_WORDS.sub(",", unicodedata.normalize("NFKC", text).strip())
    clean = _NUMBERS.sub("号码", clean).replace("...", ",")
    clean = "".join(_as_meant(clean).split())
    for slip, right in _SLIPS:
        clean = slip.sub(right, clean)
    return clean


def _as_meant(text: str) -> str:
    """Words of ours put in where they were only heard: 雨露计化, and dibao typed in letters."""
    heard = hear(text)
    written, sounds, parts, position = heard.written, heard.sounds, [], 0
    while position < len(written):
        shortest = 2 if written[position] == sounds[position] else 3  # a typed syllable needs less proof
        longest = _LONGEST_HEARD if sounds[position : position + 2] in _BEGIN else 0
        for length in range(longest, shortest - 1, -1):
            part = sounds[position : position + length]
            as_written = written[position : position + length]
            typed = as_written == part
            if len(part) == length and (word := _HEARD.get(part) or (typed and _TYPED.get(part))):
                parts.append(as_written if as_written in _OUR_WORDS else word)
                position += length
                break
        else:
            parts.append(written[position])
            position += 1
    return "".join(parts)


def signs_in(text: str) -> frozenset[str]:
    """The names of the matters and wishes that a tidy text shows."""
    texts = {name: passages.sub("", text) for name, passages in _CUTS.items()} | {"": text}
    return frozenset(sign.name for sign in SIGNS if sign.shown_in(texts[sign.cut]))


def acts_in(text: str) -> list[Found[Sign]]:
    """Every wording of a conduct in a tidy text."""
    return [Found(hit.start(), hit.end(), act) for act in ACTS for hit in act.pattern.finditer(text)]


def offices_in(text: str) -> Iterator[Found[str]]:
    """The departments named in a tidy text, townships as 乡镇人民政府."""
    return _OFFICES.find(text)


def items_in(text: str) -> frozenset[str]:
    """The catalogue items that the text names by an alias, standing aside (低保户)."""
    standing = [hit.span() for hit in _STANDINGS.finditer(text)]
    return frozenset(
        found.what for found in _ITEM_NAMES.find(text) if not any(start <= found.start < end for start, end in standing)
    )


def matters_in(text: str) -> dict[str, float]:
    """How strongly the text speaks of each department's matters, by department."""
    standing = [hit.span() for hit in _STANDINGS.finditer(text)]
    weights: dict[tuple[str, str], float] = {}

    def weigh(department: str, start: int, end: int, weight: float) -> None:
        if any(begin <= start < stop for begin, stop in standing):
            weight = min(weight, _STANDING)
        key = department, text[start:end]
        weights[key] = max(weights.get(key, 0), weight)

    for item in _ITEM_NAMES.find(text):
        weigh(ITEMS[item.what].department, item.start, item.end, _ITEM)
    for topic in _TOPICS.find(text):
        weigh(topic.what[0], topic.start, topic.end, topic.what[1])
    for office in _OFFICES.find(text):
        if DEPARTMENTS[office.what].sort not in _NOT_BY_NAME and office.what not in _LEADS_OTHERS:
            weigh(office.what, office.start, office.end, _NAMED)
    for pattern, department, weight in _TOPIC_PATTERNS:
        for hit in pattern.finditer(text):
            weigh(department, hit.start(), hit.end(), weight)
    total: dict[str, float] = {}
    for (department, _), weight in weights.items():
        total[department] = total.get(department, 0) + weight
    return total
