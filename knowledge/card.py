"""明白卡: a person's year on one page, as plain data. The page, the paper and the chat say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.catalogue.items import ITEMS
from knowledge.money import yuan
from knowledge.statement import Line, Loaded, how_far, payment_in_words
from knowledge.wording import PAID

_ON_A_SHEET = 12  # payments in large print


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the year. `share` is its part of the largest item's sum, in hundredths, for the chart."""

    item: str
    department: str
    total_fen: int
    share: int
    payments: tuple[str, ...]
    document: str

    @property
    def ask(self) -> str:
        """Whom to ask about it: 县农业农村局."""
        if not self.department:
            return "村里或乡镇"
        return self.department if self.department.startswith(("县", "乡镇")) else f"县{self.department}"

    @property
    def total(self) -> str:
        """The sum that has been paid, in words."""
        return yuan(self.total_fen) if self.total_fen else "还没打到卡上"


@dataclass(frozen=True, slots=True)
class Card:
    """The whole of it; `rows` with the largest first. `number` is the masked ID number, where it is to stand there."""

    name: str
    number: str
    year: int
    total_fen: int
    paid: int
    rows: tuple[Row, ...]
    how_far: str
    made_on: date

    @property
    def is_long(self) -> bool:
        """Whether it must be set small to stay on one sheet of paper."""
        return sum(len(row.payments) for row in self.rows) > _ON_A_SHEET

    @property
    def heading(self) -> str:
        """2026年明白卡."""
        return f"{self.year}年明白卡"

    @property
    def total(self) -> str:
        """The sum of the year, in words."""
        return yuan(self.total_fen)


def card(
    name: str, lines: Sequence[Line], year: int, loaded: Loaded, today: date, *, number: str = "",
    document_of: Callable[[str], str] = lambda _item: "",
) -> Card:  # fmt: skip
    """The card of one person and year. `document_of` tells by which document an item is paid."""
    of_item: dict[str, list[Line]] = {}
    for line in sorted((line for line in lines if line.year == year), key=lambda line: line.stage_date):
        of_item.setdefault(line.item, []).append(line)
    sums = {item: sum(line.amount_fen for line in found if line.stage in PAID) for item, found in of_item.items()}
    largest = max(sums.values(), default=0)
    rows = tuple(
        Row(
            item, ITEMS[item].department if item in ITEMS else "", sums[item],
            round(100 * sums[item] / largest) if largest > 0 else 0,
            tuple(payment_in_words(line, today) for line in of_item[item]), document_of(item),
        )
        for item in sorted(of_item, key=lambda item: -sums[item])
    )  # fmt: skip
    paid = sum(line.stage in PAID for found in of_item.values() for line in found)
    return Card(name, number, year, sum(sums.values()), paid, rows, how_far(loaded, year, today), today)


def in_short(made: Card) -> str:
    """The card in a few lines of chat."""
    said = [f"{made.name}，{made.year}年明白卡：打到卡上{made.paid}笔，共{made.total}。"]
    said += [f"· {row.item}：{row.total}" for row in made.rows]
    return "\n".join([*said, made.how_far])
