"""补正 of an application for disclosure (政府信息公开条例 第30条): asked for once, with a last day; arrived; or never.

    open ──► done           it arrived: all of the time counts again
      └────► run_out        the last day is over, and the applicant is told; it may still arrive
                └────► done after all, or taken as given up (视为放弃申请)

Only who has no good reason (无正当理由) counts as having given up, and that is for the department to judge: nothing is closed
by itself. The desk has such a case on its list and closes it by one tap.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from knowledge import clock_words as words
from knowledge.deadlines import Clocks, correction_by, give_up, stop_for_correction, supply_by
from knowledge.errors import NotAllowed, Refused
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.case import OPEN, Case
from models.case_clock import began_on, count_anew, deadline_of, new_step, put, reason_of, running
from models.case_event import CaseEvent
from models.case_loading import own_cases_for
from models.clock_step import ClockStep, State, What
from models.db import Database
from models.delivery import ARRIVED
from models.staff import Staff

SHORTEST, LONGEST = 5, 60  # working days that an applicant may be given
_AT_ONCE = 100


def last_day_for_correction(case: Case, clocks: Clocks) -> date:
    """Until when the applicant may be asked to correct the application."""
    return correction_by(began_on(case), clocks)


def ask_correction(
    session: Session, case: Case, staff: Staff, what: str, clocks: Clocks, days: int | None = None
) -> None:
    """Ask the applicant, once, to make the application complete within so many working days; the clock stops meanwhile."""
    deadline, today = running(case, "请申请人补正"), beijing(now()).date()
    if ClockStep.of(session, case, What.CORRECTION):
        raise Refused("补正只能请一次，这件事已经请过了。")
    if today > last_day_for_correction(case, clocks):
        raise Refused("收到申请超过7个工作日了，不能再请申请人补正。请按现有内容办理。")
    days = clocks.correction_days if days is None else days
    if not SHORTEST <= days <= LONGEST:
        raise Refused(f"给申请人的日子要够用又不拖：{SHORTEST}到{LONGEST}个工作日。请改一下天数。")
    step = new_step(
        session, case, staff, What.CORRECTION, State.OPEN, reason_of(what, "请写明要补什么，这句话会告诉申请人。")
    )
    by = supply_by(today, days, clocks)
    step.since, step.until, step.days, step.due_before = today, by, days, deadline.due
    put(case, stop_for_correction(deadline, today, by))
    case.stopped = What.CORRECTION
    event = case.happened(session, "to_correct", staff, step.reason, public=True)
    case.tell(event, words.to_correct(case.number, step.reason, by))
    audit.record(session, staff, "clock.correct", f"case:{case.number}", days=days)


def corrected(session: Session, case: Case, staff: Staff, on: date, clocks: Clocks) -> None:
    """The correction arrived, be it late: all of the time counts again, from the day after."""
    step = _awaited(session, case)
    if step.since is None or not step.since <= on <= beijing(now()).date():
        raise Refused("收到补正的日子要在请补正之后、今天之前。")
    step.until, case.stopped = on, None
    step.decided(State.DONE, staff)
    count_anew(case, on, "收到补正", clocks)
    event = case.happened(session, "corrected", staff, public=True)
    case.tell(event, words.corrected(case.number, deadline_of(case)))
    audit.record(session, staff, "clock.corrected", f"case:{case.number}")


# ---------------------------------------------------------------- it never came


def run_out_due(database: Database, clocks: Clocks, *, stopped: Callable[[], bool] = lambda: False) -> int:
    """Put the cases whose last day for the correction is over on their desks' lists, and tell the applicants; gives how many.

    In working hours only. An applicant who has written since is not told that nothing came: the desk reads it.
    """
    if not clocks.is_office_hour(now()):
        return 0
    today = beijing(now()).date()
    with database.read() as session:
        over = (
            select(ClockStep.id)
            .join(Case, Case.id == ClockStep.case_id)
            .where(Case.status.in_(OPEN), Case.stopped == What.CORRECTION)
        )
        over = over.where(ClockStep.what == What.CORRECTION, ClockStep.state == State.OPEN, ClockStep.until < today)
        ids = session.scalars(over.order_by(ClockStep.id).limit(_AT_ONCE)).all()
    done = 0
    for step_id in ids:
        if stopped():
            break
        done += database.write(partial(_run_out, step_id=step_id))
    return done


def _run_out(session: Session, step_id: int) -> int:
    step = session.get_one(ClockStep, step_id)
    case = session.get_one(Case, step.case_id, with_for_update=True)
    session.refresh(step)
    if step.state != State.OPEN or step.until is None or case.status not in OPEN or case.stopped != What.CORRECTION:
        return 0  # it arrived, or was answered, in between
    step.state, case.stopped = State.RUN_OUT, State.RUN_OUT
    silent = not has_written(session, step)
    event = case.happened(session, "not_corrected", None, public=silent)
    if silent:
        case.tell(event, words.not_corrected(case.number, step.reason, step.until))
    audit.record(session, "system", "clock.run_out", f"case:{case.number}")
    return 1


def run_out_for(staff: Staff) -> Select[Case]:
    """The cases of this person's desk whose correction never came, and of which the department has to say what becomes."""
    late = select(ClockStep.case_id).where(ClockStep.state == State.RUN_OUT)
    return own_cases_for(staff).where(Case.id.in_(late), Case.stopped == State.RUN_OUT)


def has_written(session: Session, step: ClockStep) -> bool:
    """Whether the applicant has added something since the correction was asked for."""
    added = exists().where(CaseEvent.case_id == step.case_id, CaseEvent.what == "added", CaseEvent.at >= step.at)
    return session.scalar(select(added)) or False


def why_not_given_up(session: Session, case: Case) -> str:
    """Why the application cannot be taken as given up; empty if it can."""
    step = ClockStep.waiting(session, case, What.CORRECTION)
    if case.status not in OPEN or case.stopped != State.RUN_OUT or step is None:
        return "补正的日子还没有过，不能当放弃办。"
    if has_written(session, step):
        return "申请人补充过，请先看补充的内容：够了请点“收到补正”；不够，也按现有内容答复。"
    asked = next((event for event in reversed(case.events) if event.what == "to_correct"), None)
    if asked is not None and asked.deliveries and not any(one.status in ARRIVED for one in asked.deliveries):
        return "请补正的话还没有送到本人，不能当放弃办。请热线打电话告诉他，再等等。"
    return ""


def take_as_given_up(session: Session, case: Case, staff: Staff, *, by_head: bool = False) -> None:
    """视为放弃申请: no good reason is known, so it is not handled any further; the applicant is told, and how to ask anew.

    `by_head`: the county wants a head to see what goes out for this kind or department.
    """
    if why := why_not_given_up(session, case):
        raise Refused(why)
    if by_head:
        raise NotAllowed("县里规定这类答复要负责人看过才发。请部门负责人来点“视为放弃申请”。")
    step = _awaited(session, case)
    by = step.until or beijing(step.at).date()
    step.decided(State.DONE, staff, "视为放弃申请")
    put(case, give_up(deadline_of(case), beijing(now()).date()))
    case.stopped = None
    case.answer(session, staff, words.given_up(by))
    audit.record(session, staff, "clock.given_up", f"case:{case.number}")


def _awaited(session: Session, case: Case) -> ClockStep:
    step = ClockStep.waiting(session, case, What.CORRECTION)
    if step is None or case.status not in OPEN or case.stopped not in (What.CORRECTION, State.RUN_OUT):
        raise Refused("这件事没有在等补正。")  # nor any more, once it was answered without
    return step
