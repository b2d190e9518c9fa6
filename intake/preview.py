"""What a file would become, before anything is stored: what was taken for what, what is to be asked, and the totals.

For the console and the command line alike:

    seen = preview(path, {}, today=today, name="2025年低保.xls")
    seen.questions                          # ask these; an answer goes into `given` under the question's key
    given = {"补贴项目": "最低生活保障", "列:补助标准": "备注"}
    seen = preview(path, given, today=today, name=…)    # again, until seen.ready
    import_file(database, path, today=today, given=given, …)    # the same mapping

`intake.said` says what `given` may hold. A guess is offered as `Question.guess` and never taken by itself. Nothing in
here holds a whole ID number, name, telephone or account: the sample rows are masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from intake import lines, names
from intake.assigning import DROPPED, REMARK
from intake.checking import Checking
from intake.findings import CODES, Handling
from intake.layout import Layout
from intake.looking import look, why_not
from intake.plan import Plan, Question, choices_of
from intake.reading import FileRefused
from intake.report import Report
from intake.said import Said, column_key, understood
from intake.wire import unmarked
from knowledge.identity import mask_account, mask_id_number, mask_name, mask_phone, redact

__all__ = ["Column", "Preview", "Question", "Sheet", "preview"]

_SAMPLED = 5  # rows shown of each sheet
_LONGEST = 30  # characters shown of a cell
_LONGEST_WORD = 16
_NAMES_SOMEBODY = re.compile("名|主|人|配偶|父|母|监护|签")
_MASKS: Mapping[str, Callable[[str], str]] = {
    names.NAME: mask_name, names.ID: mask_id_number, names.PHONE: mask_phone, names.ACCOUNT: mask_account,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `field` is one of `names.COLUMNS`, 备注 (kept with the payment), or 不要.

    `key`: under which `given` says otherwise (any of `said.FIELDS`). `certain` is False where the field was guessed
    from the header's ending or from the cells. `column` counts from 0.
    """

    column: int
    header: str
    field: str
    certain: bool
    key: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `left_out` says why it is not imported, else it is empty. `sample` has a cell for each column."""

    number: int
    name: str
    left_out: str
    title: str = ""
    columns: tuple[Column, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A file looked through. Totals in 分 by item; `by_handling` counts findings, `by_code` too.

    `refusal` says why the file cannot be taken at all; then everything else may be empty. While questions are
    `needed`, the rows have not been counted.
    """

    sheets: tuple[Sheet, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""
    rows: int = 0
    accepted: int = 0
    refused: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    by_handling: Mapping[Handling, int] = field(default_factory=dict)
    by_code: Mapping[str, int] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether the file can be imported with what was given."""
        return not self.refusal and not any(question.needed for question in self.questions)


def preview(
    path: Path, given: Mapping[str, str], *, today: date, name: str = "", progress: Callable[[int], None] | None = None
) -> Preview:
    """Look a file through, in the same limited child process as an import. Never raises for what the file holds.

    `name` is what the file was called when it was handed over (it may name the item); `progress` hears rows read.
    Takes as long as checking the file: under a minute for a million rows.
    """
    try:
        said = understood(given, today)
        plans = look(path, said, name or path.name)
    except FileRefused as refused:
        return Preview(refusal=refused.said)
    seen = Preview(
        sheets=tuple(_sheet(made, said) for made in plans),
        questions=_once(question for made in plans for question in made.questions),
        notes=tuple(dict.fromkeys(note for made in plans for note in made.notes)),
        refusal="".join(dict.fromkeys(made.refusal for made in plans if made.refusal)),
    )
    if seen.refusal or not seen.ready:
        return seen
    if why := why_not(plans):
        return _with(seen, refusal=why)
    return _counted(seen, Checking(path, today=today, given=given, name=name), progress or (lambda rows: None))


def _counted(seen: Preview, checking: Checking, progress: Callable[[int], None]) -> Preview:
    report = Report()
    try:
        for row in checking:
            report.add(row)
            if checking.rows_read % 1_000 == 0:
                progress(checking.rows_read)
    except FileRefused as refused:
        return _with(seen, refusal=refused.said)
    by_handling: Counter[Handling] = Counter()
    for code, count in report.by_code.items():
        by_handling[CODES[code][0]] += count
    return Preview(
        sheets=seen.sheets,
        questions=_once([*seen.questions, *_of_words(checking.unknown_words)]),
        notes=tuple(dict.fromkeys([*seen.notes, *checking.notes])),
        rows=checking.rows_read, accepted=report.accepted, refused=report.refused,
        totals=dict(sorted(report.totals.items())), by_handling=dict(by_handling), by_code=dict(report.by_code),
    )  # fmt: skip


def _with(seen: Preview, *, refusal: str) -> Preview:
    return Preview(seen.sheets, seen.questions, seen.notes, refusal)


def _once(questions: Iterable[Question]) -> tuple[Question, ...]:
    asked: dict[str, Question] = {}
    for question in questions:
        asked.setdefault(question.key, question)
    return tuple(asked.values())


def _of_words(unknown: Mapping[str, list[str]]) -> Iterator[Question]:
    """Words that a column should not hold: somebody may say what they mean, else their rows are refused."""
    for column, words in unknown.items():
        for word in words:
            plain = "".join(word.split())
            if plain and len(plain) <= _LONGEST_WORD and not lines.is_wording(plain):
                yield Question(f"{column}:{plain}", f"{column}里写的“{plain}”是指哪一个？", choices_of(column), needed=False)


def _sheet(made: Plan, said: Said) -> Sheet:
    table, layout = made.table, made.layout
    if layout is None:
        return Sheet(table.sheet, table.name, made.left_out)
    columns = tuple(_column(at, layout, said) for at in range(layout.width))
    return Sheet(
        table.sheet, table.name, made.left_out, " ".join(made.titles)[:200], columns,
        tuple(_masked(row, columns) for row in _of_persons(made, layout)[:_SAMPLED]),
    )  # fmt: skip


def _of_persons(made: Plan, layout: Layout) -> list[list[str]]:
    """Rows that hold a payment, rather than a group or a note; any if there are none."""
    body = made.table.rows[layout.header_row :]
    return [row for row in body if not lines.code_of(row, layout)] or list(body)


def _column(at: int, layout: Layout, said: Said) -> Column:
    label = layout.labels[at]
    field_name = layout.field_of(at)
    if field_name is None:
        kept = any(at in strip.extra.values() for strip in layout.strips)
        field_name = REMARK if kept else DROPPED
    certain = at not in layout.doubtful and label not in {one for many in (layout.open or {}).values() for one in many}
    return Column(at, " ".join(layout.header.cells[at].split())[:40], field_name, certain or label in said.columns, column_key(label))


def _masked(row: list[str], columns: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(_mask(unmarked(row[column.column]) if column.column < len(row) else "", column) for column in columns)


def _mask(text: str, column: Column) -> str:
    plain = " ".join(text.split())
    if column.field in _MASKS:
        return _MASKS[column.field](plain)[:_LONGEST]
    if column.field in (REMARK, DROPPED) and _NAMES_SOMEBODY.search(column.header) and not re.search("[0-9]", plain):
        return mask_name(plain)[:_LONGEST]
    return re.sub("[0-9]{9,}", lambda digits: mask_account(digits[0]), redact(plain))[:_LONGEST]
