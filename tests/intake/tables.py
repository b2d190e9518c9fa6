"""Small payment tables, and the files that they are written to."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from intake import names
from intake.checking import CheckedRow, Checking
from intake.reading import FileRefused

TODAY = date(2026, 11, 24)
COLUMNS = list(names.COLUMNS)

GUAN = {"姓名": "关玉梅", "身份证号": "22022119340412936X", "社保卡账号": "6299990102491369086", "手机号": "15426258136"}
SUN = {"姓名": "孙学生", "身份证号": "220221195807209531", "社保卡账号": "6299990361301610416", "手机号": "15488522361"}
CHEN = {"姓名": "陈霞", "身份证号": "220221195509169500", "社保卡账号": "6299990407017840068", "手机号": "15467551212"}
PEOPLE = (GUAN, SUN, CHEN)
SAID = {"补贴项目": "耕地地力保护补贴", "年度": "2026", "批次": "第1批", "状态": "待发放", "状态日期": "2026-03-05"}
HEAD = ["姓名", "身份证号", "金额"]
ROWS = [[one["姓名"], one["身份证号"], "100"] for one in PEOPLE]

_PAYMENT = {
    "乡镇": "万昌镇", "村": "西将军村", "补贴项目": "耕地地力保护补贴", "年度": "2026", "批次": "2026年第1批",
    "数量": "13.11", "单位": "亩", "补贴标准": "82.47", "金额": "1081.18", "状态": "已发放",
    "状态日期": "2026-06-24", "发放日期": "2026-06-23", "代发银行": "吉林农信", "失败原因": "",
}  # fmt: skip


def row(person: Mapping[str, str] = GUAN, **changed: str) -> dict[str, str]:
    """One payment of a person; change what the test is about."""
    return {**_PAYMENT, **person, **changed}


def table(*rows: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> list[list[str]]:
    """The rows under their header."""
    return [list(columns), *([one.get(column, "") for column in columns] for one in rows)]


def csv_bytes(lines: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A text table, encoded."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode(encoding)


def csv_file(folder: Path, *rows: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> Path:
    """The rows as a CSV file."""
    return written(folder, csv_bytes(table(*rows, columns=columns)))


def written(folder: Path, content: bytes, name: str = "发放明细.csv") -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(content)
    return file


def xlsx_file(folder: Path, *sheets: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int, str]] = ()) -> Path:
    """A workbook; str stays text, numbers and dates are cells of their kind. `merged` goes into the first sheet."""
    file = folder / "发放明细.xlsx"
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, lines in enumerate(sheets):
            sheet = book.add_worksheet(f"表{number + 1}")
            for at, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(at, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(at, column, cell)
                    else:
                        sheet.write(at, column, cell)
            for area in merged if not number else ():
                sheet.merge_range(*area)
    return file


def checked(file: Path, **given: str) -> list[CheckedRow]:
    """All rows of a file."""
    return list(Checking(file, today=TODAY, given=given))


def codes(rows: Sequence[CheckedRow]) -> set[tuple[int, str]]:
    """The row numbers and codes of what was found."""
    return {(one.row_number, finding.code) for one in rows for finding in one.findings}


def values(rows: Sequence[CheckedRow]) -> list[Any]:
    """The payments that would be stored."""
    return [one.values for one in rows if one.values is not None]


def taken(folder: Path, lines: list[list[Any]], **said: str) -> list[CheckedRow]:
    """All rows of a text table, with what it lacks said beside it."""
    return checked(written(folder, csv_bytes([[str(cell) for cell in line] for line in lines])), **{**SAID, **said})


def refusal(folder: Path, lines: list[list[Any]], said: dict[str, str], name: str = "名单.csv") -> str:
    """What is said of a text table that is not taken."""
    with pytest.raises(FileRefused) as fault:
        list(Checking(written(folder, csv_bytes(lines), name), today=TODAY, given=said))
    return fault.value.said
