"""Which quantity and which standard a table's amounts are the product of, where several columns might be either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from itertools import combinations, product
from operator import mul

from intake import amounts, names
from intake.assigning import Assigned
from intake.cleaning import Refusal

# How an amount's header begins that is that of one unit, and the quantity that it would have to be multiplied with.
_RATES = tuple(
    (re.compile(rate), re.compile(unit))
    for rate, unit in (("(?:每?月|按月)(?!份)", "月"), ("每人|人均", "人"), ("每亩|亩均", "亩|面积"), ("每户|户均", "户"))
)
_FEWEST = 3  # rows that tell something
_MOST_OF = 0.8
_DIGITS = 15  # of an identity number at least


@dataclass(slots=True)
class Fitted:
    """Columns to be taken instead of those that the headers suggested; `times` is a second quantity."""

    columns: dict[str, int] = field(default_factory=dict)
    times: int | None = None
    notes: list[str] = field(default_factory=list)


def doubt_rates(assigned: Assigned, cells: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Leave the amount open where its header says 月…金额 and another column how many months: it may be only one month's."""
    columns = assigned.columns
    amount, quantity = columns.get(names.AMOUNT), columns.get(names.QUANTITY)
    if amount is None or quantity is None or names.STANDARD in columns or amount in assigned.said:
        return
    header, counted = names.bare(cells[amount]), names.bare(cells[quantity])
    is_rate = any(rate.match(header) and unit.search(counted) for rate, unit in _RATES)
    if is_rate and any(amounts.exact(row[quantity]) not in (None, 1) for row in body if quantity < len(row)):
        assigned.leave_open(names.AMOUNT, [amount])


def fit(assigned: Assigned, cells: Sequence[str], body: Sequence[Sequence[str]]) -> Fitted:
    """What explains most amounts: the columns as assigned, else others, else a product of two quantities."""
    fitted = Fitted()
    columns = assigned.columns
    if not {names.AMOUNT, names.QUANTITY, names.STANDARD} <= columns.keys():
        return fitted
    rows = [row for row in body if _fen(row, columns[names.AMOUNT]) and _is_a_persons(row, columns.get(names.ID))]
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
        fen = _fen(row, amount)
        factors = [one for at in (*quantities, standard) if at < len(row) and (one := amounts.exact(row[at])) is not None]
        if fen is not None and len(factors) == len(quantities) + 1:
            product_fen = reduce(mul, factors, Decimal(100))
            count += abs(fen - product_fen) <= 1
    return count


def _is_a_persons(row: Sequence[str], number: int | None) -> bool:
    """Whether a row is one of a person, and not a total."""
    return number is None or (number < len(row) and sum(letter.isdigit() for letter in row[number]) >= _DIGITS)


def _fen(row: Sequence[str], at: int) -> int | None:
    try:
        value: int | None = amounts.amount(row[at]).value if at < len(row) else None
    except Refusal:
        return None
    return value
