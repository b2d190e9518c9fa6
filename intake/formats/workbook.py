"""XLSX and XLS, by calamine."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from intake import wire
from intake.formats import LONGEST_CELL, MOST_COLUMNS, Unreadable, guard, repeats

_BROKEN = "文件打不开，可能已损坏或没有传完。请重新导出再试。"
_UNPACKED = 600 << 20  # bytes that a workbook may unpack to
_MOST_PARTS = 2_000
_FILLED_DOWN = 10_000  # cells of one merged range


def sheets(file: BinaryIO) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Every worksheet, in order."""
    if file.read(4) == b"PK\x03\x04":
        _unpack_for_trial(file)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield sheet.name, _rows(book.get_sheet_by_name(sheet.name))
    except PasswordError:
        raise Unreadable("文件有密码。请去掉密码再试。") from None
    except CalamineError:
        raise Unreadable(_BROKEN) from None


def _unpack_for_trial(file: BinaryIO) -> None:
    """Refuse bombs, lies about sizes, and archives that are no workbook, before the reader sees them."""
    left = _UNPACKED
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if len(parts) > _MOST_PARTS or not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
            raise Unreadable("这是压缩包，不是表格文件。请解压后上传里面的表格。")
        for part in parts:
            if part.flag_bits & 1:
                raise Unreadable("文件有密码。请去掉密码再试。")
            with archive.open(part) as content:
                while chunk := content.read(1 << 20):
                    left -= len(chunk)
                    if left < 0:
                        raise Unreadable("文件展开后太大，读不了。请另存为CSV，或分成几个文件。")


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    if sheet.total_width > MOST_COLUMNS:
        raise Unreadable(f"这张表有{sheet.total_width}列，最多{MOST_COLUMNS}列。请删去多余的列再试。")
    filled = _merged_downwards(sheet)
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row = [_text(cell, number) for cell in cells]
        for column, source in filled.pop(number - 1, ()):
            row[column] = source[0] = row[column] or (source[0] if repeats(source[0]) else "")
        yield guard(number, row)


def _merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, list[str]]]]:
    """For each row, the columns of a cell merged over several rows, which hold its content in the first one only."""
    filled: dict[int, list[tuple[int, list[str]]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if top < bottom < top + _FILLED_DOWN and left < sheet.total_width:
            source = [""]
            for row in range(top, bottom + 1):
                filled.setdefault(row, []).append((left, source))
    return filled


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
