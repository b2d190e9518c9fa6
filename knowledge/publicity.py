"""一张单公示: which list may hang where, for how long, and what of a person it shows.

A list holds masked names, quantities and amounts, and nothing else: no ID number, account, telephone, and no address
beyond the village. publicity.toml says how each item is shown unless the county decides otherwise.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.deadlines import Clocks, add_working_days
from knowledge.identity import half_width, mask_name
from knowledge.wording import day

NEVER, BOARD, WEB = "never", "board", "web"
EXPOSURES: Final[Mapping[str, str]] = MappingProxyType(
    {WEB: "上网，也贴村务公开栏", BOARD: "只贴村务公开栏", NEVER: "不公示名单"}
)
_WIDTH: Final = (NEVER, BOARD, WEB)
FEWEST_ON_WEB: Final = 3
"""A shorter list is not put on the web: in a small village three letters of a name are a whole name."""
LONGEST: Final = 60
"""Days; a list that hangs longer is no publicity any more."""
PLACE: Final = "村务公开栏"


@dataclass(frozen=True, slots=True)
class Rule:
    """How the list of one item is shown by default, why not wider, and how long it hangs where a rule says so."""

    exposure: str = BOARD
    sensitive: bool = False
    why: str = ""
    days: int | None = None
    working: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: a masked name, quantity in hundredths of the unit, amount in 分."""

    name: str
    quantity: int | None
    unit: str | None
    amount_fen: int


def _load() -> Mapping[str, Rule]:
    file = Path(__file__).with_name("catalogue") / "publicity.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = {row.pop("name"): row for row in data["item"]}
    return MappingProxyType({name: Rule(**row | {"why": data["reason"][row["why"]]}) for name, row in rows.items()})


_RULES: Final = _load()


def rule_of(item: str) -> Rule:
    """The rule of an item; one that the file does not name hangs on the village board only."""
    return _RULES.get(item) or Rule()


def narrower(one: str, other: str) -> str:
    """The exposure that shows less."""
    return min(one, other, key=_WIDTH.index)


def needs_second_look(item: str, exposure: str) -> bool:
    """Whether showing the item's list this widely has to be confirmed a second time."""
    rule = rule_of(item)
    return rule.sensitive and _WIDTH.index(exposure) > _WIDTH.index(rule.exposure)


def ends_on(item: str, starts_on: date, days: int, clocks: Clocks) -> date:
    """The last day that a list hangs; the first is not counted. `days`: the county's setting, where no rule says so."""
    rule = rule_of(item)
    if rule.working:
        return add_working_days(starts_on, rule.days or days, clocks)
    return starts_on + timedelta(days=rule.days or days)


def earliest_end(item: str, starts_on: date, clocks: Clocks) -> date:
    """Before this day the list may not come down by itself: what the item's rule says, else the next day."""
    return ends_on(item, starts_on, 0, clocks) if rule_of(item).days else starts_on + timedelta(days=1)


# ---- what of a person is shown ----

_BRACKETED = re.compile(r"[（(\[【].*?(?:[)）\]】]|$)")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")


def shown_name(name: str) -> str:
    """张玉凤（户主） → 张*凤: first and last character, and nothing that a clerk wrote beside the name."""
    bare = _BRACKETED.sub("", name)
    letters = "".join(_CHINESE.findall(bare)).strip("·")
    return mask_name(letters or re.sub(r"[^A-Za-z]", "", bare)) or "*"


def in_order(lines: Iterable[Listed]) -> list[Listed]:
    """By the sound of the surname, so that people find themselves; then by amount."""
    # Not at the top: readings take 100 ms to load, and only a list that is made needs them.
    from pypinyin import lazy_pinyin

    return sorted(lines, key=lambda line: (lazy_pinyin(line.name[0]), line.name, -line.amount_fen))


def quantity_in_words(quantity: int | None, unit: str | None) -> str:
    """13.11亩; empty where the data has none."""
    if quantity is None:
        return ""
    figure = f"{quantity / 100:.2f}".rstrip("0").rstrip(".")
    return f"{figure}{unit or ''}"


def period_in_words(starts_on: date, ends: date, today: date) -> str:
    """11月20日到11月27日."""
    return f"{day(starts_on, today)}到{day(ends, today)}"


# ---- the short code of a list ----

_CODE = re.compile(r"G\s*S\s*[-—–－_ ]?\s*(\d{3,9})(?!\d)", re.IGNORECASE)


def code_of(number: int) -> str:
    """GS-1024."""
    return f"GS-{number}"


def code_in(text: str) -> str | None:
    """The code that a text names, however it was typed: gs1024, ＧＳ－１０２４."""
    found = _CODE.search(half_width(text))
    return code_of(int(found[1])) if found else None


# ---- a village's QR code ----


def scene_of(town: str, village: str) -> str:
    """What the village's QR code carries (scene_str, at most 64 characters). Posters hang for years: never change it."""
    return "v" + hashlib.sha256(f"{town}/{village}".encode()).hexdigest()[:12]


@cache
def _scenes() -> Mapping[str, tuple[str, str]]:
    return {scene_of(town.name, place): (town.name, place) for town in TOWNS.values() for place in town.places}


def place_of_scene(key: str) -> tuple[str, str] | None:
    """Township and village of an event's key (qrscene_… on following, bare on scanning); None for any other code.

    https://developers.weixin.qq.com/doc/offiaccount/Account_Management/Generating_a_Parametric_QR_Code.html
    """
    return _scenes().get(key.removeprefix("qrscene_"))


def bare_village(town: str, village: str) -> str:
    """The name that the catalogue has for a village of the data: 西将军 for 西将军村."""
    there = TOWNS[town].places if town in TOWNS else ()
    return next((place for place in there if village in (place, f"{place}村", f"{place}社区", f"{place}村委会")), village)


def village_in_words(town: str, village: str) -> str:
    """西将军村, 河北社区."""
    there = TOWNS.get(town)
    if there is None or village not in there.places:
        return village
    return f"{village}社区" if village in there.communities else f"{village}村"


# ---- who asks for a list ----

_LISTS = ("公示", "公式", "公榜", "张榜", "红榜", "榜单", "榜", "名单")  # 公式: as it is often typed
_AROUND_LISTS = (
    "我们 咱们 俺们 你们 我 咱 俺 你 家 自己 想 要 看看 看一看 看 查查 查 瞅瞅 瞅 瞧 找 给 发 帮 请问 请 一下 下 的 地 得 补贴 补助 钱 "
    "村里 村子 村 屯里 屯 镇 乡 社区 县 这 那 今年 去年 最近 现在 这次 这批 新 名字 栏 表 单子 单 网页 网上 网 链接 "
    "在哪里 在哪儿 在哪 哪里 哪儿 有没有 有哪些 有啥 有什么 都有 有 出来 出 贴 挂 公开 了 吗 没 呢 啊 吧 呀 么 能不能 能 可以 "
    "怎么 咋 上 里 个 和 或 《 》 “ ” ， , 。 ？ ? ！ ! 、"
)
_NOT_HUNG = re.compile(r"(?:没有?|不|未)(?:公示|公榜|张榜|贴|挂)|怎么没|咋没|(?:没|不)[在上]|没有?[我俺咱]")
_OBJECTS = re.compile(r"异议|有意见|提意见|不服|不同意|不对|有错|错了|有问题|不实|造假|不该|不够条件")
_OBJECTION = re.compile(r"(?:我)?(?:想|要)?(?:对)?(?:我们|咱们)?(?:村)?(?:里)?(?:的)?(?:公示|公式)(?:名单|榜|表)?(?:有|提|提出)(?:异议|意见)")
_LONGEST_WISH = 40  # characters


@cache
def _wish() -> re.Pattern[str]:
    items = {name for item in ITEMS.values() for name in (item.name, item.group, *item.aliases, *item.programmes)}
    places = {name for town in TOWNS.values() for name in (town.name, *town.aliases, *town.places)}
    known = sorted({*_LISTS, *_AROUND_LISTS.split(), " ", *items, *places}, key=len, reverse=True)
    # Possessive: the longest name is taken and never given back, so that no text makes it run away.
    return re.compile(f"(?:{'|'.join(map(re.escape, known))}|\\d{{1,4}}[年月])*+")


def wants_lists(text: str) -> bool:
    """Whether somebody wants to see a list: nothing is said but that, whose, and where.

    What publicity is, how long it lasts, or what to do about a fault in it is a question for the article.
    """
    plain = half_width(text).strip()
    if len(plain) > _LONGEST_WISH or not any(word in plain for word in _LISTS) or _NOT_HUNG.search(plain):
        return False
    return _wish().fullmatch(plain) is not None


def objects(text: str) -> bool:
    """Whether somebody disagrees with a list: 公示有异议, 异议 GS-1024, and whatever is told beside a code."""
    plain = half_width(text).strip()
    code = _CODE.search(plain)
    if code is None:
        return _OBJECTION.fullmatch(plain.rstrip("。.!！")) is not None
    beside = plain.replace(code[0], "")
    return _OBJECTS.search(beside) is not None or (len(beside) > _BESIDE and not wants_lists(beside))


_BESIDE = 4  # characters; more beside a code than 看看, 的名单 is something that is told


def no_list_in_words(item: str, exposure: str) -> str:
    """Why a resident finds no list of this item on the web, or none at all; empty for one that is there."""
    rule = rule_of(item)
    why = rule.why if exposure == rule.exposure else ""
    if exposure == BOARD:
        return why or f"“{item}”的名单按县里的安排只贴在{PLACE}，不上网。"
    if exposure == NEVER:
        return why or f"“{item}”按县里的安排不公示名单。"
    return ""
