"""XLS, XLSB and ODS, by calamine."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, Form, Merged, Row, Unreadable, guard
from intake.formats.archive import BROKEN, LETTER, LOCKED

_LOOKED_THROUGH = 64 << 20  # bytes


def sheets(file: BinaryIO) -> Iterator[tuple[str, Form, Iterator[Row]]]:
    """Every worksheet, in order."""
    try:
        book = CalamineWorkbook.from_filelike(file)
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                form = wire.GRID_SHEET if sheet.visible == SheetVisibleEnum.Visible else wire.HIDDEN_SHEET
                yield sheet.name, form, _rows(book.get_sheet_by_name(sheet.name))
    except PasswordError:
        raise Unreadable(LOCKED) from None
    except CalamineError:
        raise Unreadable(_what_it_is(file)) from None


def _what_it_is(file: BinaryIO) -> str:
    """What to say of an old container that holds no sheets: its directory names its parts in UTF-16."""
    file.seek(0)
    content = file.read(_LOOKED_THROUGH)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return LOCKED
    return LETTER if "WordDocument".encode("utf-16-le") in content else BROKEN


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    if sheet.total_width > MOST_COLUMNS:
        raise Unreadable(f"这张表有{sheet.total_width}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
    merged = Merged(
        (top + 1, bottom + 1, left) for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
    )
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield guard(number, merged.filled(number, [_text(cell, number) for cell in cells]))


def _text(cell: Any, number: int) -> str:
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise Unreadable(f"第{number}行有一格内容过长。请核对这一行。")
        return wire.plain(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float | int):
        return wire.NUMBER + (str(int(cell)) if cell == int(cell) else repr(cell))
    if isinstance(cell, datetime.datetime):
        return wire.DAY + cell.date().isoformat()
    return wire.DAY + cell.isoformat() if isinstance(cell, datetime.date) else str(cell)
