"""Finding the header of a table: one row or two storeys, below titles, unit lines and groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from intake import contents, names
from intake.findings import Finding
from intake.wire import NUMBER, unmarked

LOOKED_AT = 60  # rows within which the header must come
_FEWEST = 3  # columns that make a header
_LONGEST_TITLE = 60
_WORDS = re.compile(r"[^0-9:：]{0,20}[\u4e00-\u9fff]{2}[^0-9:：]{0,20}")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its cells, and for each what stands above it in the upper storey.

    `rows` is the number of rows down to and with the header; 0 where the table has none and its columns are only numbered.
    `above` gives what the lines before it are, by position from 0.
    """

    rows: int
    cells: tuple[str, ...]
    groups: tuple[str, ...]
    above: tuple[tuple[int, Finding], ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """A name of its own for every column: 金额, 金额#2, 第5列."""
        seen: dict[str, int] = {}
        labels = []
        for number, cell in enumerate(self.cells, 1):
            name = names.bare(cell) or f"第{number}列"
            seen[name] = seen.get(name, 0) + 1
            labels.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
        return tuple(labels)


def score(cells: Sequence[str]) -> int:
    """How many different columns a row of cells names."""
    return len({found[0] for cell in cells if len(cell) <= _LONGEST_TITLE and (found := names.known(cell))})


def find(rows: Sequence[Sequence[str]]) -> Header | None:
    """The header among the first rows of a table; None if they are no table of persons.

    It is the row that names most columns, or two rows that name more together: a header of two storeys, where cells
    merged downwards stand in the upper row and cells of a group in the lower one. Where no row names enough, it is the
    row of words just above the first identity number.
    """
    scores = [score(row) for row in rows]
    if not scores:
        return None
    if max(scores) < _FEWEST:
        return _of_two_storeys(rows) or _above_the_numbers(rows)
    best = scores.index(max(scores))
    upper, lower, reached = best, best, scores[best]
    for below in (best, best + 1):
        if 0 < below < len(rows) and not _holds_data(rows[below]) and not _holds_data(rows[below - 1]):
            together = _score_of_two(rows[below - 1], rows[below])
            if together > reached or (together == reached and below > best and _is_lower_storey(rows[below])):
                upper, lower, reached = below - 1, below, together
    return _header(rows, upper, lower)


def _header(rows: Sequence[Sequence[str]], upper: int, lower: int) -> Header:
    if upper == lower:
        # Groups above a complete header: 人员信息, 补贴信息, or the items of a wide table.
        over = rows[lower - 1] if lower and _is_group_line(rows[lower - 1]) else ()
        cells = list(rows[lower])
    else:
        over, cells = rows[upper], _joined(rows[upper], rows[lower])
    return Header(lower + 1, tuple(cells), _spread(over, cells), _lines_above(rows[:lower]))


def _of_two_storeys(rows: Sequence[Sequence[str]]) -> Header | None:
    """Two rows of which neither names enough by itself."""
    for below in range(1, len(rows)):
        if _holds_data(rows[below]):
            return None
        if not _holds_data(rows[below - 1]) and score(_joined(rows[below - 1], rows[below])) >= _FEWEST:
            return _header(rows, below - 1, below)
    return None


def _above_the_numbers(rows: Sequence[Sequence[str]]) -> Header | None:
    first = next((at for at, row in enumerate(rows) if any(map(contents.is_id_number, row))), None)
    if first is None:
        return None
    titles = rows[first - 1] if first else ()
    words = [cell for cell in titles if cell.strip()]
    if len(words) < _FEWEST or _holds_data(titles) or any(len(word) > _LONGEST_TITLE for word in words):
        return Header(first, ("",) * len(rows[first]), ("",) * len(rows[first]), _lines_above(rows[:first]))
    return _header(rows, first - 1, first - 1)


def _holds_data(cells: Sequence[str]) -> bool:
    return any(cell.startswith(NUMBER) or re.search(r"[0-9]{4}", cell) for cell in cells)


def _score_of_two(upper: Sequence[str], lower: Sequence[str]) -> int:
    """As `score` for two storeys: a cell that says nothing by itself (玉米) counts for its group (补贴金额)."""
    joined = _joined(upper, lower)
    pairs = zip(joined, _spread(upper, joined), strict=True)
    return len({found[0] for cell, group in pairs if (found := names.known(cell) or (cell.strip() and names.known(group)))})


def _is_lower_storey(cells: Sequence[str]) -> bool:
    """Whether a row under the header only adds to it: several words, no figures."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and all(_WORDS.fullmatch(cell.strip()) for cell in filled)


def _is_group_line(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and not any(re.search(r"[:：]|[0-9]{3}", cell) for cell in filled) and not _holds_data(cells)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    return [below if below.strip() else above for above, below in zip_longest(upper, lower, fillvalue="")]


def _spread(over: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    """The group of every column: a merged cell holds its text in the first of its columns only."""
    groups, current = [], ""
    for above, cell in zip_longest(over, cells, fillvalue=""):
        if above.strip():
            current = above
        groups.append("" if names.bare(current) == names.bare(cell) else current)
    return tuple(groups[: len(cells)])


def _lines_above(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, Finding], ...]:
    """What the lines above the header are: empty, groups (just above it, several cells), titles."""
    found = []
    for at, cells in enumerate(rows):
        filled = [unmarked(cell) for cell in cells if cell.strip()]
        if not filled:
            code = "EMPTY_LINE"
        elif at == len(rows) - 1 and len(filled) > 1 and not any(re.search(r"[:：0-9]", cell) for cell in filled):
            code = "GROUP_HEADER"
        else:
            code = "TITLE_LINE"
        found.append((at, Finding(code)))
    return tuple(found)
