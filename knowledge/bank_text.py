"""A bank's short message or a line of a passbook that a resident forwards: the day, the amount, the end of the account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from knowledge.identity import half_width
from knowledge.money import parse_yuan
from knowledge.statement import Line
from knowledge.wording import PAID

_WINDOW: Final = timedelta(days=10)  # between the bureau's day and the bank's
_LONGEST: Final = 400  # characters
_LINE: Final = 45  # characters of a passbook's line

_SUM = r"(?:人民币|RMB|CNY|[¥￥])?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|[+-]?\d{1,9}(?:\.\d{1,2})?)\s*(?:元|块|$|[^\d月日年号:：/.-])"
_IN = re.compile(r"入账|转入|存入|收入|到账|来账|汇入|进账|代发|发放|贷记|工资|代付")
_OUT = re.compile(r"支出|消费|转出|支取|取款|扣款|扣费|缴费|付款|还款|代扣|汇出")
_BANK = re.compile(r"尾号|余额|摘要|[【\[][^】\]]{0,12}(?:银行|农信|信用社|信合|农商|邮储)|(?:账户|账号|卡号?)[*＊\d]{3,}|交易(?:时间|类型|金额)")
_TAIL = re.compile(r"(?:尾号(?:为|是)?|末四位|账户|账号|卡号?|[*＊]{2,})\s*[*＊]*(\d{4})(?!\d)")
_BALANCE = re.compile(r"(?:可用)?余额[为是:：]?\s*(?:人民币)?[¥￥]?\s*[\d,]+(?:\.\d+)?\s*元?")
_NAMED_SUM = re.compile(r"(?:金额|入账|转入|存入|收入|到账|来账|汇入|进账|代发|发放|贷记)[^\d¥￥+-]{0,14}" + _SUM)
_ANY_SUM = re.compile(r"(?<![\d.,年月日号/:：-])" + _SUM)
_NOTE = re.compile(r"(?:摘要|用途|备注)[:：]?\s*([^,，。;；\s]{1,20})")
_FULL_DAY = re.compile(r"(20\d\d)[-年/.](\d{1,2})[-月/.](\d{1,2})日?|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)")
_SHORT_DAY = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]?|(?<![\d.])(\d{1,2})[-/](\d{1,2})(?![\d/-])")
_TELLS = re.compile(r"[我俺咱](?!行)|没|怎么|咋|为什么|为啥|应该|只给|[吗呢]")  # a person tells; 我行 is the bank
_SPEAKS = re.compile(r"[?？您你]|多少|标准")  # no line of a passbook does


@dataclass(frozen=True, slots=True)
class BankText:
    """What the bank says. `amount_fen` in 分; `went_out`: money that left the account; day and tail where they stand."""

    amount_fen: int
    day: date | None
    tail: str | None
    note: str
    went_out: bool


def read(text: str, today: date) -> BankText | None:
    """The message of a bank, or None for anything that a person would say: a complaint with amounts is none."""
    plain = half_width(text).strip()
    if not 8 <= len(plain) <= _LONGEST or not any(sign.isdigit() for sign in plain):
        return None
    days = _day(plain, today)
    signs = len({found.group()[:2] for found in _BANK.finditer(plain)})
    moves = _IN.search(plain) or _OUT.search(plain)
    is_message = signs > 0 and moves is not None
    is_line = days is not None and len(plain) <= _LINE and not _SPEAKS.search(plain)
    if _TELLS.search(plain) or not (is_message or is_line):
        return None
    amount = _amount(plain)
    if amount is None:
        return None
    tail, note = _TAIL.search(plain), _NOTE.search(plain)
    went_out = amount < 0 or (_OUT.search(plain) is not None and _IN.search(plain) is None)
    return BankText(abs(amount), days, tail[1] if tail else None, note[1] if note else "", went_out)


def _amount(plain: str) -> int | None:
    rest = _FULL_DAY.sub(" ", _SHORT_DAY.sub(" ", _TAIL.sub(" ", _BALANCE.sub(" ", plain))))
    found = _NAMED_SUM.search(rest) or _ANY_SUM.search(rest)
    if found is None:
        return None
    try:
        return parse_yuan(found[1].lstrip("+"))
    except ValueError:
        return None


def _day(plain: str, today: date) -> date | None:
    if found := _FULL_DAY.search(plain):
        year, month, number = (int(part) for part in found.groups() if part)
    elif found := _SHORT_DAY.search(plain):
        month, number = (int(part) for part in found.groups() if part)
        year = today.year
    else:
        return None
    try:
        day = date(year, month, number)
    except ValueError:
        return None
    return day.replace(year=day.year - 1) if day > today + timedelta(days=1) and (month, number) != (2, 29) else day


def matching(bank: BankText, lines: Sequence[Line]) -> list[Line]:
    """The payments that it may be: the same amount to the 分, the account if it is told, about the same day."""
    found = [line for line in lines if line.stage in PAID and line.amount_fen == bank.amount_fen]
    if bank.tail:
        found = [line for line in found if not line.account or line.account.endswith(bank.tail)]
    if bank.day:
        found = [line for line in found if abs((line.paid_date or line.stage_date) - bank.day) <= _WINDOW]
    return found
