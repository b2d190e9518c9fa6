"""核查比对: the plain values of the checks across batches. A suspicion is a reason to look, never a verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

HIGH, MIDDLE, LOW = 1, 2, 3
KINDS: Final[Mapping[str, str]] = {
    "shared_account": "一个账号几个人用", "two_numbers": "一个人两个身份证号", "names_differ": "同一身份证号姓名不同",
    "exclusive": "同时领了不能同享的项目", "amount": "金额不等于数量×标准", "standard": "标准与规定或别人不同",
    "jump": "比上年多了很多", "after_death": "去世后还在发", "age": "年龄不符合条件", "same_land": "同一块地可能报了两次",
    "binder": "微信绑定人数异常",
}  # fmt: skip
RULES: Final[Mapping[str, Any]] = tomllib.loads(Path(__file__).with_name("checks.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Limits:
    """The county's settings. `jump_percent`: this year against the last; `jump_least_fen`: smaller rises are left alone."""

    jump_percent: int = 200
    jump_least_fen: int = 100_000
    most_bound: int = 6
    most_binders: int = 4


@dataclass(slots=True)
class Paid:
    """One payment. Quantity in hundredths, money in 分; `months` as 202503, empty where the label names none.

    `account` tells accounts apart, 0 for none; `plots` are the fields that the file names.
    """

    id: int
    item: str
    year: int
    period: str
    months: frozenset[str]
    quantity: int | None
    unit: str
    standard_fen: int | None
    amount_fen: int
    stage: str
    stage_date: date
    paid_date: date | None
    account: int = 0
    plots: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The day that it was paid, or that it reached its stage."""
        return self.paid_date or self.stage_date


@dataclass(slots=True)
class Person:
    """Whom the payments are of. `head` is the head of the household, 0 where no file says. `names`: others for the number."""

    id: int
    name: str
    born: date
    town: str = ""
    village: str = ""
    died_on: date | None = None
    head: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something to look at. `key` is the same each time; `rule` says in a sentence what is wrong and what to look for.

    `facts` are what it rests on: only if these change does a cleared one come back.
    """

    kind: str
    key: str
    severity: int
    rule: str
    persons: tuple[int, ...]
    payments: tuple[int, ...] = ()
    item: str | None = None
    year: int | None = None
    figures: tuple[tuple[str, str], ...] = ()
    facts: tuple[Any, ...] = ()


def facts_of(payments: Iterable[Paid]) -> tuple[Any, ...]:
    """What of payments counts: not the number of the row, which changes with every file."""
    return tuple(sorted((one.item, one.year, one.period, one.amount_fen, one.quantity or 0, one.standard_fen or 0) for one in payments))


def ids_of(payments: Iterable[Paid]) -> tuple[int, ...]:
    """The rows of payments."""
    return tuple(one.id for one in payments)
