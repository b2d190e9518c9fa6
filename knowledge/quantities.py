"""How much of something a sentence names: 十二亩半, 八亩四分, 2垧地, 三口人, 俩孩子, 7到8亩, 一年.

Land comes in 亩: 1 亩 = 10 分 = 100 厘, 1 垧 = 1 公顷 = 15 亩 (吉林). Numbers are exact; nothing is a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final

from knowledge.identity import half_width

LAND, PERSON, CHILD, MONTHS, SERVED = "亩", "人", "孩", "月", "服役"
_LONGEST: Final = 300  # characters that are read
_DIGITS: Final = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_IN_MU: Final = {"垧": Decimal(15), "晌": Decimal(15), "公顷": Decimal(15), "亩": Decimal(1), "分": Decimal("0.1"), "厘": Decimal("0.01")}

_WORD = r"[零〇一二两俩三仨四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?"
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|\d{1,9}(?:\.\d{1,4})?万?"
_ONE = rf"(?:{_FIGURE}|{_WORD}|半)"
_TO = r"\s*(?:到|至|~|～|—|-)\s*"
_NUMBER = rf"(?:{_ONE}{_TO})?{_ONE}"
_ROUGH = r"(?P<rough>几|多|来)?"
_LAND = re.compile(
    rf"(?P<minus>(?<![\d到至~～—一-龥)])\s*-\s*|负\s*)?(?P<number>{_NUMBER})\s*{_ROUGH}\s*(?P<unit>垧|晌|公顷|亩(?!产)|分(?=地|田)|厘(?=地|田))"
    rf"(?P<rest>(?:[零又]?{_ONE}\s*(?:亩|分|厘)(?!之|钱))*)(?P<half>半)?(?P<bare>[一二三四五六七八九](?![个口人年月元块十百千万亩分厘])|\d(?![\d.个口人年月元块万亩分厘]))?"
)
_UNIT_RANGE = re.compile(rf"({_ONE})(垧|晌|公顷|亩){_TO}({_ONE})\2")
_PART = re.compile(rf"({_ONE})\s*(亩|分|厘)")
_SOME = re.compile(
    rf"(?<!第)(?P<number>{_NUMBER})\s*(?:个|位|名|口)?\s*(?P<unit>孩子|小孩|娃娃|娃|宝宝|孙子|孙女|儿子|闺女|老人|老头|大人|人(?!民)|口(?!前|粮))"
)
_PAIR = re.compile("老两口|老俩口|两口子|俩口子|小两口|我俩|他俩|她俩|我们俩|他们俩|爸妈|爹妈|爹娘|父母")
_TWINS: Final = {"双胞胎": 2, "龙凤胎": 2, "三胞胎": 3}
_MONTHS = re.compile(rf"(?P<months>{_ONE})个月|(?P<year>一年半|一年|每年|全年|整年)|(?P<half>半年)|(?P<quarter>一个季度|每个?季度)")
_SERVED = re.compile(rf"(?:[当服]|服役|服兵役|义务兵)[^,，。;；!?！？\d]{{0,6}}?(?<![\d])({_ONE})年|({_ONE})年(?:义务)?兵")
_PERIODS: Final = {"一年半": 18, "一年": 12, "每年": 12, "全年": 12, "整年": 12}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of one kind, from `low` to `high` (the same where it is exact); `rough` where 来 or 多 was said.

    `unclear` where the words can mean several amounts; then both are 0. Land may be 0 or less: that is for others to judge.
    """

    kind: str
    low: Decimal
    high: Decimal
    rough: bool = False
    unclear: bool = False

    @property
    def words(self) -> str:
        """As it is said back: 12.5亩, 7到8亩, 3人."""
        unit = {MONTHS: "个月", SERVED: "年", CHILD: "个孩子"}.get(self.kind, self.kind)
        return f"{plain(self.low)}{unit}" if self.low == self.high else f"{plain(self.low)}到{plain(self.high)}{unit}"


def plain(number: Decimal) -> str:
    """A number without needless zeros: 12.50 → 12.5."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantities_in(text: str) -> list[Quantity]:
    """What a sentence names of land, persons, children, months and years served, in the order of these kinds."""
    text = half_width(text[:_LONGEST]).lower()
    return list(chain(_land(text), _people(text), _months(text), _served(text)))


def besides_land(text: str) -> str:
    """The sentence without the amounts of land in it."""
    return _LAND.sub("", half_width(text[:_LONGEST]))


def units_in(text: str, unit: str) -> Quantity | None:
    """How many of any other unit (头, 吨, 户) a sentence names; None if it does not, or says so in several ways."""
    text = half_width(text[:_LONGEST])
    found = {match[1] for match in re.finditer(rf"({_NUMBER})\s*{re.escape(unit)}", text)}
    ends = _ends(found.pop()) if len(found) == 1 else None
    return Quantity(unit, *ends) if ends else None


def number_of(written: str) -> Decimal | None:
    """A number in figures or in words: 1,200, 十二, 一百二, 两千零五, 十二点五, 半; None if it is none."""
    if written == "半":
        return Decimal("0.5")
    if written[:1].isdigit():
        return Decimal(written.removesuffix("万").replace(",", "")) * (10_000 if written.endswith("万") else 1)
    whole, _, decimals = written.partition("点")
    value = _whole(whole)
    if value is None or (decimals and not all(sign in _DIGITS for sign in decimals)):
        return None
    return value + Decimal(f"0.{''.join(str(_DIGITS[sign]) for sign in decimals)}") if decimals else value


def _whole(words: str) -> Decimal | None:
    total, section, digit, place, bare = 0, 0, None, 1, True
    for sign in words:
        if sign in _DIGITS:
            if digit not in (None, 0):
                return None  # two digits side by side: 七八 is a range
            digit, bare = _DIGITS[sign], sign not in "零〇" and place > 10
            place = 1 if sign in "零〇" else place
        else:
            place = _PLACES[sign]
            if place == 10_000:
                total, section, digit = (total + section + (digit or 0)) * place, 0, None
            else:
                section, digit = section + (1 if digit is None else digit) * place, None
            bare = False
    # 一百二 is 120, 两千五 is 2500; 一百零二 is 102.
    tail = (digit or 0) * (place // 10 if bare and place > 10 else 1)
    return Decimal(total + section + tail) if words else None


def _ends(written: str, rough: str | None = None) -> tuple[Decimal, Decimal] | None:
    """The ends of what may be a range: 7到8, 七八, 三四十, 十七八, 十几."""
    parts = re.split(_TO, written)
    if len(parts) == 1 and (pair := _side_by_side(written)):
        return pair
    values = [number_of(part) for part in parts]
    if any(value is None for value in values):
        return None
    low, high = values[0], values[-1]
    if low is None or high is None or low > high:
        return None
    if rough == "几":
        return (low + 1, low + 9) if low and low % 10 == 0 and low < 100 else None
    return low, high


def _side_by_side(written: str) -> tuple[Decimal, Decimal] | None:
    found = re.fullmatch(r"([二三四五六七八九]?十)?([一二两三四五六七八九])([二三四五六七八九])([十百千])?", written)
    if found is None:
        return None
    before, low, high, place = found.groups()
    if before and place:
        return None
    base, times = _whole(before or "零") or Decimal(0), _PLACES.get(place or "", 1)
    ends = base + _DIGITS[low] * times, base + _DIGITS[high] * times
    return ends if ends[0] < ends[1] else None


def _land(text: str) -> Iterator[Quantity]:
    text = _UNIT_RANGE.sub(lambda found: f"{found[1]}到{found[3]}{found[2]}", text)
    for found in _LAND.finditer(text):
        ends, size = _ends(found["number"], found["rough"]), _IN_MU[found["unit"]]
        parts = [(number_of(number), unit) for number, unit in _PART.findall(found["rest"] or "")]
        unclear = ends is None or text[: found.start()].endswith("分之") or any(number is None for number, _ in parts)
        unclear |= bool(found["bare"]) and found["unit"] != "亩"  # 一垧二: 12 亩 more, or 2?
        if unclear or ends is None:
            yield Quantity(LAND, Decimal(0), Decimal(0), unclear=True)
            continue
        more = sum(((number or Decimal(0)) * _IN_MU[unit] for number, unit in parts), Decimal(0))
        last = _IN_MU[parts[-1][1]] if parts else size
        more += last / 2 if found["half"] else Decimal(0)
        if found["bare"]:  # 三亩六: six 分
            more += (number_of(found["bare"]) or Decimal(0)) / 10
        sign = -1 if found["minus"] else 1
        yield Quantity(LAND, sign * (ends[0] * size + more), sign * (ends[1] * size + more), rough=bool(found["rough"]))


def _people(text: str) -> Iterator[Quantity]:
    seen = False
    for found in _SOME.finditer(text):
        kind = PERSON if found["unit"] in ("人", "口", "老人", "老头", "大人") else CHILD
        ends = _ends(found["number"])
        if ends and ends[0] == ends[0].to_integral() and ends[1] == ends[1].to_integral():
            seen = True
            yield Quantity(kind, *ends)
    if found_twins := next((number for word, number in _TWINS.items() if word in text), None):
        yield Quantity(CHILD, Decimal(found_twins), Decimal(found_twins))
    if not seen and _PAIR.search(text):
        yield Quantity(PERSON, Decimal(2), Decimal(2))


def _months(text: str) -> Iterator[Quantity]:
    found = _MONTHS.search(text)
    if found is None:
        return
    months = number_of(found["months"]) if found["months"] else None
    number = months or Decimal(_PERIODS.get(found["year"] or "", 6 if found["half"] else 3 if found["quarter"] else 0))
    if number:
        yield Quantity(MONTHS, number, number)


def _served(text: str) -> Iterator[Quantity]:
    if (found := _SERVED.search(text)) and (years := number_of(found[1] or found[2])):
        yield Quantity(SERVED, years, years)
