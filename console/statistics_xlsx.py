"""The statistics as a workbook: the figures on one sheet, what they count on another. No cell can be run as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from intake.neutral import neutral
from models.statistics_values import COUNTS, DIMENSIONS, FEW, MEASURES, MEDIAN, Line, Period, Share

Row = tuple[str, str, Line]


def workbook(target: IO[bytes], by: str, period: Period, rows: Sequence[Row], total: Line, county: str) -> None:
    """Write it. A share of fewer than ten cases stands as 3/4件, so that nobody reckons on with it."""
    import xlsxwriter  # seldom needed, and large

    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E6F0EC", "border": 1})
    bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    sheet = book.add_worksheet("统计")
    titles = [DIMENSIONS[by], *COUNTS.values(), *(measure.name for measure in MEASURES.values()), "中位天数"]
    sheet.write_string(0, 0, neutral(f"{county}办件统计，{period.since} 到 {period.until} 收到的"), bold)
    for at, title in enumerate(titles):
        sheet.write_string(2, at, title, head)
    for at, (_, name, line) in enumerate((*rows, ("", "合计", total)), 3):
        _write(sheet, at, name, line, percent)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(titles) - 1, 11)
    sheet.freeze_panes(3, 1)
    _explain(book.add_worksheet("怎么算的"), bold)
    book.close()


def _write(sheet: Any, at: int, name: str, line: Line, percent: Any) -> None:
    sheet.write_string(at, 0, neutral(name))
    for column, count in enumerate(COUNTS, 1):
        sheet.write_number(at, column, getattr(line, count))
    for column, measure in enumerate(MEASURES, 1 + len(COUNTS)):
        share: Share = getattr(line, measure)
        if share.whole >= FEW:
            sheet.write_number(at, column, share.part / share.whole, percent)
        else:
            sheet.write_string(at, column, share.said)
    if line.median is not None:
        sheet.write_number(at, 1 + len(COUNTS) + len(MEASURES), line.median)


def _explain(sheet: Any, bold: Any) -> None:
    lines = [(measure.name, f"{measure.part} ÷ {measure.whole}") for measure in MEASURES.values()]
    lines += [
        ("中位天数", MEDIAN), ("件数少的", f"不到{FEW}件的，写成“3/4件”，不算百分比"), ("算在哪个部门", "现在负责答复的部门；转办过的算在接办的部门"),
        ("不算哪些", "反映您所在单位或您本人的件，不算在您看到的数里（回避）"),
    ]  # fmt: skip
    for at, (name, said) in enumerate(lines):
        sheet.write_string(at, 0, neutral(name), bold)
        sheet.write_string(at, 1, neutral(said))
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90)
