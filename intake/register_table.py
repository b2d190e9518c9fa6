"""A table of a file that holds no payments: its header by a vocabulary of its own, and its rows cell by cell.

The file is read by the same child process, under the same limits, as a payment file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from intake import names
from intake.looking import Numbered, by_sheet
from intake.reading import FileRefused, read
from intake.said import OF_COLUMN
from intake.wire import HIDDEN, unmarked

_LOOKED_AT = 60  # rows within which the header must come
_LONGEST_HEADER = 60  # characters
_FEWEST = 2  # columns that make a header
_FEW = 2  # filled cells that a line of signatures has at most
_DATA: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("register_columns.toml").read_text(encoding="utf-8")
)
_SUM = re.compile(r".{0,8}(?:合计|总计|小计|共计|总笔数|总金额|汇总)[:：]?.{0,24}")


class Row(NamedTuple):
    """One row: where it stands, its cells by column as they were written, and what kind of line it is if no row."""

    sheet: int
    number: int
    cells: Mapping[str, str]
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The columns of one kind of file. Of each group in `needed` a table must have one column."""

    ranks: Mapping[str, tuple[str, int]]
    needed: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, kind: str, *needed: tuple[str, ...]) -> Vocabulary:
        """The vocabulary of a kind of file, as register_columns.toml has it."""
        ranks = {name: (column, rank) for column, many in _DATA[kind].items() for rank, name in enumerate(many)}
        return cls(ranks, needed)

    def columns(self, cells: Sequence[str], said: Mapping[str, str]) -> dict[str, int]:
        """The position of each column that these header cells name; of several names the one that counts most."""
        found: dict[str, tuple[int, int]] = {}
        for at, cell in enumerate(cells):
            bare = names.bare(unmarked(cell)) if len(cell) <= _LONGEST_HEADER else ""
            column, rank = (said[bare], -1) if bare in said else self.ranks.get(bare, ("", 0))
            if column and (column not in found or rank < found[column][0]):
                found[column] = (rank, at)
        return {column: at for column, (_, at) in found.items()}

    def is_enough(self, columns: Mapping[str, int]) -> bool:
        """Whether a table with these columns can be taken."""
        return all(any(column in columns for column in group) for group in self.needed)

    def lacking(self, columns: Mapping[str, int]) -> str:
        """The columns that are missing, for a clerk."""
        return "、".join("或".join(group) for group in self.needed if not any(column in columns for column in group))


class Headless:
    """What makes columns of a table without a header; gives none by itself."""

    def columns(self, rows: Sequence[Sequence[str]]) -> dict[str, int]:
        """The position of each column, told from the cells."""
        return {}


def rows_of(
    file: Path, vocabulary: Vocabulary, given: Mapping[str, str], headless: Headless | None = None
) -> Iterator[Row]:
    """The rows of all sheets that are such tables. Raises FileRefused if the file cannot be read, or none of it is one."""
    said = {names.bare(key[len(OF_COLUMN) :]): value for key, value in given.items() if key.startswith(OF_COLUMN)}
    taken, lacking = 0, ""
    for first, numbered in by_sheet(read(file)):
        if first.hidden:
            continue
        head = list(islice(numbered, _LOOKED_AT))
        at, columns = _header([cells for _, cells in head], vocabulary, said)
        if not vocabulary.is_enough(columns) and headless is not None:
            guessed = headless.columns([cells for _, cells in head])
            at, columns = (0, guessed) if vocabulary.is_enough(guessed) else (at, columns)
        if not vocabulary.is_enough(columns):
            lacking = lacking or vocabulary.lacking(columns)
            continue
        taken += 1
        yield from _titles(first.sheet, head[:at])
        yield from _body(first.sheet, chain(head[at:], numbered), columns, vocabulary, said)
    if not taken:
        raise FileRefused(f"没有找到“{lacking}”列，这个文件没有导入。请核对表头，或指定列名，如 列名=字段。")


def _titles(sheet: int, rows: Sequence[Numbered]) -> Iterator[Row]:
    for number, cells in rows[:-1]:
        yield Row(sheet, number, {}, "TITLE_LINE" if any(cell.strip() for cell in cells) else "EMPTY_LINE")


def _header(
    rows: Sequence[Sequence[str]], vocabulary: Vocabulary, said: Mapping[str, str]
) -> tuple[int, dict[str, int]]:
    """How many rows the header takes from the top of the sheet, and its columns: those of one row or of two together."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, cells in enumerate(rows):
        for candidate in (cells, _over(rows[at - 1], cells) if at else cells):
            columns = vocabulary.columns(candidate, said)
            if len(columns) >= _FEWEST and len(columns) > len(best[1]):
                best = (at + 1, columns)
    return best


def _over(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two storeys of a header as one: the lower cell, or the upper one where that is merged downwards."""
    width = max(len(upper), len(lower))
    padded = [[*cells, *[""] * (width - len(cells))] for cells in (upper, lower)]
    return [below if below.strip() else above for above, below in zip(*padded, strict=True)]


def _body(
    sheet: int, rows: Iterator[Numbered], columns: Mapping[str, int], vocabulary: Vocabulary, said: Mapping[str, str]
) -> Iterator[Row]:
    for number, cells in rows:
        if cells and cells[0][:1] == HIDDEN:
            cells[0] = cells[0][1:]
        skip = _skip(cells, columns, vocabulary, said)
        values = {} if skip else {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        yield Row(sheet, number, values, skip)


def _skip(
    cells: Sequence[str], columns: Mapping[str, int], vocabulary: Vocabulary, said: Mapping[str, str]
) -> str:
    """The code of a line that is no row, or nothing."""
    filled = [re.sub(r"\s+", "", unmarked(cell)) for cell in cells if cell.strip()]
    if not filled:
        return "EMPTY_LINE"
    if len(vocabulary.columns(cells, said)) >= max(_FEWEST, len(columns) // 2):
        return "HEADER_REPEATED"
    if any(_is_number(cells, at) for at in (columns.get(column) for column in ("身份证号", "账号"))):
        return ""
    if any(_SUM.fullmatch(cell) for cell in filled[:2]):
        return "TOTAL_LINE"
    return "FOOTER_LINE" if len(filled) <= _FEW else ""


def _is_number(cells: Sequence[str], at: int | None) -> bool:
    return at is not None and at < len(cells) and sum(letter.isdigit() for letter in cells[at]) >= 6
