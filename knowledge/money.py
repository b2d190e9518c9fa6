"""Money as integer 分: read from what people and tables write, and written for people."""

from __future__ import annotations

import re
from decimal import Decimal

from knowledge.identity import half_width

_LONGEST = 40  # characters of an amount as written
_YUAN = re.compile(
    r"(?:人民币)?[¥￥]?(-?)[¥￥]?([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.([0-9]{1,2}0*))?(?:元整?|块钱?)?"
)


def parse_yuan(text: str) -> int:
    """An amount in 元 as 分, exactly: "1,073.97", "1073.97元", "１０７３.9". ValueError if it is none.

    More than two decimals are refused unless the rest are zeros: nothing is rounded here.
    """
    plain = re.sub(r"\s", "", half_width(text[: _LONGEST + 1]))
    match = _YUAN.fullmatch(plain)
    if match is None or len(text.strip()) > _LONGEST:
        raise ValueError("not an amount in 元")
    sign, whole, decimals = match.groups()
    fen = int(whole.replace(",", "")) * 100 + int((decimals or "0")[:2].ljust(2, "0"))
    return -fen if sign else fen


def yuan(fen: int) -> str:
    """分 for a screen: 107397 → "1,073.97元", 8000 → "80元"."""
    return yuan_figure(fen) + "元"


def yuan_figure(fen: int) -> str:
    """分 as a figure without the unit; decimals only if needed: 107397 → "1,073.97", 8000 → "80"."""
    amount = Decimal(abs(fen)) / 100
    figure = f"{amount:,.2f}" if fen % 100 else f"{abs(fen) // 100:,}"
    return "-" + figure if fen < 0 else figure
