"""为什么没到账: what the data says of one item of one person, and the next step. Chat, hotline and page say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.failures import advice_for
from knowledge.money import yuan
from knowledge.statement import Line, Loaded, how_far
from knowledge.wording import PAID, STAGES, account_tail, day
from knowledge.wording import RETURNED as FAILED

RETURNED, WAITING, PAID_ALREADY, NOT_LISTED, NOT_LOADED = "returned", "waiting", "paid", "not listed", "not loaded"

NEXT: Final[Mapping[str, str]] = {
    "申报": "下一步是审核，再公示，没有异议才打钱。",
    "审核": "下一步是公示，没有异议才打钱。",
    "公示": "公示完没有异议，就报给银行打钱。",
    "待发放": "下一步就是银行打钱，到了这里会写“已经打到卡上”。",
}
"""What comes after a stage."""
_JUST_NOW: Final = 3  # days that a bank may need to show a payment


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `line` is the payment it is about, if there is one."""

    kind: str
    text: str
    item: str
    year: int
    line: Line | None = None


def diagnose(item: str, lines: Sequence[Line], loaded: Loaded, today: date, *, head: str | None = None) -> Diagnosis:
    """Why one item has not come, from the newest data of this year, else of the year before.

    `head`: the masked name of the head of the household, where the data has one and it is somebody else.
    """
    mine = sorted((line for line in lines if line.item == item), key=lambda line: (line.year, line.stage_date))
    now_or_last = [line for line in mine if line.year >= today.year - 1]
    returned = [line for line in now_or_last if line.stage == FAILED]
    waiting = [line for line in now_or_last if line.stage in NEXT]
    this_year = [line for line in mine if line.year == today.year]
    if returned:
        return _returned(item, returned[-1], today)
    if waiting:
        return _waiting(item, waiting[-1], loaded, today)
    if this_year:
        return _paid(item, this_year[-1], loaded, today)
    if (item, today.year) in {(name, year) for name, year in loaded.items}:
        return _not_listed(item, mine, head, loaded, today)
    return _not_loaded(item, mine, loaded, today)


def _returned(item: str, line: Line, today: date) -> Diagnosis:
    advice = advice_for(line.fail_reason)
    said = (
        f"找到原因了。{line.period}的{item}，{yuan(line.amount_fen)}，{day(line.stage_date, today)}银行没打进去，"
        f"钱退回来了，没丢。\n原因：{advice.what}（{account_tail(line.bank, line.account)}）。\n怎么办：{advice.do}"
    )
    return Diagnosis(RETURNED, said, item, line.year, line)


def _waiting(item: str, line: Line, loaded: Loaded, today: date) -> Diagnosis:
    said = (
        f"{line.period}的{item}，{yuan(line.amount_fen)}，还没打到卡上。\n"
        f"走到哪了：{STAGES[line.stage]}（{day(line.stage_date, today)}起）。\n{NEXT[line.stage]}\n"
        f"等久了，可以问{_office(item)}。\n{how_far(loaded, line.year, today)}"
    )
    return Diagnosis(WAITING, said, item, line.year, line)


def _paid(item: str, line: Line, loaded: Loaded, today: date) -> Diagnosis:
    when = line.paid_date or line.stage_date
    said = (
        f"最近一笔{item}是{line.period}的，{yuan(line.amount_fen)}，{day(when, today)}打到了"
        f"{account_tail(line.bank, line.account)}。\n"
    )
    if (today - when).days <= _JUST_NOW:
        said += "银行入账有时慢一两天，过两天再看看。\n"
    said += (
        "怎么办：带社保卡或存折到银行补登一下，看是不是进了这个账号；家里人领着卡的，问一声。"
        "账号不认识、或者钱真没进，点下面让人查。\n"
        f"要是问的是后面的月份或批次：还没有录进来，也可能还没发，可以问{_office(item)}。\n"
        f"{how_far(loaded, line.year, today)}"
    )
    return Diagnosis(PAID_ALREADY, said, item, line.year, line)


def _not_listed(item: str, mine: Sequence[Line], head: str | None, loaded: Loaded, today: date) -> Diagnosis:
    said = f"{today.year}年的{item}已经录入了，这里面没有查到您。没查到不等于没有。\n{_before(mine, today)}"
    if head:
        said += f"这项按户发，一般打到户主（{head}）的卡上，先问问户主。\n"
    elif ITEMS[item].per == "户":
        said += "这项按户发，一般打到户主的卡上，先问问家里的户主。\n"
    said += (
        f"怎么办：带身份证到村里或乡镇，问今年报没报、批没批；也可以问{_office(item)}。\n"
        f"{how_far(loaded, today.year, today)}"
    )
    return Diagnosis(NOT_LISTED, said, item, today.year)


def _not_loaded(item: str, mine: Sequence[Line], loaded: Loaded, today: date) -> Diagnosis:
    said = (
        f"{today.year}年的{item}，县里还没有录到这里，所以现在看不出您的钱到哪一步了。没查到不等于没有。\n"
        f"{_before(mine, today)}怎么办：问{_office(item)}，或到乡镇问一下。"
    )
    if loaded.as_of:
        said += f"\n数据到{day(loaded.as_of, today)}。"
    return Diagnosis(NOT_LOADED, said, item, today.year)


def _before(mine: Sequence[Line], today: date) -> str:
    paid = [line for line in mine if line.stage in PAID]
    if not paid:
        return ""
    last = paid[-1]
    return f"您上一笔是{last.period}的，{yuan(last.amount_fen)}，{day(last.paid_date or last.stage_date, today)}打到卡上。\n"


def _office(item: str) -> str:
    department = ITEMS[item].department
    return department if department.startswith(("县", "乡镇")) else f"县{department}"


# ---------------------------------------------------------------- asking a person to look

_REPORT: Final = re.compile(r"我要反映[:：]?\s*(20\d\d)年(.+?)没到账(?:[（(](.+?)[)）])?[。.!！]?")


@dataclass(frozen=True, slots=True)
class Report:
    """A wish to have somebody look after one item of one year; `name` as it was said, masked, or empty."""

    item: str
    year: int
    name: str = ""


def report_in_words(report: Report) -> str:
    """What the resident taps; typed it works too."""
    whose = f"（{report.name}）" if report.name else ""
    return f"我要反映：{report.year}年{report.item}没到账{whose}"


def report_in(text: str) -> Report | None:
    """The wish in such words."""
    found = _REPORT.fullmatch(text.strip())
    if found is None or found[2] not in ITEMS:
        return None
    return Report(found[2], int(found[1]), found[3] or "")


def story(report: Report, name: str, id_tail: str, line: Line | None, today: date) -> str:
    """The facts for whoever handles the case: who, what, how much, how far it came."""
    who = f"{name}（身份证尾号{id_tail}）"
    if line is None:
        return f"{report.year}年{report.item}没到账。{who}。这里没有查到这项发放记录，请帮我查查报没报、批没批。"
    said = f"{report.year}年{report.item}没到账。{who}。{line.period}，{yuan(line.amount_fen)}，"
    said += f"{line.stage}（{day(line.stage_date, today)}），{account_tail(line.bank, line.account)}。"
    if line.fail_reason:
        said += f"银行退回原因：{line.fail_reason}。"
    return said + "请帮我查。"
