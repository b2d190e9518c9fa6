"""为什么没到账: what the data says of one item of one person, and the next step. Chat, hotline and page say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.failures import advice_for
from knowledge.item_notes import note_of
from knowledge.money import yuan
from knowledge.stages import NEXT, next_of
from knowledge.statement import Line, Loaded, how_far, when_paid
from knowledge.when_meant import ANY_TIME, When
from knowledge.wording import PAID, STAGES, account_tail, day
from knowledge.wording import RETURNED as FAILED

RETURNED, WAITING, PAID_ALREADY, NOT_LISTED, NOT_LOADED = "returned", "waiting", "paid", "not listed", "not loaded"
STOPPED, TO_THE_HEAD = "stopped", "to the head"
_JUST_NOW: Final = 3  # days that a bank may need to show a payment
_MOST: Final = 4  # returned payments told one by one
_STOPS: Final = ("停发", "不通过", "未通过", "不符合", "取消资格", "退出", "暂停")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `line` is the payment it is about, if there is one."""

    kind: str
    text: str
    item: str
    year: int
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the data says beyond the payments: the masked name of the household's head, where that is somebody else, and
    what the bureau's file remarks on this item, by period."""

    head: str | None = None
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


PAYMENTS_ONLY: Final = Known()
"""The payments are all that is known."""


def diagnose(
    item: str, lines: Sequence[Line], loaded: Loaded, today: date, when: When = ANY_TIME, known: Known = PAYMENTS_ONLY
) -> Diagnosis:
    """Why one item has not come: of the time asked for, else from the newest data of this year and the year before."""
    found = _Case(item, lines, loaded, today, when, known)
    if found.returned:
        return found.came_back()
    if found.stopped:
        return found.was_stopped()
    if found.waiting:
        return found.is_waiting()
    if found.paid:
        return found.was_paid()
    if (item, found.year) in set(loaded.items):
        return found.not_listed()
    return found.not_loaded()


class _Case:
    """One question, and the payments that it may be about."""

    def __init__(self, item: str, lines: Sequence[Line], loaded: Loaded, today: date, when: When, known: Known) -> None:
        self.item, self.loaded, self.today, self.when, self.known = item, loaded, today, when, known
        self.year = when.year or today.year
        self.mine = sorted((line for line in lines if line.item == item), key=lambda line: (line.year, line.stage_date))
        of_time = [line for line in self.mine if line.year == self.year]
        narrow = [line for line in of_time if when.fits(line.period)] if when.narrows else []
        self.missed = when.narrows and bool(of_time) and not narrow  # the month asked for is not there
        asked = narrow or of_time
        # Money that came back is owed however old it is; unless another time is asked for.
        recent = [line for line in self.mine if line.year >= today.year - 1]
        self.returned = [line for line in (asked if when.year or when.narrows else recent) if line.stage == FAILED]
        before = [] if when.year or asked else recent
        self.waiting = [line for line in asked or before if line.stage in NEXT]
        self.paid = [line for line in asked if line.stage in PAID]
        self.stopped = [line for line in self.waiting if self._stop_of(line)]

    def came_back(self) -> Diagnosis:
        line = self.returned[-1]
        if len(self.returned) == 1:
            said = f"找到原因了。{line.period}的{self.item}，{yuan(line.amount_fen)}，{self._day(line)}银行没打进去，钱退回来了，没丢。"
        else:
            total = yuan(sum(each.amount_fen for each in self.returned))
            told = [f"· {each.period}，{yuan(each.amount_fen)}，{self._day(each)}退回" for each in self.returned[-_MOST:]]
            rest = ["· 更早的还有，点“查补贴”看。"] if len(self.returned) > _MOST else []
            head = f"找到原因了。有{len(self.returned)}笔{self.item}，共{total}，银行没打进去，钱退回来了，没丢。"
            said = "\n".join([head, *told, *rest])
        for reason, of_reason in {advice_for(each.fail_reason): each for each in self.returned}.items():
            said += f"\n原因：{reason.what}（{account_tail(of_reason.bank, of_reason.account)}）。\n怎么办：{reason.do}"
        return self._found(RETURNED, said, line)

    def was_stopped(self) -> Diagnosis:
        line = self.stopped[-1]
        said = (
            f"{line.period}的{self.item}没有往下发，发放表里写着“{self._stop_of(line)}”（{self._day(line)}）。\n"
            f"怎么办：先问乡镇是什么原因；觉得不对，带身份证和能说明情况的材料，请他们再核一次。也可以问{_office(self.item)}。"
            f"情况变了，符合条件还可以再申请。\n{self._how_far(line.year)}"
        )
        return self._found(STOPPED, said, line)

    def is_waiting(self) -> Diagnosis:
        line = self.waiting[-1]
        said = (
            f"{line.period}的{self.item}，{yuan(line.amount_fen)}，还没打到卡上。\n"
            f"走到哪了：{STAGES[line.stage]}（{self._day(line)}起）。\n{next_of(self.item, line.stage)}\n"
            f"等久了，可以问{_office(self.item)}。\n{self._how_far(line.year)}"
        )
        return self._found(WAITING, said, line)

    def was_paid(self) -> Diagnosis:
        line = max(self.paid, key=when_paid)
        asked = f"{self.when}的{self.item}，这里还没有，可能没录进来，也可能还没发。" if self.missed else ""
        which = f"{line.period}的{self.item}" if self.when.narrows and not self.missed else f"最近一笔{self.item}是{line.period}的"
        where = account_tail(line.bank, line.account)
        said = f"{asked}{which}，{yuan(line.amount_fen)}，{day(when_paid(line), self.today)}打到了{where}。\n"
        if 0 <= (self.today - when_paid(line)).days <= _JUST_NOW:
            said += "银行入账有时慢一两天，过两天再看看。\n"
        said += (
            "怎么办：带社保卡或存折到银行补登一下，看是不是进了这个账号；家里人领着卡的，问一声。"
            "账号不认识、或者钱真没进，点下面让人查。\n"
        )
        if not self.when.narrows and not self.when.year:
            said += f"要是问的是后面的月份或批次：还没有录进来，也可能还没发，可以问{_office(self.item)}。\n"
        return self._found(PAID_ALREADY, f"{said}{self._note()}{self._how_far(line.year)}", line)

    def not_listed(self) -> Diagnosis:
        said = f"{self.year}年的{self.item}已经录入了，录进来的名单里没有查到您。没查到不等于没有，也可能您那一批还没录。\n"
        before = self._before()
        said += before
        # Said only where nothing shows that the person is paid this item in their own name.
        to_the_head = ITEMS[self.item].per == "户" and not before
        if to_the_head and self.known.head:
            said += f"这项按户发，打到户主（{self.known.head}）的卡上，先问问户主。\n"
        elif to_the_head:
            said += "这项按户发，打到户主的卡上，先问问家里的户主。\n"
        elif before:
            said += "以前有、这回没有，可能是复核后停了，也可能漏报了，要问清是哪一种。\n"
        said += (
            f"{self._note()}怎么办：带身份证到村里或乡镇，问报没报、批没批；没批的，请他们说清为什么。"
            f"也可以问{_office(self.item)}。\n{self._how_far(self.year)}"
        )
        return self._found(TO_THE_HEAD if to_the_head and self.known.head else NOT_LISTED, said)

    def not_loaded(self) -> Diagnosis:
        said = (
            f"{self.year}年的{self.item}，县里还没有录到这里，所以现在看不出您的钱到哪一步了。没查到不等于没有。\n"
            f"{self._before()}{self._note()}怎么办：问{_office(self.item)}，或到乡镇问一下。"
        )
        if self.loaded.as_of:
            said += f"\n{how_far(self.loaded, self.year, self.today)}"
        return self._found(NOT_LOADED, said)

    def _found(self, kind: str, said: str, line: Line | None = None) -> Diagnosis:
        return Diagnosis(kind, said, self.item, line.year if line else self.year, line)

    def _stop_of(self, line: Line) -> str:
        of_row = self.known.remarks.get(line.period, {}).values() if line.year == self.year else ()
        return next((text for text in of_row if any(word in text for word in _STOPS)), "")

    def _before(self) -> str:
        paid = [line for line in self.mine if line.stage in PAID]
        if not paid:
            return ""
        last = paid[-1]
        return f"您上一笔是{last.period}的，{yuan(last.amount_fen)}，{day(when_paid(last), self.today)}打到卡上。\n"

    def _note(self) -> str:
        note = note_of(self.item, self.today)
        return f"{note}\n" if note else ""

    def _day(self, line: Line) -> str:
        return day(line.stage_date, self.today)

    def _how_far(self, year: int) -> str:
        return how_far(self.loaded, year, self.today)


def _office(item: str) -> str:
    department = ITEMS[item].department
    return department if department.startswith(("县", "乡镇")) else f"县{department}"
