"""What a person says of a file beside it: values that it lacks, what its columns are, what its words mean.

One plain mapping of strings, so that a form, a row of a table and the command line can carry it alike:

    "年度": "2025"                 a value for every table that has no such column
    "补贴项目@低保": "最低生活保障"      the same for the sheet of this name only
    "列:补助标准": "备注"             the column under this header is that field, or 备注, or 不要; or the item whose money it holds
    "哪列:金额": "本月补助金额"         the other way round: the field is the column under this header
    "状态:发放成功": "已发放"          what a word in the columns 状态, 补贴项目 or 乡镇 means
    "金额单位": "万元"                what amounts are written in, where a line of the file says another unit than 元
    "隐藏的表": "导入"               take sheets that are hidden, too

Nothing of it is ever assumed: what nobody said is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from intake import names
from intake.amounts import MONEY_UNITS
from intake.assigning import DROPPED, REMARK
from intake.cleaning import Refusal
from intake.findings import CODES
from intake.progress import PAID_STAGES
from intake.reading import FileRefused
from intake.rows import WORD_COLUMNS, readers
from knowledge.catalogue.items import item_named

OF_COLUMN, WHICH_COLUMN = "列:", "哪列:"
AT_SHEET = "@"
MONEY_UNIT = "金额单位"
HIDDEN_SHEETS = "隐藏的表"
HIDDEN_CHOICES = {"不要": False, "导入": True}
_Value = TypeVar("_Value")

# What may be said once for a whole table: never who, nor how much each gets.
GIVABLE = (
    names.TOWN, names.VILLAGE, names.ITEM, names.YEAR, names.BATCH, names.QUANTITY, names.UNIT, names.STANDARD,
    names.STATUS, names.STATUS_DATE, names.PAID_DATE, names.BANK,
)  # fmt: skip
FIELDS = (*names.COLUMNS, REMARK, DROPPED)


@dataclass(slots=True)
class Said:
    """What was said, read: values `everywhere` and `at` a sheet, `columns` by label, `words` by column."""

    everywhere: dict[str, Any] = field(default_factory=dict)
    at: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    money: str = ""  # the unit of amounts, one of MONEY_UNITS; empty if nothing was said
    hidden_too: bool = False

    def of_sheet(self, name: str) -> dict[str, Any]:
        """The values for one sheet."""
        here = self.at.get(name.strip(), {})
        values = {**self.everywhere, **here}
        if names.STATUS in here and here[names.STATUS] not in PAID_STAGES and names.PAID_DATE not in here:
            values.pop(names.PAID_DATE, None)  # a day said of all sheets is that of those that were paid
        return values


def column_key(label: str) -> str:
    """The key under which a column's field is said."""
    return OF_COLUMN + label


def value_key(column: str, sheet: str = "") -> str:
    """The key under which a value is said, for one sheet or for all."""
    return f"{column}{AT_SHEET}{sheet}" if sheet else column


def understood(settings: Mapping[str, str], today: date) -> Said:
    """What the settings say, read as cells are. Raises FileRefused with what is wrong."""
    said = Said()
    for key, text in settings.items():
        key = key.replace("：", ":").strip()
        title, _, rest = key.partition(":")
        if key.startswith(OF_COLUMN):
            said.columns[_label(rest)] = _field(text)
        elif key.startswith(WHICH_COLUMN):
            said.columns[_label(text)] = _field(rest)
        elif rest and title in WORD_COLUMNS:
            said.words.setdefault(title, {})[rest] = _value(title, text, today)[1]
        elif key == MONEY_UNIT:
            _one_of(MONEY_UNIT, MONEY_UNITS, text)
            said.money = text
        elif key == HIDDEN_SHEETS:
            said.hidden_too = _one_of(HIDDEN_SHEETS, HIDDEN_CHOICES, text)
        else:
            title, _, sheet = key.partition(AT_SHEET)
            column, value = _value(title, text, today)
            (said.at.setdefault(sheet.strip(), {}) if sheet.strip() else said.everywhere)[column] = value
    return said


def _label(text: str) -> str:
    title, hash_sign, number = text.partition("#")
    return names.bare(title) + hash_sign + number


def _field(text: str) -> str:
    if text in FIELDS:
        return text
    if found := names.known(text):
        return found[0]
    if item := item_named(text):
        return item.name
    raise FileRefused(f"没有“{text[:20]}”这一项。列可以对应：{'、'.join(FIELDS)}。")


def _one_of(key: str, choices: Mapping[str, _Value], text: str) -> _Value:
    if text not in choices:
        raise FileRefused(f"“{key}”只能是{'或'.join(choices)}。")
    return choices[text]


def _value(title: str, text: str, today: date) -> tuple[str, Any]:
    found = names.known(title)
    column = found[0] if found else title
    if column not in GIVABLE:
        raise FileRefused(f"“{title[:20]}”不能统一指定。可以指定：{'、'.join(GIVABLE)}。")
    try:
        value = readers(today)[column](text).value
    except Refusal as refusal:
        raise FileRefused(f"指定的“{column}”不对：{CODES[refusal.args[0]][1]}。") from None
    if value in (None, ""):
        raise FileRefused(f"指定的“{column}”是空的。请写上内容。")
    return column, value
