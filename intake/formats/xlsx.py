"""XLSX, read row by row: a million rows in 100 MB, where a reader that builds the sheet first takes a gigabyte.

What is hidden is told, numbers are taken as they are written, formulas by the value that was last computed.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Form, Merged, Row, Unreadable, gap, guard
from intake.formats.archive import BROKEN, Archive, Attributes, local, parser
from intake.formats.numbers import Dates

_MOST_SHEETS = 200
_SMALL, _STRINGS, _SHEET = 16 << 20, 500 << 20, 1500 << 20  # bytes of parts
_RECENT = 20_000  # shared texts kept as strings
_MOST_CELLS = 40_000_000
_MERGED = re.compile(rb'mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FORMULA = "=?"  # a formula that nobody has computed yet


def sheets(file: BinaryIO) -> Iterator[tuple[str, Form, Iterator[Row]]]:
    """Every worksheet, in order."""
    archive = Archive(file)
    try:
        book = _Book(archive)
        strings: _Strings | None = None
        for name, hidden, part in book.sheets():
            strings = strings or _Strings(archive, book.part_of_kind("sharedStrings"))
            form = wire.HIDDEN_SHEET if hidden else wire.GRID_SHEET
            yield name, form, _Sheet(archive, part, strings, book.dates).rows()
    except expat.ExpatError:
        raise Unreadable(BROKEN) from None


def _parse(archive: Archive, part: str, start: Callable[[str, Attributes], None]) -> None:
    """Hear the elements of a small part."""
    reader = parser(lambda name, attributes: start(local(name), attributes), lambda name: None)
    for chunk in archive.chunks(part, _SMALL):
        reader.Parse(chunk, False)
    reader.Parse(b"", True)


class _Book:
    """What the workbook says of its sheets and of its number formats."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._folder, main = "xl", "xl/workbook.xml"
        for kind, target in self._relations("_rels/.rels", "").values():
            if kind == "officeDocument":
                main, self._folder = target, posixpath.dirname(target)
        self._related = self._relations(f"{self._folder}/_rels/{posixpath.basename(main)}.rels", self._folder)
        self._sheets: list[tuple[str, bool, str]] = []
        self.dates = Dates()
        _parse(archive, main, self._take)
        if styles := self.part_of_kind("styles"):
            _parse(archive, styles, self.dates.take)

    def _relations(self, part: str, folder: str) -> dict[str, tuple[str, str]]:
        """For each id the kind and the part that it leads to."""
        found: dict[str, tuple[str, str]] = {}

        def take(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target if target.startswith("/") else posixpath.join(folder, target)
                kind = posixpath.basename(attributes.get("Type", ""))
                found[attributes.get("Id", "")] = kind, posixpath.normpath(path).lstrip("/")

        if part in self._archive:
            _parse(self._archive, part, take)
        return found

    def _take(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.dates.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self._sheets.append((attributes.get("name", ""), attributes.get("state", "visible") != "visible", link))

    def part_of_kind(self, kind: str) -> str:
        """The part of this kind, or nothing."""
        return next((part for of_kind, part in self._related.values() if of_kind == kind), "")

    def sheets(self) -> Iterator[tuple[str, bool, str]]:
        """Name, whether it is hidden, and part of each worksheet; charts are none."""
        if len(self._sheets) > _MOST_SHEETS:
            raise Unreadable(f"文件里有{len(self._sheets)}张表，最多{_MOST_SHEETS}张。请分成几个文件。")
        for name, hidden, link in self._sheets:
            kind, part = self._related.get(link, ("", ""))
            if kind == "worksheet":
                yield name, hidden, part


class _Strings:
    """The texts that cells share, in one piece: millions of small strings would take five times the memory."""

    def __init__(self, archive: Archive, part: str) -> None:
        self._bytes = bytearray()
        self._ends = array("I")
        self._recent: dict[int, str] = {}
        self._parts: list[str] | None = None
        self._unsaid = 0
        if part and part in archive:
            reader = parser(self._start, self._end, self._text)
            for chunk in archive.chunks(part, _STRINGS):
                reader.Parse(chunk, False)
            reader.Parse(b"", True)

    def _start(self, name: str, _: Attributes) -> None:
        kind = local(name)
        if kind == "si":
            self._found: list[str] = []
        elif kind == "rPh":  # how it is pronounced
            self._unsaid += 1
        elif kind == "t" and not self._unsaid:
            self._parts = self._found

    def _text(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def _end(self, name: str) -> None:
        kind = local(name)
        if kind == "t":
            self._parts = None
        elif kind == "rPh":
            self._unsaid -= 1
        elif kind == "si":
            self._bytes += _plain("".join(self._found)).encode("utf-8", "replace")
            self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> str:
        text = self._recent.get(index)
        if text is None:
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            start = self._ends[index - 1] if index else 0
            text = self._recent[index] = self._bytes[start : self._ends[index]].decode("utf-8")
        return text


def _plain(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return wire.plain(text)


class _Sheet:
    """The rows of one worksheet.

    Written for speed, for a million rows are some forty million elements: a cell's text goes from the parser straight
    into a list, and everything else is done once a cell.
    """

    def __init__(self, archive: Archive, part: str, strings: _Strings, dates: Dates) -> None:
        self._archive, self._part, self._strings, self._dates = archive, part, strings, dates
        self._reader = parser(self._root, lambda name: None)
        self._done: list[Row] = []
        self._merged = Merged(())
        self._number = self._column = self._cells = self._unsaid = 0
        self._row: list[str] = []
        self._hidden = self._formula = False
        self._cell: Attributes = {}
        self._value: list[str] = []

    def rows(self) -> Iterator[Row]:
        """The rows, with numbers for stretches of empty ones."""
        self._merged = Merged(self._merged_downwards())
        try:
            for chunk in self._archive.chunks(self._part, _SHEET):
                self._reader.Parse(chunk, False)
                yield from self._done
                self._done = []
            self._reader.Parse(b"", True)
        except expat.ExpatError:
            raise Unreadable(BROKEN) from None

    def _merged_downwards(self) -> Iterator[tuple[int, int, int]]:
        """First row, last row, column of the cells merged over several rows, which stand behind all rows."""
        rest = b""
        for chunk in self._archive.chunks(self._part, _SHEET):
            text = rest + chunk
            for left, top, _, bottom in _MERGED.findall(text) if b"mergeCell" in text else ():
                yield int(top), int(bottom), _column_of(left.decode())
            rest = text[max(text.rfind(b"<"), len(text) - 300) :]

    def _root(self, name: str, _: Attributes) -> None:
        """The first element: some programs put a prefix before every name."""
        prefix = name.rpartition(":")[0]
        cut = len(prefix) + 1
        start, end = self._start, self._end
        if prefix:
            self._reader.StartElementHandler = lambda name, attributes: start(name[cut:], attributes)
            self._reader.EndElementHandler = lambda name: end(name[cut:])
        else:
            self._reader.StartElementHandler, self._reader.EndElementHandler = start, end

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._cell, self._value = attributes, []
        elif name in ("v", "t"):
            if not self._unsaid:
                self._reader.CharacterDataHandler = self._value.append
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = True
        elif name == "rPh":  # how a text is pronounced
            self._unsaid += 1

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reader.CharacterDataHandler = None
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._unsaid -= 1

    def _begin_row(self, attributes: Attributes) -> None:
        at = attributes.get("r")
        number = int(at) if at else self._number + 1
        if not self._number < number <= MOST_ROWS:
            raise Unreadable(BROKEN)
        self._done += gap(number - self._number - 1)
        self._number, self._row, self._column = number, [], -1
        self._hidden = attributes.get("hidden") in ("1", "true")

    def _end_cell(self) -> None:
        self._cells += 1
        at = self._cell.get("r")
        self._column = column = _column_of(at.rstrip("0123456789")) if at else self._column + 1
        text = self._text()
        if not text:
            return
        if len(text) > LONGEST_CELL:
            raise Unreadable(f"第{self._number}行有一格内容过长。请核对这一行。")
        if column >= MOST_COLUMNS:
            raise Unreadable(f"第{self._number}行有{column + 1}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
        row = self._row
        if column == len(row):
            row.append(text)
        elif column > len(row):
            row += [""] * (column - len(row))
            row.append(text)
        else:
            row[column] = text

    def _text(self) -> str:
        value, kind = self._value, self._cell.get("t", "n")
        text = value[0] if len(value) == 1 else "".join(value)
        formula, self._formula = self._formula, False
        if not text:
            return _FORMULA if formula and kind != "str" else ""
        if kind == "s":
            return self._strings[int(text)]
        if kind == "n":
            return self._dates.text_of(text, self._cell.get("s"))
        if kind == "b":
            return "是" if text == "1" else "否"
        return wire.DAY + text[:10] if kind == "d" else _plain(text)

    def _end_row(self) -> None:
        if self._cells > _MOST_CELLS:
            raise Unreadable("表格太大，读不了。请删去多余的行和列，或分成几个文件。")
        row = guard(self._number, self._merged.filled(self._number, self._row) or [""])
        if self._hidden and any(row):
            row[0] = wire.HIDDEN + row[0]
        self._done.append(row)


_COLUMNS: dict[str, int] = {}


def _column_of(letters: str) -> int:
    """A → 0, AA → 26."""
    found = _COLUMNS.get(letters)
    if found is None:
        found = 0
        for letter in letters[:4]:
            if not "A" <= letter <= "Z":
                raise Unreadable(BROKEN)
            found = found * 26 + ord(letter) - 64
        found = _COLUMNS[letters] = found - 1
        if found < 0 or len(_COLUMNS) > 20_000:
            raise Unreadable(BROKEN)
    return found


