"""CSV and text tables: UTF-8, GB 18030 or UTF-16; comma, tab, semicolon or bar, also full-width."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, Form, Unreadable, guard
from intake.headers import score

_DELIMITERS = ",\t;|，；｜^"
_LOOKED_AT = 40  # rows to find the delimiter with
_CHUNK = 4096
_SENSELESS = 10  # of so many letters one may be broken

csv.field_size_limit(LONGEST_CELL)


def sheets(file: BinaryIO) -> Iterator[tuple[str, Form, Iterator[list[str]]]]:
    """The one sheet of a text table."""
    text = io.TextIOWrapper(file, encoding_of(file), errors="replace", newline="")
    delimiter = _delimiter_of(text)
    text.seek(0)
    yield "", wire.TEXT_SHEET, _rows(text, delimiter)


def encoding_of(file: BinaryIO) -> str:
    """The encoding, by byte order mark, else by the first letters that are not ASCII. The file is put back to its start.

    Only the first ones are asked: a single broken byte further down must not turn the whole file into nonsense.
    """
    head = file.read(_CHUNK)
    file.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\0" in head:
        return _utf16_without_mark(head)
    letters = b""
    while (chunk := file.read(_CHUNK)) and not letters:
        letters = b"" if chunk.isascii() else chunk + file.read(_CHUNK)
    file.seek(0)
    return "utf-8-sig" if _is_utf8(letters) else "gb18030"


def _is_utf8(letters: bytes) -> bool:
    """Whether nearly all letters make sense in UTF-8: of GB 18030 hardly any do. The last one may only be cut off."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(letters)
    return _SENSELESS * text.count("\ufffd") <= sum(not letter.isascii() for letter in text)


def _utf16_without_mark(head: bytes) -> str:
    low, high = head[::2].count(0), head[1::2].count(0)
    if max(low, high) * 20 < len(head) or min(low, high) * 4 > max(low, high):
        raise Unreadable("这不是表格文件。请用CSV、XLS或XLSX文件。")
    return "utf-16-le" if high > low else "utf-16-be"


def _delimiter_of(text: io.TextIOWrapper) -> str:
    """The one under which the best header appears."""

    def fits(delimiter: str) -> tuple[int, int, int]:
        text.seek(0)
        try:
            rows = list(islice(_rows(text, delimiter), _LOOKED_AT))
        except Unreadable:
            return (0, _LOOKED_AT, MOST_COLUMNS)  # what is wrong shows when it is read in earnest
        # Long texts hold commas of every kind, but only the delimiter gives row after row the same width.
        widths = Counter(len(row) for row in rows if len(row) > 1)
        alike = max(widths.values(), default=0)
        return max(map(score, rows), default=0), alike, max(map(len, rows), default=0)

    return max(_DELIMITERS, key=fits)


def _rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(text, delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            line = "".join(cells)
            yield guard(number, cells if line.isprintable() else [wire.plain(cell) for cell in cells])
    except csv.Error:
        raise Unreadable(f"第{number + 1}行读不了：有一格内容过长，或引号没有成对。请核对这一行。") from None
