"""Whether the totals that a table states, in its total lines and its title, are those of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from intake import amounts, guesses, names
from intake.cleaning import Refusal
from intake.findings import Finding
from intake.wire import unmarked

_MOST_LINES = 2_000  # total lines that are checked
_NEAR = 300  # segments that one total may be the sum of


class _Stated(NamedTuple):
    row: int
    segment: int  # how many segments stood above it
    fen: int | None
    persons: int | None


class Totals:
    """Takes the amounts of a table's rows and its total lines, in their order.

    A total may stand below its rows or above them, and may be the sum of any number of groups next to it.
    Where a row's amount cannot be read, nothing is concluded from sums that would hold it.
    """

    def __init__(self, money: str = amounts.YUAN) -> None:
        self._money = money
        self._sums: list[int | None] = [0]
        self._counts = [0]
        self._stated: list[_Stated] = []
        self._persons: set[int] | None = None  # kept only where the title states how many there are

    def row(self, fen: int | None, person: str) -> None:
        """A row of the table, also a refused one."""
        before = self._sums[-1]
        self._sums[-1] = None if fen is None or before is None else before + fen
        self._counts[-1] += 1
        if self._persons is not None:
            self._persons.add(hash(person))

    def title(self, number: int, text: str) -> None:
        """A line above the header."""
        fen = fen_in(guesses.sum_in(text) or "")
        count = guesses.count_in(text)
        if fen is not None or count is not None:
            self._state(_Stated(number, 0, fen, count))
        if count is not None:
            self._persons = set()

    def line(self, number: int, cells: Sequence[str], amount_at: int) -> None:
        """A total line; it may state its sum and count in words, wherever in the line."""
        fen = fen_in(cells[amount_at], self._money) if amount_at < len(cells) else None
        if fen is None:  # 金额：1200元
            fen = next((found for cell in cells if (found := fen_in(guesses.sum_in(cell) or "")) is not None), None)
        count = next((found for cell in cells if (found := guesses.count_in(f"计{cell}")) is not None and cell.strip()), None)
        self._state(_Stated(number, len(self._sums), fen, count))
        self._sums.append(0)
        self._counts.append(0)

    def _state(self, stated: _Stated) -> None:
        if len(self._stated) < _MOST_LINES:
            self._stated.append(stated)

    def finish(self) -> Iterator[tuple[int, Finding]]:
        """For each line that states something else than the rows give: its number and what was found."""
        for stated in self._stated:
            if stated.fen is not None and not self._fits(stated, stated.fen):
                yield stated.row, Finding("TOTAL_MISMATCH", names.AMOUNT)
            if stated.persons is not None and stated.persons not in self._possible_counts(stated):
                yield stated.row, Finding("COUNT_MISMATCH")

    def _fits(self, stated: _Stated, fen: int) -> bool:
        unknown = False
        for sums in (self._sums[: stated.segment][::-1], self._sums[stated.segment :]):
            total = 0
            for one in sums[:_NEAR]:
                if one is None:
                    unknown = True
                    break
                total += one
                if total == fen:
                    return True
        whole = None if None in self._sums else sum(one or 0 for one in self._sums)
        return unknown or whole in (None, fen)

    def _possible_counts(self, stated: _Stated) -> set[int]:
        near = (self._counts[: stated.segment][::-1][:_NEAR], self._counts[stated.segment :][:_NEAR])
        possible = {count for counts in near for count in accumulate(counts)}
        return possible | {sum(self._counts)} | ({len(self._persons)} if self._persons is not None else set())


def fen_in(text: str, money: str = amounts.YUAN) -> int | None:
    """An amount in 分, None where a cell holds none. `money`: the unit that it is written in."""
    try:
        value: int | None = amounts.amount_in(money)(text).value if unmarked(text).strip() else None
    except Refusal:
        return None
    return value
