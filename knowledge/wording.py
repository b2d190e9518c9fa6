"""How the house says dates, stages and places. Every surface says them through here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"

# The stages of a payment, in their order, as a resident is told (design: Words).
STAGES: Mapping[str, str] = {
    "申报": "已经报上去了，还在核对",
    "审核": "正在审核",
    "公示": "正在公示，没有异议就往下办",
    "待发放": "已经批了，银行还没打",
    "已发放": "已经打到卡上",
    "发放失败": "银行没打进去，钱退回来了，没丢",
    "已补发": "退回来的钱已经重新打到卡上",
}
PAID_AGAIN = "已补发"
PAID = ("已发放", PAID_AGAIN)
RETURNED = "发放失败"

BEING_PLACED = "正在分派，定了由哪个部门办，马上告诉您。"
CASE_STATUS: Mapping[str, str] = {"filed": "已收下，等部门接办", "accepted": "正在办", "answered": "已答复", "withdrawn": "您已撤回"}


def beijing(moment: datetime) -> datetime:
    """A moment on Beijing's clock."""
    return moment.astimezone(BEIJING)


def day(value: date | datetime, today: date) -> str:
    """12月3日, with the year when it is another one."""
    value = beijing(value).date() if isinstance(value, datetime) else value
    year = f"{value.year}年" if value.year != today.year else ""
    return f"{year}{value.month}月{value.day}日"


def day_and_weekday(value: date | datetime, today: date) -> str:
    """12月3日(星期四)."""
    value = beijing(value).date() if isinstance(value, datetime) else value
    return f"{day(value, today)}（星期{_WEEKDAYS[value.weekday()]}）"


def moment(value: datetime, today: date) -> str:
    """12月3日 14:05, Beijing time."""
    return f"{day(value, today)} {beijing(value):%H:%M}"


def account_tail(bank: str | None, account: str | None) -> str:
    """Where the money goes: 吉林农信 尾号9086."""
    tail = f"尾号{account[-4:]}" if account else ""
    return " ".join(part for part in (bank or "", tail) if part) or "账户没有记录"
