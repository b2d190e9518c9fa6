"""Texts that are hardly more than the name of an item."""

from __future__ import annotations

import re
from typing import Final

from knowledge.catalogue.items import ITEMS

_ROOM: Final = 4  # characters beside the name: 低保的事, 是地补


def is_named(text: str, item: str) -> bool:
    """Whether a text is hardly more than this item's name, or one of its other names."""
    return any(name in text and len(text) <= len(name) + _ROOM for name in (item, *ITEMS[item].aliases))


def named_alone(text: str) -> str | None:
    """The item whose name is nearly the whole text; of several the one with the longest name. None without one."""
    if len(text) > _LONGEST:
        return None
    hits = [(len(name), item) for item, names in _NAMES for name in names if name in text and len(text) <= len(name) + _ROOM]
    return max(hits)[1] if hits else None


def only_named(text: str) -> str | None:
    """The one item whose name stands in a text; None where there is none, or more than one. 低保户 is a person."""
    rest, found = text, set()
    for name, item in _BY_LENGTH:
        if name in rest:
            found |= {item} if re.search(f"{re.escape(name)}(?!户)", rest) else set()
            rest = rest.replace(name, " " * len(name))
    return found.pop() if len(found) == 1 else None


_NAMES: Final = tuple((item, (item, *ITEMS[item].aliases)) for item in ITEMS)
_BY_LENGTH: Final = sorted(((name, item) for item, names in _NAMES for name in names), key=lambda pair: -len(pair[0]))
_LONGEST: Final = max(len(name) for _, names in _NAMES for name in names) + _ROOM
