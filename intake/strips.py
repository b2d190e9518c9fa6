"""Wide tables: several payments in one row, one an item (玉米 … 大豆 …) or one a person (lists set side by side)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from intake import names
from intake.headers import Header
from intake.wire import unmarked
from knowledge.catalogue.items import ITEMS, item_named

# How a column ends that holds one item's money and does not say 金额.
_PAID = re.compile("(?:补贴|补助|津贴|补偿|救助|奖励|优待|抚恤|低保|特困|保障|护理|供养|生活费|护理费|取暖费|补助费)金?$")
_MONEY = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?元?")
_COUNTED = {names.AMOUNT, names.QUANTITY, names.STANDARD}


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of one payment in a row: headers of other payments are blank in `cells`; `own` are not shared."""

    cells: tuple[str, ...]
    groups: tuple[str, ...]
    columns: frozenset[int]
    own: frozenset[int] = frozenset()
    item: str | None = None


def parts_of(header: Header, said: Mapping[str, str] | None = None) -> list[Part]:
    """The parts of a row; a table that is not wide has one. `said`: what somebody said of the columns, by label."""
    whole = Part(header.cells, header.groups, frozenset(range(len(header.cells))))
    if any(found[0] == names.ITEM for cell in header.cells if (found := names.known(cell))):
        return _side_by_side(header) or [whole]
    return _by_item(header, said or {}) or _side_by_side(header) or [whole]


def unnamed(header: Header, parts: Sequence[Part], body: Sequence[Sequence[str]], said: Container[str]) -> list[int]:
    """Columns that hold money for another item each, of which nobody has said which: 护理补贴, 取暖补贴 beside a sum.

    One such column is a remark; two stand for a row of several payments, whose sum is no payment of one item.
    """
    known = {at for part in parts if part.item for at in part.own}
    others = [
        at for at, cell in enumerate(header.cells)
        if at not in known and header.labels[at] not in said and not names.known(cell) and _sounds_paid(cell) and _holds_money(at, body)
    ]  # fmt: skip
    named = {part.item for part in parts if part.item}
    return others if len(named) + len(others) > 1 else []


def _sounds_paid(cell: str) -> bool:
    return "其中" not in cell and (_PAID.search(names.bare(cell)) is not None or item_in(cell) is not None)


def _holds_money(at: int, body: Sequence[Sequence[str]]) -> bool:
    texts = [unmarked(row[at]).strip() for row in body if at < len(row)]
    return any(text.strip("0.") for text in texts) and all(_MONEY.fullmatch(text) for text in texts if text)


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


def _by_item(header: Header, said: Mapping[str, str]) -> list[Part]:
    own: defaultdict[str, dict[int, str]] = defaultdict(dict)  # item → column → what is left of its header
    lists = _lists_of_their_own(header)
    for at, (cell, group) in enumerate(zip(header.cells, header.groups, strict=True)):
        named = names.field_of(cell)
        if (meant := said.get(header.labels[at])) is not None:
            if meant in ITEMS:
                own[meant][at] = names.AMOUNT
        elif (item := item_in(group)) in lists and item is not None:
            own[item][at] = cell
        elif both := item_and_rest(cell):
            own[both[0]][at] = both[1]
        elif (item := item_in(group)) and named in _COUNTED and named not in map(names.field_of, own[item].values()):
            own[item][at] = cell
        elif (item := item_in(cell)) and (found := names.known(group)) and found[0] in _COUNTED:
            own[item][at] = group
        elif (item := item_in(cell)) and not names.known(cell):
            own[item][at] = names.AMOUNT  # a column that is only called 玉米补贴 holds its amount
    paid = [item for item, cells in own.items() if any(names.field_of(cell) == names.AMOUNT for cell in cells.values())]
    is_settled = any(header.labels[at] in said and _sounds_paid(cell) for at, cell in enumerate(header.cells))
    if len(paid) < (1 if is_settled else 2):
        return []
    taken = {at for item in paid for at in own[item]}
    shared = {at for at in range(len(header.cells)) if at not in taken and names.field_of(header.cells[at]) not in _COUNTED}
    return [_part(header, shared, own[item], item) for item in paid]


def _lists_of_their_own(header: Header) -> set[str]:
    """Items that each have a list of persons of their own, set side by side."""
    found = {
        item for cell, group in zip(header.cells, header.groups, strict=True)
        if (named := names.known(cell)) and named[0] == names.ID and (item := item_in(group))
    }  # fmt: skip
    return found if len(found) > 1 else set()


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
