"""A file, read and checked in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from intake import headers, lines, names
from intake.across import Across, Place
from intake.cleaning import Refusal
from intake.findings import CODES, Finding
from intake.headers import Layout
from intake.payment_row import PaymentRow
from intake.reading import FileRefused, read
from intake.rows import RowReader, readers
from knowledge.catalogue.items import ITEMS

# What may be said once for a whole file: never who, nor how much each gets.
GIVABLE = (
    names.TOWN, names.VILLAGE, names.ITEM, names.YEAR, names.BATCH, names.QUANTITY, names.UNIT, names.STANDARD,
    names.STATUS, names.STATUS_DATE, names.PAID_DATE, names.BANK,
)  # fmt: skip

Numbered = tuple[int, list[str]]
_TEN_THOUSANDS = re.compile(r"单位.{0,4}万元")


class CheckedRow(NamedTuple):
    """One row: the payment if it may be stored, and what was found.

    After the last row come those findings that only the whole file shows, as rows without a payment; they warn of rows
    that were given before. `sheet` counts from 0, `row_number` from 1.
    """

    sheet: int
    row_number: int
    values: PaymentRow | None
    findings: tuple[Finding, ...]


def read_given(settings: Mapping[str, str], today: date) -> dict[str, Any]:
    """Values said for a whole file ("补贴项目": "低保"), read as cells are. Raises FileRefused."""
    reader_of = readers(today)
    given = {}
    for title, text in settings.items():
        found = names.known(title)
        column = found[0] if found else title
        if column not in GIVABLE:
            raise FileRefused(f"“{title[:20]}”不能统一指定。可以指定：{'、'.join(GIVABLE)}。")
        try:
            given[column] = reader_of[column](text).value
        except Refusal as refusal:
            raise FileRefused(f"指定的“{column}”不对：{CODES[refusal.args[0]][1]}。") from None
    return given


class Checking:
    """The rows of a file, once, as they come. `notes` fills with what a clerk should know about the file itself.

    Iterating raises FileRefused when the file cannot be taken as a whole, at the start or in the middle.
    """

    def __init__(self, file: Path, *, today: date, given: Mapping[str, str] | None = None) -> None:
        self.notes: list[str] = []
        self.rows_read = 0
        self._file = file
        self._today = today
        self._given = read_given(given or {}, today)
        self._across = Across()
        self._complaint: str | None = None
        self._tables = 0

    def __iter__(self) -> Iterator[CheckedRow]:
        for sheet, blocks in groupby(read(self._file), key=lambda block: (block.sheet, block.name)):
            numbered = ((block.first + i, row) for block in blocks for i, row in enumerate(block.rows))
            yield from self._table(*sheet, numbered)
        if not self._tables:
            raise FileRefused(self._complaint or "没有找到表头。第一行请写列名：姓名、身份证号、补贴项目、金额等。")
        for place, finding in self._across.finish():
            yield CheckedRow(place.sheet, place.row, None, (finding,))

    def _table(self, sheet: int, name: str, rows: Iterator[Numbered]) -> Iterator[CheckedRow]:
        head = list(islice(rows, headers.LOOKED_AT))
        layout = headers.find([cells for _, cells in head])
        if layout is None or names.ID not in layout.columns:
            self._leave_out(sheet, name, layout)
            return
        self._accept(layout, head)
        self._tables += 1
        for number, finding in layout.above:
            yield CheckedRow(sheet, number, None, (finding,))
        yield from self._rows(sheet, layout, chain(head[layout.header_row :], rows))

    def _rows(self, sheet: int, layout: Layout, rows: Iterator[Numbered]) -> Iterator[CheckedRow]:
        reader = RowReader(layout, self._given, self._today)
        for number, cells in rows:
            self.rows_read += 1
            values, findings = reader.read(cells)
            if values is None and (code := lines.code_of(cells, layout)):
                yield CheckedRow(sheet, number, None, (Finding(code),))
                if code == "HEADER_REPEATED":
                    layout, reader = self._next_layout(layout, reader, cells)
                continue
            if values is not None and (found := self._across.take(Place(sheet, number), values)):
                values, findings = None, (*findings, found)
            yield CheckedRow(sheet, number, values, findings)

    def _next_layout(self, layout: Layout, reader: RowReader, cells: list[str]) -> tuple[Layout, RowReader]:
        """The layout after a repeated header, which may have other columns than the first."""
        found = headers.find([cells])
        if found is None or found.columns == layout.columns or found.missing(self._given):
            return layout, reader
        self._accept(found, [])
        return found, RowReader(found, self._given, self._today)

    def _accept(self, layout: Layout, head: list[Numbered]) -> None:
        """Refuse a file whose columns cannot make a payment; note what was guessed."""
        titles = [cell for _, cells in head[: layout.header_row] for cell in cells if cell.strip()]
        if "万元" in layout.titles.get(names.AMOUNT, "") or any(_TEN_THOUSANDS.search(text) for text in titles):
            raise FileRefused("金额的单位是万元。请改成元再导入。")
        twice = [column for column in self._given if column in layout.columns]
        if twice:
            raise FileRefused(f"文件里已经有“{'、'.join(twice)}”列，不能再统一指定。")
        missing = layout.missing(self._given)
        if missing:
            raise FileRefused(_what_is_missing(missing, "".join(titles)))
        self.notes += [note for note in layout.notes if note not in self.notes]

    def _leave_out(self, sheet: int, name: str, layout: Layout | None) -> None:
        which = f"第{sheet + 1}张表“{name[:20]}”" if name else ""
        why = "没有身份证号列" if layout else "没有找到表头"
        self._complaint = self._complaint or f"{which}{why}。第一行请写列名：姓名、身份证号、补贴项目、金额等。"
        self.notes.append(f"{which}{why}，这张表没有导入。")


def _what_is_missing(missing: list[str], title: str) -> str:
    said = f"文件里没有“{'、'.join(missing)}”列。请补上这几列"
    givable = [column for column in missing if column in GIVABLE]
    if givable:
        said += "，或统一指定，" + "、".join(f"如 {column}={_example(column, title)}" for column in givable)
    return said + "。"


def _example(column: str, title: str) -> str:
    """What the title line suggests; it is never taken without being confirmed."""
    if column == names.ITEM:
        named = [name for name in ITEMS if name in title]
        return max(named, key=len, default="最低生活保障")
    if column == names.YEAR and (match := re.search(r"20[0-9]{2}", title)):
        return match[0]
    examples = {names.YEAR: "2025", names.BATCH: "2025年第1批", names.STATUS: "待发放"}
    return examples.get(column, "…")
