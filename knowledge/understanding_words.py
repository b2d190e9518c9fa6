"""Every word that residents use for what we know, with what it says: read from the catalogue's files.

words.toml holds the senses, meanings.toml the words of other people's business, aspects.toml the question words,
talk.toml greetings and the like; the names of the items come from the catalogue itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from knowledge.catalogue.items import ITEMS, TOPICS

Kind = Literal["name", "programme", "sense", "foreign", "aspect", "helper", "card", "talk"]

_CATALOGUE: Final = Path(__file__).with_name("catalogue")
_BRACES = re.compile(r"\{([^}]*)\}")
STRONG: Final = 3.0
NAME_WEIGHT: Final = 9.0
_MIDDLE, _WEAK, _HELPER = 2.3, 1.2, 1.5
NOT_PAID: Final = "补贴没到账"
NOUN: Final = "补名"  # 补贴, 补助 and the like said outright
MONEY: Final = "补"  # the sense of all words for being paid
MONEY_IN_WORD = re.compile("补贴|补助|津贴|补偿|的钱|救助")


class Tag(NamedTuple):
    """What one word says: which item it names, which sense it has, which aspect it asks for, and how strongly."""

    kind: Kind
    value: str
    weight: float


class Hit(NamedTuple):
    """A word found in a message, from start to end; `exact` is False for a homophone."""

    start: int
    end: int
    word: str
    exact: bool
    tags: tuple[Tag, ...]


def read_toml(name: str) -> dict[str, Any]:
    """A file of the catalogue."""
    return tomllib.loads((_CATALOGUE / name).read_text(encoding="utf-8"))


def expand(words: Iterable[str]) -> Iterator[str]:
    """Each {a,b} replaced by each of its parts."""
    for word in words:
        parts = _BRACES.split(word)
        choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
        yield from ("".join(chosen) for chosen in product(*choices))


def tagged_words() -> Iterator[tuple[str, Tag]]:
    for item in (*ITEMS.values(), *TOPICS.values()):
        # That money has not come says little as long as an item is heard as well.
        base = 5.0 if item.name == NOT_PAID else NAME_WEIGHT
        for name in (item.name, *item.aliases):
            yield name, Tag("name", item.name, base + 0.3 * min(len(name), 8))
        for name in item.programmes:
            yield name, Tag("programme", item.name, 6 + 0.3 * min(len(name), 8))
    for sense, words in read_toml("words.toml")["senses"].items():
        for word in expand(words):
            yield word, Tag("sense", sense, 1.0)
            if MONEY_IN_WORD.search(word):
                yield word, Tag("sense", MONEY, 1.0)
    for kind, words in read_toml("meanings.toml")["foreign"].items():
        yield from ((word, Tag("foreign", kind, 1.0)) for word in expand(words))
    yield from _aspect_words(read_toml("aspects.toml"))
    for intent, words in read_toml("talk.toml").items():
        yield from ((word, Tag("talk", intent, 1.0)) for word in expand(words))


def _aspect_words(aspects: dict[str, Any]) -> Iterator[tuple[str, Tag]]:
    yield from ((word, Tag("helper", "", 0.0)) for word in expand(aspects.pop("neutral")["words"]))
    for aspect, words in aspects.pop("card").items():
        yield from ((word, Tag("card", aspect, STRONG)) for word in expand(words))
    for aspect, groups in aspects.items():
        kinds: tuple[tuple[Kind, str, float], ...] = (
            ("aspect", "strong", STRONG),
            ("aspect", "mid", _MIDDLE),
            ("aspect", "weak", _WEAK),
            ("helper", "helper", _HELPER),
        )
        for kind, group, weight in kinds:
            words = dict.fromkeys(expand(groups.get(group, ())))
            yield from ((word, Tag(kind, aspect, weight)) for word in words)
