"""HTML tables, which many old systems export under the name .xls."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import BinaryIO

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, Form, Unreadable, guard, repeats
from intake.formats.delimited import encoding_of

_CHUNK = 1 << 16
_UNSEEN = {"script", "style", "title"}


def sheets(file: BinaryIO) -> Iterator[tuple[str, Form, Iterator[list[str]]]]:
    """All tables of the page, one below the other."""
    text = io.TextIOWrapper(file, encoding_of(file), errors="replace")
    yield "", wire.GRID_SHEET, _rows(text)


def _rows(text: io.TextIOWrapper) -> Iterator[list[str]]:
    tables, number = _Tables(), 0
    while chunk := text.read(_CHUNK):
        tables.feed(chunk)
        for cells in tables.taken():
            number += 1
            yield guard(number, cells)
        if len(tables.rawdata) > 4 * _CHUNK:
            raise Unreadable("网页表格读不了，里面有没有结束的标记。请另存为XLSX再试。")
    tables.close()
    for cells in tables.taken():
        number += 1
        yield guard(number, cells)
    if not number:
        raise Unreadable("网页里没有表格。请用CSV、XLS或XLSX文件。")


class _Tables(HTMLParser):
    """Collects rows; a cell over several columns leaves the further ones empty, one over several rows repeats."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._size = 0
        self._span = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}  # column → rows still to fill, content
        self._unseen = 0

    def taken(self) -> list[list[str]]:
        """The rows completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            spans = dict(attrs)
            self._span = (_span(spans.get("colspan")), _span(spans.get("rowspan")))
            self._cell, self._size = [], 0
        elif tag == "br" and self._cell:
            self._cell.append("\n")
        elif tag == "table":
            self._below.clear()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is None or self._unseen:
            return
        self._size += len(data)
        if self._size > LONGEST_CELL:
            raise Unreadable(f"第{len(self._rows) + 1}行有一格内容过长。请核对这一行。")
        self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._fill_from_above(self._row)
        text, (columns, rows) = wire.plain("".join(self._cell).strip()), self._span
        if rows > 1:
            self._below[len(self._row)] = (rows - 1, text)
        self._row += [text] + [""] * (columns - 1)
        self._cell = None
        guard(len(self._rows) + 1, self._row)

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._fill_from_above(self._row)
        self._rows.append(self._row)
        self._row = None

    def _fill_from_above(self, row: list[str]) -> None:
        while waiting := self._below.pop(len(row), None):
            rows, text = waiting
            if rows > 1:
                self._below[len(row)] = (rows - 1, text)
            row.append(text if repeats(text) else "")


def _span(value: str | None) -> int:
    return min(int(value), MOST_COLUMNS) if value and value.isascii() and value.isdigit() and int(value) else 1
