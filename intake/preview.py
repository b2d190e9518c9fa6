"""What a file would become, before anything is stored: what was taken for what, what is to be asked, and the totals.

For the console and the command line alike:

    seen = preview(path, {}, today=today, name="2025年低保.xls")
    seen.questions                          # ask these; an answer goes into `given` under the question's key
    given = {"补贴项目": "最低生活保障", "列:补助标准": "备注"}
    seen = preview(path, given, today=today)    # again, until seen.ready
    import_file(database, path, today=today, given=given, …)    # the same mapping

A guess is offered as `Question.guess` and never taken by itself. Nothing in here holds a whole ID number, name,
telephone or account: the sample rows are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from intake.findings import Handling


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked before the file can be taken (`needed`), or should be looked at.

    `key`: under which `given` holds the answer. `choices`: what may be chosen; empty where it is to be written.
    `guess`: what title line, sheet or file name suggest; to be preselected, and sent only when a person confirms it.
    """

    key: str
    asks: str
    choices: tuple[str, ...] = ()
    guess: str = ""
    needed: bool = True


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
    Takes as long as checking the file: about 40 s for a million rows.
    """
    raise NotImplementedError
