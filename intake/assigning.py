"""Which column is which field: what was said, what the header names, what its ending and the cells suggest, in this order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from intake import contents, names
from intake.strips import Part
from knowledge.catalogue.items import ITEMS

REMARK, DROPPED = "备注", "不要"
_NEVER_GUESSED = (names.ID, names.NAME, names.AMOUNT)  # where two columns fit alike, somebody has to say


_REALLY, _OF_ALL = re.compile("实"), re.compile("合计|总")


@dataclass(slots=True)
class Assigned:
    """The column of each field; which of them are guesses; fields that several columns fit; what was said of columns."""

    columns: dict[str, int] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    open: dict[str, list[int]] = field(default_factory=dict)
    said: dict[int, str] = field(default_factory=dict)
    _notes: list[tuple[str, str]] = field(default_factory=list)  # field, what is noted of it

    def guess(self, name: str, column: int, label: str) -> None:
        self.columns[name] = column
        self.doubtful.add(name)
        self.note(name, f"“{label}”列当作“{name}”。如果不对，请另外指定。")

    def take(self, name: str, column: int, label: str) -> None:
        """This column after all, and not the one that was found first."""
        self._notes = [(field_, text) for field_, text in self._notes if field_ != name]
        self.guess(name, column, label)

    def leave_open(self, name: str, columns: list[int]) -> None:
        """Nobody can tell which of these columns it is."""
        self._notes = [(field_, text) for field_, text in self._notes if field_ != name]
        self.columns.pop(name, None)
        self.doubtful.discard(name)
        self.open[name] = columns

    def note(self, name: str, text: str) -> None:
        self._notes.append((name, text))

    def notes_but_of(self, names_: Container[str]) -> list[str]:
        """What is to be noted, but for fields that were decided otherwise."""
        return [text for name, text in self._notes if name not in names_]


def assign(part: Part, labels: Sequence[str], body: Sequence[Sequence[str]], said: Mapping[str, str]) -> Assigned:
    """The fields of the columns of a part. `body` are some rows below, `said` gives the field of a label."""
    result = Assigned()
    for at in sorted(part.columns):
        if labels[at] in said:
            result.said[at] = names.AMOUNT if said[labels[at]] in ITEMS else said[labels[at]]
            if result.said[at] not in (REMARK, DROPPED):
                result.columns[result.said[at]] = at
    usable = [
        at for at in sorted(part.columns)
        if at not in result.said and not (part.groups[at] and names.is_somebody_elses(part.groups[at]))
    ]  # fmt: skip
    _by_name(result, part.cells, labels, body, usable)
    _by_ending(result, part.cells, labels, usable)
    _by_contents(result, part.cells, labels, body, usable)
    return result


def _by_name(
    result: Assigned, cells: Sequence[str], labels: Sequence[str], body: Sequence[Sequence[str]], usable: Sequence[int]
) -> None:
    candidates: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for at in usable:
        if found := names.known(cells[at]):
            candidates[found[0]].append((found[1], at))
    for name, many in candidates.items():
        if name in result.columns:
            continue
        with_content = [one for one in many if _holds_anything(one[1], body)] or many
        best = min(rank for rank, _ in with_content)
        filled = [at for rank, at in with_content if rank == best]
        if name == names.AMOUNT and not _REALLY.match(cells[filled[0]].strip()):
            filled += [at for _, at in with_content if at not in filled and _OF_ALL.search(cells[at])]  # what was paid may be the sum
        if len(filled) > 1 and name in _NEVER_GUESSED and not _same(filled, body):
            result.open[name] = filled
            continue
        result.columns[name] = filled[0]
        for _, at in many:
            if at != filled[0]:
                result.note(name, f"两列都像“{name}”：用了“{labels[filled[0]]}”，“{labels[at]}”记入备注。")


def _holds_anything(column: int, body: Sequence[Sequence[str]]) -> bool:
    return any(column < len(row) and row[column].strip() for row in body)


def _same(columns: Sequence[int], body: Sequence[Sequence[str]]) -> bool:
    rows = [[row[at] if at < len(row) else "" for at in columns] for row in body]
    return all(len(set(row)) == 1 for row in rows)


def _by_ending(result: Assigned, cells: Sequence[str], labels: Sequence[str], usable: Sequence[int]) -> None:
    candidates: defaultdict[str, list[int]] = defaultdict(list)
    taken = set(result.columns.values())
    for at in usable:
        name = names.likely(cells[at])
        if name and at not in taken and name not in result.columns and name not in result.open and not names.known(cells[at]):
            candidates[name].append(at)
    for name, many in candidates.items():
        if len(many) > 1 and name in _NEVER_GUESSED:
            result.open[name] = many
        else:
            result.guess(name, many[0], labels[many[0]])


def _by_contents(
    result: Assigned, cells: Sequence[str], labels: Sequence[str], body: Sequence[Sequence[str]], usable: Sequence[int]
) -> None:
    free = [
        at for at in usable
        if at not in result.columns.values() and not names.known(cells[at]) and not names.is_somebody_elses(cells[at])
    ]  # fmt: skip
    wanted = {name for name in names.COLUMNS if name not in result.columns and name not in result.open}
    for name, at in contents.told(body, free, wanted).items():
        result.guess(name, at, labels[at])
