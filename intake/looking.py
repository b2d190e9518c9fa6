"""A first look at a file: the first rows of every sheet, and how each is to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from pathlib import Path

from intake import headers
from intake.plan import Plan, Table, plan, what_is_missing
from intake.reading import Block, FileRefused, read
from intake.said import GIVABLE, Said
from intake.wire import HIDDEN

LOOKED_AT = headers.LOOKED_AT + 40  # rows of each sheet: the header, and some below that tell what a column holds

Numbered = tuple[int, list[str]]
_HOW_A_HEADER_LOOKS = "第一行请写列名：姓名、身份证号、补贴项目、金额等。"


def look(file: Path, said: Said, name: str) -> list[Plan]:
    """The plans of all sheets that have any rows. Raises FileRefused where the file cannot be read at all."""
    tables = [_table(first, rows, name) for first, rows in by_sheet(read(file, most_rows=LOOKED_AT))]
    plans = [plan(table, said) for table in tables]
    scoped = _differing([made for made in plans if not made.left_out])
    return [plan(replace(table, scoped=scoped), said) for table in tables] if scoped else plans


def _differing(plans: Sequence[Plan]) -> frozenset[str]:
    """The fields of which titles and names suggest something else for each sheet: they have to be said of each."""
    return frozenset(
        name for name in GIVABLE if len({made.suggested.get(name, "") for made in plans}) > 1
    )


def by_sheet(blocks: Iterator[Block]) -> Iterator[tuple[Block, Iterator[Numbered]]]:
    """For each sheet its first block, and its rows with their numbers."""
    for _, of_sheet in groupby(blocks, key=lambda block: block.sheet):
        first = next(of_sheet)
        yield first, ((block.first + i, row) for block in chain([first], of_sheet) for i, row in enumerate(block.rows))


def _table(first: Block, numbered: Iterator[Numbered], file: str) -> Table:
    numbers, rows = [], []
    for number, cells in numbered:
        numbers.append(number)
        rows.append([cells[0].removeprefix(HIDDEN), *cells[1:]])
    return Table(first.sheet, first.name, numbers, rows, file, first.grid, first.hidden)


def why_not(plans: Sequence[Plan]) -> str:
    """Why a file with these plans cannot be taken as it is, and what to do; empty if it can."""
    taken = [made for made in plans if not made.left_out]
    if not taken:
        said = "".join(dict.fromkeys(note for made in plans for note in made.notes))
        why = plans[0].left_out.replace("，这张表没有导入", "") if plans else "文件里没有内容。"
        return said + why + _HOW_A_HEADER_LOOKS
    refusals = [made.refusal for made in taken if made.refusal]
    return "".join(refusals) or what_is_missing(taken)


def accepted(file: Path, said: Said, name: str) -> list[Plan]:
    """The plans of a file that can be taken. Raises FileRefused with the reason if it cannot."""
    plans = look(file, said, name)
    if why := why_not(plans):
        raise FileRefused(why)
    return plans
