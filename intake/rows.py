"""One row of a table → a PaymentRow, or the reasons why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from intake import amounts, names, people, progress
from intake.cleaning import Read, Refusal
from intake.findings import Finding, refuses
from intake.headers import Layout
from intake.judging import CHECKS
from intake.payment_row import PaymentRow
from intake.progress import PAID_STAGES

_REMEMBERED = 50_000  # different cells of one column that are kept read

# Columns whose cells cannot be mistaken for another's.
_TELLING = {names.ID, names.TOWN, names.ITEM, names.YEAR, names.AMOUNT, names.STATUS, names.STATUS_DATE}
_FEWEST_SHIFTED = 3
_NONE: frozenset[str] = frozenset()

_YEAR, _BATCH, _STAGE, _STAGE_DATE, _PAID_DATE, _UNIT = map(
    names.COLUMNS.index,
    (names.YEAR, names.BATCH, names.STATUS, names.STATUS_DATE, names.PAID_DATE, names.UNIT),
)

# What a column that the file does not have reads as.
_ABSENT: Mapping[str, Any] = dict.fromkeys(names.COLUMNS, "") | dict.fromkeys(
    (names.QUANTITY, names.STANDARD, names.STATUS_DATE, names.PAID_DATE)
)


class _Memory(dict[str, Read]):
    """The cells of one column that were read already; a refused one has no value."""

    def __init__(self, reader: Callable[[str], Read]) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, text: str) -> Read:
        if len(self) >= _REMEMBERED:
            self.clear()
        try:
            read = self._reader(text)
        except Refusal as refusal:
            read = Read(None, (refusal.args[0],))
        self[text] = read
        return read


def readers(today: date, batch_title: str = "") -> dict[str, Callable[[str], Read]]:
    """For each column the function that reads its cells; lengths are those of the tables."""
    return {
        names.NAME: people.name,
        names.ID: lambda text: people.id_number(text, today),
        names.TOWN: people.town,
        names.VILLAGE: people.village,
        names.ITEM: progress.item,
        names.YEAR: lambda text: progress.year(text, today),
        names.BATCH: lambda text: progress.batch(text, batch_title),
        names.QUANTITY: amounts.quantity,
        names.UNIT: lambda text: people.words(text, 16),
        names.STANDARD: amounts.standard,
        names.AMOUNT: amounts.amount,
        names.STATUS: progress.stage,
        names.STATUS_DATE: progress.day,
        names.PAID_DATE: progress.day,
        names.BANK: lambda text: people.words(text, 64),
        names.ACCOUNT: people.account,
        names.REASON: lambda text: people.words(text, 128),
        names.PHONE: people.phone,
    }


class RowReader:
    """Reads the rows of one table. `given` holds values, already read, of columns that the file lacks."""

    def __init__(self, layout: Layout, given: Mapping[str, Any], today: date) -> None:
        self._today = today
        self._width = layout.width
        reader_of = readers(today, layout.titles.get(names.BATCH, ""))
        self._columns = [
            (position, layout.columns[name], name, _Memory(reader_of[name]))
            for position, name in enumerate(names.COLUMNS)
            if name in layout.columns
        ]
        self._extra = [(title, index, _Memory(people.words)) for title, index in layout.extra.items()]
        self._least = 1 + max(layout.columns[name] for name in names.NEEDED if name in layout.columns)
        absent = {**_ABSENT, names.UNIT: layout.unit or "", **given}
        self._template = [absent[name] for name in names.COLUMNS]

    def read(self, cells: list[str]) -> tuple[PaymentRow | None, tuple[Finding, ...]]:
        """The payment, or None if it is refused; and what was found."""
        if len(cells) < self._width:
            if len(cells) < self._least:
                return None, (Finding("ROW_SHORT"),)
            cells = cells + [""] * (self._width - len(cells))
        elif len(cells) > self._width and any(cell.strip() for cell in cells[self._width :]):
            return None, (Finding("COLUMN_SHIFT"),)
        values, findings = self._values(cells)
        failed = {finding.column or "" for finding in findings if finding.handling == "error"} if findings else _NONE
        if failed and self._is_shifted(cells):
            return None, (Finding("COLUMN_SHIFT"),)
        _complete(values)
        row = PaymentRow._make([*values, self._remarks(cells, findings) if self._extra else None])
        for check in CHECKS:
            if found_by_check := check(row, failed, self._today):
                findings.append(found_by_check)
        if not findings:
            return row, ()
        found = tuple(findings)
        return (None if refuses(found) else row), found

    def _values(self, cells: list[str]) -> tuple[list[Any], list[Finding]]:
        findings: list[Finding] = []
        values = self._template.copy()
        for position, index, name, memory in self._columns:
            value, codes = memory[cells[index]]
            values[position] = value
            if codes:
                findings += [Finding(code, name) for code in codes]
        return values, findings

    def _remarks(self, cells: list[str], findings: list[Finding]) -> dict[str, str] | None:
        remarks = {}
        for title, index, memory in self._extra:
            text, codes = memory[cells[index]]
            if text is None:
                findings += [Finding(code, title) for code in codes]
            elif text:
                remarks[title] = text
        return remarks or None

    def _is_shifted(self, cells: list[str]) -> bool:
        """Whether several cells that their column refuses would be taken by the column to their left."""
        shifted = 0
        for _, index, name, memory in self._columns:
            if name in _TELLING and index + 1 < len(cells) and memory[cells[index]].value is None:
                shifted += bool(cells[index + 1].strip()) and memory[cells[index + 1]].value is not None
        return shifted >= _FEWEST_SHIFTED


def _complete(values: list[Any]) -> None:
    """The batch's label begins with the year; what was paid and has no other date has reached its stage that day."""
    batch, year = values[_BATCH], values[_YEAR]
    if batch and year and not progress.year_in(batch):
        values[_BATCH] = f"{year}年{batch}"
    if values[_STAGE_DATE] is None and values[_STAGE] in PAID_STAGES:
        values[_STAGE_DATE] = values[_PAID_DATE]
