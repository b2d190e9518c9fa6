"""A resident's payments, told in plain words. Chat, hotline and statement say the same because they say it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from knowledge.catalogue.items import ITEMS
from knowledge.failures import advice_for
from knowledge.identity import mask_name
from knowledge.money import yuan
from knowledge.stages import next_of, way
from knowledge.wording import PAID, RETURNED, STAGES, account_tail, day

_SHOWN_EACH = 2  # more payments of one item than these are summed up on the first screen


@dataclass(frozen=True, slots=True)
class Line:
    """One payment, as plain data. Money in 分, quantity in hundredths of the unit."""

    item: str
    year: int
    period: str
    quantity: int | None
    unit: str | None
    standard_fen: int | None
    amount_fen: int
    stage: str
    stage_date: date
    paid_date: date | None
    bank: str | None
    account: str | None
    fail_reason: str | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the county has loaded: the day that the data reaches, and the items with their years."""

    as_of: date | None
    items: Sequence[tuple[str, int]]


def overview(name: str, lines: Sequence[Line], year: int, loaded: Loaded, today: date) -> str:
    """One year on one screen: the total and the last payment, what came back first, then each item."""
    chosen = [line for line in lines if line.year == year]
    # How far the data reaches comes before what may not fit on the screen.
    head = f"{_heading(name, chosen, year)}{_still_owed(lines, year)}{_last(chosen or lines, today)}"
    parts = [f"{head}\n{how_far(loaded, year, today)}"]
    of_item: dict[str, list[Line]] = {}
    for line in sorted(chosen, key=lambda line: (line.stage != RETURNED, line.item, -line.stage_date.toordinal())):
        of_item.setdefault(line.item, []).append(line)
    parts += [_item(item, rows, today) for item, rows in of_item.items()]
    return "\n\n".join(parts)


def _still_owed(lines: Sequence[Line], year: int) -> str:
    """What came back in another year and was not paid again."""
    owed = [line for line in lines if line.stage == RETURNED and line.year != year]
    if not owed:
        return ""
    more = f"等{len(owed)}笔" if len(owed) > 1 else ""
    return f"\n{owed[0].year}年的{owed[0].item}{yuan(owed[0].amount_fen)}{more}退回来还没补发，发“{owed[0].year}年”看怎么办。"


def _last(lines: Sequence[Line], today: date) -> str:
    paid = [line for line in lines if line.stage in PAID]
    if not paid:
        return ""
    last = max(paid, key=when_paid)
    where = account_tail(last.bank, last.account)
    return f"\n最近一笔：{day(when_paid(last), today)}，{last.item}{yuan(last.amount_fen)}，打到{where}。"


def when_paid(line: Line) -> date:
    """The day of the payment, as far as the data tells."""
    return line.paid_date or line.stage_date


def by_item(name: str, lines: Sequence[Line], year: int, loaded: Loaded, today: date) -> tuple[str, list[str]]:
    """One year, a line an item; and the items, in that order."""
    chosen = sorted((line for line in lines if line.year == year), key=lambda line: line.item)
    said, items = [f"{name}，{year}年各项是这样的：\n{how_far(loaded, year, today)}"], []
    for item, found in groupby(chosen, key=lambda line: line.item):
        rows = list(found)
        paid = [line for line in rows if line.stage in PAID]
        words = [f"打到卡上{len(paid)}笔，共{yuan(sum(line.amount_fen for line in paid))}"] if paid else []
        returned = sum(line.stage == RETURNED for line in rows)
        words += [f"退回{returned}笔"] if returned else []
        words += [f"在办{len(rows) - len(paid) - returned}笔"] if len(rows) > len(paid) + returned else []
        said.append(f"· {item}：{'，'.join(words)}")
        items.append(item)
    return "\n".join(said), items


def one_item(
    name: str, item: str, lines: Sequence[Line], year: int, steps: Mapping[str, Sequence[tuple[str, date]]], document: str,
    loaded: Loaded, today: date,
) -> str:  # fmt: skip
    """One item of one year, payment by payment, with the days of its stages, the account and the document."""
    chosen = [line for line in lines if (line.item, line.year) == (item, year)]
    chosen.sort(key=lambda line: (line.stage != RETURNED, -when_paid(line).toordinal()))
    parts = [f"{name}，{year}年的{item}：\n{how_far(loaded, year, today)}"]
    for line in chosen:
        of_line = steps.get(line.period, ())
        came = way(of_line, line.stage, today) if len(of_line) > 1 else ""
        comes = next_of(item, line.stage)
        said = [payment_in_words(line, today), came and f"经过：{came}", comes and f"往后：{comes}"]
        parts.append("\n".join(part for part in said if part))
    if not chosen:
        parts.append("这一年没有查到这项。没查到不等于没有。")
    if document:
        parts.append(document)
    return "\n\n".join(parts)


def _heading(name: str, lines: Sequence[Line], year: int) -> str:
    if not lines:
        return f"{name}，{year}年还没有查到您的补贴。"
    paid = [line for line in lines if line.stage in PAID]
    total = sum(line.amount_fen for line in paid)
    said = f"{name}，{year}年已经打到卡上{len(paid)}笔，共{yuan(total)}。" if paid else f"{name}，{year}年还没有打到卡上的钱。"
    returned = sum(1 for line in lines if line.stage == RETURNED)
    waiting = len(lines) - len(paid) - returned
    if waiting:
        said += f"还有{waiting}笔在办。"
    if returned:
        said += f"有{returned}笔银行退回来了，看下面怎么办。"
    return said


def _item(item: str, lines: Sequence[Line], today: date) -> str:
    paid = [line for line in lines if line.stage in PAID]
    if len(paid) <= _SHOWN_EACH:
        return "\n".join([f"【{item}】", *(payment_in_words(line, today) for line in lines)])
    rest = [payment_in_words(line, today) for line in lines if line.stage not in PAID]
    total = f"已经打到卡上{len(paid)}笔，共{yuan(sum(line.amount_fen for line in paid))}。最近一笔是"
    return "\n".join([f"【{item}】", *rest, total + payment_in_words(paid[0], today)])


def details(name: str, lines: Sequence[Line], year: int, loaded: Loaded, today: date) -> str:
    """Every payment of one year, line by line."""
    chosen = sorted((line for line in lines if line.year == year), key=lambda line: (line.item, line.stage_date))
    parts = [f"{name}，{year}年一笔一笔是这样的。\n{how_far(loaded, year, today)}"]
    for item, rows in groupby(chosen, key=lambda line: line.item):
        parts.append("\n".join([f"【{item}】", *(payment_in_words(line, today) for line in rows)]))
    return "\n\n".join(parts)


def payment_in_words(line: Line, today: date) -> str:
    """One payment: period, how the amount came about, stage and date, where the money went, and what to do."""
    when = line.paid_date if line.stage in PAID and line.paid_date else line.stage_date
    said = f"{line.period}：{_sum(line)}\n{STAGES.get(line.stage, line.stage)}（{day(when, today)}"
    said += f"，{account_tail(line.bank, line.account)}）" if line.stage in (*PAID, RETURNED) else "）"
    if line.stage == RETURNED:
        advice = advice_for(line.fail_reason)
        said += f"\n原因：{advice.what}。\n怎么办：{advice.do}"
    return said


def _sum(line: Line) -> str:
    how = counted(line)
    if not how or line.quantity is None or line.standard_fen is None:
        return yuan(line.amount_fen)
    # A file may round, or pay less than it counts: what does not come out is not written as if it did.
    comes_out = abs(line.quantity * line.standard_fen - line.amount_fen * 100) <= 100
    return f"{how}={yuan(line.amount_fen)}" if comes_out else f"{yuan(line.amount_fen)}（表里写的是{how}）"


def counted(line: Line) -> str:
    """Quantity × standard, 13.11亩×81.92元; empty where the data has none."""
    if line.quantity is None or line.standard_fen is None or not line.unit:
        return ""
    quantity = f"{line.quantity / 100:.2f}".rstrip("0").rstrip(".") if line.quantity % 100 else str(line.quantity // 100)
    return f"{quantity}{line.unit}×{yuan(line.standard_fen)}"


def document_in(remarks: Iterable[Mapping[str, str]]) -> str:
    """By which document an item is paid, where the bureau's file itself says so."""
    found = [
        text for of_row in remarks for header, text in of_row.items() if any(word in header for word in ("文号", "文件", "依据"))
    ]
    return f"按什么文件发：{'；'.join(dict.fromkeys(found))}（发放表里写的）" if found else ""


def how_far(loaded: Loaded, year: int, today: date) -> str:
    """How far the data reaches, and which items it holds. 没查到 is not 没有."""
    if loaded.as_of is None:
        return "县里还没有录入补贴数据。没查到不等于没有，请问乡镇或打12333。"
    return f"数据到{day(loaded.as_of, today)}。{year}年{_holds(loaded, year)}没查到不等于没有。"


def _holds(loaded: Loaded, year: int) -> str:
    held = {item for item, of_year in loaded.items if of_year == year}
    missing = [item for item in ITEMS if item not in held]
    if not held:
        return "的补贴还没有录入。"
    if not missing:
        return f"{len(held)}项补贴都有录入。"
    if len(missing) < len(held):
        return f"录入了{len(held)}项，还没录入的：{'、'.join(missing)}。"
    return f"录入的项目：{'、'.join(item for item in ITEMS if item in held)}。别的项目还没录进来。"


def years_of(lines: Iterable[Line]) -> list[int]:
    """The years that hold payments, newest first."""
    return sorted({line.year for line in lines}, reverse=True)


def notice(told: Sequence[tuple[str, Sequence[Line]]], today: date) -> str:
    """到账提醒: the new payments of each person, each by itself; what came back with what to do."""
    parts = ["到账提醒"]
    for name, lines in told:
        for line in sorted(lines, key=lambda line: (line.stage == RETURNED, line.item, line.period)):
            parts.append(f"{mask_name(name)}的{line.item}，{payment_in_words(line, today)}")
    parts.append("看全部，发“查补贴”。不想收，发“不要提醒了”。")
    return "\n".join(parts)
