"""The clock of a case at the desk: how the date comes about, more time, a pause, a correction, another kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.clock_words import PAUSES
from knowledge.deadlines import Deadline, extension_term
from knowledge.errors import Refused
from knowledge.kinds import DISCLOSURE, KINDS, REPORT
from knowledge.strangers import without_ids
from knowledge.wording import beijing
from models import case_clock, correction
from models.base import now
from models.case import FILED, OPEN, Case
from models.case_answer import needs_approval
from models.case_kind import change_kind, show_the_way
from models.clock_step import ClockStep, What
from models.desk import case_to_handle, case_to_move
from models.staff import Permission

blueprint = Blueprint("clocks", __name__, url_prefix="/console/cases")


@dataclass(frozen=True, slots=True)
class View:
    """What the case's page shows of its clock. A `no_…` says why something cannot be done; empty: it can."""

    accept: Deadline | None
    answer: Deadline
    steps: Sequence[ClockStep]
    extension: str
    no_extension: str
    no_confirmation: str
    is_disclosure: bool
    can_correct: bool
    correction_days: int
    awaited: ClockStep | None
    not_given_up: str
    today: date
    kinds: Sequence[str]
    elsewhere: Sequence[str]
    pauses: Mapping[str, str]
    is_open: bool
    handles: bool
    moves: bool


def view_of(case: Case) -> View:
    """The clock of a case for the person at the desk."""
    me, clocks, session = door.me(), console().values.clocks, door.db()
    steps, today = ClockStep.of(session, case), beijing(now()).date()
    disclosure = case.kind == DISCLOSURE
    handles = case.department_id == me.department_id and me.may(Permission.CASES) and not case.is_unplaced
    taken = console().values.kinds
    return View(
        accept=case_clock.acceptance_of(case, clocks) if case.status == FILED else None,
        answer=case_clock.deadline_of(case), steps=steps,
        extension=str(extension_term(case.kind, clocks)) if case.kind != REPORT else "",
        no_extension=case_clock.why_no_extension(session, case, clocks),
        no_confirmation=case_clock.why_no_confirmation(session, case), is_disclosure=disclosure,
        can_correct=disclosure and not any(step.what == What.CORRECTION for step in steps)
        and today <= correction.last_day_for_correction(case, clocks),
        correction_days=clocks.correction_days, awaited=ClockStep.waiting(session, case, What.CORRECTION) if disclosure else None,
        not_given_up=correction.why_not_given_up(session, case) if disclosure else "",
        today=today, kinds=[kind for kind in KINDS if kind in taken and kind != case.kind],
        elsewhere=[kind for kind in KINDS if kind not in taken], pauses=PAUSES, is_open=case.status in OPEN,
        handles=handles, moves=handles or me.may(Permission.TRIAGE),
    )  # fmt: skip


def accept_case(case: Case) -> None:
    """The department takes the case on; a petition's clock counts from here."""
    case.accept(door.db(), door.me())
    case_clock.accepted(door.db(), case, console().values.clocks)


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"clock_of": view_of} if g.get("staff") is not None else {}


@blueprint.post("/<number>/clock/extension")
@door.needs(Permission.CASES)
def extension(number: str) -> ResponseReturnValue:
    """Ask for more time."""

    def act(case: Case) -> str:
        days = forms.number("days") or 0
        case_clock.ask_extension(door.db(), case, door.me(), days, _words("reason"), console().values.clocks)
        return "延期报上去了，等负责人批。批了会告诉群众。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/stop")
@door.needs(Permission.CASES)
def stop(number: str) -> ResponseReturnValue:
    """Stop the clock while others are asked."""

    def act(case: Case) -> str:
        case_clock.stop(door.db(), case, door.me(), request.form.get("whom", ""), _day("since"))
        return "期限停下来了，已告诉申请人。意见回来后请记得点“接着计时”。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/go-on")
@door.needs(Permission.CASES)
def go_on(number: str) -> ResponseReturnValue:
    """What was asked came back."""

    def act(case: Case) -> str:
        case_clock.go_on(door.db(), case, door.me(), _day("until"), console().values.clocks)
        return "接着计时了，新的日期已告诉申请人。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/correction")
@door.needs(Permission.CASES)
def ask_correction(number: str) -> ResponseReturnValue:
    """Ask the applicant to complete the application."""

    def act(case: Case) -> str:
        clocks, days = console().values.clocks, forms.number("days")
        correction.ask_correction(door.db(), case, door.me(), _words("reason"), clocks, days)
        return "已请申请人补正，期限停下来了。补正到了，请点“收到补正”；到日子还没有，会提醒您。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/corrected")
@door.needs(Permission.CASES)
def corrected(number: str) -> ResponseReturnValue:
    """The correction arrived."""

    def act(case: Case) -> str:
        correction.corrected(door.db(), case, door.me(), _day("on"), console().values.clocks)
        return "收到补正，期限重新算了，已告诉申请人。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/given-up")
@door.needs(Permission.CASES)
def given_up(number: str) -> ResponseReturnValue:
    """The correction never came, and no good reason is known: the application is not handled any further."""

    def act(case: Case) -> str:
        by_head = needs_approval(case, console().values.approval) and not door.me().may(Permission.APPROVE)
        correction.take_as_given_up(door.db(), case, door.me(), by_head=by_head)
        return "按放弃申请办结了，已告诉申请人为什么、怎么重新申请。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/clock/confirm")
@door.needs(Permission.CASES)
def confirm(number: str) -> ResponseReturnValue:
    """Both sides have confirmed the application."""

    def act(case: Case) -> str:
        case_clock.confirm(door.db(), case, door.me(), _day("on"), console().values.clocks)
        return "期限从确认那天算了，已告诉申请人。"

    return _done(case_to_handle(door.db(), door.me(), number), act)


@blueprint.post("/<number>/kind")
@door.needs(Permission.CASES)
def kind(number: str) -> ResponseReturnValue:
    """Another kind; or, where the county does not take it here, the way by law."""

    def act(case: Case) -> str:
        chosen, reason = request.form.get("kind", ""), _words("reason")
        if chosen in KINDS and chosen not in console().values.kinds:
            if case.department_id != door.me().department_id:
                raise Refused("告诉群众该去哪办，要由办理的部门来做。")
            show_the_way(door.db(), case, door.me(), chosen, reason)
            return f"已告诉群众{chosen}该去哪办。要给他一张移交单，请在“告知书”里出。"
        change_kind(door.db(), case, door.me(), chosen, reason, console().values.clocks)
        if chosen == REPORT:
            return "改成举报了，身份已保密。请在“转办”里转给纪委监委。"
        return f"改成{chosen}了，期限按新的算，已告诉群众。"

    return _done(case_to_move(door.db(), door.me(), number), act)


def _done(case: Case, act: Callable[[Case], str]) -> ResponseReturnValue:
    try:
        flash(act(case), "success")
    except Refused as refused:
        flash(refused.said, "warning")
    return redirect(url_for("cases.show", number=case.number) + "#clock")


def _words(name: str) -> str:
    typed = forms.text(name, most=case_clock.MOST_REASON)
    if without_ids(typed) != typed:
        raise Refused("里面有完整的身份证号。这句话会告诉群众，请只写后四位。")
    return typed


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refused("请选一个日子。") from None
