"""Wide tables: several payments in one row, one an item (玉米 … 大豆 …) or one a person (lists set side by side)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from intake import names
from intake.headers import Header
from knowledge.catalogue.items import item_named

_COUNTED = {names.AMOUNT, names.QUANTITY, names.STANDARD}


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of one payment in a row: headers of other payments are blank in `cells`; `own` are not shared."""

    cells: tuple[str, ...]
    groups: tuple[str, ...]
    columns: frozenset[int]
    own: frozenset[int] = frozenset()
    item: str | None = None


def parts_of(header: Header) -> list[Part]:
    """The parts of a row; a table that is not wide has one."""
    whole = Part(header.cells, header.groups, frozenset(range(len(header.cells))))
    if any(found[0] == names.ITEM for cell in header.cells if (found := names.known(cell))):
        return _side_by_side(header) or [whole]
    return _by_item(header) or _side_by_side(header) or [whole]


@lru_cache(maxsize=4096)
def item_in(text: str) -> str | None:
    """The item that a group's or a column's header names: 玉米, 玉米生产者补贴, 低保."""
    bare = names.bare(text)
    found = item_named(bare) or item_named(bare + "补贴") or item_named(bare.removesuffix("部分") + "补贴")
    return found.name if found and len(bare) > 1 else None


def item_and_rest(cell: str) -> tuple[str, str] | None:
    """玉米补贴金额 → the item and 补贴金额, where a header says both."""
    bare = names.bare(cell)
    if names.known(cell):
        return None
    for at in range(2, len(bare) - 1):
        found = names.known(bare[at:])
        if found and found[0] in _COUNTED and (item := item_in(bare[:at])):
            return item, bare[at:]
    return None


def _by_item(header: Header) -> list[Part]:
    own: defaultdict[str, dict[int, str]] = defaultdict(dict)  # item → column → what is left of its header
    for at, (cell, group) in enumerate(zip(header.cells, header.groups, strict=True)):
        named = names.field_of(cell)
        if both := item_and_rest(cell):
            own[both[0]][at] = both[1]
        elif (item := item_in(group)) and named in _COUNTED and named not in map(names.field_of, own[item].values()):
            own[item][at] = cell
        elif (item := item_in(cell)) and (found := names.known(group)) and found[0] in _COUNTED:
            own[item][at] = group
        elif (item := item_in(cell)) and not names.known(cell):
            own[item][at] = names.AMOUNT  # a column that is only called 玉米补贴 holds its amount
    paid = [item for item, cells in own.items() if any(names.field_of(cell) == names.AMOUNT for cell in cells.values())]
    if len(paid) < 2:
        return []
    taken = {at for item in paid for at in own[item]}
    shared = {at for at in range(len(header.cells)) if at not in taken and names.field_of(header.cells[at]) not in _COUNTED}
    return [_part(header, shared, own[item], item) for item in paid]


def _part(header: Header, shared: set[int], own: dict[int, str], item: str | None) -> Part:
    cells = [own.get(at, cell if at in shared else "") for at, cell in enumerate(header.cells)]
    groups = ["" if at in own else group for at, group in enumerate(header.groups)]
    return Part(tuple(cells), tuple(groups), frozenset({*shared, *own}), frozenset(own), item)


def _side_by_side(header: Header) -> list[Part]:
    titles = [names.bare(cell) for cell in header.cells]
    counts = Counter(title for title in titles if title)
    most = _repeats(header.cells, counts)
    if most < 2:
        return []
    seen: Counter[str] = Counter()
    strips: list[dict[int, str]] = [{} for _ in range(most)]
    shared = set()
    for at, title in enumerate(titles):
        if title and counts[title] == most:
            strips[seen[title]][at] = header.cells[at]
            seen[title] += 1
        else:
            shared.add(at)
    return [_part(header, shared, own, None) for own in strips]


def _repeats(cells: Sequence[str], counts: Counter[str]) -> int:
    """How many persons stand side by side: so often do number, name and amount repeat."""
    times = []
    for wanted in (names.ID, names.NAME, names.AMOUNT):
        titles = {names.bare(cell) for cell in cells if (found := names.known(cell)) and found[0] == wanted}
        times.append(max((counts[title] for title in titles), default=1))
    return times[0] if len(set(times)) == 1 else 1
