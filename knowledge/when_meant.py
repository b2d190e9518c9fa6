"""Which year, month or quarter somebody means: 去年的地补, 3月份的低保, 24年, 三季度; and whether a batch is of that time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.identity import half_width

_FIRST: Final = 2000  # no payment here is older
_NUMERALS: Final = {
    "十二": 12, "十一": 11, "十": 10, "九": 9, "八": 8, "七": 7, "六": 6, "五": 5, "四": 4, "三": 3, "二": 2, "一": 1,
}  # fmt: skip
_AGO: Final = {"大前年": 3, "前年": 2, "去年": 1, "上年": 1, "头年": 1, "今年": 0, "本年": 0}
_YEAR_SAID = re.compile("|".join(_AGO))
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)|(?<!\d)(\d\d)年")
_MONTH = re.compile(r"(?<![\d.年个])(1[0-2]|0?[1-9])月|(?<=年)(1[0-2]|0?[1-9])月|(十[一二]?|[一二三四五六七八九])月")
_MONTH_SAID = re.compile(r"(上个?月)|((?:这个?|本|当)月)")
_QUARTER = re.compile(r"第?([1-4一二三四])季")
_MONTHS_OF_PERIOD = re.compile(r"(1[0-2]|0?[1-9])月?\s*[-—~～至到]\s*(1[0-2]|0?[1-9])月|(?<!\d)(1[0-2]|0?[1-9])月")


@dataclass(frozen=True, slots=True)
class When:
    """What was said of the time; None for what was not said. A quarter is 1 to 4."""

    year: int | None = None
    month: int | None = None
    quarter: int | None = None

    def __str__(self) -> str:
        """As one says it back: 2025年3月."""
        year = f"{self.year}年" if self.year else ""
        return year + (f"{self.month}月" if self.month else f"第{self.quarter}季度" if self.quarter else "")

    @property
    def narrows(self) -> bool:
        """Whether more than a year was said."""
        return self.month is not None or self.quarter is not None

    def fits(self, period: str) -> bool:
        """Whether a batch's label (2025年03月, 2025年1-3月, 2025年第3季度) is of the month or quarter said."""
        quarter = _QUARTER.search(period)
        if quarter:
            return _number(quarter[1]) == (self.quarter or _quarter_of(self.month))
        months = _months_of(period)
        if self.month:
            return self.month in months
        return bool(months) and {_quarter_of(month) for month in months} == {self.quarter}


ANY_TIME: Final = When()
"""Nothing was said of the time."""


def when_meant(text: str, today: date) -> When:
    """The time that a sentence names. A month of this year that has not come yet is the last year's."""
    plain = half_width(text)
    if not any(sign in plain for sign in "年月季") and "20" not in plain:
        return ANY_TIME
    year, month, quarter = _year(plain, today), _month(plain), _QUARTER.search(plain)
    if said := _MONTH_SAID.search(plain):
        month = today.month - 1 or 12 if said[1] else today.month
        year = year or (today.year - 1 if said[1] and today.month == 1 else today.year)
    if month and year is None:
        year = today.year - (month > today.month)
    return When(year, month, _number(quarter[1]) if quarter else None)


def _year(plain: str, today: date) -> int | None:
    if said := _YEAR_SAID.search(plain):
        return today.year - _AGO[said[0]]
    if found := _YEAR.search(plain):
        year = int(found[1] or 2000 + int(found[2]))
        return year if _FIRST < year <= today.year else None
    return None


def _month(plain: str) -> int | None:
    found = _MONTH.search(plain)
    return _number(found[1] or found[2] or found[3]) if found else None


def _months_of(period: str) -> set[int]:
    found = _MONTHS_OF_PERIOD.search(period)
    if found is None:
        return set()
    if found[3]:
        return {int(found[3])}
    return set(range(int(found[1]), int(found[2]) + 1))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMERALS[text]


def _quarter_of(month: int | None) -> int | None:
    return (month + 2) // 3 if month else None
