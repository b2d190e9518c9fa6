"""The items of the county's list and the general topics of the service, as data: items.toml says what each field means."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Item:
    """One subsidy, or one general topic (then `payer`, `unit` and `per` are empty).

    `aliases` name the money itself; `programmes` name the thing that is paid for and may be meant in another sense.
    """

    name: str
    aliases: tuple[str, ...]
    programmes: tuple[str, ...]
    department: str
    payer: str
    unit: str
    per: str
    group: str
    exclusions: tuple[str, ...]
    min_age: int | None
    max_age: int | None


def _load(kind: str, defaults: Mapping[str, Any]) -> Mapping[str, Item]:
    rows = tomllib.loads(Path(__file__).with_name("items.toml").read_text(encoding="utf-8"))[kind]
    return MappingProxyType({row["name"]: _item({**defaults, **row}) for row in rows})


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        name=row["name"],
        aliases=tuple(row["aliases"]),
        programmes=tuple(row.get("programmes", ())),
        department=row["department"],
        payer=row["payer"],
        unit=row["unit"],
        per=row["per"],
        group=row["group"],
        exclusions=tuple(row.get("exclusions", ())),
        min_age=row.get("min_age"),
        max_age=row.get("max_age"),
    )


ITEMS: Final[Mapping[str, Item]] = _load("item", {"payer": "财政局"})
TOPICS: Final[Mapping[str, Item]] = _load("topic", {"payer": "", "unit": "", "per": "", "group": "办事"})

# What a payment file writes around an item's name: the year in front, 资金 behind.
_AROUND = re.compile(r"^(?:20\d\d年?度?)?(?:永吉县)?(.+?)(?:资金|专项资金|发放表|发放明细|明细)?$")
_NOT_IN_A_NAME = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


def plain(name: str) -> str:
    """A name without blanks and punctuation, full-width letters made half-width."""
    return _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFKC", name))


def _names() -> Iterator[tuple[str, Item]]:
    for item in ITEMS.values():
        for name in (item.name, *item.aliases, *item.programmes):
            yield plain(name), item


_BY_NAME: Final[Mapping[str, Item]] = dict(_names())


def item_named(text: str) -> Item | None:
    """The item with exactly this official name or alias; None for a topic, a name of several items, or anything else."""
    name = plain(text)
    found = _BY_NAME.get(name)
    if found is None and (inner := _AROUND.match(name)):
        found = _BY_NAME.get(inner[1])
    return found
