"""What became of a file that holds no payments: every finding with its place, the counts, and the words for a clerk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from intake.findings import CODES, Handling

_MOST_DETAILS = 20_000  # findings kept one by one; the counts go on
_SHOWN_ROWS = 12

# What only these files can have; the rest is as in payment files.
_OURS: Mapping[str, tuple[Handling, str]] = {
    "HEAD_MISSING": ("error", "找不到这一户的户主。请写上户主，或户主身份证号"),
    "HEAD_TWICE": ("error", "同一户有两个户主。请核对户号"),
    "HOUSEHOLD_AT_FAULT": ("error", "同一户有一行有错，整户退回。请先改好那一行"),
    "MEMBER_TWICE": ("error", "同一个人写在两户里。请核对"),
    "HOUSEHOLD_UNPAID": ("skip", "这一户没有人领过补贴，没有存"),
    "NAME_OTHER": ("warn", "姓名与发放数据里的不一样，已收下。请核对"),
    "DEATH_DATE_MISSING": ("error", "没有死亡日期。请补上"),
    "DEATH_DATE_FUTURE": ("error", "死亡日期在将来。请核对"),
    "DEATH_BEFORE_BIRTH": ("error", "死亡日期比出生日期还早。请核对"),
    "DEATH_TWICE": ("error", "同一个人写了两个死亡日期。请核对"),
    "DEATH_DATE_OTHER": ("warn", "没有死亡日期，用了火化或注销日期。请核对"),
    "RETURN_ACCOUNT_MISSING": ("error", "没有账号，也没有身份证号，不知道是谁的。请补上"),
    "RESULT_MISSING": ("error", "没有处理结果。请补上，不会当作失败，也不会当作成功"),
    "RESULT_UNKNOWN": ("error", "不认识的处理结果。请写成功或失败，或指定这个代码的意思，如 结果:01=失败"),
    "RESULT_CONFLICT": ("error", "结果写成功，原因却是失败的。请向银行核实"),
    "RETURN_DATE_FUTURE": ("error", "日期在将来。请核对"),
    "RETURN_REASON_MISSING": ("warn", "失败，但银行没写原因。请向银行问清"),
    "RETURN_SUCCEEDED": ("skip", "成功的，不用处理。发放状态以部门交来的明细为准"),
    "RETURN_KNOWN": ("skip", "这笔退回已经记下了"),
    "RETURN_UNMATCHED": ("warn", "没找到对应的发放明细，列入待认领"),
    "RETURN_AMBIGUOUS": ("warn", "对得上好几笔，没有替您选，列入待认领"),
    "RETURN_PAID_AGAIN": ("fix", "重新报送的这笔成功了，已记为已补发"),
    "ROW_TWICE": ("error", "与前面某行完全相同"),
}  # fmt: skip
_HEADINGS: tuple[tuple[Handling, str], ...] = (
    ("error", "退回，改好后再导入："), ("warn", "已收下，请核对："), ("fix", "已自动改好："), ("skip", "跳过："),
)  # fmt: skip


class Note(NamedTuple):
    """What was found on one row. `sheet` counts from 0, `row` from 1; no cell's content is kept."""

    sheet: int
    row: int
    code: str
    column: str | None = None

    @property
    def handling(self) -> Handling:
        return _meaning(self.code)[0]

    @property
    def meaning(self) -> str:
        return _meaning(self.code)[1]


def _meaning(code: str) -> tuple[Handling, str]:
    return _OURS.get(code) or CODES[code]


def refuses(codes: Iterable[str]) -> bool:
    """Whether a row with these codes is not taken."""
    return any(_meaning(code)[0] == "error" for code in codes)


class RegisterReport:
    """Adds up rows. A row is accepted, unchanged, refused or skipped, never two of these."""

    def __init__(self) -> None:
        self.accepted = self.unchanged = self.refused = self.skipped = 0
        self.by_code: Counter[str] = Counter()
        self.notes: list[Note] = []

    def found(self, sheet: int, row: int, codes: Iterable[str]) -> None:
        """What was found on a row."""
        for code in codes:
            self.by_code[code] += 1
            if len(self.notes) < _MOST_DETAILS:
                self.notes.append(Note(sheet, row, code))

    def refuse(self, sheet: int, row: int, codes: Iterable[str]) -> None:
        """A row that goes back."""
        self.refused += 1
        self.found(sheet, row, codes)

    def skip(self, sheet: int, row: int, code: str) -> None:
        """A line that is left alone."""
        self.skipped += 1
        self.found(sheet, row, (code,))

    def as_json(self) -> dict[str, Any]:
        """The report for programs; `rows` by row number, with `sheet` (from 1) where it is not the first."""
        rows = []
        for note in sorted(self.notes, key=lambda note: note[:2]):
            row: dict[str, Any] = {"row": note.row, "code": note.code, "handling": note.handling}
            rows.append(row | ({"sheet": note.sheet + 1} if note.sheet else {}))
        return {
            "accepted": self.accepted, "unchanged": self.unchanged, "refused": self.refused, "skipped": self.skipped,
            "rows": rows,
        }  # fmt: skip

    def in_words(self) -> Iterator[str]:
        """Lines for a clerk: the counts, then each kind of finding with its rows, the gravest first."""
        yield f"新收下 {self.accepted} 行，原来就有 {self.unchanged} 行，退回 {self.refused} 行，跳过 {self.skipped} 行。"
        places: defaultdict[str, list[str]] = defaultdict(list)
        for note in sorted(self.notes, key=lambda note: note[:2]):
            if len(places[note.code]) < _SHOWN_ROWS:
                places[note.code].append(f"第{note.row}行" if not note.sheet else f"第{note.sheet + 1}张表第{note.row}行")
        for handling, heading in _HEADINGS:
            codes = [code for code in self.by_code if _meaning(code)[0] == handling]
            if codes:
                yield heading
            for code in sorted(codes, key=lambda code: -self.by_code[code]):
                more = f"等{self.by_code[code]}行" if self.by_code[code] > _SHOWN_ROWS else ""
                yield f"  {_meaning(code)[1]}：{'、'.join(places[code])}{more}"
