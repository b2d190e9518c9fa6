"""What title lines, sheet names and file names suggest of what a table lacks. A guess is offered, never taken by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from intake import names
from intake.cleaning import Refusal
from intake.days import day
from intake.progress import batch, says_it_came_back, says_unpaid
from intake.wire import unmarked
from knowledge.catalogue.items import ITEMS, plain
from knowledge.catalogue.places import find_place

_SHORTEST_ALIAS, _SHORT = 2, 3
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_CHINESE_YEAR = re.compile(r"二[〇○零][一二三四五六七八九〇○零]{2}(?=年)")
_BATCH = re.compile(
    r"第?[一二三四1-4]季度|[上下]半年|[春秋]季学期|第[一二三四五六七八九十0-9]{1,3}批(?:次)?|(?<![0-9])(?:1[0-2]|0?[1-9])月份?(?![0-9]{1,2}[日号])"
)
_DAY = re.compile(r"20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?")
_COUNT = re.compile(
    r"(?:共计?|合计|总计|计|人数|户数|人次)[:：]?\s*([0-9]{1,7})\s*(?:户|人|笔|条|名)|(?:记录|笔|人|户)数[:：]([0-9]{1,7})(?![0-9.])"
)
_SUM = re.compile(r"(?:金额|资金|共计|合计|总计|总额|共)[^0-9]{0,8}?([0-9][0-9,]*(?:\.[0-9]{1,2})?)元")
# "单位：亩、万元", "金额（千元）"; a single 角 or 分 only where nothing else is joined to it.
_MONEY = re.compile(r"(?:单位|金额)[^元0-9]{0,12}?([十百千万亿]{0,2}元)|(?:单位|金额)[^0-9]{0,12}?[:：、,，(（/]([角分])(?=$|[)）、,，/])")
_AREA = re.compile(r"单位.{0,8}亩")


def guesses(texts: Iterable[str]) -> dict[str, str]:
    """For fields that may be said once: what the texts suggest, those first that come first."""
    found: dict[str, str] = {}
    for text in texts:
        for name, value in _in(" ".join(text.split())[:300]).items():
            found.setdefault(name, value)
    return found


def _in(text: str) -> Mapping[str, str]:
    found = {}
    if item := item_in_text(text):
        found[names.ITEM] = item
    digits = _CHINESE_YEAR.sub(lambda match: "".join(str("〇一二三四五六七八九".find(c) if c not in "○零" else 0) for c in match[0]), text)
    if year := _YEAR.search(digits):
        found[names.YEAR] = year[1]
    if label := _BATCH.search(_YEAR.sub("", _DAY.sub("", digits)).lstrip("年度-/. ")):
        found[names.BATCH] = _as_label(f"{year[1]}年{label[0]}" if year else label[0])
    if date := _DAY.search(digits):
        found[names.STATUS_DATE] = _as_day(date[0])
    if says_unpaid(text):
        found[names.STATUS] = "发放失败" if says_it_came_back(text) else "待发放"
    place = find_place(text)
    if place and place.town:
        found[names.TOWN] = place.town
    if place and place.village:
        found[names.VILLAGE] = next((place.village + ending for ending in ("村", "社区") if place.village + ending in text), "")
    return {name: value for name, value in found.items() if value}


def _as_label(text: str) -> str:
    try:
        return str(batch(text, "").value)
    except Refusal:
        return ""


def _as_day(text: str) -> str:
    try:
        return str(day(text).value)
    except Refusal:
        return ""


@lru_cache(maxsize=1)
def _item_names() -> tuple[tuple[str, str], ...]:
    """All names of all items, the longest first."""
    pairs = [
        (plain(name), item.name) for item in ITEMS.values() for name in (item.name, *item.aliases, *item.programmes)
    ]
    return tuple(sorted((pair for pair in pairs if len(pair[0]) >= _SHORTEST_ALIAS), key=lambda pair: -len(pair[0])))


def item_in_text(text: str) -> str | None:
    """The one item that a text names; None if it names none or several."""
    rest, found, in_full = plain(text), set(), set()
    for name, item in _item_names():
        if name in rest:
            rest = rest.replace(name, "\0")
            found.add(item)
            if len(name) > _SHORT:
                in_full.add(item)
    named = in_full or found  # 直补 beside a whole name says how it is paid, not what for
    return named.pop() if len(named) == 1 else None


def count_in(text: str) -> int | None:
    """How many persons or households a title or total line says there are."""
    match = _COUNT.search(unmarked(text).replace(" ", ""))
    return int(match[1] or match[2]) if match else None


def sum_in(text: str) -> str | None:
    """The sum of money that a title line says, as a number."""
    match = _SUM.search(unmarked(text).replace(" ", ""))
    return match[1] if match else None


def money_units(texts: Iterable[str]) -> set[str]:
    """The units of money that unit lines name: 元, 万元 …"""
    return {match[1] or match[2] for text in texts for match in _MONEY.finditer(text.replace(" ", ""))}


def says_area(texts: Iterable[str]) -> bool:
    """Whether a unit line says that quantities are in 亩."""
    return any(_AREA.search(text.replace(" ", "")) for text in texts)
