"""A bank's short message or a line of a passbook that a resident forwards: the day, the amount, the end of the account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from knowledge.identity import half_width
from knowledge.money import parse_yuan
from knowledge.statement import Line, when_paid
from knowledge.wording import PAID

_WINDOW: Final = timedelta(days=10)  # between the bureau's day and the bank's
_LONGEST: Final = 400  # characters
_LINE: Final = 45  # characters of a passbook's line

_SUM = r"(?:人民币|RMB|CNY|[¥￥])?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|[+-]?\d{1,9}(?:\.\d{1,2})?)\s*(?:元|块|$|[^\d月日年号:：/.-])"
_IN = re.compile(r"收到|入账|转入|存入|收入|到账|来账|汇入|进账|代发|发放|贷记|工资|代付")
_CAME = re.compile(r"入账|转入|到账|进账|来了|多了|多出|打来|打进|打了|进了|收到")
_OUT = re.compile(r"支出|消费|转出|支取|取款|扣款|扣费|缴费|付款|还款|代扣|汇出")
_BANK = re.compile(
    r"尾号|[后末][四4]位|余额|摘要|(?:银行|农信|信用社|农商行|邮储)[:：]"
    r"|[【\[][^】\]]{0,12}(?:银行|农信|信用社|信合|农商|邮储)|(?:账户|账号|卡号?)[*＊\d]{3,}|交易(?:时间|类型|金额)"
)
_TAIL = re.compile(r"(?:尾号(?:为|是)?|[后末][四4]位(?:为|是)?|账户|账号|卡号?)\s*[*＊]*(\d{4})(?![\d*＊])|[*＊]{2,}\s*(\d{4})(?!\d)")
_CLOCK = re.compile(r"\d{1,2}[:：]\d\d(?:[:：]\d\d)?|\d{1,2}时\d{1,2}分(?:\d{1,2}秒)?")
_BALANCE = re.compile(r"(?:可用)?余额[为是:：]?\s*(?:人民币)?[¥￥]?\s*[\d,]+(?:\.\d+)?\s*元?")
_NAMED_SUM = re.compile(r"(?:金额|入账|转入|存入|收入|收到|到账|来账|汇入|进账|代发|代付|发放|贷记)[^\d¥￥+-]{0,14}" + _SUM)
_ANY_SUM = re.compile(r"(?<![\d.,年月日号/:：-])" + _SUM)
_NOTE = re.compile(r"(?:摘要|用途|备注)[:：]?\s*([^,，。;；\s]{1,20})")
_FULL_DAY = re.compile(r"(20\d\d)[-年/.](\d{1,2})[-月/.](\d{1,2})日?|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)")
_SHORT_DAY = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]?|(?<![\d.])(\d{1,2})[-/](\d{1,2})(?![\d/-])")
_TELLS = re.compile(r"[我俺咱](?![行社司])|没|怎么|咋|为什么|为啥|应该|只给|[吗呢]")  # a person tells; 我行 is the bank
_ADDRESSED = re.compile(r"[您你](?:的|本人)?[^,，。]{0,14}(?:尾号|账户|账号|卡|存折)|^[【\[][^】\]]{2,16}[】\]]")  # by a bank
_CLAIMS = re.compile(r"没[到收有给打发]|应该|只给|少[了给发打]|不够|不对")
_WHAT_IS_IT = re.compile(r"(?:是|叫)?(?:啥|什么|哪[一个]?[项笔样]|哪来)的?(?:钱|补贴|款|项|笔|来的)?|咋回事|怎么回事")
_SPEAKS = re.compile(r"[?？您你他她]|多少|标准|[说让前每亩涨降罚欠租卖买借办开会]|(?<!摘)要|交(?!易)")  # no line of a passbook does
_OF_AN_ACCOUNT = re.compile(r"卡|折|账|银行|短信|钱|补[贴助]")


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
    if not (_is_message(plain) or _is_line(plain, days) or _is_asked_about(plain)):
        return None
    amount = _amount(plain)
    if amount is None:
        return None
    tail, note = _TAIL.search(plain), _NOTE.search(plain)
    went_out = amount < 0 or (_OUT.search(plain) is not None and _IN.search(plain) is None)
    return BankText(abs(amount), days, tail[1] or tail[2] if tail else None, note[1] if note else "", went_out)


def _is_message(plain: str) -> bool:
    if _BANK.search(plain) is None or not (_IN.search(plain) or _OUT.search(plain)):
        return False
    # Forwarded with a word of one's own behind it, 怎么回事, it is still the bank that speaks; with a claim it is not.
    return not (_CLAIMS if _ADDRESSED.search(plain) else _TELLS).search(plain)


def _is_line(plain: str, days: date | None) -> bool:
    return days is not None and len(plain) <= _LINE and not _SPEAKS.search(plain) and not _TELLS.search(plain)


def _is_asked_about(plain: str) -> bool:
    """卡里多了630块是啥钱: money that has come, and nobody knows which."""
    if len(plain) > _LINE or not _WHAT_IS_IT.search(plain) or _CLAIMS.search(plain):
        return False
    if _OF_AN_ACCOUNT.search(plain) is None:
        return False
    return _CAME.search(plain) is not None and _OUT.search(plain) is None and re.search(r"\d(?:元|块)", plain) is not None


def _amount(plain: str) -> int | None:
    rest = _FULL_DAY.sub(" ", _SHORT_DAY.sub(" ", _CLOCK.sub(" ", _TAIL.sub(" ", _BALANCE.sub(" ", plain)))))
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
    return [line for line in _about(bank, lines) if line.amount_fen == bank.amount_fen]


def together(bank: BankText, lines: Sequence[Line]) -> list[Line]:
    """The payments of one day that make up the amount together: some banks book them as one."""
    of_day: dict[date, list[Line]] = {}
    for line in _about(bank, lines) if bank.day else ():
        of_day.setdefault(when_paid(line), []).append(line)
    sums = (found for found in of_day.values() if sum(line.amount_fen for line in found) == bank.amount_fen)
    return next(sums, [])


def _about(bank: BankText, lines: Sequence[Line]) -> list[Line]:
    found = [line for line in lines if line.stage in PAID]
    if bank.tail:
        found = [line for line in found if not line.account or line.account.endswith(bank.tail)]
    if bank.day:
        found = [line for line in found if abs(when_paid(line) - bank.day) <= _WINDOW]
    return found
