"""By when a case is accepted and answered, and how that date comes about.

The start day is not counted. Sources: 信访工作条例 第22、23、34–36条; 政府信息公开条例 第30–33条; the rest are the county's
own promises. A date that was promised is carried on by `extend`, `pause` and `restart`; it never changes because a
setting did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from knowledge.calendar import (
    Clocks,
    Term,
    add_working_days,
    count,
    days_between,
    end_of,
    in_words,
    working_days_between,
)
from knowledge.kinds import PETITION, REPORT
from knowledge.wording import beijing

__all__ = [
    "Clocks", "Deadline", "Term", "accept_by", "add_working_days", "answer_by", "correction_by", "extend",
    "extension_term", "give_up", "hold", "pause", "restart", "stop_for_correction", "supply_by", "working_days_between",
]  # fmt: skip

CORRECTION_DAYS = 7  # 工作日 to ask for it, 信息公开条例 第30条
OBJECTION_DAYS = 5  # 工作日 to object to a forwarded matter, 信访工作条例 第23条
REVIEW_DAYS = 30  # 日 to ask for 复查 or 复核, and to decide on it, 第35、36条


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment of the last day, in UTC, and that day on Beijing's calendar; None where no date is promised.

    `trail` tells in Chinese how it was computed. `provisional` (暂定): some counted year has no schedule yet.
    """

    due: datetime | None
    due_date: date | None
    trail: tuple[str, ...]
    provisional: bool = False
    kind: str = ""


def answer_by(kind: str, filed_at: datetime, clocks: Clocks, *, accepted_at: datetime | None = None) -> Deadline:
    """The day by which a case of this kind is answered. 举报 has none.

    信访 counts from its acceptance; without `accepted_at` the day it came in stands for that, which is never too late.
    """
    if kind == REPORT:
        return _no_date()
    if kind != PETITION:
        return _answer_after(kind, _day(filed_at), "收到", clocks)
    began = "受理" if accepted_at else "收到，还没受理，先照这天算"
    return _answer_after(kind, _day(accepted_at or filed_at), began, clocks)


def accept_by(kind: str, filed_at: datetime, clocks: Clocks) -> Deadline:
    """The day by which a department takes the case up. 举报 has none."""
    if kind == REPORT:
        return _no_date()
    return _after(kind, _day(filed_at), "收到", "受理", _accept_term(kind, clocks), clocks)


def restart(kind: str, day: date, why: str, clocks: Clocks, *, before: Deadline | None = None) -> Deadline:
    """The answer's deadline counted anew from `day`; what was counted `before` stays in the trail."""
    if kind == REPORT:
        return _no_date()
    fresh = _answer_after(kind, day, why, clocks)
    return Deadline(fresh.due, fresh.due_date, (*(before.trail if before else ()), *fresh.trail), fresh.provisional, kind)


def correction_by(began: date, clocks: Clocks) -> date:
    """The last day on which 补正 may be asked for (信息公开条例 第30条)."""
    return add_working_days(began, CORRECTION_DAYS, clocks)


def supply_by(asked: date, days: int, clocks: Clocks) -> date:
    """The last day on which what was asked for may be supplied: 合理的补正期限 (第30条), in working days."""
    return add_working_days(asked, days, clocks)


def extend(deadline: Deadline, clocks: Clocks, days: int | None = None) -> Deadline:
    """The deadline put off once, by `days` or as far as its kind allows. Raises ValueError beyond that."""
    if deadline.due_date is None:
        raise ValueError("没有期限的办件不能延期")
    most = extension_term(deadline.kind, clocks)
    term = Term(most.days if days is None else days, most.working, most.source)
    if not 1 <= term.days <= most.days:
        raise ValueError(f"最多延长{most}")
    counted = count(deadline.due_date, term, clocks)
    trail = (*deadline.trail, f"经批准延长{term}（{term.source}）", *counted.notes, f"延到{in_words(counted.last)}")
    return Deadline(
        end_of(counted.last), counted.last, trail, deadline.provisional or counted.provisional, deadline.kind
    )


def hold(deadline: Deadline, since: date, why: str) -> Deadline:
    """The clock stopped: no date stands until `pause` takes the time up again."""
    return _stopped(deadline, f"{in_words(since)}起暂停：{why}")


def stop_for_correction(deadline: Deadline, day: date, until: date | None = None) -> Deadline:
    """The clock stopped until the correction arrives, by `until` at the latest; then it counts from the start (第30条)."""
    by = f"最晚{in_words(until)}补上，" if until else ""
    return _stopped(deadline, f"{in_words(day)}请申请人补正，{by}补正到了重新算（政府信息公开条例第30条）")


def give_up(deadline: Deadline, day: date) -> Deadline:
    """The clock is over: what was asked for never came, and the application counts as given up (第30条)."""
    return _stopped(deadline, f"{in_words(day)}还没有补正，也没有说明理由，视为放弃申请（政府信息公开条例第30条）")


def pause(deadline: Deadline, since: date, until: date, clocks: Clocks) -> Deadline:
    """The deadline with the days after `since` up to `until` not counted (征求第三方意见: 信息公开条例 第32、33条)."""
    if deadline.due_date is None or not since <= until or since > deadline.due_date:
        raise ValueError("暂停的日子不对")
    working = _answer_term(deadline.kind, clocks).working
    left = len(days_between(since, deadline.due_date, working, clocks))
    counted = count(until, Term(left, working, ""), clocks)
    held = f"{in_words(since)}后到{in_words(until)}不算，接着算还剩{Term(left, working, '')}"
    trail = (*deadline.trail, held, *counted.notes, f"顺延到{in_words(counted.last)}")
    return Deadline(
        end_of(counted.last), counted.last, trail, deadline.provisional or counted.provisional, deadline.kind
    )


def counts_working_days(kind: str, clocks: Clocks) -> bool:
    """Whether the kind's clock counts working days."""
    return _answer_term(kind, clocks).working


# ---- the terms of each kind ----


def _answer_term(kind: str, clocks: Clocks) -> Term:
    match kind:
        case "信访" if clocks.simple_petitions:
            return Term(clocks.simple_days, True, "县里规定的简易办理")
        case "信访":
            return Term(clocks.petition_days, False, "信访工作条例第34条")
        case "信息公开申请":
            return Term(clocks.disclosure_days, True, "政府信息公开条例第33条")
        case "投诉":
            return Term(clocks.complaint_days, True, "县里规定")
        case "咨询" | "建议":
            return Term(clocks.inquiry_days, True, "县里规定")
    raise ValueError(f"没有这种办件：{kind}")


def _accept_term(kind: str, clocks: Clocks) -> Term:
    if kind == PETITION:
        if clocks.simple_petitions:
            return Term(clocks.simple_accept_days, True, "县里规定的简易办理")
        return Term(clocks.petition_accept_days, False, "信访工作条例第22条")
    _answer_term(kind, clocks)  # refuses an unknown kind
    return Term(clocks.accept_days, True, "县里规定")


def extension_term(kind: str, clocks: Clocks) -> Term:
    """By how much a kind may be put off at most, once. 0 days: not at all."""
    match kind:
        case "信访":
            return Term(clocks.petition_extension_days, False, "信访工作条例第34条，本机关负责人批准")
        case "信息公开申请":
            return Term(clocks.disclosure_extension_days, True, "政府信息公开条例第33条，信息公开机构负责人同意")
        case "投诉":
            return Term(clocks.complaint_extension_days, True, "县里规定，只延一次，理由要告诉本人")
        case "咨询" | "建议":
            return Term(clocks.inquiry_extension_days, True, "县里规定，理由要告诉本人")
    raise ValueError(f"没有这种办件：{kind}")


# ---- counting ----


def _stopped(deadline: Deadline, said: str) -> Deadline:
    return Deadline(None, None, (*deadline.trail, said), deadline.provisional, deadline.kind)


def _no_date() -> Deadline:
    return Deadline(None, None, ("举报密封转交，不承诺答复日期",), kind=REPORT)


def _day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    return beijing(moment).date()


def _answer_after(kind: str, start: date, began: str, clocks: Clocks) -> Deadline:
    what = "办结并书面答复" if kind == PETITION else "答复"
    return _after(kind, start, began, what, _answer_term(kind, clocks), clocks)


def _after(kind: str, start: date, began: str, what: str, term: Term, clocks: Clocks) -> Deadline:
    counted = count(start, term, clocks)
    trail = (
        f"{in_words(start)}{began}，从第二天起算",
        f"{kind}{term}内{what}（{term.source}）",
        *counted.notes,
        f"最晚{in_words(counted.last)}",
    )
    return Deadline(end_of(counted.last), counted.last, trail, counted.provisional, kind)
