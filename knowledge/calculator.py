"""What somebody may get, reckoned from a published standard: 亩 × 标准, 人 × 月 × 标准. A reckoning, never a promise.

Only figures that the article itself shows are used, exactly and in 分. Where the county's standard is not known that is
said, and nothing is made up; a minimum gives 不低于, a maximum 最多.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from knowledge.article import PUBLISHED, Article, office
from knowledge.catalogue.items import ITEMS
from knowledge.figures import Figure
from knowledge.money import yuan
from knowledge.quantities import CHILD, LAND, MONTHS, PERSON, SERVED, Quantity, besides_land, quantities_in, units_in

ASPECT: Final = "领多少"
_COUNTY: Final = "永吉县"
_ONE: Final = Decimal(1)
_MOST: Final[Mapping[str, int]] = {LAND: 10_000, PERSON: 20, CHILD: 10, MONTHS: 60, SERVED: 40}
_MOST_LINES: Final = 5
_SHORT: Final = 16  # characters of a message that says hardly more than an amount
# Words that go with one's own land and ask for nothing else.
_OWN_LAND = re.compile(
    "玉米|苞米|大豆|黄豆|水稻|稻子|水田|旱田|旱地|耕地|一共|大概|差不多|左右|多少|今年|请问|补贴"
    "|[我俺咱们家有种是的了地田能给补领得发钱呢啊吧呗, ，。?？!！]"
)
_EXAMPLE: Final = {LAND: "12亩”“八亩四分", PERSON: "3口人", CHILD: "2个孩子", MONTHS: "6个月", SERVED: "当了5年兵"}

_FLOOR = re.compile("最低|最少|不低于|起步")
_CEILING = re.compile("最多|最高|上限|不超过")
_NO_ONES_OWN = re.compile("平均|多发|测算|比.{1,8}多补")  # an average, or what is paid beyond something else, is nobody's own sum
_UNTIL = re.compile(r"到(20\d\d)年(\d{1,2})月(\d{1,2})日")
_TAIL = re.compile("[,，]?每亩最[多高]$")
_SERVICE = re.compile("[（(]每服役一年[)）]")
# Paid as the difference to the household's own income: the standard times the heads is not what comes.
_BY_DIFFERENCE: Final[Mapping[str, str]] = {
    "最低生活保障": "低保不是每人照标准发：标准减去您家人均收入，差多少补多少。所以不能拿标准直接乘人数。",
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What is said; `sums` tells whether it holds sums, or says why there are none; `several` that there are more than one."""

    said: str
    sums: bool
    several: bool = False


@dataclass(frozen=True, slots=True)
class _Sum:
    """One figure times what was named."""

    figure: Figure
    low: int  # 分
    high: int
    exact: bool
    times: str
    per: str


def reckon(text: str, article: Article) -> Reckoned | None:
    """A reckoning for the quantities that a sentence names; None where it names none that the article's item counts by."""
    given = quantities_in(text)
    if not given:
        return _of_other_units(text, article)
    of_kind: dict[str, list[Quantity]] = {}
    for quantity in given:
        of_kind.setdefault(quantity.kind, []).append(quantity)
    section = article.sections.get(ASPECT)
    figures = [figure for figure in (article.figures_in(ASPECT) if section else ()) if _usable(figure, article)]
    dims = {dim for figure in figures for dim in _dims(figure)}
    land = of_kind.get(LAND, [])
    counted = {LAND} if _counts_land(article) else dims & set(_MOST)
    if odd := _odd([quantity for quantity in given if quantity.kind in counted]):
        return Reckoned(odd, sums=False)
    if article.item in _BY_DIFFERENCE:
        return Reckoned(_BY_DIFFERENCE[article.item], sums=False) if _several(of_kind.get(PERSON)) else None
    sums = [found for figure in _best(figures) for found in _sums(figure, of_kind)][:_MOST_LINES]
    if sums:
        return Reckoned(_in_words(sums, article), sums=True, several=len(sums) > 1)
    if _several(land) and _counts_land(article) and LAND not in dims:
        return Reckoned(_no_standard(land[0].words, article), sums=False)
    return None


def asks_by_land(text: str) -> bool:
    """Whether a message is little more than an amount of land: 我家八亩四分地, 十二亩半玉米."""
    if len(text) > _SHORT or not ("亩" in text or "垧" in text or "顷" in text or "分地" in text):
        return False
    land = [each for each in quantities_in(text) if each.kind == LAND]
    return len(land) == 1 and land[0].low > 0 and not _OWN_LAND.sub("", besides_land(text))


def _of_other_units(text: str, article: Article) -> Reckoned | None:
    """By 头, 吨 and the like, where a figure is for one of them."""
    section = article.sections.get(ASPECT)
    for figure in article.figures_in(ASPECT) if section else ():
        dims = _dims(figure)
        if _usable(figure, article) and len(dims) == 1 and dims[0] not in _MOST and (found := units_in(text, dims[0])):
            if found.low <= 0:
                return Reckoned(_say_again(found), sums=False)
            if found.high != 1:
                return Reckoned(_in_words([_product(figure, [found], "")], article), sums=True)
    return None


# ---------------------------------------------------------------- which figure, how often


def _usable(figure: Figure, article: Article) -> bool:
    if figure.amount_fen is None or not figure.unit.startswith("元/") or _NO_ONES_OWN.search(figure.label):
        return False
    ends = _UNTIL.search(figure.label)  # what had run out when the article was last checked is nobody's any more
    return ends is None or tuple(map(int, ends.groups())) >= (article.checked.year, article.checked.month, article.checked.day)


def _dims(figure: Figure) -> list[str]:
    """What a figure is for one of: 元/人·月 → 人, 月."""
    unit, times = _SERVICE.subn("", figure.unit.removeprefix("元/"))
    return [*unit.split("·"), *([SERVED] if times else [])]


def _best(figures: Sequence[Figure]) -> list[Figure]:
    """Where a standard is known, a minimum of the same kind says nothing more."""
    known = [figure for figure in figures if not _FLOOR.search(figure.label)]
    return known or list(figures)


def _sums(figure: Figure, given: Mapping[str, list[Quantity]]) -> list[_Sum]:
    dims = _dims(figure)
    if LAND in dims:
        return [_product(figure, [land], "一年" if "年" in dims else "") for land in given.get(LAND, ()) if land.low != 1 or land.high != 1]
    if SERVED in dims:
        return [_product(figure, [years], "每月") for years in given.get(SERVED, ())]
    if not {PERSON, CHILD} & set(dims):
        return []
    heads = next(iter(given.get(CHILD if CHILD in dims else PERSON, ())), None)
    months = next(iter(given.get(MONTHS, ())), None)
    factors = [heads] if heads and heads.high != 1 else []
    if "月" in dims and months and months.high != 1:
        return [_product(figure, [*factors, months], "一年" if months.low == 12 else "")]
    per = "每月" if "月" in dims else "一年"
    return [_product(figure, factors, per)] if factors else []


def _product(figure: Figure, factors: Sequence[Quantity], per: str) -> _Sum:
    ends = []
    for end in ("low", "high"):
        product = Decimal(figure.amount_fen or 0)
        for factor in factors:
            product *= getattr(factor, end)
        ends.append(product)
    fen = [int(end.quantize(_ONE, ROUND_HALF_UP)) for end in ends]
    exact = all(Decimal(whole) == end for whole, end in zip(fen, ends, strict=True)) and not any(factor.rough for factor in factors)
    times = "×".join([*(factor.words for factor in factors), yuan(figure.amount_fen or 0)])
    return _Sum(figure, fen[0], fen[1], exact, times, per)


# ---------------------------------------------------------------- in words


def _in_words(sums: Sequence[_Sum], article: Article) -> str:
    lines = [f"{_name(each) if len(sums) > 1 else '帮您算：'}{_line(each)}。" for each in sums]
    if len(sums) > 1:
        lines.insert(0, "照公布的标准帮您算：")
    used = list(dict.fromkeys((each.figure.level, each.figure.year, each.figure.document) for each in sums))
    checked = f"{article.checked.year}年{article.checked.month}月{article.checked.day}日核对"
    basis = "、".join(f"{level}{year}年的标准（{document}，{checked}）" for level, year, document in used)
    label = f"“{_TAIL.sub('', sums[0].figure.label)}”，" if len(sums) == 1 else ""
    county = "" if all(level == _COUNTY for level, _, _ in used) else f"县里当年实际发多少，{PUBLISHED}。"
    lines.append(f"用的是{label}{basis}。这只是估算，不是承诺。{county}")
    return "\n".join(lines)


def _name(one: _Sum) -> str:
    return f"· {_TAIL.sub('', one.figure.label)}："


def _line(one: _Sum) -> str:
    money = yuan(one.low) if one.low == one.high else f"{yuan(one.low)}到{yuan(one.high)}"
    bound = "不低于" if _FLOOR.search(one.figure.label) else "最多" if _CEILING.search(one.figure.label) else "" if one.exact else "约"
    return f"{one.times}，{one.per}{bound}{money}" if bound or one.per else f"{one.times}={money}"


def _no_standard(amount: str, article: Article) -> str:
    return (
        f"{amount}能领多少，现在还算不了：县里当年每亩的标准，我这里没有。"
        f"公布了以后，用登记的亩数乘它就是，请问{office(article.department)}。"
    )


def _odd(given: Sequence[Quantity]) -> str:
    """What is said to an amount that cannot be meant; empty where all can."""
    for each in given:
        if each.unclear:
            return f"这个数我没看准。请用数字再发一遍，比如“{_EXAMPLE[each.kind]}”。"
        if each.low <= 0 or each.high > _MOST[each.kind]:
            return _say_again(each)
    return ""


def _say_again(each: Quantity) -> str:
    example = _EXAMPLE.get(each.kind, f"3{each.kind}")
    if each.low <= 0:
        return f"“{each.words}”算不出钱数，是不是打错了？请再发一遍，比如“{example}”。"
    return f"“{each.words}”太多了，是不是打错了？请再发一遍，比如“{example}”。"


def _several(given: Sequence[Quantity] | None) -> bool:
    return bool(given) and any(each.high != 1 for each in given or ())


def _counts_land(article: Article) -> bool:
    item = ITEMS.get(article.item)
    return item is not None and item.unit == LAND
