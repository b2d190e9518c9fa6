"""The formats of files. Each module gives `sheets(file)`: pairs of a sheet's name and its rows of plain cells."""

from __future__ import annotations

import re

from intake.wire import NUMBER

MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # characters; what a workbook allows
MOST_ROWS = 2_000_000


class Unreadable(Exception):
    """The file cannot be taken; the text says why and what to do, in Chinese."""


def guard(number: int, cells: list[str]) -> list[str]:
    """The row, if it is of a size that a payment table has."""
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(f"第{number}行有{len(cells)}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
    if number > MOST_ROWS:
        raise Unreadable(f"超过{MOST_ROWS // 10000}万行。请分成几个文件。")
    return cells


def repeats(text: str) -> bool:
    """Whether a cell merged over several rows holds for each of them: names, numbers of persons and years do, an
    amount does not, for it is the sum of the rows."""
    figure = text.removeprefix(NUMBER)
    return not re.fullmatch(r"[\d,.\s元亩]*", figure) or re.fullmatch(r"(19|20)\d\d|\d{15,21}", figure) is not None
