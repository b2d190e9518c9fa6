"""Which quantity and which standard a table's amounts are the product of, where several columns might be either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from intake import amounts, names
from intake.assigning import Assigned
from intake.cleaning import Read, Refusal

_FEWEST = 3  # rows that tell something
_MOST_OF = 0.8


@dataclass(slots=True)
class Fitted:
    """Columns to be taken instead of those that the headers suggested; `times` is a second quantity."""

    columns: dict[str, int] = field(default_factory=dict)
    times: int | None = None
    notes: list[str] = field(default_factory=list)


def fit(assigned: Assigned, cells: Sequence[str], body: Sequence[Sequence[str]]) -> Fitted:
    """What explains most amounts: the columns as assigned, else others, else a product of two quantities."""
    fitted = Fitted()
    columns = assigned.columns
    if not {names.AMOUNT, names.QUANTITY, names.STANDARD} <= columns.keys():
        return fitted
    rows = [row for row in body if _number(row, columns[names.AMOUNT], amounts.amount)]
    if len(rows) < _FEWEST:
        return fitted
    for many, standard in _choices(assigned, cells):
        if _explained(rows, columns[names.AMOUNT], many, standard) >= _MOST_OF * len(rows):
            if (many, standard) != ((columns[names.QUANTITY],), columns[names.STANDARD]):
                fitted.columns = {names.QUANTITY: many[0], names.STANDARD: standard}
                fitted.times = many[1] if len(many) > 1 else None
                used = "×".join(names.bare(cells[at]) for at in (*many, standard))
                fitted.notes.append(f"金额等于{used}，就按这几列核对。")
            return fitted
    if not _explained(rows, columns[names.AMOUNT], (columns[names.QUANTITY],), columns[names.STANDARD]):
        quantity, each = (names.bare(cells[columns[name]]) for name in (names.QUANTITY, names.STANDARD))
        fitted.notes.append(
            f"抽看的{len(rows)}行，金额都不等于“{quantity}”乘“{each}”。如果金额本来不是这样算的，请指定“{each}”记入备注。"
        )
    return fitted


def _choices(assigned: Assigned, cells: Sequence[str]) -> Iterator[tuple[tuple[int, ...], int]]:
    def those_of(name: str) -> list[int]:
        others = [
            at for at, cell in enumerate(cells)
            if at not in assigned.columns.values() and at not in assigned.said
            and names.field_of(cell) == name
        ]  # fmt: skip
        return [assigned.columns[name], *others]

    quantities, standards = those_of(names.QUANTITY), those_of(names.STANDARD)
    for standard in standards:
        yield from (((one,), standard) for one in quantities)
    yield from product(combinations(quantities, 2), standards)


def _explained(rows: Sequence[Sequence[str]], amount: int, quantities: Sequence[int], standard: int) -> int:
    """How many rows' amounts are the product, within a 分."""
    count = 0
    for row in rows:
        fen, each = _number(row, amount, amounts.amount), _number(row, standard, amounts.standard)
        many = [_number(row, at, amounts.quantity) for at in quantities]
        if fen is not None and each is not None and None not in many:
            total = each
            for one in many:
                total = total * (one or 0)
            count += abs(fen * 100 ** len(many) - total) <= 100 ** len(many)
    return count


def _number(row: Sequence[str], at: int, reader: Callable[[str], Read]) -> int | None:
    if at >= len(row):
        return None
    try:
        value: int | None = reader(row[at]).value
    except Refusal:
        return None
    return value
