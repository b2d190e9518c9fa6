"""The report on a file as a workbook: what to do, the rows at fault as they stood with their bad cells marked, what was
corrected, and what is no longer there.

A row that was refused can be put right in the workbook and handed in again: the columns are those of the file.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from intake import reading
from intake.findings import CODES, Finding, Handling
from intake.neutral import neutral
from intake.preview import Sheet
from intake.report import Report
from intake.store import Outcome
from intake.wire import DAY, NUMBER
from knowledge.money import yuan, yuan_figure

if TYPE_CHECKING:
    import xlsxwriter

MOST_ROWS = 10_000  # of one sheet; the counts are whole
_MOST_COMMENTS = 4_000
_NUMBER_COLUMN, _HINT_COLUMN = "行号", "系统提示"
_GRAVITY: Mapping[Handling, int] = {"error": 0, "warn": 1, "fix": 2, "skip": 3}
_WHAT_TO_DO: Mapping[Handling, str] = {
    "error": "退回，改好再导入", "warn": "已收下，请核对", "fix": "已自动改好", "skip": "不是明细，已跳过",
}  # fmt: skip

Place = tuple[int, int]  # sheet from 0, row number


class Marked(NamedTuple):
    """A row of the file as it stood, and what was found on it."""

    sheet: int
    number: int
    cells: list[str]
    findings: list[Finding]


class Fault(NamedTuple):
    """All rows with one fault: how it was handled, what it is and what to do, how many, and the first places."""

    handling: Handling
    code: str
    words: str
    rows: int
    places: list[str]


def faults(report: Report, most_places: int) -> list[Fault]:
    """What was found, the gravest first."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for sheet, number, finding in sorted(report.details, key=lambda detail: detail[:2]):
        if len(places[finding.code]) < most_places:
            places[finding.code].append(place(sheet, number))
    found = [Fault(CODES[code][0], code, CODES[code][1], count, places[code]) for code, count in report.by_code.items()]
    return sorted(found, key=lambda fault: (_GRAVITY[fault.handling], -fault.rows))


def place(sheet: int, number: int) -> str:
    """Where a row stands, as people count."""
    return f"{number}" if not sheet else f"表{sheet + 1}第{number}行"


def workbook(file: Path, sheets: Sequence[Sheet], outcome: Outcome, title: str) -> bytes:
    """The report. `sheets`: what was taken for what (`preview.Preview.sheets`). Raises FileRefused."""
    import xlsxwriter  # seldom needed, and large

    target = io.BytesIO()
    # in_memory: its temporary files would hold the rows in the clear.
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        looks = _Looks(book)
        _write_summary(_Page(book, looks, "结果", (14, 62, 10, 60)), outcome, title)
        marked = list(_marked(file, outcome.report))
        for name, handling in (("退回的行", "error"), ("请核对的行", "warn")):
            rows = [row for row in marked if _gravest(row.findings) == handling]
            if rows:
                _write_rows(_Page(book, looks, name, ()), rows, sheets)
        if outcome.changes:
            _write_changes(_Page(book, looks, "更正的行", (10, 12, 16, 30, 30)), outcome)
        if outcome.found.gone:
            _write_gone(_Page(book, looks, "不见了的", (12, 14, 14, 30, 18, 14, 12)), outcome)
    return target.getvalue()


def _gravest(findings: Iterable[Finding]) -> Handling:
    return min((finding.handling for finding in findings), key=_GRAVITY.__getitem__)


def _marked(file: Path, report: Report) -> Iterator[Marked]:
    """The rows to be looked at, read again from the file."""
    wanted: defaultdict[Place, list[Finding]] = defaultdict(list)
    for sheet, number, finding in report.details:
        if finding.handling in ("error", "warn"):
            wanted[sheet, number].append(finding)
    for block in reading.read(file) if wanted else ():
        for at, cells in enumerate(block.rows, block.first):
            if found := wanted.pop((block.sheet, at), None):
                yield Marked(block.sheet, at, cells, found)


# ---------------------------------------------------------------- the sheets


class _Looks:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        plain = {"valign": "top", "text_wrap": True, "num_format": "@"}
        self.plain = book.add_format(plain)
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format({"bold": True, "bg_color": "#E6F0EC", "border": 1, "text_wrap": True})
        self.error = book.add_format(plain | {"bg_color": "#F8C9C2", "border": 1, "border_color": "#9F2A1D"})
        self.warn = book.add_format(plain | {"bg_color": "#FBE3B5", "border": 1, "border_color": "#8A4F00"})


class _Page:
    """A sheet that is written from top to bottom; every cell is text and neutral."""

    def __init__(self, book: xlsxwriter.Workbook, looks: _Looks, name: str, widths: Sequence[int]) -> None:
        self.looks = looks
        self.row = 0
        self._sheet = book.add_worksheet(name)
        self._comments = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def line(self, cells: Sequence[str], look: Any = None, marks: Mapping[int, tuple[Handling, str]] | None = None) -> None:
        """One row. `marks` gives for some columns how to colour them and what to say about them."""
        for column, text in enumerate(cells):
            mark = (marks or {}).get(column)
            style = (self.looks.error if mark[0] == "error" else self.looks.warn) if mark else look or self.looks.plain
            self._sheet.write_string(self.row, column, neutral(text), style)
            if mark and self._comments < _MOST_COMMENTS:
                self._comments += 1
                self._sheet.write_comment(self.row, column, mark[1], {"author": "明白卡", "x_scale": 2})
        self.row += 1

    def freeze(self) -> None:
        """Keep what was written so far in sight."""
        self._sheet.freeze_panes(self.row, 0)


def _write_summary(page: _Page, outcome: Outcome, title: str) -> None:
    report = outcome.report
    page.line([title], page.looks.title)
    page.line([f"可以入库 {report.accepted} 行，共 {yuan(report.total_fen)}；退回 {report.refused} 行。"])
    page.line([
        f"新增 {outcome.new} 行，更正 {outcome.changed} 行，没有变化 {outcome.unchanged} 行；"
        f"原来有、这次文件里没有的 {outcome.found.vanished} 笔。"
    ])  # fmt: skip
    if outcome.found.older:
        page.line([f"{outcome.found.older} 行写的环节比已有的早（银行已经打过款或退回过），环节没有改。"])
    page.line([])
    page.line(["处理", "问题和怎么改", "行数", "在哪些行"], page.looks.head)
    for fault in faults(report, 200):
        page.line([_WHAT_TO_DO[fault.handling], fault.words, str(fault.rows), "、".join(fault.places)])
    page.line([])
    page.line(["", "补贴项目", "", "合计"], page.looks.head)
    for item, fen in sorted(report.totals.items()):
        page.line(["", item, "", yuan_figure(fen)])


def _write_rows(page: _Page, rows: Sequence[Marked], sheets: Sequence[Sheet]) -> None:
    """Rows under the header of their table; the number in front and the hint behind are ours."""
    layouts = {sheet.number: sheet for sheet in sheets}
    current: int | None = None
    for row in rows[:MOST_ROWS]:
        layout = layouts.get(row.sheet)
        headers = [column.header for column in layout.columns] if layout else []
        if row.sheet != current:
            page.line([_NUMBER_COLUMN, *headers, _HINT_COLUMN], page.looks.head)
            if current is None:
                page.freeze()
            current = row.sheet
        cells = [cell.lstrip(NUMBER + DAY) for cell in row.cells]
        cells += [""] * (len(headers) - len(cells))
        hints = "；".join(dict.fromkeys(_hint(finding) for finding in row.findings))
        page.line([place(row.sheet, row.number), *cells, hints], marks=_marks(row.findings, layout, len(cells)))
    if len(rows) > MOST_ROWS:
        page.line(["", f"一共{len(rows)}行，这里只列前{MOST_ROWS}行。先改这些，再导入一次看看。"])


def _marks(findings: Sequence[Finding], layout: Sheet | None, width: int) -> dict[int, tuple[Handling, str]]:
    """The cells to mark, by column of our sheet; a fault of the row as a whole marks its number."""
    marks: dict[int, tuple[Handling, str]] = {}
    for finding in sorted(findings, key=lambda one: _GRAVITY[one.handling], reverse=True):
        columns = layout.columns if layout else ()
        at = [column.column for column in columns if finding.column in (column.field, column.header)] if finding.column else []
        for column in [one + 1 for one in at if one < width] or [0]:
            before = marks.get(column)
            words = f"{before[1]}\n{_hint(finding)}" if before else _hint(finding)
            marks[column] = (finding.handling, words)
    return marks


def _hint(finding: Finding) -> str:
    also = "、".join(map(str, finding.related_rows[:3]))
    return f"{finding.meaning}（另见第{also}行）" if also else finding.meaning


def _write_changes(page: _Page, outcome: Outcome) -> None:
    page.line([_NUMBER_COLUMN, "姓名", "哪一列", "原来", "现在"], page.looks.head)
    page.freeze()
    for change in outcome.changes:
        for label, before, after in change.fields:
            page.line([place(change.sheet, change.row), change.name, label, before, after])
    if outcome.changed > len(outcome.changes):
        page.line(["", "", "", f"一共更正{outcome.changed}行，这里只列前{len(outcome.changes)}行。"])


def _write_gone(page: _Page, outcome: Outcome) -> None:
    page.line(["姓名", "乡镇", "村", "补贴项目", "批次", "金额", "环节"], page.looks.head)
    page.freeze()
    for gone in outcome.found.gone:
        figure = yuan_figure(gone.amount_fen)
        page.line([gone.name, gone.town, gone.village, gone.item, gone.period, figure, gone.stage])
    if outcome.found.vanished > len(outcome.found.gone):
        page.line([f"一共{outcome.found.vanished}笔，这里只列前{len(outcome.found.gone)}笔。"])
