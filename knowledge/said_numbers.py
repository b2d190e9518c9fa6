"""Numbers in a story: amounts of money in 分 and years, as people type and say them.

Money is what stands before 元 or 块, a word such as 一千二 or 3万 that says so by itself, and the figure behind a verb
of paying. Areas, people, days, identity numbers and telephones are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from knowledge.identity import half_width

_DIGITS: Final = {word: value for value, words in enumerate(("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
                  for word in words}  # fmt: skip
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MOST: Final = 10**9  # 元; more is no subsidy
_WAN: Final = 10_000
_HUNDRED: Final = 100
_CN: Final = "零〇一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟"
_COUNTED: Final = "个口亩垧斤公吨户家人天日号年月岁米里只头棵株平方度遍次趟分小点名位份本张件条间栋匹窝车袋箱辈代期批项样种款轮届级档%％"
_PAYING: Final = (
    "(?:少|差|扣|给|发|领|补|交|收|欠|退|罚|要|花|拿|借|截|吞|贪|到账|打)"
    "(?:了|我|俺|咱|他|她|们|家|过|去|的|到|来|起|只|才|就|共|一共|总共|走|掉|下|卡上|钱){0,3}"
)
_HOTLINES: Final = re.compile(
    r"(?<![\d.,])(?:12345|12333|12316|12388|12356|12315|12348|12328|9\d{4}|110|119|120|122)(?!\d|[.,]\d|\s*[元块圆万千百亩毛角])"
)
_LONG: Final = re.compile(r"\d[\d \-]{9,}\d[xX]?")
_FIGURES: Final = r"(?P<figures>\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(?P<after>\d{1,4}))?"
_UNIT: Final = r"(?:元(?!旦|宵|月|老|素)|块钱?|圆)"
# 三块地, 一块儿: a piece of something, and together.
_PIECE: Final = r"(?!地|田|儿|去|来|堆|牌|石|砖|玻璃|土|空|的时)"
_SMALL: Final = r"(?P<small>[一二两三四五六七八九\d])(?:毛|角|(?=[,，。.!！?？;；、\s)）]|$|的|钱))"
_WITH_UNIT: Final = re.compile(
    rf"(?<![\d.])(?:{_FIGURES}\s*(?P<big>[万千百])?|(?P<words>[{_CN}]+))\s*(?:多|来|几)?\s*{_UNIT}{_PIECE}(?:{_SMALL})?"
)
_BY_ITSELF: Final = re.compile(
    rf"(?P<paying>{_PAYING})?(?<![\d.{_CN}第])(?P<words>[一二两三四五六七八九十壹贰叁肆伍陆柒捌玖][{_CN}]*[百千万佰仟](?!昌)[{_CN}]*)"
    rf"(?![{_CN}])(?:多|来|左右)?(?![{_COUNTED}昌元块圆])(?P<money>的?(?:钱|补贴|补助|低保))?(?P<end>$|[,，。.!！?？;；、\s]|了|都|也|没|呢|吧|才|就|到)?"
)
_FIGURES_BY_THEMSELVES: Final = re.compile(
    rf"(?<![\d.])(?P<figures>\d{{1,6}})(?:\.(?P<after>\d{{1,2}}))?\s*(?P<big>万)(?!昌)(?:多|来)?(?![{_COUNTED}])"
    rf"|{_PAYING}(?P<bare>\d{{2,6}}(?:\.\d{{1,2}})?)(?![\d{_COUNTED}.]|,\d|\s*(?:元|块|圆|万|千|百))"
)


def amounts_in(text: str) -> tuple[int, ...]:
    """The amounts of money in a text in 分, in their order, each once: 一千二, 1,200元, 1200块5, 3万, 少给我300."""
    plain = _LONG.sub(lambda found: " " if _is_long(found[0]) else found[0], half_width(text))
    plain = _HOTLINES.sub(" ", plain)
    hits = [*_read(_WITH_UNIT, plain), *_read(_BY_ITSELF, plain), *_read(_FIGURES_BY_THEMSELVES, plain)]
    found = sorted(hits, key=lambda hit: (hit[0], -hit[1]))  # of two at one place the longer
    amounts: dict[int, None] = {}
    reached = -1
    for start, end, fen in found:
        if start >= reached and 0 < fen < _MOST * _HUNDRED:
            amounts[fen] = None
            reached = end
    return tuple(amounts)


def _is_long(stretch: str) -> bool:
    return sum(char.isdigit() for char in stretch) > 9 and "," not in stretch


def _read(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int, int]]:
    for hit in pattern.finditer(text):
        parts = hit.groupdict()
        if pattern is _BY_ITSELF and not (parts["paying"] or parts["money"]):
            continue
        fen = _fen(parts)
        if fen is not None:
            yield hit.start(), hit.end(), fen


def _fen(parts: dict[str, str | None]) -> int | None:
    if parts.get("bare"):
        yuan = Decimal(str(parts["bare"]))
    elif parts.get("figures"):
        figures = str(parts["figures"]).replace(",", "")
        yuan = Decimal(f"{figures}.{parts['after']}" if parts.get("after") else figures)
        yuan *= {"万": _WAN, "千": 1000, "百": 100}.get(parts.get("big") or "", 1)
    else:
        value = chinese_number(str(parts["words"]))
        if value is None:
            return None
        yuan = Decimal(value)
    small = parts.get("small")
    if small:
        yuan += Decimal(_DIGITS.get(small) or int(small)) / 10
    fen = yuan * _HUNDRED
    return int(fen) if fen == fen.to_integral_value() else None


def chinese_number(words: str) -> int | None:
    """一千二 → 1200, 一万零五十 → 10050, 三百二十一 → 321; None for what is no number."""
    total = section = digit = 0
    last, after_zero, fresh = 0, False, False
    for char in words:
        if char in "零〇":
            after_zero = True
        elif char in _DIGITS:
            if fresh:
                return None  # 三五百 is about so much, and no figure
            digit, fresh = _DIGITS[char], True
        elif char == "万":
            total, section, digit, last, after_zero, fresh = (total + section + digit) * _WAN, 0, 0, _WAN, False, False
        else:
            unit = _UNITS[char]
            if not fresh and unit != 10:
                return None
            section += (digit if fresh else 1) * unit
            digit, last, after_zero, fresh = 0, unit, False, False
    if fresh and last >= _HUNDRED and not after_zero:
        digit *= last // 10
    value = total + section + digit
    return value or None


# ---------------------------------------------------------------- years and days

_AGO: Final = {"大前年": 3, "前年": 2, "去年": 1, "上年": 1, "头年": 1, "今年": 0, "本年": 0}
_CN_YEAR: Final = re.compile(r"二[零〇]([零〇一二])([零〇一二三四五六七八九])年")
_AGE: Final = r"(?:都|已经|快|也|就|整|满|虚岁|周岁)*[\d一二三四五六七八九十]{1,4}(?:多|周)?(?:岁|了)"
_YEAR: Final = re.compile(
    rf"(?P<said>大前年|(?<!以)前年(?!度|代)|去年|上年(?!纪|岁)|头年|今年(?!{_AGE})|本年)"
    r"|(?<![\d.])(?P<full>20\d\d)(?![\d,.]*\s*(?:元|块|圆|斤|亩|户|个|人|米|多|\d))"
    r"|(?<![\d.了满过快整共第有这近])(?P<short>\d\d)年(?!了|前|后|来|多|工龄|教龄|没|以上|内|间)"
)
_DAY: Final = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月\s*(3[01]|[12]\d|0?[1-9])\s*[日号]")
_FIRST: Final = 2000


def years_in(text: str, today: date) -> tuple[int, ...]:
    """The years that a text names, in their order, each once; none before 2001 and none to come. 干了23年 is a length."""
    plain = _CN_YEAR.sub(lambda hit: f"20{_DIGITS[hit[1]]}{_DIGITS[hit[2]]}年", half_width(text))
    years: dict[int, None] = {}
    for hit in _YEAR.finditer(plain):
        if hit["said"]:
            year = today.year - _AGO[hit["said"]]
        else:
            year = int(hit["full"] or 2000 + int(hit["short"]))
        if _FIRST < year <= today.year:
            years[year] = None
    return tuple(years)


def day_in(text: str) -> tuple[int, int] | None:
    """The first day that a text names, as month and day: 10月12号."""
    for hit in _DAY.finditer(half_width(text)):
        month, day = int(hit[1]), int(hit[2])
        try:
            date(2024, month, day)  # a leap year: 2月29日 may be meant
        except ValueError:
            continue
        return month, day
    return None
