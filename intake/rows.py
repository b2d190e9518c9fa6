"""One row of a table → a PaymentRow, or the reasons why not."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date
from typing import Any

from intake import amounts, days, names, people, progress
from intake.cleaning import Read, Refusal, tidy
from intake.findings import Finding, refuses
from intake.judging import CHECKS
from intake.layout import Layout, Strip
from intake.payment_row import PaymentRow
from intake.progress import PAID_STAGES
from intake.wire import unmarked

_REMEMBERED = 50_000  # different cells of one column that are kept read

# Columns whose cells cannot be mistaken for another's.
_TELLING = {names.ID, names.TOWN, names.ITEM, names.YEAR, names.AMOUNT, names.STATUS, names.STATUS_DATE}
_FEWEST_SHIFTED = 3
_NONE: frozenset[str] = frozenset()
_DECIMALS = frozenset({"QUANTITY_DECIMALS", "STANDARD_DECIMALS"})

_ITEM, _YEAR, _BATCH, _STAGE, _STAGE_DATE, _PAID_DATE, _QUANTITY, _UNIT = map(
    names.COLUMNS.index,
    (
        names.ITEM, names.YEAR, names.BATCH, names.STATUS, names.STATUS_DATE, names.PAID_DATE, names.QUANTITY, names.UNIT,
    ),
)  # fmt: skip

# What a column that the file does not have reads as.
_ABSENT: Mapping[str, Any] = dict.fromkeys(names.COLUMNS, "") | dict.fromkeys(
    (names.QUANTITY, names.STANDARD, names.STATUS_DATE, names.PAID_DATE)
)

# Columns of which it can be said what a word means, and the codes of an unknown word and of one that was said.
WORD_COLUMNS = {
    names.STATUS: ("STATUS_UNKNOWN", "STATUS_ALIAS"),
    names.ITEM: ("ITEM_UNKNOWN", "ITEM_ALIAS"),
    names.TOWN: ("TOWN_UNKNOWN", "TOWN_ALIAS"),
}


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


def readers(today: date, batch_title: str = "", money: str = amounts.YUAN) -> dict[str, Callable[[str], Read]]:
    """For each column the function that reads its cells; lengths are those of the tables. `money`: the unit of amounts."""
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
        names.AMOUNT: amounts.amount_in(money),
        names.STATUS: progress.stage,
        names.STATUS_DATE: days.day,
        names.PAID_DATE: days.day,
        names.BANK: lambda text: people.words(text, 64),
        names.ACCOUNT: people.account,
        names.REASON: lambda text: people.words(text, 128),
        names.PHONE: people.phone,
    }


def _knowing(reader: Callable[[str], Read], words: Mapping[str, str], code: str) -> Callable[[str], Read]:
    """A reader that also takes the words of which somebody said what they mean."""

    def read(text: str) -> Read:
        try:
            return reader(text)
        except Refusal:
            meant = words.get(tidy(text, []))
            if meant is None:
                raise
            return Read(meant, (code,))

    return read


def _filling(reader: Callable[[str], Read], value: Any) -> Callable[[str], Read]:
    """A reader that takes a blank cell for what was given."""
    return lambda text: reader(text) if text.strip() else Read(value, ("FILLED_IN",))


class RowReader:
    """Reads the payments of one strip of a table's rows.

    `given` holds values, already read, of columns that the file lacks; `words` what was said of words in columns.
    `grid`: the file has cells and no commas, so that what stands beyond the header is a remark and no shift.
    """

    def __init__(
        self, layout: Layout, strip: Strip, given: Mapping[str, Any], today: date, *,
        words: Mapping[str, Mapping[str, str]] | None = None, money: str = amounts.YUAN, grid: bool = False,
    ) -> None:  # fmt: skip
        self._today = today
        self._grid = grid
        self._width = layout.width
        reader_of = readers(today, strip.titles.get(names.BATCH, ""), money)
        for column, (_, code) in WORD_COLUMNS.items():
            if words and column in words:
                reader_of[column] = _knowing(reader_of[column], words[column], code)
        self._paid_date = given.get(names.PAID_DATE) if names.STATUS in strip.columns else None
        given = {name: value for name, value in given.items() if name != names.PAID_DATE or self._paid_date is None}
        for column in strip.columns.keys() & given.keys():
            reader_of[column] = _filling(reader_of[column], given[column])
        self._columns = [
            (position, strip.columns[name], name, _Memory(reader_of[name]))
            for position, name in enumerate(names.COLUMNS)
            if name in strip.columns
        ]
        self._column_of = {column[2]: column for column in self._columns}
        self._times = None if strip.times is None else (strip.times, _Memory(amounts.quantity))
        self._extra = [(title, index, _Memory(people.words)) for title, index in strip.extra.items()]
        self._fine = [self._column_of[name] for name in (names.QUANTITY, names.STANDARD) if name in strip.columns]
        self._titles = strip.titles
        self._least = 1 + max(strip.columns[name] for name in names.NEEDED if name in strip.columns)
        absent = {**_ABSENT, names.UNIT: strip.unit or "", **given}
        if strip.item:
            absent[names.ITEM] = strip.item
        self._template = [absent[name] for name in names.COLUMNS]

    def read(self, cells: list[str]) -> tuple[PaymentRow | None, tuple[Finding, ...]]:
        """The payment, or None if it is refused; and what was found."""
        if len(cells) < self._width:
            if len(cells) < self._least and not self._grid:
                return None, (Finding("ROW_SHORT"),)
            cells = cells + [""] * (self._width - len(cells))
        elif len(cells) > self._width and not self._grid and any(cell.strip() for cell in cells[self._width :]):
            return None, (Finding("COLUMN_SHIFT"),)
        values, findings = self._values(cells)
        failed = {finding.column or "" for finding in findings if finding.handling == "error"} if findings else _NONE
        if failed and self._is_shifted(cells):
            return None, (Finding("COLUMN_SHIFT"),)
        self._complete(values, findings)
        row = PaymentRow._make([*values, self._remarks(cells, findings)])
        if findings and any(finding.code in _DECIMALS for finding in findings):
            row = self._checked_exactly(row, cells, findings, failed)
        for check in CHECKS:
            if found_by_check := check(row, failed, self._today):
                findings.append(found_by_check)
        if not findings:
            return row, ()
        found = tuple(findings)
        return (None if refuses(found) else row), found

    def amount_of(self, cells: list[str]) -> int | None:
        """The amount of a row in 分, also of one that is refused; None if it cannot be read."""
        value: int | None = self._value_of(names.AMOUNT, cells)
        return value

    def id_of(self, cells: list[str]) -> str:
        """The ID number of a row, whatever else is wrong with it; empty if that cell cannot be read."""
        return self._value_of(names.ID, cells) or ""

    def _value_of(self, name: str, cells: list[str]) -> Any:
        _, index, _, memory = self._column_of[name]
        return memory[cells[index]].value if index < len(cells) else None

    def unknown_words(self) -> dict[str, list[str]]:
        """Words of the status, item and township columns that nobody knows, by column."""
        return {
            name: [text for text, read in memory.items() if read.codes[-1:] == (WORD_COLUMNS[name][0],)]
            for _, _, name, memory in self._columns
            if name in WORD_COLUMNS
        }

    def _values(self, cells: list[str]) -> tuple[list[Any], list[Finding]]:
        findings: list[Finding] = []
        values = self._template.copy()
        for position, index, name, memory in self._columns:
            value, codes = memory[cells[index]]
            values[position] = value
            if codes:
                findings += [Finding(code, name) for code in codes]
        if self._times:
            index, memory = self._times
            value, codes = memory[cells[index]]
            findings += [Finding(code, names.QUANTITY) for code in codes]
            if value is not None and values[_QUANTITY] is not None:
                values[_QUANTITY] = values[_QUANTITY] * value // 100
        return values, findings

    def _checked_exactly(
        self, row: PaymentRow, cells: list[str], findings: list[Finding], failed: Container[str]
    ) -> PaymentRow:
        """A row of which quantity or standard has more decimals than are kept: they stay as remarks, and the product is checked."""
        kept = {
            self._titles[name][:40] or name: unmarked(cells[index]).strip()
            for _, index, name, memory in self._fine
            if not _DECIMALS.isdisjoint(memory[cells[index]].codes)
        }
        many = [amounts.exact(cells[index]) for _, index, _, _ in self._fine]
        if self._times is None and len(many) > 1 and None not in many and names.AMOUNT not in failed:
            product = amounts.fen_of(*(one or 0 for one in many))
            if off := abs(row.amount_fen - product):
                findings.append(Finding("AMOUNT_ROUNDING" if off == 1 else "AMOUNT_MISMATCH", names.AMOUNT))
        return row._replace(remarks={**(row.remarks or {}), **kept})

    def _remarks(self, cells: list[str], findings: list[Finding]) -> dict[str, str] | None:
        remarks = {}
        for title, index, memory in self._extra:
            text, codes = memory[cells[index]]
            if text is None:
                findings += [Finding(code, title) for code in codes]
            elif text:
                remarks[title] = text
        for at in range(self._width, len(cells)):
            if text := unmarked(cells[at]).strip():
                remarks[f"第{at + 1}列"] = text[:200]
        return remarks or None

    def _complete(self, values: list[Any], findings: list[Finding]) -> None:
        """The batch's label begins with the year; what was paid and has no other date has reached its stage that day.

        A day of payment that was given for all rows is the day of those that were paid, and of no others.
        """
        batch, year = values[_BATCH], values[_YEAR]
        if batch and year and not progress.year_in(batch):
            values[_BATCH] = f"{year}年{batch}"
        if values[_STAGE] not in PAID_STAGES:
            return
        if self._paid_date is not None and values[_PAID_DATE] is None:
            values[_PAID_DATE] = self._paid_date
            if names.PAID_DATE in self._column_of:
                findings.append(Finding("FILLED_IN", names.PAID_DATE))
        if values[_STAGE_DATE] is None:
            values[_STAGE_DATE] = values[_PAID_DATE]

    def _is_shifted(self, cells: list[str]) -> bool:
        """Whether several cells that their column refuses would be taken by the column to their left."""
        shifted = 0
        for _, index, name, memory in self._columns:
            if name in _TELLING and index + 1 < len(cells) and memory[cells[index]].value is None:
                shifted += bool(cells[index + 1].strip()) and memory[cells[index + 1]].value is not None
        return shifted >= _FEWEST_SHIFTED
