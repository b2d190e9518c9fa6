"""What the reading child says to its parent: length-prefixed blocks of UTF-8 text, nothing that could be executed.

A block is four bytes of length and a letter: S a sheet begins (what kind it is, and its name), R rows, G a gap of so
many empty rows, X the file is refused (why), E the end. Rows are joined by one control character and cells by another;
a cell that was a number or a day in the workbook begins with a mark, and so does the first cell of a hidden row; all
other cells are text. Control characters in cells become spaces.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

CELL, ROW = "\x1f", "\x1e"
NUMBER, DAY, HIDDEN = "\x02", "\x03", "\x04"
SHEET, ROWS, GAP, REFUSED, END = "S", "R", "G", "X", "E"
TEXT_SHEET, GRID_SHEET, HIDDEN_SHEET = "t", "g", "h"  # lines with commas; cells with coordinates; cells that are hidden
LARGEST_BLOCK = 64 << 20  # bytes; one row of the longest cells stays below
_ROWS_A_BLOCK = 500
_TEXT_A_BLOCK = 1 << 20  # characters, after which a block ends early

_LENGTH = struct.Struct(">I")
_CONTROL = {code: " " for code in range(0x20) if chr(code) not in "\t\n\r"}


def plain(text: str) -> str:
    """The text of a cell without control characters."""
    return text if text.isprintable() else text.translate(_CONTROL)


def unmarked(cell: str) -> str:
    """A cell without the mark that says it was a number or a day."""
    return cell[1:] if cell[:1] in (NUMBER, DAY) else cell


def send(pipe: BinaryIO, kind: str, text: str = "") -> None:
    """Write one block."""
    payload = (kind + text).encode("utf-8", "replace")
    pipe.write(_LENGTH.pack(len(payload)) + payload)


def send_rows(pipe: BinaryIO, rows: Iterable[list[str] | int]) -> None:
    """Write rows in blocks as they come; their cells must be plain. A number stands for so many empty rows."""
    block: list[str] = []
    size = 0
    for row in rows:
        if isinstance(row, int):
            if block:
                send(pipe, ROWS, ROW.join(block))
            send(pipe, GAP, str(row))
            block, size = [], 0
            continue
        text = CELL.join(row)
        block.append(text)
        size += len(text)
        if len(block) >= _ROWS_A_BLOCK or size > _TEXT_A_BLOCK:
            send(pipe, ROWS, ROW.join(block))
            block, size = [], 0
    if block:
        send(pipe, ROWS, ROW.join(block))


def length_of(prefix: bytes) -> int:
    """The length that a block's four bytes announce."""
    return int(_LENGTH.unpack(prefix)[0])


def rows_of(text: str) -> list[list[str]]:
    """The rows of a block."""
    return [row.split(CELL) for row in text.split(ROW)]
