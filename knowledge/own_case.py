"""One's own payments of the item just asked about, in a line or two beside the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.identity import mask_name
from knowledge.money import yuan
from knowledge.statement import Line, when_paid
from knowledge.wording import PAID, RETURNED, STAGES, account_tail, day

_MOST: Final = 3  # persons; the look-up shows all


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person got of an item. `name` is None where it is the asker alone."""

    name: str | None
    lines: Sequence[Line]


def own_case(people: Sequence[Mine], as_of: date | None, today: date) -> str:
    """The newest year of each person, one line each, and how far the data reaches; empty without payments."""
    shown = [one for one in people if one.lines]
    if not shown or as_of is None:
        return ""
    said = [_of_one(who, one.lines, today) for who, one in zip(_called(shown), shown, strict=True)]
    rest = f"还有{len(said) - _MOST}个人的，发“查补贴”看。" if len(said) > _MOST else ""
    lines = [*said[:_MOST], *([rest] if rest else [])]
    return "\n".join(lines) + ("\n" if len(lines) > 1 else "") + f"（数据到{day(as_of, today)}）"


def newest_year(people: Iterable[Mine]) -> int:
    """The year that `own_case` speaks of, the newest if several."""
    return max(line.year for one in people for line in one.lines)


def _called(people: Sequence[Mine]) -> list[str]:
    """您, or masked names; of two that would be the same the later one bears a number, as in the look-up."""
    names: list[str] = []
    for one in people:
        masked = mask_name(one.name or "")
        alike = sum(name.rstrip("：23456789") == masked for name in names)
        names.append("您" if one.name is None else f"{masked}{alike + 1}：" if alike else f"{masked}：")
    return names


def _of_one(who: str, lines: Sequence[Line], today: date) -> str:
    year = max(line.year for line in lines)
    chosen = [line for line in lines if line.year == year]
    paid = [line for line in chosen if line.stage in PAID]
    returned = [line for line in chosen if line.stage == RETURNED]
    waiting = [line for line in chosen if line.stage not in PAID and line.stage != RETURNED]
    parts = [_paid(paid, today)] if paid else []
    parts += [_sums("有", returned, STAGES[RETURNED])] if returned else []
    parts += [_sums("有", waiting, STAGES.get(waiting[0].stage, waiting[0].stage))] if waiting else []
    end = "发“没收到钱”看怎么办。" if returned else ""
    return f"{who}{year}年这项{'；'.join(parts)}。{end}"


def _paid(lines: Sequence[Line], today: date) -> str:
    last = max(lines, key=when_paid)
    total = yuan(sum(line.amount_fen for line in lines))
    where = f"{day(when_paid(last), today)}打到{account_tail(last.bank, last.account)}"
    return f"领了{total}，{where}" if len(lines) == 1 else f"领了{len(lines)}笔，共{total}，最近一笔{where}"


def _sums(verb: str, lines: Sequence[Line], stage: str) -> str:
    count = f"{len(lines)}笔共" if len(lines) > 1 else ""
    return f"{verb}{count}{yuan(sum(line.amount_fen for line in lines))}{stage}"
