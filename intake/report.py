"""What became of a file: the counts for a machine, the words for a clerk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from intake.checking import CheckedRow
from intake.findings import CODES, OF_TABLES, Finding, Handling
from knowledge.money import yuan

_MOST_DETAILS = 50_000  # findings kept one by one; the counts go on
_SHOWN_ROWS = 12  # row numbers said for each code


class Report:
    """Adds up checked rows. A row that was put right or warned of is accepted too."""

    def __init__(self) -> None:
        self.accepted = 0
        self.refused = 0
        self.by_code: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.details: list[tuple[int, int, Finding]] = []
        self._fixed = 0
        self._warned: set[tuple[int, int]] = set()

    def add(self, row: CheckedRow) -> None:
        """Count one row."""
        if row.values is not None:
            self.accepted += 1
            self.totals[row.values.item] += row.values.amount_fen
            if not row.findings:
                return
        handlings = {finding.handling for finding in row.findings}
        if "error" in handlings:
            self.refused += 1
        elif not _of_table(row):
            self._fixed += "fix" in handlings
            if "warn" in handlings:
                self._warned.add((row.sheet, row.row_number))
        for finding in row.findings:
            self.by_code[finding.code] += 1
            if len(self.details) < _MOST_DETAILS:
                self.details.append((row.sheet, row.row_number, finding))

    @property
    def fixed(self) -> int:
        """Accepted rows in which something was put right."""
        return self._fixed

    @property
    def warned(self) -> int:
        """Accepted rows that somebody should look at."""
        return len(self._warned)

    @property
    def total_fen(self) -> int:
        """The sum of all accepted rows."""
        return sum(self.totals.values())

    def as_json(self) -> dict[str, Any]:
        """The report for programs; `rows` by row number, with `sheet` (from 1) where it is not the first."""
        rows = []
        for sheet, number, finding in sorted(self.details, key=lambda detail: detail[:2]):
            row: dict[str, Any] = {"row": number, "code": finding.code, "handling": finding.handling}
            if finding.column:
                row["column"] = finding.column
            if finding.related_rows:
                row["related_rows"] = list(finding.related_rows)
            if finding.related_sheets:
                row["related_sheets"] = [one + 1 for one in finding.related_sheets]
            if sheet:
                row["sheet"] = sheet + 1
            rows.append(row)
        return {
            "accepted": self.accepted,
            "fixed": self.fixed,
            "warned": self.warned,
            "refused": self.refused,
            "rows": rows,
            "totals": dict(sorted(self.totals.items())),
        }

    def in_words(self) -> Iterator[str]:
        """Lines for a clerk: the counts, then each kind of finding with its rows, the gravest first."""
        yield f"可以入库 {self.accepted} 行，共 {yuan(self.total_fen)}；退回 {self.refused} 行。"
        yield f"其中自动改好 {self.fixed} 行，需要核对 {self.warned} 行。"
        by_code: defaultdict[str, dict[str, None]] = defaultdict(dict)  # places in their order, each once
        for sheet, number, finding in sorted(self.details, key=lambda detail: detail[:2]):
            by_code[finding.code].setdefault(_where(sheet, number, finding))
        for handling, heading in _HEADINGS:
            codes = [code for code in by_code if CODES[code][0] == handling]
            if codes:
                yield ""
                yield heading
            for code in sorted(codes, key=lambda code: -self.by_code[code]):
                yield f"  {CODES[code][1]}：{_listed(list(by_code[code]), self.by_code[code])}"
        if self.totals:
            yield ""
            yield "各项目合计："
            for item, fen in sorted(self.totals.items()):
                yield f"  {item}：{yuan(fen)}"


_HEADINGS: tuple[tuple[Handling, str], ...] = (
    ("error", "退回，改好后再导入："),
    ("warn", "已收下，请核对："),
    ("fix", "已自动改好："),
    ("skip", "不是明细，已跳过："),
)


def _where(sheet: int, number: int, finding: Finding) -> str:
    place = f"第{number}行" if not sheet else f"第{sheet + 1}张表第{number}行"
    if finding.related_sheets:
        others = zip(finding.related_sheets[:3], finding.related_rows[:3], strict=True)
        place += f"(另见{'、'.join(f'第{one + 1}张表第{row}行' for one, row in others)})"
    elif finding.related_rows:
        place += f"(另见第{'、'.join(map(str, finding.related_rows[:3]))}行)"
    return place


def _of_table(row: CheckedRow) -> bool:
    """Whether what was found is about a total or a title, and not about a payment that was taken."""
    return row.values is None and all(finding.code in OF_TABLES for finding in row.findings)


def _listed(places: Sequence[str], count: int) -> str:
    """The first of them; `count` findings there were, more than places where a row has several or not all were kept."""
    shown = "、".join(places[:_SHOWN_ROWS])
    if len(places) <= _SHOWN_ROWS:
        return shown
    return f"{shown}等{len(places)}行" if len(places) < _MOST_DETAILS else f"{shown}等{count}处"
