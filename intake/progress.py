"""Reading the cells that say what for, when and how far: item, year, batch, stage."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from intake.cleaning import Read, Refusal, tidy
from intake.wire import DAY
from knowledge.catalogue.items import item_named

STAGES = ("申报", "审核", "公示", "待发放", "已发放", "发放失败", "已补发")
PAID_STAGES = frozenset({"已发放", "已补发"})

# Only words that do not claim a payment: whoever says that money was paid says so in the agreed word.
_STAGE_ALIASES = {
    "已申报": "申报", "申报中": "申报", "待审核": "申报", "审核中": "审核", "已审核": "审核", "审核通过": "审核",
    "公示中": "公示", "已公示": "公示", "待发": "待发放", "未发放": "待发放", "等待发放": "待发放",
    "待打款": "待发放", "待支付": "待发放", "待拨付": "待发放", "未发": "待发放", "未打款": "待发放", "未支付": "待发放",
}  # fmt: skip
# What a bank or an office says of money that came back, in any words; an application that came back is another matter.
_CAME_BACK = re.compile("退回|退票|退汇|退款|失败|不成功|未成功|拒付")
_APPLIED = re.compile("审|核|验|申|报|修改|补正|补发(?!放)|重发|重新|再次|已处理|[未没无]退|没有退|[未没无]失败|没有失败")

_UNPAID = re.compile(r"[未没](?:有)?(?:发放|打款|支付|到账|打卡)|[未没]发(?!生|现|展)|暂缓|缓发|冲正|止付|不予发放|取消发放|拟发")
_PAID_AFTER_ALL = re.compile("补发(?!放)|重发|已处理|已到账")

_BRACKETS = re.compile(r"[(\[【][^)\]】]{0,30}[)\]】]")
_NUMBERED = re.compile(r"^(?:[0-9]{1,12}|[一二三四五六七八九十]{1,3}(?=[、.,，]))[-_、.,，:：]?")

_YEAR = re.compile(r"((?:19|20)[0-9]{2})(年度?)?")
_LONGEST_BATCH = 40
_DIGITS = {word: digit for digit, word in enumerate("零一二三四五六七八九十")}
_BATCH_YEAR = re.compile(r"^((?:19|20)[0-9]{2})(?:年度?|[-./]?(?=[0-9]{1,2}$|[0-9]{1,2}月)|(?=第|[上下春秋]))")
_BATCH_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"0?([1-9]|1[0-2])(?:月份?)?"), lambda m: f"{int(m[1]):02d}月"),
    (re.compile(r"第?([1-4一二三四])季度?"), lambda m: f"第{_digit(m[1])}季度"),
    (re.compile(r"([上下])半年度?"), lambda m: f"{m[1]}半年"),
    (re.compile(r"([春秋])季?(?:学期)?"), lambda m: f"{m[1]}季学期"),
    (re.compile(r"第?0*([1-9][0-9]?|[一二三四五六七八九十])(?:批次?|次|期)"), lambda m: f"第{_digit(m[1])}批"),
    (re.compile(r"(?:全年|年度)?"), lambda _: "全年"),
)
_MONTHS_OF = {"上半年": range(1, 7), "下半年": range(7, 13)} | {
    f"第{quarter}季度": range(3 * quarter - 2, 3 * quarter + 1) for quarter in range(1, 5)
}


def _digit(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else int(text)


def item(text: str) -> Read:
    """The official name of the item."""
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if not plain:
        raise Refusal("ITEM_MISSING")
    found = item_named(plain) or item_named(_NUMBERED.sub("", _BRACKETS.sub("", plain)))
    if found is None:
        raise Refusal("ITEM_UNKNOWN")
    if found.name != plain:
        codes.append("ITEM_ALIAS")
    return Read(found.name, tuple(codes))


def year(text: str, today: date) -> Read:
    """The year as a number; at most the next one."""
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if not plain:
        raise Refusal("YEAR_MISSING")
    match = _YEAR.fullmatch(plain[:4] if text.startswith(DAY) else plain)  # a workbook may show the year of a day only
    if match is None or not 1990 <= int(match[1]) <= today.year + 1:
        raise Refusal("YEAR_INVALID")
    if match[2]:
        codes.append("YEAR_FORMAT")
    return Read(int(match[1]), tuple(codes))


def batch(text: str, title: str) -> Read:
    """The batch in one way of writing (03月, 第1季度, 第1批 …), with the year in front if the cell has it.

    `title` is the column's header, which gives a bare figure its meaning.
    """
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if not plain:
        raise Refusal("BATCH_MISSING")
    if len(plain) > _LONGEST_BATCH:
        raise Refusal("BATCH_INVALID")
    if text.startswith(DAY):
        plain = plain[:7]
    if re.fullmatch(r"[0-9]{1,2}", plain):
        plain += "季度" if "季" in title else "月" if "月" in title else "批"
    label = _uniform(plain)
    if label != tidy(text, [], figures=True):
        codes.append("BATCH_FORMAT")
    return Read(label, tuple(codes))


def _uniform(plain: str) -> str:
    of_year = _BATCH_YEAR.match(plain)
    rest = plain[of_year.end() :] if of_year else plain
    for form, rewritten in _BATCH_FORMS:
        if match := form.fullmatch(rest):
            rest = rewritten(match)
            break
    return f"{of_year[1]}年{rest}" if of_year else rest


@lru_cache(4096)
def year_in(batch_label: str) -> int | None:
    """The year that a batch's label begins with."""
    match = re.match(r"((?:19|20)[0-9]{2})年", batch_label)
    return int(match[1]) if match else None


def periods(batch_label: str) -> tuple[str, ...]:
    """The months that a batch's label covers, or the label itself where it names none."""
    of_year, _, rest = batch_label.partition("年")
    if month := re.fullmatch(r"([0-9]{2})月", rest):
        return (of_year + month[1],)
    return tuple(f"{of_year}{month:02d}" for month in _MONTHS_OF.get(rest, ())) or (batch_label,)


def stage(text: str) -> Read:
    """The stage, in the word agreed on."""
    codes: list[str] = []
    plain = tidy(text, codes)
    if not plain:
        raise Refusal("STATUS_MISSING")
    if plain in STAGES:
        return Read(plain, tuple(codes))
    meant = _STAGE_ALIASES.get(plain) or ("发放失败" if says_it_came_back(plain) else None)
    if meant is None:
        raise Refusal("STATUS_UNKNOWN")
    return Read(meant, (*codes, "STATUS_ALIAS"))


def says_unpaid(text: str) -> bool:
    """Whether words say that money has not gone out, or came back."""
    return says_it_came_back(text) or (_UNPAID.search(text) is not None and not _PAID_AFTER_ALL.search(text))


def says_it_came_back(text: str) -> bool:
    """Whether words say that money came back from the bank, and not that it was sent again."""
    return bool(_CAME_BACK.search(text)) and not _APPLIED.search(text)
