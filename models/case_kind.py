"""转轨: a case turns out to be of another kind. The number and the story stay; the clock starts where the law says."""

from __future__ import annotations

from sqlalchemy.orm import Session

from knowledge import clock_words as words
from knowledge.deadlines import Clocks, Deadline, answer_by, restart
from knowledge.errors import Refused
from knowledge.kinds import DISCLOSURE, KINDS, PETITION, REPORT
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.case import FILED, OPEN, Case
from models.case_clock import deadline_of, put
from models.clock_step import ClockStep, State, What
from models.staff import Staff


def change_kind(session: Session, case: Case, staff: Staff, kind: str, reason: str, clocks: Clocks) -> None:
    """Handle the case as another kind from now on, and tell the resident in plain words.

    A petition counts from its registration, which is today; a disclosure request from today too, until both sides have
    confirmed it (第31条); the others from the day the case came in, so that nobody waits longer for our mistake.
    """
    if case.status not in OPEN:
        raise Refused("这件事已经办结，不用再改。")
    if kind not in KINDS or kind == case.kind:
        raise Refused("请选要改成哪一类。")
    if len(reason.strip()) < 2:
        raise Refused("请写明为什么改，这句话会告诉群众。")
    if case.stopped:
        raise Refused("期限正停着，等意见或补正回来了再改。")
    was = case.kind
    if asked := ClockStep.waiting(session, case, What.EXTENSION):
        asked.decided(State.REFUSED, staff, "改成了别的一类，期限另算。")
    session.add(
        ClockStep(
            case_id=case.id, what=What.KIND, state=State.DONE, staff_id=staff.id, reason=reason.strip(),
            since=beijing(now()).date(), due_before=case.due_at,
        )
    )  # fmt: skip
    deadline = _new_deadline(case, kind, clocks)
    case.kind = kind
    put(case, deadline)
    event = case.happened(session, "rekinded", staff, f"{was}改为{kind}：{reason.strip()}", public=True)
    case.tell(event, words.other_kind(case.number, kind, deadline, reason.strip()))
    audit.record(session, staff, "case.kind", f"case:{case.number}", was=was, kind=kind, reason=reason.strip())


def _new_deadline(case: Case, kind: str, clocks: Clocks) -> Deadline:
    before, today = deadline_of(case), beijing(now()).date()
    if kind in (PETITION, DISCLOSURE):
        case.counts_from = now()
        if kind == PETITION:  # accepting a petition is an act of its own (第22条)
            case.status, case.accepted_at = FILED, None
        return restart(kind, today, f"由{case.kind}改为{kind}登记", clocks, before=before)
    case.counts_from = None
    if kind == REPORT:  # whoever reports officials is never told on (第30条)
        case.confidential = True
    fresh = answer_by(kind, case.filed_at, clocks)
    if fresh.due is not None and fresh.due < now():  # what was promised stands rather than a date that is over
        kept = f"由{case.kind}改为{kind}，按收到那天算已经过了，照原来答应的日子"
        if before.due is None:
            return restart(kind, today, f"由{case.kind}改为{kind}", clocks, before=before)
        return Deadline(before.due, before.due_date, (*before.trail, kept), before.provisional, kind)
    changed = f"由{case.kind}改为{kind}，还从收到那天算"
    return Deadline(fresh.due, fresh.due_date, (*before.trail, changed, *fresh.trail), fresh.provisional, kind)


def show_the_way(session: Session, case: Case, staff: Staff, kind: str, reason: str) -> None:
    """The county takes this kind elsewhere: the resident is told where and how, and the case is done here."""
    if case.status not in OPEN:
        raise Refused("这件事已经办结了。")
    if len(reason.strip()) < 2:
        raise Refused("请写明为什么不在这里办，这句话会告诉群众。")
    case.stopped = None
    case.answer(session, staff, words.shown_the_way(kind, reason.strip()))
    audit.record(session, staff, "case.way", f"case:{case.number}", kind=kind, reason=reason.strip())
