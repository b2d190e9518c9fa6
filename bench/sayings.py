"""The sayings that `bench.learning` learns from beside the written ones (bench.written): made from patterns, for breadth.

patterns.toml holds ways to ask, names of the items' money and what is asked of one item only, others.toml what is
somebody else's business; all drawn with a fixed seed, the same every time.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import jieba
from pypinyin import lazy_pinyin

from bench.written import SAYINGS, Saying, opening
from knowledge.catalogue.items import ITEMS
from knowledge.understanding_items import CARD

_SEEDS: Final = (4, 5, 6)
_BRACES = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([^<>]+)>")
_COMMON: Final = 2500
# How often each kind of pattern is drawn.
_ASKED: Final = 14
_OWN: Final = 3
_LATER: Final = 150
_UNNAMED: Final = 4
_TOLD: Final = 300
_LEADS_TO: Final = {"难": "怎么申请", "推": "找谁"}  # what is asked by telling what hinders, or who sends one away
_OF_CARD: Final = 300
_TURNED: Final = 5
_FACTS: Final = 14
_CLAIMS: Final = 8
_OTHERS: Final = 13
_AMONG: Final = 600
_AMONG_OTHERS: Final = 1500
# How often a saying is dressed with an address or an ending, put after a story, misheard, typed in pinyin.
_DRESSED: Final = 0.35
_STORY: Final = 0.15
_SLIPPED: Final = 0.2
_TYPED: Final = 0.05
# What a made saying counts beside a written one.
_MADE: Final = 0.14

Patterns = Mapping[str, Any]
Slots = Mapping[str, Sequence[str]]


def made() -> list[Saying]:
    """The sayings that the patterns give, each draw once in it: several draws, for one leaves much to chance."""
    return [saying for seed in _SEEDS for saying in _drawn(random.Random(seed))]


def _drawn(chance: random.Random) -> list[Saying]:
    openings = list(dict.fromkeys(_ours(chance)))
    foreign = list(dict.fromkeys(_others(chance)))
    later = list(dict.fromkeys((*_later(chance), *_among(openings, foreign, chance))))
    return [*openings, *foreign, *later]


@cache
def _read(name: str) -> Patterns:
    return tomllib.loads((SAYINGS / name).read_text(encoding="utf-8"))


def _ours(chance: random.Random) -> Iterator[Saying]:
    patterns = _read("patterns.toml")
    slots = patterns["slots"]
    for item, names in patterns["names"].items():
        for aspect in _aspects_drawn(_ASKED):
            called = chance.choice((names, (item, *ITEMS[item].aliases)))
            yield opening(_asked(called, aspect, chance), [item], [aspect])._replace(weight=_MADE)
    for several, names in patterns["shared"].items():
        for aspect in _aspects_drawn(2 * len(names)):
            one = opening(_asked(names, aspect, chance), several.split("+"), [aspect])
            yield one._replace(weight=_MADE, even=True)
    for item, aspects in patterns["own"].items():
        for aspect, ways in aspects.items():
            for way in ways:
                for _ in range(_OWN * (1 + way.count("{"))):
                    text = _worn(_draw(way, slots, chance), slots, chance)
                    yield opening(text, [item], [aspect])._replace(weight=_MADE)


def _aspects_drawn(times: int) -> Iterator[str]:
    return (aspect for aspect in _read("patterns.toml")["asks"] for _ in range(times))


def _asked(names: Sequence[str], aspect: str, chance: random.Random) -> str:
    """One way to ask this of something with one of these names."""
    patterns = _read("patterns.toml")
    text = _draw(chance.choice(patterns["asks"][aspect]), {**patterns["slots"], "x": names}, chance)
    return _worn(text, patterns["slots"], chance)


def _others(chance: random.Random) -> Iterator[Saying]:
    patterns = _read("others.toml")
    names = [name for names in _read("patterns.toml")["names"].values() for name in names]
    slots = {**patterns["slots"], "ours": names}
    for ways in patterns["others"].values():
        for way in ways:
            for _ in range(_OTHERS * (1 + way.count("{") // 2)):
                yield Saying(_worn(_draw(way, slots, chance), slots, chance), ours=False, weight=_MADE)


def _later(chance: random.Random) -> Iterator[Saying]:
    """What goes on with a talk: asked without a name, only told, or the same asked of another item."""
    patterns = _read("patterns.toml")
    slots, aspects = patterns["slots"], list(patterns["asks"])
    yield from _nameless(patterns, aspects, chance)
    for _ in range(_OF_CARD):
        before = f"卡{chance.choice(list(patterns['own'][CARD]))}"
        text = _slip(_draw(chance.choice(patterns["card"]["ways"]), slots, chance), chance)
        yield _going_on(text, (before[1:],), before)._replace(card=True)
    for item, things in patterns["things"].items():
        of_card = "卡" if item == CARD else ""
        names = (*things, *patterns["names"].get(item, things))
        for asked, ways in patterns["turns"].items():
            if of_card and asked != "same":
                continue
            for _ in range(_TURNED if asked == "same" else 2):
                before, called = chance.choice(aspects), chance.choice((things, names))
                text = _slip(_draw(chance.choice(ways), {**slots, "x": called}, chance), chance)
                aspect = "概览" if of_card else before if asked == "same" else asked
                one = _going_on(text, (aspect,), before)
                yield one._replace(items=(item,), alone=True, card=bool(of_card))
    yield from _facts(patterns, aspects, chance)


def _nameless(patterns: Patterns, aspects: Sequence[str], chance: random.Random) -> Iterator[Saying]:
    """What names nothing: something asked, or only told."""
    slots = patterns["slots"]
    for aspect, ways in patterns["later"].items():
        for _ in range(_LATER):
            text = _slip(_draw(chance.choice(ways), slots, chance), chance)
            yield _going_on(text, (aspect,), chance.choice(aspects))
    for aspect, ways in patterns["asks"].items():
        for way in ways * _UNNAMED:
            text = _slip(_draw(way.replace("<x>", ""), slots, chance), chance)
            yield _going_on(text, (aspect,), chance.choice(aspects))
    for kind, ways in patterns["told"].items():
        for _ in range(_TOLD):
            text = _slip(_draw(chance.choice(ways), slots, chance), chance)
            before = "没收到" if kind == "钱" else chance.choice(aspects)
            yield _going_on(text, _goes_on_with(kind, before), before)


def _goes_on_with(kind: str, before: str) -> tuple[str, ...]:
    """What is asked by telling only something of this kind, after a talk about this aspect."""
    if before == "没收到" or (kind == "数" and before == "领多少"):
        return (before,)
    if kind == "人" and before == "领多少":
        return ("谁能领",)
    return tuple(dict.fromkeys((_LEADS_TO.get(kind, "谁能领"), before)))


def _facts(patterns: Patterns, aspects: Sequence[str], chance: random.Random) -> Iterator[Saying]:
    """What decides between items of one kind, or says that somebody has another claim as well."""
    for kind, also in (("facts", ("谁能领",)), ("corrections", ())):
        for item, ways in patterns[kind].items():
            for way in ways * _FACTS:
                before = chance.choice(aspects)
                text = _slip(_draw(way, patterns["slots"], chance), chance)
                yield _going_on(text, (*also, before), before)._replace(items=(item,), alone=True if kind == "facts" else None)
    for item, names in patterns["claims"].items():
        for _ in range(_CLAIMS):
            text = f"{chance.choice('她他我')}{chance.choice(('还是', '又是', '也是', '也'))}{chance.choice(names)}"
            text += chance.choice(
                (",能一块儿领不", "能都领吗", ",能一起领吗", ",还能领啥", ",那个能领吗", ",两样都给不")
            )
            yield _going_on(_slip(text, chance), ("谁能领",), chance.choice(aspects))._replace(
                items=(item,), alone=True
            )


def _going_on(text: str, aspects: tuple[str, ...], before: str) -> Saying:
    return Saying(text, (), aspects, ours=True, alone=False, before=before, later=True, weight=_MADE)


def _among(openings: Sequence[Saying], foreign: Sequence[Saying], chance: random.Random) -> Iterator[Saying]:
    """Openings, ours and others', as they come in the middle of a talk."""
    patterns = _read("patterns.toml")
    aspects = [*patterns["asks"], *(f"卡{aspect}" for aspect in patterns["own"][CARD])]
    for one in (*chance.sample(openings, _AMONG), *chance.sample(foreign, _AMONG_OTHERS)):
        yield one._replace(before=chance.choice(aspects), later=True)
    of_card = [f"卡{aspect}" for aspect in patterns["own"][CARD]]
    for one in (*openings, *openings):
        if one.card:
            yield one._replace(before=chance.choice(of_card), later=True, alone=None)
            yield one._replace(text=one.text.replace(CARD, ""), before=chance.choice(of_card), later=True, alone=False)


def _draw(way: str, slots: Slots, chance: random.Random) -> str:
    """One saying of a pattern."""
    while "{" in way or "<" in way:
        way = _BRACES.sub(lambda found: chance.choice(found[1].split(",")), way)
        way = _SLOT.sub(lambda found: chance.choice(slots[found[1]]), way)
    return way


def _worn(text: str, slots: Slots, chance: random.Random) -> str:
    """The saying as it may come: with an address, after a story, with an ending, misheard, or in pinyin."""
    if "事前" in slots and chance.random() < _STORY:
        text = _draw(chance.choice(slots["事前"]), slots, chance) + text
    if chance.random() < _DRESSED:
        text = chance.choice(slots["头"]) + text if chance.random() < 0.5 else text + chance.choice(slots["尾"])
    if chance.random() < _TYPED:
        return chance.choice(("", " ")).join(lazy_pinyin(text))
    return _slip(text, chance)


def _slip(text: str, chance: random.Random) -> str:
    """Now and then a character is another of the same sound."""
    if text and chance.random() < _SLIPPED:
        place = chance.randrange(len(text))
        same = alike().get(lazy_pinyin(text[place])[0])
        if same:
            return text[:place] + chance.choice(same) + text[place + 1 :]
    return text


@cache
def alike() -> dict[str, list[str]]:
    """The common characters by their sound."""
    counts: dict[str, int] = {}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, _ = line.decode().split(" ")
            if len(word) == 1 and "\u4e00" <= word <= "\u9fa5":
                counts[word] = int(count)
    found: dict[str, list[str]] = {}
    for character in sorted(counts, key=counts.__getitem__, reverse=True)[:_COMMON]:
        found.setdefault(lazy_pinyin(character)[0], []).append(character)
    return found
