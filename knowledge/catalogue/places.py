"""The county's townships and villages, and how people name them.

Source of the names: 统计用区划代码 2023; places.toml holds them. 岔路河镇 belongs to 永吉县 but is run by 中新食品区:
it is recognised and flagged, so that somebody first checks where the matter is handled.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_VILLAGE_ENDINGS = ("村委会", "社区", "大队", "村", "屯")
_OFFICES = ("人民政府", "镇政府", "乡政府", "政府", "管委会")


@dataclass(frozen=True, slots=True)
class Town:
    """A township: its name, what people call it, and its villages and communities without 村 / 社区."""

    name: str
    aliases: tuple[str, ...]
    villages: tuple[str, ...]
    communities: tuple[str, ...] = ()
    administered_elsewhere: bool = False
    not_after: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        return self.villages + self.communities


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text speaks of. `ambiguous_towns` is filled when its village stands in several townships: ask."""

    town: str | None = None
    village: str | None = None
    ambiguous_towns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    name: str


def _load() -> tuple[dict[str, Town], frozenset[str], dict[int, str]]:
    with Path(__file__).with_name("places.toml").open("rb") as file:
        data: dict[str, Any] = tomllib.load(file)
    towns = {}
    for row in data["town"]:
        lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        towns[row["name"]] = Town(**lists)
    return towns, frozenset(data["ordinary_words"]), str.maketrans(data["written_also"])


_towns, _ORDINARY, _WRITTEN_ALSO = _load()
TOWNS: Mapping[str, Town] = MappingProxyType(_towns)
"""The nine townships and 岔路河镇, by name."""


def _spellings(town: Town) -> Iterator[str]:
    for alias in (town.name, *town.aliases):
        yield alias
        if alias[-1] not in "镇乡区":
            yield from (alias + "镇", alias + "乡")


_TOWN_BY_SPELLING = {spelling: town for town in TOWNS.values() for spelling in _spellings(town)}
_TOWNS_OF: dict[str, tuple[str, ...]] = {}
for _town in TOWNS.values():
    for _village in _town.places:
        _TOWNS_OF[_village] = (*_TOWNS_OF.get(_village, ()), _town.name)
_LONGEST_NAME = max(map(len, _TOWNS_OF))


def _any_of(words: Iterator[str] | tuple[str, ...] | Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_TOWN = re.compile(_any_of(_TOWN_BY_SPELLING))
_VILLAGE = re.compile(f"(?P<name>{_any_of(_TOWNS_OF)})(?P<ending>{_any_of(_VILLAGE_ENDINGS)})?")
_SELF = re.compile(r"(?:[我俺咱]|们|家)(?:家)?(?:就)?(?:是|住|在|住在|家在)?(?:咱|俺)?$")
_OWN = re.compile(r"^的?(?:这边|那边|这儿|那儿|这疙瘩|这旮旯)?的?(?:$|[,，。;；、!！?？])")
_CLAUSE_BEGINS = re.compile(r"(?:^|[,，。;；、!！?？])$")
_AT_HOME = re.compile(r"^(?:的|这|那|人|$|[,，。;；、])")


def town_named(text: str) -> Town | None:
    """The township that a form's or a file's cell names: its name or an alias, alone; else None."""
    name = _clean(text)
    for prefix in ("吉林省", "吉林市"):
        name = name.removeprefix(prefix)
    for ending in ("", *_OFFICES):
        bare = name.removesuffix(ending)
        found = _TOWN_BY_SPELLING.get(bare) or _TOWN_BY_SPELLING.get(bare.removeprefix("永吉县"))
        if found:
            return found
    return None


def village_in_town(village: str, town: str) -> bool:
    """Whether the township has this village or community, written with or without 村 / 社区."""
    there = TOWNS.get(town)
    if there is None:
        return False
    name = _clean(village)
    bare = (name, *(name.removesuffix(ending) for ending in _VILLAGE_ENDINGS))
    return any(one in there.places for one in bare)


def spellings_of(village: str) -> tuple[str, ...]:
    """A village's or community's name in every way it may be written in a case: 狼头, 狼头村, 狼头社区."""
    name = _clean(village)
    bare = next(
        (name.removesuffix(ending) for ending in _VILLAGE_ENDINGS if name.endswith(ending) and name != ending), name
    )
    return (bare, *(bare + ending for ending in _VILLAGE_ENDINGS))


@lru_cache(maxsize=512)  # a flow asks again at each of its steps
def find_place(text: str) -> Place | None:
    """The place a free text speaks of, or None. A village of one township gives the township.

    Short names that are ordinary words count only as 向阳村, beside their township or in 我是向阳的.
    """
    clean = _clean(text)
    towns = list(_town_mentions(clean))
    villages = list(_village_mentions(clean, towns))
    if not towns and not villages:
        towns, villages = _by_sound(clean)
    if towns:
        town = _home(clean, towns)
        there = TOWNS[town].places
        return Place(town, next((one.name for one in villages if one.name in there), None))
    for mention in villages:
        candidates = _TOWNS_OF[mention.name]
        if len(candidates) == 1:
            return Place(candidates[0], mention.name)
    if villages:
        return Place(None, villages[0].name, _TOWNS_OF[villages[0].name])
    return None


def _clean(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _town_mentions(text: str) -> Iterator[_Mention]:
    for found in _TOWN.finditer(text):
        town = _TOWN_BY_SPELLING[found[0]]
        full = found[0][-1] in "镇乡"
        if full or not text[: found.start()].endswith(town.not_after or ("\0",)):
            yield _Mention(found.start(), found.end(), town.name)


def _village_mentions(text: str, towns: list[_Mention]) -> Iterator[_Mention]:
    for found in _VILLAGE.finditer(text):
        mention = _Mention(found.start(), found.end(), found["name"])
        if found["ending"] or _speaks_for_itself(text, mention, towns):
            yield mention


def _speaks_for_itself(text: str, mention: _Mention, towns: list[_Mention]) -> bool:
    """Whether a village's name without 村 is meant as the village."""
    beside_town = any(town.end == mention.start and mention.name in TOWNS[town.name].places for town in towns)
    if beside_town:
        return True
    if mention.name in _TOWN_BY_SPELLING:  # 西阳 alone is the township
        return False
    before, after = text[: mention.start], text[mention.end :]
    at_home = _SELF.search(before) and _AT_HOME.search(after)
    # 庙岭的,…  and …,庙岭 alone between two stops: a family's name is none.
    own = mention.name[-1] != "家" and _CLAUSE_BEGINS.search(before) and _OWN.search(after)
    return mention.name not in _ORDINARY or bool(at_home or own)


def _home(text: str, towns: list[_Mention]) -> str:
    """Of several townships the one the writer lives in: …，万昌镇 at the end, 我是万昌的, else the first."""

    def rank(mention: _Mention) -> tuple[bool, bool, int]:
        before, after = text[: mention.start], text[mention.end :].strip("的。,!. ")
        signed = not after and (not before or before[-1] in ",。;!?、:")
        own = bool(_SELF.search(before)) or text[mention.end : mention.end + 2] in ("的,", "的。")
        return signed, own, -mention.start

    return max(towns, key=rank).name


@cache
def _sound_index() -> dict[str, str]:
    index = {_sounds(way): name for name in _TOWNS_OF for way in (name, name.translate(_WRITTEN_ALSO))}
    index |= {_sounds(alias): alias for town in TOWNS.values() for alias in town.aliases if len(alias) <= 4}
    return index


def _sounds(text: str) -> str:
    # Readings take 100 ms to load, and a form's or a file's cell needs none.
    from knowledge.understanding_sound import sound_of

    return sound_of(text)


def _by_sound(text: str) -> tuple[list[_Mention], list[_Mention]]:
    """Misheard names: 一拉西 for 一拉溪. Two characters count only before 镇, 乡 or 村: 扣钱 is not 口前."""
    heard = _sounds(text)
    towns, villages = [], []
    for start in range(len(heard) - 1):
        for length in range(_LONGEST_NAME, 1, -1):
            end = start + length
            name = _sound_index().get(heard[start:end]) if end <= len(heard) else None
            if name is None or text[start:end] == name:  # written right, it was weighed already
                continue
            after = text[end : end + 1]
            mention = _Mention(start, end, name)
            if name in _TOWN_BY_SPELLING and (after in ("镇", "乡") or (length > 2 and after != "村")):
                towns.append(_Mention(start, end, _TOWN_BY_SPELLING[name].name))
            elif name in _TOWNS_OF and (after == "村" or (length > 2 and name not in _ORDINARY)):
                villages.append(mention)
            break
    return towns, villages
