"""A file, read and checked in one pass, after a first look at all its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from intake import headers, lacking, lines, names
from intake.across import Across, Place
from intake.cleaning import NOTHING
from intake.findings import Finding
from intake.lacking import Lacking
from intake.layout import Layout, Strip
from intake.looking import Numbered, accepted, by_sheet
from intake.payment_row import PaymentRow
from intake.plan import Plan, Table, plan
from intake.progress import STAGES
from intake.reading import FileRefused, read
from intake.rows import RowReader
from intake.said import Said, understood
from intake.sections import Sections
from intake.totals import Totals, fen_in
from intake.wire import HIDDEN, unmarked

_MOST_NAMED = 8  # unknown words that are named to a clerk; never what may be somebody's name in a shifted cell
_OF_STAGES = re.compile("[发放打款付卡退停缓成败功账批审常√×否是]")
_NO_ROWS = "表里只有表头，没有一行明细。请确认导出成功后再试。"
_MOST_UNKNOWN = 20  # unknown words that are remembered


class CheckedRow(NamedTuple):
    """One payment of a row: its values if it may be stored, and what was found.

    After the last row of a table, and of the file, come those findings that only the whole shows, as rows without a
    payment; they warn of rows that were given before. `sheet` counts from 0, `row_number` from 1. A row of a wide table
    comes once for each of its payments. `lacking` is what its table says nothing of.
    """

    sheet: int
    row_number: int
    values: PaymentRow | None
    findings: tuple[Finding, ...]
    id_number: str = ""  # of a refused row, if that cell could be read
    lacking: Lacking | None = None


class Checking:
    """The rows of a file, once, as they come. `notes` fills with what a clerk should know about the file itself.

    `given` is what a person said of the file (intake.said); `name` what it was called when it was handed over.
    Iterating raises FileRefused when the file cannot be taken as a whole, at the start or in the middle.
    """

    def __init__(self, file: Path, *, today: date, given: Mapping[str, str] | None = None, name: str = "") -> None:
        self.notes: list[str] = []
        self.rows_read = 0
        self.unknown_words: dict[str, list[str]] = {}
        self._file = file
        self._name = name or file.name
        self._today = today
        self._said = understood(given or {}, today)
        self._across = Across()

    def __iter__(self) -> Iterator[CheckedRow]:
        plans = accepted(self._file, self._said, self._name)
        for made in plans:
            self._note(*made.notes, made.left_out)
        wanted = {made.table.sheet: made for made in plans if not made.left_out}
        holds_any = False
        for first, rows in by_sheet(read(self._file, sheets=wanted)):
            table = _Rows(self, wanted[first.sheet])
            yield from table.checked(rows)
            holds_any |= table.holds_any
        if not holds_any:
            raise FileRefused(_NO_ROWS)
        self._note_words()
        for place, finding in self._across.finish():
            yield CheckedRow(place.sheet, place.row, None, (finding,))

    def _note(self, *notes: str) -> None:
        self.notes += [note for note in dict.fromkeys(notes) if note and note not in self.notes]

    def _note_words(self) -> None:
        """What stands in the column of stages and is none: whoever knows may say what it means."""
        words = [word for word in self.unknown_words.get(names.STATUS, ()) if _OF_STAGES.search(word)][:_MOST_NAMED]
        if words:
            self._note(
                f"“{names.STATUS}”列里有认不出的写法：{'、'.join(words)}。知道是什么意思的，请指定，"
                f"如 {names.STATUS}:{words[0]}=…，写{'、'.join(STAGES)}之一。"
            )

    def after_header(self, before: Plan, cells: list[str]) -> Plan:
        """The plan after a repeated header, which may have other columns than the first."""
        header = headers.find([cells])
        if header is None or before.layout is None or header.cells == before.layout.header.cells:
            return before
        made = plan(Table(before.table.sheet, before.table.name, (1,), [cells], grid=before.table.grid), self._said)
        if made.layout is None or made.left_out or made.refusal or made.missing or made.layout.columns == before.layout.columns:
            return before
        self._note(*made.notes)
        return made

    def reader(self, made: Plan, layout: Layout, strip: Strip) -> RowReader:
        """What reads the rows of a strip."""
        said: Said = self._said
        return RowReader(layout, strip, made.given, self._today, words=said.words, money=made.money, grid=made.table.grid)

    def take(self, place: Place, row: PaymentRow) -> Finding | None:
        """What an earlier row of the file makes of this one."""
        return self._across.take(place, row)

    def remember_unknown(self, reader: RowReader) -> None:
        """Keep the words that nobody knows, so that it can be asked what they mean."""
        for column, words in reader.unknown_words().items():
            known = self.unknown_words.setdefault(column, [])
            fresh = [word for word in words if word not in known and not any(map(str.isdigit, word))]
            known += fresh[: _MOST_UNKNOWN - len(known)]


class _Rows:
    """The rows of one table."""

    def __init__(self, checking: Checking, made: Plan) -> None:
        self._checking = checking
        self._sheet = made.table.sheet
        self.holds_any = False  # rows of persons, good or bad
        self._totals: list[Totals] = []
        self._follow(made)
        self._sections = Sections(made)  # what heads rows still does so on the next page
        self._totals = [Totals(made.money) for _ in self._readers]

    def _follow(self, made: Plan) -> None:
        assert made.layout is not None  # noqa: S101 - a table without a layout is left out
        self._plan, self._layout = made, made.layout
        self._lacking = [lacking.of(strip, made.given) for strip in made.layout.strips]
        self._readers = [
            (position, self._checking.reader(made, made.layout, strip), strip)
            for position, strip in enumerate(made.layout.strips[: len(self._totals) or None])
        ]

    def checked(self, rows: Iterator[Numbered]) -> Iterator[CheckedRow]:
        """Every row, then what the table's totals show."""
        found = dict(self._layout.header.above)
        for at, (number, cells) in enumerate(islice(rows, self._layout.header_row)):
            if at in found:
                if len(self._totals) == 1:  # of several items, the title's figures may mean any
                    self._totals[0].title(number, "".join(cells))
                yield CheckedRow(self._sheet, number, None, (found[at],))
        for number, cells in rows:
            self._checking.rows_read += 1
            hidden = cells[0][:1] == HIDDEN
            if hidden:
                cells[0] = cells[0][1:]
            yield from self._row(number, cells, hidden=hidden)
        for _, reader, _ in self._readers:
            self._checking.remember_unknown(reader)
        for totals in self._totals:
            for number, finding in totals.finish():
                yield CheckedRow(self._sheet, number, None, (finding,))

    def _row(self, number: int, cells: list[str], *, hidden: bool) -> Iterator[CheckedRow]:
        sum_fen = 0
        filled = self._filled(cells)
        for at, (position, reader, _) in enumerate(filled, 1):
            values, findings = reader.read(cells)
            if values is None and at == 1 and (code := lines.code_of(cells, self._layout)):
                yield CheckedRow(self._sheet, number, None, (Finding(code),))
                self._line(code, number, cells)
                return
            self.holds_any = True
            if self._sections.speak:
                values, findings = self._in_section(values, findings)
            if hidden:
                findings = (*findings, Finding("ROW_HIDDEN"))
            fen = values.amount_fen if values is not None else reader.amount_of(cells)
            person = values.id_number if values is not None else reader.id_of(cells)
            sum_fen += fen or 0
            self._totals[position].row(fen, person)
            if values is not None and (found := self._checking.take(Place(self._sheet, number), values)):
                values, findings = None, (*findings, found)
            if self._layout.sum_at is not None and at == len(filled) and not self._is_sum(cells, sum_fen):
                findings = (*findings, Finding("ROW_SUM_MISMATCH", names.AMOUNT))
            yield CheckedRow(self._sheet, number, values, findings, person if values is None else "", self._lacking[position])

    def _in_section(
        self, values: PaymentRow | None, findings: tuple[Finding, ...]
    ) -> tuple[PaymentRow | None, tuple[Finding, ...]]:
        """A row with what the line that heads it says."""
        if found := self._sections.finding():
            return None, (*findings, found)
        if values is None:
            return None, findings
        placed, found = self._sections.placed(values)
        return placed, (*findings, found) if found else findings

    def _is_sum(self, cells: list[str], fen: int) -> bool:
        """Whether the amounts of a wide row are what its last column says; a cell that says nothing agrees."""
        at = self._layout.sum_at or 0
        return at >= len(cells) or fen_in(cells[at], self._plan.money) in (None, fen)

    def _filled(self, cells: list[str]) -> list[tuple[int, RowReader, Strip]]:
        """The strips of a row that hold anything; the first if none does."""
        if len(self._readers) == 1:
            return self._readers
        filled = [
            one for one in self._readers
            if any(_says_something(cells[at], one[2]) for at in one[2].telling if at < len(cells))
        ]  # fmt: skip
        return filled or self._readers[:1]

    def _line(self, code: str, number: int, cells: list[str]) -> None:
        self._sections.line(cells)
        if code == "HEADER_REPEATED":
            self._follow(self._checking.after_header(self._plan, cells))
        elif code in ("SUBTOTAL_LINE", "TOTAL_LINE"):
            for totals, strip in zip(self._totals, self._layout.strips, strict=False):
                totals.line(number, cells, strip.columns[names.AMOUNT])


def _says_something(cell: str, strip: Strip) -> bool:
    """Whether a cell of a wide row holds a part of a payment: of an item, 0 means that the person does not get it."""
    text = unmarked(cell).strip()
    return bool(text) and not (strip.item and (text in NOTHING or not text.strip("0.")))
