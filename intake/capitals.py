"""Amounts in the capital numerals of cheques: 壹仟零捌拾壹元壹角捌分."""

from __future__ import annotations

import re
from decimal import Decimal

from intake.cleaning import Refusal

_DIGITS = {word: digit for digit, word in enumerate("零壹贰叁肆伍陆柒捌玖")} | {"〇": 0, "两": 2, "弍": 2, "貳": 2, "陸": 6}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_FORM = r"[零〇壹贰弍貳叁肆伍陆陸柒捌玖拾佰仟万亿]+"
CAPITALS = re.compile(
    rf"(?:人民币)?(?=[^元圆]*[零壹贰弍貳叁肆伍陆陸柒捌玖拾])(?:{_FORM}[元圆])?"
    r"(?:[零壹贰叁肆伍陆柒捌玖]角)?(?:零?[零壹贰叁肆伍陆柒捌玖]分)?[整正]?"
)
_PARTS = re.compile(rf"(?:人民币)?(?:({_FORM})[元圆])?(?:(.)角)?(?:零?(.)分)?[整正]?")


def decimal_in_capitals(text: str, invalid: str) -> Decimal:
    """The amount in 元. Raises Refusal with the code `invalid`."""
    parts = _PARTS.fullmatch(text)
    if parts is None or not any(parts.groups()):
        raise Refusal(invalid)
    whole, jiao, fen = parts.groups()
    cents = _DIGITS.get(jiao or "零", 0) * 10 + _DIGITS.get(fen or "零", 0)
    return Decimal(_whole(whole, invalid) if whole else 0) + Decimal(cents) / 100


def _whole(text: str, invalid: str) -> int:
    """A whole number; its ten-thousands are read as numbers of their own."""
    total = 0
    high, wan, low = text.rpartition("万")
    if wan:
        total, text = _whole(high, invalid) * 10_000, low
    digit: int | None = None
    for word in text:
        if word in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[word]
            digit = None
        elif word in _DIGITS and digit in (None, 0):
            digit = _DIGITS[word]
        else:  # two figures without a unit between them, or 亿
            raise Refusal(invalid)
    return total + (digit or 0)
