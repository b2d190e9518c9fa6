"""Numbers and dates as they are read aloud at the telephone: in groups, digit by digit, with 幺 for 1 as it is usual."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DIGITS: Final = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
_PLAIN: Final = "〇一二三四五六七八九十"
_WEEKDAYS: Final = "一二三四五六日"
_CASE = re.compile(r"([A-Z]+)(\d{4})(\d{4})-(\d+)")


def groups(number: str) -> list[str]:
    """A number in the groups in which it is read: YJ20261124-0007 as YJ 2026 1124 0007, 384215 as 384 215."""
    if found := _CASE.fullmatch(number):
        return list(found.groups())
    return re.findall(r"\d{1,3}(?=(?:\d{3})*$)|[^\d]+", number) if number.isdigit() else number.split("-")


def spoken(number: str) -> str:
    """The same in words: 二零二六，幺幺二四，零零零七. Letters stay, set apart."""
    return "，".join(
        " ".join(group) if group.isalpha() else "".join(_DIGITS.get(char, char) for char in group) for group in groups(number)
    )


def day_aloud(day: date) -> str:
    """十二月三日，星期四."""
    return f"{_small(day.month)}月{_small(day.day)}日，星期{_WEEKDAYS[day.weekday()]}"


def _small(number: int) -> str:
    """1 to 99: 十二, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_PLAIN[tens]}十"
    return f"{head}{_PLAIN[ones] if ones else ''}"
