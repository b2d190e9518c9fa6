"""咋少了: the newest payment of an item beside the one before, and what of the reckoning has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from knowledge.money import yuan
from knowledge.statement import Line, Loaded, counted, how_far, when_paid
from knowledge.when_meant import ANY_TIME, When
from knowledge.wording import PAID, day


def compared(item: str, lines: Sequence[Line], loaded: Loaded, today: date, when: When = ANY_TIME) -> str | None:
    """Both payments, the difference and what made it, as far as the data tells; None with fewer than two of them."""
    paid = sorted((line for line in lines if line.item == item and line.stage in PAID), key=when_paid)
    asked = [n for n, line in enumerate(paid) if when.narrows and line.year == when.year and when.fits(line.period)]
    at = asked[-1] if asked else len(paid) - 1
    if at < 1:
        return None
    new, old = paid[at], paid[at - 1]
    told = "\n".join(f"· {line.period}：{_reckoned(line)}，{day(when_paid(line), today)}打到卡上" for line in (old, new))
    return f"{item}这两笔是这样的：\n{told}\n{_difference(new, old)}\n{how_far(loaded, new.year, today)}"


def _reckoned(line: Line) -> str:
    how = counted(line)
    return f"{yuan(line.amount_fen)}（{how}）" if how else yuan(line.amount_fen)


def _difference(new: Line, old: Line) -> str:
    less = old.amount_fen - new.amount_fen
    if less <= 0:
        return f"后一笔多了{yuan(-less)}。" if less else "两笔一样多。卡上要是真少了，到银行打一下流水看看。"
    why = []
    if new.unit == old.unit and None not in (new.quantity, old.quantity) and new.quantity != old.quantity:
        why.append(f"登记的{new.unit or '数量'}数变了")
    if new.unit == old.unit and None not in (new.standard_fen, old.standard_fen) and new.standard_fen != old.standard_fen:
        why.append("标准变了")
    because = f"，{'，'.join(why)}" if why else "，表里没写为什么"
    return f"后一笔少了{yuan(less)}{because}。\n怎么办：到村里或乡镇问清是怎么算的；觉得不对，点下面让人查。"
