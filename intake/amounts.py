"""Reading the cells that count: amounts and standards in 分, quantities in hundredths of their unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from intake.capitals import CAPITALS, decimal_in_capitals
from intake.cleaning import NOTHING, Read, Refusal, tidy
from intake.wire import NUMBER

YUAN = "元"
MONEY_UNITS = {YUAN: 100, "百元": 10_000, "千元": 100_000, "万元": 1_000_000, "角": 10, "分": 1}
"""What amounts may be written in, and its 分."""

_PLAIN = re.compile(NUMBER + r"?([0-9]{1,9})\.([0-9]{2})")
_FIGURE = re.compile(
    r"(?:人民币|RMB|CNY|[¥￥])?([-−－]?)([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,18}))?([\u4e00-\u9fff/]{0,6})"
)
_BROKEN = re.compile(r"[0-9０-９]\s+[0-9０-９]")
_BY_THOUSANDS = re.compile(r"[^0-9]*[0-9]{1,3}(?:\s[0-9]{3})+(?:\.[0-9]+)?[^0-9]*")
_IN_BRACKETS = re.compile(r"\(([0-9,.]+)\)")  # how bookkeepers write a negative number
_MONEY_UNIT = re.compile(r"(?:元|圆|块)[整正]?(?:/.{1,3})?")
_PAID_UNIT = re.compile(r"(?:元|圆|块)[整正]?")  # 100元/月 is a standard and no amount
_COUNT_UNIT = re.compile(r"亩|头|只|羽|台|套|户|人|口|次|个?月|季度?|学期|半年|年|服役年|任职年|教龄年|元/.{1,3}")
_NOISE = Decimal("0.0001")  # hundredths that a workbook's binary fractions are off
_TOO_FINE = "more decimals than are kept"
_LARGE = 50_000_000  # 分
_MOST = 100_000_000  # hundredths: nobody has a million 亩


def amount(text: str) -> Read:
    """An amount in 分; zero and above."""
    if plain := _PLAIN.fullmatch(text):  # nearly every cell
        fen = int(plain[1] + plain[2])
        return Read(fen, _unusual(fen))
    return _amount(text, _PAID_UNIT, 1)


def amount_in(unit: str) -> Callable[[str], Read]:
    """What reads amounts that are written in one of MONEY_UNITS, in 分."""
    if unit == YUAN:
        return amount
    return lambda text: _amount(text, re.compile(unit), Decimal(MONEY_UNITS[unit]) / MONEY_UNITS[YUAN])


def _amount(text: str, unit: re.Pattern[str], times: Decimal | int) -> Read:
    codes: list[str] = []
    fen = _hundredths(text, codes, unit, missing="AMOUNT_MISSING", invalid="AMOUNT_INVALID", times=times)
    if fen < 0:
        raise Refusal("AMOUNT_NEGATIVE")
    return Read(fen, (*codes, *_unusual(fen)))


def _unusual(fen: int) -> tuple[str, ...]:
    if fen == 0:
        return ("AMOUNT_ZERO",)
    return ("AMOUNT_LARGE",) if fen > _LARGE else ()


def quantity(text: str) -> Read:
    """A quantity in hundredths; None if the cell is empty, or has more decimals than are kept."""
    read = _optional(text, _COUNT_UNIT, "QUANTITY_INVALID", "QUANTITY_DECIMALS")
    if read.value is not None and read.value > _MOST:
        raise Refusal("QUANTITY_INVALID")
    return read


def standard(text: str) -> Read:
    """A standard in 分 a unit; None if the cell is empty, or has more decimals than are kept."""
    return _optional(text, _MONEY_UNIT, "STANDARD_INVALID", "STANDARD_DECIMALS")


def exact(text: str) -> Decimal | None:
    """A quantity or a standard with all its decimals, None where a cell holds none."""
    try:
        match = _FIGURE.fullmatch(tidy(text, [], figures=True).replace("，", ","))
    except Refusal:
        return None
    if match is None or match[1]:
        return None
    return Decimal(f"{match[2].replace(',', '')}.{match[3] or '0'}")


def fen_of(quantity_: Decimal | int, standard_: Decimal | int) -> int:
    """Quantity × standard in 分, rounded half up."""
    return int((Decimal(quantity_) * standard_ * 100).to_integral_value(ROUND_HALF_UP))


def _optional(text: str, units: re.Pattern[str], invalid: str, decimals: str) -> Read:
    if plain := _PLAIN.fullmatch(text):
        return Read(int(plain[1] + plain[2]))
    codes: list[str] = []
    try:
        hundredths = _hundredths(text, codes, units, missing="", invalid=invalid)
    except Refusal as refusal:
        if refusal.args[0] == _TOO_FINE:
            return Read(None, (*codes, decimals))
        if refusal.args[0]:
            raise
        return Read(None, tuple(codes))
    if hundredths < 0:
        raise Refusal(invalid)
    return Read(hundredths, tuple(codes))


def _hundredths(
    text: str, codes: list[str], units: re.Pattern[str], *, missing: str, invalid: str, times: Decimal | int = 1
) -> int:
    plain = tidy(text, codes, figures=True)
    if plain in NOTHING:
        raise Refusal(missing)
    if _BROKEN.search(text) and not _BY_THOUSANDS.fullmatch(text):
        raise Refusal(invalid)  # 300 00: a point may have stood there
    if CAPITALS.fullmatch(plain) and times == 1:
        codes.append("AMOUNT_CAPITALS")
        return int(decimal_in_capitals(plain, invalid) * 100 * times)
    if bracketed := _IN_BRACKETS.fullmatch(plain):
        plain = "-" + bracketed[1]
    match = _FIGURE.fullmatch(plain.replace("，", ","))
    if match is None or (match[4] and not units.fullmatch(match[4])):
        raise Refusal(invalid)
    sign, whole, decimals, unit = match.groups()
    if unit or plain[0] in "¥￥人RC":
        codes.append("UNIT_IN_NUMBER")
    if "," in whole:
        codes.append("AMOUNT_THOUSANDS")
    exact = Decimal(f"{whole.replace(',', '')}.{decimals or '0'}") * 100 * times
    rounded = exact.to_integral_value(ROUND_HALF_UP)
    if exact != rounded:
        _accept_fraction(abs(exact - rounded), codes, invalid, of_workbook=text.startswith(NUMBER))
    return -int(rounded) if sign else int(rounded)


def _accept_fraction(off: Decimal, codes: list[str], invalid: str, *, of_workbook: bool) -> None:
    """Parts of a hundredth are refused, but for what a workbook hides: binary noise, and decimals that a formula left."""
    if of_workbook and off < _NOISE:
        return
    if invalid != "AMOUNT_INVALID":
        raise Refusal(_TOO_FINE)
    if not of_workbook:
        raise Refusal(invalid)
    codes.append("AMOUNT_DECIMALS")
