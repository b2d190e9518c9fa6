"""The formats of files. Each module gives `sheets(file)`: a sheet's name, its form (intake.wire), and its rows of plain cells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from intake.wire import NUMBER

MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # characters; what a workbook allows
MOST_ROWS = 2_000_000
_FEW_EMPTY = 100
_FILLED_DOWN = 10_000  # rows of one merged cell

Form = str
Row = list[str] | int  # the cells of a row, or the number of empty rows that follow


class Unreadable(Exception):
    """The file cannot be taken; the text says why and what to do, in Chinese."""


def guard(number: int, cells: list[str]) -> list[str]:
    """The row, if it is of a size that a payment table has."""
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(f"第{number}行有{len(cells)}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
    if number > MOST_ROWS:
        raise Unreadable(f"超过{MOST_ROWS // 10000}万行。请分成几个文件。")
    return cells


def gap(rows: int) -> list[Row]:
    """Rows that a workbook leaves out: a few are given as empty rows, for a clerk sees them, a great many as a number."""
    return [[""] for _ in range(rows)] if rows <= _FEW_EMPTY else [rows]


def repeats(text: str) -> bool:
    """Whether a cell merged over several rows holds for each of them: names, numbers of persons and years do, an
    amount does not, for it is the sum of the rows."""
    figure = text.removeprefix(NUMBER)
    return not re.fullmatch(r"[\d,.\s元亩]*", figure) or re.fullmatch(r"(19|20)\d\d|\d{15,21}", figure) is not None


class Merged:
    """Cells merged over several rows: their text is filled into the rows below, where it holds for these, too."""

    def __init__(self, areas: Iterable[tuple[int, int, int]]) -> None:
        """`areas`: first row, last row, column from 0."""
        self._begins: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._open: dict[int, tuple[int, str]] = {}  # column → last row, text
        for top, bottom, column in areas:
            if top < bottom < top + _FILLED_DOWN and column < MOST_COLUMNS:
                self._begins[top].append((column, bottom))

    def filled(self, number: int, row: list[str]) -> list[str]:
        """The row with what is merged into it."""
        if not self._begins and not self._open:
            return row
        for column, (bottom, text) in list(self._open.items()):
            if number > bottom:
                del self._open[column]
            elif text:
                row += [""] * (column + 1 - len(row))
                row[column] = row[column] or text
        for column, bottom in self._begins.pop(number, ()):
            text = row[column] if column < len(row) else ""
            self._open[column] = bottom, text if repeats(text) else ""
        return row
