"""The XML of Excel 2003 and of many systems that call it .xls: Workbook, Worksheet, Table, Row, Cell, Data."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Form, Row, Unreadable, gap, guard, repeats
from intake.formats.archive import BROKEN, Attributes, local, parser
from intake.formats.delimited import encoding_of
from intake.formats.numbers import number_text

_CHUNK = 1 << 16
_MOST_SHEETS = 200


def sheets(file: BinaryIO) -> Iterator[tuple[str, Form, Iterator[Row]]]:
    """Every worksheet, in order. The declared encoding is not asked: it is often GB2312, which XML parsers do not know."""
    text = io.TextIOWrapper(file, encoding_of(file), errors="replace")
    book = _Book(text)
    for count, (name, form) in enumerate(book.names()):
        if count >= _MOST_SHEETS:
            raise Unreadable(f"文件里的表超过{_MOST_SHEETS}张。请分成几个文件。")
        yield name, form, book.rows()


class _Book:
    """Reads on until a sheet begins, then gives its rows until it ends."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._parser = parser(self._start, self._end, self._take, "utf-8")
        self._events: list[tuple[str, Form] | Row | None] = []  # a sheet begins; a row; None: the sheet ends
        self._name, self._hidden_sheet, self._begun = "", False, False
        self._number, self._row, self._column = 0, list[str](), 0
        self._hidden = False
        self._kind, self._span, self._data = "String", (0, 0), list[str]()
        self._in_data = False
        self._below: dict[int, tuple[int, str]] = {}  # column → rows still to fill, content

    def _more(self) -> bool:
        """Read a piece; whether there was any."""
        chunk = self._text.read(_CHUNK)
        try:
            self._parser.Parse(chunk.encode("utf-8", "replace"), not chunk)
        except expat.ExpatError:
            raise Unreadable(BROKEN) from None
        return bool(chunk)

    def _heard(self) -> Iterator[tuple[str, Form] | Row | None]:
        while self._events or self._more():
            while self._events:
                yield self._events.pop(0)

    def names(self) -> Iterator[tuple[str, Form]]:
        """The sheets, as they begin; rows that nobody asked for are passed over."""
        for event in self._heard():
            if isinstance(event, tuple):
                yield event

    def rows(self) -> Iterator[Row]:
        """The rows of the sheet that has begun."""
        for event in self._heard():
            if event is None:
                return
            if not isinstance(event, tuple):
                yield event

    def _start(self, name: str, attributes: Attributes) -> None:
        kind = local(name)
        said = {local(key): value for key, value in attributes.items()}
        if kind == "Worksheet":
            self._number, self._below = 0, {}
            self._events.append((said.get("Name", ""), wire.GRID_SHEET))
        elif kind == "Row":
            self._begin_row(said)
        elif kind == "Cell":
            self._column = _whole(said.get("Index"), len(self._row) + 1) - 1
            self._span = _whole(said.get("MergeAcross"), 0), _whole(said.get("MergeDown"), 0)
            self._data, self._kind = [], "String"
        elif kind == "Data":
            self._kind, self._in_data = said.get("Type", "String"), True

    def _begin_row(self, said: Attributes) -> None:
        number = _whole(said.get("Index"), self._number + 1)
        if not self._number < number <= MOST_ROWS:
            raise Unreadable(BROKEN)
        self._events += gap(number - self._number - 1)
        self._number, self._row, self._hidden = number, [], said.get("Hidden") == "1"

    def _take(self, data: str) -> None:
        if self._in_data:
            self._data.append(data)

    def _end(self, name: str) -> None:
        kind = local(name)
        if kind == "Data":
            self._in_data = False
        elif kind == "Cell":
            self._end_cell()
        elif kind == "Row":
            self._fill_from_above(MOST_COLUMNS)
            row = guard(self._number, self._row or [""])
            if self._hidden and any(row):
                row[0] = wire.HIDDEN + row[0]
            self._events.append(row)
        elif kind == "Worksheet":
            self._events.append(None)

    def _end_cell(self) -> None:
        text = "".join(self._data)
        if len(text) > LONGEST_CELL:
            raise Unreadable(f"第{self._number}行有一格内容过长。请核对这一行。")
        if self._column > MOST_COLUMNS:
            raise Unreadable(f"第{self._number}行有{self._column + 1}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
        if text and self._kind == "Number":
            text = wire.NUMBER + number_text(text.strip())
        elif text and self._kind == "DateTime":
            text = wire.DAY + text.strip()[:10]
        else:
            text = wire.plain(text)
        self._fill_from_above(self._column)
        self._row += [""] * (self._column - len(self._row))
        across, down = self._span
        if down:
            self._below[self._column] = down, text
        self._row += [text] + [""] * min(across, MOST_COLUMNS)

    def _fill_from_above(self, until: int) -> None:
        """Cells merged downwards are left out in the rows below, and their text holds there, too."""
        for column in sorted(at for at in self._below if len(self._row) <= at < until):
            left, text = self._below.pop(column)
            if left > 1:
                self._below[column] = left - 1, text
            self._row += [""] * (column - len(self._row))
            self._row.append(text if repeats(text) else "")


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit():
        raise Unreadable(BROKEN)
    return int(text)
