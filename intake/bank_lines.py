"""The lines of a bank's return file (回盘): account, name, amount, what became of it and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from intake import amounts, contents, days, names, people, progress
from intake.bank_results import PAID, Results, in_words, reason_of, says_all_failed
from intake.cleaning import Read, Refusal, tidy
from intake.guesses import guesses
from intake.register_report import RegisterReport, refuses
from intake.register_table import Headless, Row, Vocabulary, rows_of
from intake.registers import Source, value_of
from models.household import RETURNS

ACCOUNT, NAME, AMOUNT, RESULT, REASON, NUMBER, DAY = "账号", "户名", "金额", "结果", "原因", "身份证号", "日期"
ITEM, YEAR, BATCH = names.ITEM, names.YEAR, names.BATCH
_VOCABULARY = Vocabulary.of(RETURNS, (ACCOUNT, NUMBER), (AMOUNT,))
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `day` is None where the file does not say; `item`, `year` and `batch` are empty, 0, empty."""

    sheet: int
    number: int
    account: str
    name: str
    amount_fen: int
    id_number: str
    paid: bool
    reason: str
    day: date | None
    item: str
    year: int
    batch: str

    @property
    def same(self) -> tuple[Any, ...]:
        """What tells two lines apart."""
        return (self.account, self.name, self.amount_fen, self.id_number, self.paid, self.reason, self.day, self.item, self.year, self.batch)


@dataclass(slots=True)
class _Raw:
    row: Row
    codes: list[str]
    result: str
    reason: str


def lines_of(source: Source, report: RegisterReport, progress_: Callable[[int], None]) -> tuple[list[Line], list[str]]:
    """The lines that could be read, and what a clerk should know. Raises FileRefused."""
    rows = [row for row in rows_of(source.file, _VOCABULARY, source.given, _Guessed())]
    progress_(len(rows))
    raws = [_raw(row) for row in rows if not row.skip]
    for row in rows:
        if row.skip:
            report.skip(row.sheet, row.number, row.skip)
    said = source.given.get(RESULT, "")
    all_failed = said == "失败" or (says_all_failed([source.name]) and not any(raw.result for raw in raws))
    results = Results(((raw.result, raw.reason) for raw in raws), source.given, all_failed=all_failed)
    given, notes = _given(source)
    found = [line for raw in raws if (line := _line(raw, results, given, source, report)) is not None]
    if any(line.day is None for line in found):
        notes.append("文件里没有处理日期，退回按今天记。知道日期的，请指定，如 日期=2026-03-05。")
    return found, notes


def _given(source: Source) -> tuple[dict[str, Any], list[str]]:
    """What was said beside the file for every line of it, read; and what the file's name suggests but nobody said."""
    readers: Mapping[str, Callable[[str], Read]] = {
        DAY: days.day, ITEM: progress.item, YEAR: partial(progress.year, today=source.today), BATCH: partial(progress.batch, title=""),
    }  # fmt: skip
    given, notes = {}, []
    for name, reader in readers.items():
        if text := source.given.get(name, ""):
            codes: list[str] = []
            given[name] = value_of(text, reader, codes)
            if refuses(codes):
                notes.append(f"指定的“{name}”看不懂，没有用。")
    hints = {name: text for name, text in guesses([source.name]).items() if name in (ITEM, YEAR, BATCH) and name not in given}
    if hints:
        said = "、".join(f"{name}={text}" for name, text in hints.items())
        notes.append(f"文件名像是：{said}。确实是的，请指定，待认领的会少一些。")
    return given, notes


def _raw(row: Row) -> _Raw:
    codes: list[str] = []
    return _Raw(row, codes, _text(row.cells.get(RESULT, ""), codes), _text(row.cells.get(REASON, ""), codes))


def _text(cell: str, codes: list[str]) -> str:
    return value_of(cell, people.words, codes) or ""


def _line(
    raw: _Raw, results: Results, given: Mapping[str, Any], source: Source, report: RegisterReport
) -> Line | None:
    row, codes, cells = raw.row, raw.codes, raw.row.cells
    verdict, wrong = results.verdict(raw.result, raw.reason)
    codes += [wrong] if wrong else []
    reason = "" if verdict == PAID else reason_of(raw.result, raw.reason)
    account = value_of(cells.get(ACCOUNT, ""), _account, codes) or ""
    number = _optional(cells.get(NUMBER, ""), partial(people.id_number, today=source.today), codes)
    name = _optional(cells.get(NAME, ""), people.name, codes)
    amount = value_of(cells.get(AMOUNT, ""), amounts.amount, codes)
    day = _optional(cells.get(DAY, ""), days.day, codes) or given.get(DAY)
    if not account and not number:
        codes.append("RETURN_ACCOUNT_MISSING")
    if day and day > source.today:
        codes.append("RETURN_DATE_FUTURE")
    if refuses(codes) or verdict is None or amount is None:
        report.refuse(row.sheet, row.number, dict.fromkeys(codes))
        return None
    if verdict != PAID and not reason:
        codes.append("RETURN_REASON_MISSING")
    report.found(row.sheet, row.number, dict.fromkeys(codes))
    item = _optional(cells.get(ITEM, ""), progress.item, []) or given.get(ITEM) or ""
    year = _optional(cells.get(YEAR, ""), partial(progress.year, today=source.today), []) or given.get(YEAR) or 0
    batch = _optional(cells.get(BATCH, ""), partial(progress.batch, title=""), []) or given.get(BATCH) or ""
    return Line(row.sheet, row.number, account, name or "", amount, number or "", verdict == PAID, reason, day, item, year, batch)


def _optional(cell: str, reader: Callable[[str], Read], codes: list[str]) -> Any:
    return value_of(cell, reader, codes) if cell.strip() else None


def _account(cell: str) -> Read:
    """An account; whether its last digit is right does not matter here: the bank gave it back as it was."""
    read = people.account(cell)
    return Read(read.value, tuple(code for code in read.codes if code not in ("ACCOUNT_MISSING", "ACCOUNT_LUHN")))


# ---------------------------------------------------------------- tables without a header


class _Guessed(Headless):
    """The columns of a table without a header, told from its cells."""

    def columns(self, rows: Sequence[Sequence[str]]) -> dict[str, int]:
        width = max(map(len, rows), default=0)
        by_column = {at: [row[at] for row in rows if at < len(row) and row[at].strip()] for at in range(width)}
        full = {at: cells for at, cells in by_column.items() if len(cells) * 2 > len(rows)}
        found: dict[str, int] = {}
        for name, is_one in _KINDS.items():
            fits = [at for at in full if at not in found.values() and sum(map(is_one, full[at])) >= _MOSTLY * len(full[at])]
            if fits:
                found[name] = fits[0]
        words = {at: cells for at, cells in by_column.items() if at not in found.values() and cells}
        verdicts = [at for at, cells in words.items() if _are_verdicts(cells)]
        if verdicts:
            found[RESULT] = verdicts[0]
        reasons = [at for at, cells in words.items() if at not in found.values() and any(in_words(cell) for cell in cells)]
        if reasons:
            found[REASON] = reasons[0]
        return found


_MONEY = re.compile(r"[0-9]{1,9}\.[0-9]{1,2}")
_LONG_NUMBER = re.compile(r"[0-9]{12,24}")
_SHORT_CODE = re.compile(r"(?=.*[0-9A-Z])[0-9A-Z]{1,8}")
_KINDS: Mapping[str, Callable[[str], bool]] = {
    NUMBER: contents.is_id_number,
    ACCOUNT: lambda cell: _LONG_NUMBER.fullmatch(_tidy(cell)) is not None and not contents.is_id_number(cell),
    AMOUNT: lambda cell: _MONEY.fullmatch(_tidy(cell)) is not None,
    DAY: lambda cell: re.fullmatch(r"20[0-9]{2}[-/.]?[01][0-9][-/.]?[0-3][0-9]", _tidy(cell)) is not None,
    NAME: lambda cell: re.fullmatch(r"[\u4e00-\u9fff·]{2,8}", _tidy(cell)) is not None and in_words(cell) is None,
}


def _tidy(cell: str) -> str:
    try:
        return tidy(cell, [])
    except Refusal:
        return ""


def _are_verdicts(cells: Sequence[str]) -> bool:
    """Whether a column holds words of success or failure, or a few codes again and again; running numbers do not repeat."""
    texts = [_tidy(cell) for cell in cells]
    if all(in_words(text) for text in texts):
        return True
    repeat = len(set(texts)) <= max(1, len(texts) // 2) or len(texts) == 1
    return repeat and all(in_words(text) or _SHORT_CODE.fullmatch(text) for text in texts)
