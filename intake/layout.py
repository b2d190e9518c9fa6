"""What each column of a table is: by its header, by what was said of it, and where both are silent by its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake import fitting, names, persons
from intake import strips as strips_of
from intake.assigning import DROPPED, Assigned, assign
from intake.headers import Header
from intake.progress import PAID_STAGES
from intake.strips import Part, parts_of


@dataclass(frozen=True, slots=True)
class Strip:
    """The columns of one payment: `columns` and `extra` give the position of each field and each remark.

    A wide table has several strips in a row: one an item, or one a person. `own` are the columns of this one alone, empty
    where there is but one; `item` is what its group of columns names. `times` is a second quantity to multiply with.
    """

    columns: Mapping[str, int]
    titles: Mapping[str, str]
    extra: Mapping[str, int]
    unit: str | None = None
    item: str | None = None
    own: frozenset[int] = frozenset()
    times: int | None = None

    @property
    def telling(self) -> frozenset[int]:
        """The columns that say whether a wide row holds this payment: of an item, not a standard that stands in every row."""
        if not self.item:
            return self.own
        counted = {self.columns[name] for name in (names.AMOUNT, names.QUANTITY) if name in self.columns}
        return frozenset(counted & self.own) or self.own

    def missing(self, given: Mapping[str, object]) -> list[str]:
        """The columns that rows need and that neither the file has nor `given` gives."""
        have = {*self.columns, *given, *([names.ITEM] if self.item else [])}
        lacking = [name for name in names.NEEDED if name not in have]
        if given.get(names.STATUS) in PAID_STAGES:
            needed = {names.PAID_DATE}
        elif names.STATUS in given:
            needed = {names.STATUS_DATE}
        else:
            needed = {names.STATUS_DATE, names.PAID_DATE}
        return lacking if have & needed else [*lacking, min(needed, key=names.COLUMNS.index)]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's columns. `open` are fields that several columns might be, with their labels: somebody has to say.

    `doubtful` are columns whose field was guessed. `notes` say in Chinese where a guess was made. `sum_at` is the column
    of a wide table that holds the sum of a row's payments; `unnamed` are its columns of which nobody knows the item.
    """

    header: Header
    labels: tuple[str, ...]
    strips: tuple[Strip, ...]
    notes: tuple[str, ...] = ()
    doubtful: frozenset[int] = frozenset()
    open: Mapping[str, tuple[str, ...]] | None = None
    sum_at: int | None = None
    unnamed: tuple[str, ...] = ()

    @property
    def header_row(self) -> int:
        return self.header.rows

    @property
    def width(self) -> int:
        return len(self.labels)

    @property
    def columns(self) -> Mapping[str, int]:
        """The columns of the first strip."""
        return self.strips[0].columns

    def field_of(self, column: int) -> str | None:
        """The field that a column is, in any strip."""
        if any(strip.times == column for strip in self.strips):
            return names.QUANTITY
        return next((name for strip in self.strips for name, at in strip.columns.items() if at == column), None)


def of(header: Header, body: Sequence[Sequence[str]], said: Mapping[str, str] | None = None) -> Layout:
    """The layout of a table. `body` are some rows under its header; `said` gives the field of a label."""
    labels = header.labels
    strips: list[Strip] = []
    notes: list[str] = []
    doubtful: set[int] = set()
    undecided: dict[str, tuple[str, ...]] = {}
    parts = parts_of(header, said)
    for part in parts:
        assigned = assign(part, labels, body, said or {})
        persons.decide(assigned, part, labels, body)
        fitting.doubt_rates(assigned, part.cells, body)
        fitted = fitting.fit(assigned, part.cells, body)
        notes += [note for note in (*assigned.notes_but_of(fitted.columns), *fitted.notes) if note not in notes]
        doubtful |= {assigned.columns[name] for name in assigned.doubtful if name in assigned.columns}
        undecided |= {name: tuple(labels[at] for at in many) for name, many in assigned.open.items()}
        strips.append(_strip(part, assigned, fitted, labels))
    if len(strips) > 1:
        notes.append(_said_of_strips(strips))
    unnamed = tuple(labels[at] for at in strips_of.unnamed(header, parts, body, said or ()))
    sum_at = next((at for at, cell in enumerate(header.cells) if _is_sum(at, cell, strips)), None)
    return Layout(header, labels, tuple(strips), tuple(notes), frozenset(doubtful), undecided, sum_at, unnamed)


def _is_sum(at: int, cell: str, strips: Sequence[Strip]) -> bool:
    taken = any(at in strip.own or at in strip.columns.values() for strip in strips)
    return len(strips) > 1 and not taken and names.field_of(cell) == names.AMOUNT


def _strip(part: Part, assigned: Assigned, fitted: fitting.Fitted, labels: Sequence[str]) -> Strip:
    columns = {**assigned.columns, **fitted.columns}
    taken = {*columns.values(), *([fitted.times] if fitted.times is not None else [])}
    extra = {
        label.partition("#")[0] if label.partition("#")[0] not in labels[:at] else label: at
        for at, label in enumerate(labels)
        if at not in taken and at in part.columns and assigned.said.get(at) != DROPPED and not names.is_dropped(part.cells[at])
    }
    times = None if fitted.times is None else names.unit_in(part.cells[fitted.times])
    unit = names.unit_in(part.cells[columns[names.QUANTITY]]) if names.QUANTITY in columns else None
    return Strip(
        columns=columns,
        titles={name: part.cells[at] for name, at in columns.items()},
        extra={title[:40]: at for title, at in extra.items()},
        unit=f"{unit}·{times}" if unit and times else unit,
        item=part.item,
        own=part.own,
        times=fitted.times,
    )


def _said_of_strips(strips: Sequence[Strip]) -> str:
    if strips[0].item:
        return f"一行里有几项补贴（{'、'.join(str(strip.item) for strip in strips)}），每项各算一笔。"
    return f"一行里并排写了{len(strips)}个人，每人各算一笔。"
