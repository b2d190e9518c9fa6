"""What a person says of a file beside it: values that it lacks, and what its columns are.

One plain mapping of strings, so that a form, a row of a table and the command line can carry it alike:

    "年度": "2025"                 a value for every table that has no such column
    "补贴项目@低保": "最低生活保障"      the same for the sheet of this name only
    "列:补助标准": "备注"             the column under this header is that field, or 备注, or 不要
    "金额单位": "万元"                what amounts are written in, where a line of the file says 万元
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake import names
from intake.cleaning import Refusal
from intake.findings import CODES
from intake.reading import FileRefused
from intake.rows import readers

OF_COLUMN = "列:"
AT_SHEET = "@"
MONEY_UNIT = "金额单位"
REMARK, DROPPED = "备注", "不要"
MONEY_UNITS = {"元": 1, "万元": 10_000}

# What may be said once for a whole table: never who, nor how much each gets.
GIVABLE = (
    names.TOWN, names.VILLAGE, names.ITEM, names.YEAR, names.BATCH, names.QUANTITY, names.UNIT, names.STANDARD,
    names.STATUS, names.STATUS_DATE, names.PAID_DATE, names.BANK,
)  # fmt: skip
FIELDS = (*names.COLUMNS, REMARK, DROPPED)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, read: `everywhere` and `at` by sheet hold values, `columns` fields by bare header."""

    everywhere: Mapping[str, Any]
    at: Mapping[str, Mapping[str, Any]]
    columns: Mapping[str, str]
    money: int | None = None  # 元 that an amount of 1 means; None if nothing was said

    def of_sheet(self, name: str) -> dict[str, Any]:
        """The values for one sheet."""
        return {**self.everywhere, **self.at.get(name.strip(), {})}


def column_key(header: str) -> str:
    """The key under which a column's field is said."""
    return OF_COLUMN + names.bare(header)


def value_key(column: str, sheet: str = "") -> str:
    """The key under which a value is said, for one sheet or for all."""
    return f"{column}{AT_SHEET}{sheet}" if sheet else column


def understood(settings: Mapping[str, str], today: date) -> Said:
    """What the settings say, read as cells are. Raises FileRefused with what is wrong."""
    everywhere: dict[str, Any] = {}
    at: dict[str, dict[str, Any]] = {}
    columns: dict[str, str] = {}
    money = None
    for key, text in settings.items():
        if key.startswith((OF_COLUMN, "列：")):
            columns[names.bare(key[len(OF_COLUMN) :])] = _field(text)
        elif key == MONEY_UNIT:
            money = _money(text)
        else:
            title, _, sheet = key.partition(AT_SHEET)
            column, value = _value(title, text, today)
            (at.setdefault(sheet.strip(), {}) if sheet.strip() else everywhere)[column] = value
    return Said(everywhere, at, columns, money)


def _field(text: str) -> str:
    if text in FIELDS:
        return text
    if found := names.known(text):
        return found[0]
    raise FileRefused(f"没有“{text[:20]}”这一项。列可以对应：{'、'.join(FIELDS)}。")


def _money(text: str) -> int:
    if text not in MONEY_UNITS:
        raise FileRefused(f"“{MONEY_UNIT}”只能是元或万元。")
    return MONEY_UNITS[text]


def _value(title: str, text: str, today: date) -> tuple[str, Any]:
    found = names.known(title)
    column = found[0] if found else title
    if column not in GIVABLE:
        raise FileRefused(f"“{title[:20]}”不能统一指定。可以指定：{'、'.join(GIVABLE)}。")
    try:
        return column, readers(today)[column](text).value
    except Refusal as refusal:
        raise FileRefused(f"指定的“{column}”不对：{CODES[refusal.args[0]][1]}。") from None
