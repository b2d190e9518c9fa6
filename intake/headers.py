"""Finding the header of a table, and what each column is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from intake import names
from intake.findings import Finding
from intake.wire import NUMBER

LOOKED_AT = 40  # rows within which the header must come
_FEWEST = 3  # columns that make a header


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column of a table is: `columns` and `extra` give the position of each name.

    `notes` say in Chinese where a guess was made; `unit` is what the quantity's header implies.
    """

    header_row: int
    width: int
    columns: Mapping[str, int]
    titles: Mapping[str, str]
    extra: Mapping[str, int]
    unit: str | None = None
    notes: tuple[str, ...] = ()
    above: tuple[tuple[int, Finding], ...] = ()

    def missing(self, given: Mapping[str, str]) -> list[str]:
        """The columns that rows need and that neither the file has nor `given` gives."""
        return [name for name in names.NEEDED if name not in self.columns and name not in given]


def score(cells: Sequence[str]) -> int:
    """How many different columns a row of cells names."""
    return len({found[0] for cell in cells if len(cell) <= 60 and (found := names.known(cell))})


def find(rows: Sequence[Sequence[str]]) -> Layout | None:
    """The header among the first rows of a table; None if there is none.

    It is the row that names most columns, or two rows that name more together: a header of two storeys, where cells
    merged downwards stand in the upper row and cells of a group in the lower one.
    """
    scores = [score(row) for row in rows]
    if not scores or max(scores) < _FEWEST:
        return None
    best = scores.index(max(scores))
    header, position, reached = list(rows[best]), best, scores[best]
    for lower in (best, best + 1):
        if 0 < lower < len(rows) and not _holds_data(rows[lower]):
            joined = _joined(rows[lower - 1], rows[lower])
            if score(joined) > reached:
                header, position, reached = joined, lower, score(joined)
    return _layout(position, header, _lines_above(rows[:position]))


def _holds_data(cells: Sequence[str]) -> bool:
    return any(cell.startswith(NUMBER) or re.search(r"[0-9]{4}", cell) for cell in cells)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    return [
        below if below.strip() else above for above, below in zip_longest(upper, lower, fillvalue="")
    ]


def _lines_above(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, Finding], ...]:
    """What the lines above the header are: empty, groups (just above it, several cells), titles."""
    found = []
    for number, cells in enumerate(rows, 1):
        filled = [cell for cell in cells if cell.strip()]
        if not filled:
            code = "EMPTY_LINE"
        elif number == len(rows) and len(filled) > 1 and not any(re.search(r"[:：0-9]", cell) for cell in filled):
            code = "GROUP_HEADER"
        else:
            code = "TITLE_LINE"
        found.append((number, Finding(code)))
    return tuple(found)


def _layout(position: int, header: list[str], above: tuple[tuple[int, Finding], ...]) -> Layout:
    chosen: dict[str, tuple[int, int]] = {}  # column → rank of the name, position
    notes = []
    for index, cell in enumerate(header):
        if found := names.known(cell):
            column, rank = found
            if column not in chosen or rank < chosen[column][0]:
                chosen[column] = (rank, index)
    for index, cell in enumerate(header):
        likely = names.likely(cell)
        if likely and likely not in chosen and not names.known(cell):
            chosen[likely] = (len(cell), index)
            notes.append(f"“{names.bare(cell)}”列当作“{likely}”。如果不对，请改表头。")
    columns = {column: index for column, (_, index) in chosen.items()}
    taken = set(columns.values())
    for index, cell in enumerate(header):
        if index not in taken and (found := names.known(cell)):
            used = names.bare(header[columns[found[0]]])
            notes.append(f"两列都像“{found[0]}”：用了“{used}”，“{names.bare(cell)}”记入备注。")
    return Layout(
        header_row=position + 1,
        width=len(header),
        columns=columns,
        titles={column: header[index] for column, index in columns.items()},
        extra=_extra(header, taken),
        unit=names.unit_in(header[columns[names.QUANTITY]]) if names.QUANTITY in columns else None,
        notes=tuple(notes),
        above=above,
    )


def _extra(header: Sequence[str], taken: set[int]) -> dict[str, int]:
    extra: dict[str, int] = {}
    for index, cell in enumerate(header):
        title = re.sub(r"\s+", "", cell)[:40]
        if index not in taken and title and not names.is_dropped(cell):
            extra.setdefault(title, index)
    return extra
