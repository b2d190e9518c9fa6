"""The two clocks of a case, and what may be done to them: 接办 and 答复, extension, pause, confirmation (补正: correction.py).

`Case.due_at` is the one due date for clerk, supervisor and resident; it is only ever changed here and by `Case.file`.
Sources: 信访工作条例 第22、34条; 政府信息公开条例 第30–33条.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from knowledge import clock_words as words
from knowledge.deadlines import (
    Clocks,
    Deadline,
    accept_by,
    answer_by,
    extend,
    extension_term,
    hold,
    pause,
    restart,
)
from knowledge.errors import Refused
from knowledge.kinds import DISCLOSURE, PETITION, REPORT
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.case import OPEN, Case
from models.case_event import CaseEvent
from models.clock_step import ClockStep, State, What
from models.staff import Staff

MOST_REASON = 300
_AT_ONCE = 100


def deadline_of(case: Case) -> Deadline:
    """The answer's deadline as it was promised."""
    day = beijing(case.due_at).date() if case.due_at else None
    return Deadline(case.due_at, day, tuple(case.due_trail or ()), case.provisional, case.kind)


def began_on(case: Case) -> date:
    """The day from which the answer's clock counts."""
    if case.kind == PETITION and case.accepted_at is not None:
        return beijing(case.accepted_at).date()
    return beijing(case.counts_from or case.filed_at).date()


def acceptance_of(case: Case, clocks: Clocks) -> Deadline:
    """By when the department takes the case up."""
    return accept_by(case.kind, case.counts_from or case.filed_at, clocks)


def accepted(session: Session, case: Case, clocks: Clocks) -> None:
    """The department has taken the case on: a petition counts from here (第34条). Call it right after that happened.

    One that another department had accepted already keeps its date: a change of hands makes nobody wait longer.
    """
    if case.kind == PETITION and case.accepted_at is not None and _is_first_acceptance(session, case):
        put(case, answer_by(PETITION, case.counts_from or case.filed_at, clocks, accepted_at=case.accepted_at))


def _is_first_acceptance(session: Session, case: Case) -> bool:
    """Whether nobody had accepted the case before, as the kind that it is now."""
    session.flush()
    happened = session.scalars(select(CaseEvent.what).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)).all()
    as_it_is = happened[len(happened) - happened[::-1].index("rekinded") :] if "rekinded" in happened else happened
    return sum(what in ("accepted", "transferred") for what in as_it_is) <= 1


def renew_provisional(session: Session, clocks: Clocks) -> int:
    """Once the year's schedule is published, what was 暂定 is computed anew; whoever's date moves is told. Gives how many.

    A date that was extended, paused or restarted stays as it is.
    """
    touched = exists().where(ClockStep.case_id == Case.id, ClockStep.state != State.REFUSED)
    query = select(Case).where(Case.status.in_(OPEN), Case.provisional, Case.due_at.is_not(None), Case.stopped.is_(None), ~touched)
    moved = 0
    for case in session.scalars(query.order_by(Case.id).limit(_AT_ONCE).with_for_update(skip_locked=True)):
        accepted_at = case.accepted_at if case.kind == PETITION else None
        fresh = answer_by(case.kind, case.counts_from or case.filed_at, clocks, accepted_at=accepted_at)
        if fresh.provisional:
            continue
        was = case.due_at
        put(case, fresh)
        if fresh.due != was:
            moved += 1
            event = case.happened(session, "rescheduled", None, public=True)
            case.tell(event, words.rescheduled(case.number, fresh))
    return moved


def put(case: Case, deadline: Deadline) -> None:
    """This is the date from now on."""
    case.due_at, case.due_trail, case.provisional = deadline.due, list(deadline.trail), deadline.provisional


# ---------------------------------------------------------------- extension


def why_no_extension(session: Session, case: Case, clocks: Clocks) -> str:
    """Why the date cannot be put off; empty if it can."""
    if case.status not in OPEN:
        return "这件事已经办结，不用延期。"
    if case.kind == REPORT or case.due_at is None:
        return "这件事现在没有在走的期限，不用延期。"
    if case.due_at < now():
        return "已经过了答复期限，不能再延期。请尽快答复。"
    if extension_term(case.kind, clocks).days == 0:
        return f"按县里规定，{case.kind}不能延期。"
    again = next((event.at for event in reversed(case.events) if event.what == "reopened"), None)
    steps = [
        step for step in ClockStep.of(session, case, What.EXTENSION)
        if step.state in (State.ASKED, State.GRANTED) and (again is None or step.at > again)
    ]  # fmt: skip
    if any(step.state == State.GRANTED for step in steps):
        return "这件事已经延过一次，不能再延。"
    return "延期已经报上去了，等负责人批。" if steps else ""


def ask_extension(session: Session, case: Case, staff: Staff, days: int, reason: str, clocks: Clocks) -> ClockStep:
    """Ask for more time. Somebody else grants it; the resident is told the reason then."""
    if why := why_no_extension(session, case, clocks):
        raise Refused(why)
    most = extension_term(case.kind, clocks)
    if not 1 <= days <= most.days:
        raise Refused(f"最多延长{most}（{most.source}）。请改一下天数。")
    step = new_step(session, case, staff, What.EXTENSION, State.ASKED, reason_of(reason, "请写明为什么要延期，这句话会告诉群众。"))
    step.days, step.due_before = days, case.due_at
    audit.record(session, staff, "clock.ask", f"case:{case.number}", days=days, reason=step.reason)
    return step


def grant(session: Session, step: ClockStep, staff: Staff, clocks: Clocks) -> None:
    """Another person grants it: the date moves, and the resident is told the new one and why."""
    case = _decided_by_another(step, staff)
    if case.due_at is None or case.due_at < now():
        raise Refused("答复期限已经过了，不能再批延期。请催办尽快答复。")
    most = extension_term(case.kind, clocks)
    if (step.days or 0) > most.days:
        raise Refused(f"现在的规定最多延长{most}。请退回，让对方改天数。")
    put(case, extend(deadline_of(case), clocks, step.days))
    step.decided(State.GRANTED, staff)
    event = case.happened(session, "extended", staff, step.reason, public=True)
    case.tell(event, words.extended(case.number, deadline_of(case), step.reason))
    audit.record(session, staff, "clock.grant", f"case:{case.number}", days=step.days, reason=step.reason)


def refuse(session: Session, step: ClockStep, staff: Staff, why: str) -> None:
    """It is not granted: the date stands, and the resident hears nothing."""
    case = _decided_by_another(step, staff)
    step.decided(State.REFUSED, staff, reason_of(why, "请写一句为什么不批。"))
    case.happened(session, "not_extended", staff, step.answer)
    audit.record(session, staff, "clock.refuse", f"case:{case.number}", reason=step.answer)


def _decided_by_another(step: ClockStep, staff: Staff) -> Case:
    if step.state != State.ASKED:
        raise Refused("这个延期已经有人批过了。刷新一下就能看到。")
    if step.staff_id == staff.id:
        raise Refused("自己报的延期要由别人来批。")
    if step.case.status not in OPEN:
        raise Refused("这件事已经办结，不用再批延期。")
    return step.case


# ---------------------------------------------------------------- 信息公开: pause, confirmation


def stop(session: Session, case: Case, staff: Staff, whom: str, since: date) -> None:
    """Stop the clock while a third party or another organ is asked (第32、33条); other kinds have no such pause."""
    deadline = running(case, "暂停计时")
    why = words.PAUSES.get(whom)
    if why is None:
        raise Refused("请选征求谁的意见。")
    if not began_on(case) <= since <= beijing(now()).date():
        raise Refused("暂停的日子要在收到申请之后、今天之前。")
    if deadline.due is None or deadline.due < now():
        raise Refused("已经过了答复期限，不能再暂停。请尽快答复。")
    step = new_step(session, case, staff, What.PAUSE, State.OPEN, why)
    step.since, step.due_before = since, deadline.due
    put(case, hold(deadline, since, why))
    case.stopped = What.PAUSE
    event = case.happened(session, "paused", staff, why, public=True)
    case.tell(event, words.paused(case.number, why))
    audit.record(session, staff, "clock.stop", f"case:{case.number}", why=why)


def go_on(session: Session, case: Case, staff: Staff, until: date, clocks: Clocks) -> None:
    """What was asked came back: the rest of the time counts on from the day after."""
    step = ClockStep.waiting(session, case, What.PAUSE)
    if step is None or step.since is None or step.due_before is None:
        raise Refused("这件事没有在暂停。")
    if not step.since <= until <= beijing(now()).date():
        raise Refused("收到意见的日子要在暂停之后、今天之前。")
    was = Deadline(step.due_before, beijing(step.due_before).date(), tuple(case.due_trail or ()), case.provisional, case.kind)
    put(case, pause(was, step.since, until, clocks))
    step.until, case.stopped = until, None
    step.decided(State.DONE, staff)
    event = case.happened(session, "resumed", staff, public=True)
    case.tell(event, words.resumed(case.number, deadline_of(case)))
    audit.record(session, staff, "clock.go_on", f"case:{case.number}")


def why_no_confirmation(session: Session, case: Case) -> str:
    """Why the application's arrival cannot be confirmed with the applicant; empty if it can."""
    if case.kind != DISCLOSURE or case.source != "chat":
        return "只有网上来的信息公开申请要和申请人确认收到。"
    return "已经和申请人确认过了。" if ClockStep.of(session, case, What.CONFIRMED) else ""


def confirm(session: Session, case: Case, staff: Staff, on: date, clocks: Clocks) -> None:
    """Both sides have confirmed an application over the internet: the clock counts from that day (第31条)."""
    deadline = running(case, "确认收到")
    if why := why_no_confirmation(session, case):
        raise Refused(why)
    if not began_on(case) <= on <= beijing(now()).date():
        raise Refused("确认的日子要在申请来的那天之后、今天之前。")
    if deadline.due is None or deadline.due < now():
        raise Refused("已经过了答复期限，不能再从头算。请尽快答复。")
    step = new_step(session, case, staff, What.CONFIRMED, State.DONE, "")
    step.since, step.due_before = on, deadline.due
    count_anew(case, on, "与申请人确认收到（第31条）", clocks)
    event = case.happened(session, "confirmed", staff, public=True)
    case.tell(event, words.confirmed(case.number, deadline_of(case)))
    audit.record(session, staff, "clock.confirm", f"case:{case.number}")


def count_anew(case: Case, day: date, why: str, clocks: Clocks) -> None:
    """All of the time counts again from this day."""
    case.counts_from = words.noon(day)
    put(case, restart(case.kind, day, why, clocks, before=deadline_of(case)))


def running(case: Case, act: str) -> Deadline:
    """The clock of an open disclosure request that is going on; Refused where `act` cannot be done to it."""
    if case.status not in OPEN:
        raise Refused("这件事已经办结了。")
    if case.kind != DISCLOSURE:
        raise Refused(f"只有信息公开申请可以{act}，{case.kind}的期限照常走。")
    if case.stopped:
        raise Refused("期限已经停着，不用再停。刷新一下就能看到。")
    return deadline_of(case)


def new_step(session: Session, case: Case, staff: Staff, what: What, state: State, reason: str) -> ClockStep:
    """A step that somebody takes now."""
    step = ClockStep(case_id=case.id, what=what, state=state, staff_id=staff.id, reason=reason)
    session.add(step)
    session.flush()
    return step


def reason_of(text: str, missing: str) -> str:
    """The reason as it is kept; Refused with `missing` if there is none, and if it is too long."""
    text = text.strip()
    if len(text) < 2:
        raise Refused(missing)
    if len(text) > MOST_REASON:
        raise Refused(f"写得太长了，最多{MOST_REASON}个字。")
    return text
