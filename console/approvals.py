"""待批: extensions and answers that wait for a head. Nobody decides on what they asked for themselves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.answering import ask_of
from console.values import console
from knowledge.calendar import in_words
from knowledge.case_answer import composed
from knowledge.deadlines import extend, extension_term
from models import case_clock
from models.approving import answer_for, answers_for, extension_for, extensions_for
from models.base import now
from models.case_answer import CaseAnswer
from models.clock_step import ClockStep
from models.staff import Permission

blueprint = Blueprint("approvals", __name__, url_prefix="/console/approvals")


@blueprint.get("/")
@door.needs(Permission.APPROVE)
@door.leaves_a_trace
def queue() -> ResponseReturnValue:
    """What waits, the most pressing first."""
    steps, answers = extensions_for(door.db(), door.me()), answers_for(door.db(), door.me())
    numbers = sorted({step.case.number for step in steps} | {one.case.number for one in answers})
    if numbers:
        door.trace("approval.list", "list:approvals", numbers=numbers)
    return render_template(
        "approvals.html", steps=[(step, _until(step)) for step in steps], answers=[(one, _text(one)) for one in answers]
    )


@blueprint.post("/extensions/<int:step_id>/grant")
@door.needs(Permission.APPROVE)
def grant(step_id: int) -> ResponseReturnValue:
    """Grant more time."""
    step = extension_for(door.db(), door.me(), step_id)
    case_clock.grant(door.db(), step, door.me(), console().values.clocks)
    flash(f"批准了。{step.case.number}的新期限和原因已告诉群众。", "success")
    return redirect(url_for("approvals.queue"))


@blueprint.post("/extensions/<int:step_id>/refuse")
@door.needs(Permission.APPROVE)
def refuse(step_id: int) -> ResponseReturnValue:
    """Not granted: the date stands."""
    step = extension_for(door.db(), door.me(), step_id)
    case_clock.refuse(door.db(), step, door.me(), forms.outgoing("why"))
    flash(f"没批，{step.case.number}的期限不变。", "success")
    return redirect(url_for("approvals.queue"))


@blueprint.post("/answers/<int:answer_id>/approve")
@door.needs(Permission.APPROVE)
def approve(answer_id: int) -> ResponseReturnValue:
    """Let the answer go out."""
    answer = answer_for(door.db(), door.me(), answer_id)
    answer.approve(door.db(), door.me(), ask_of(answer.case, console().values.hotline))
    flash(f"同意了，{answer.case.number}的答复正在送给群众。", "success")
    return redirect(url_for("approvals.queue"))


@blueprint.post("/answers/<int:answer_id>/return")
@door.needs(Permission.APPROVE)
def give_back(answer_id: int) -> ResponseReturnValue:
    """Back to be reworded."""
    answer = answer_for(door.db(), door.me(), answer_id)
    answer.give_back(door.db(), door.me(), forms.outgoing("why"))
    flash(f"{answer.case.number}的答复退回{answer.staff.name}修改了。", "success")
    return redirect(url_for("approvals.queue"))


def _until(step: ClockStep) -> str:
    """To which day it would be put off; empty where its date is over."""
    clocks, deadline = console().values.clocks, case_clock.deadline_of(step.case)
    if deadline.due_date is None or (deadline.due and deadline.due < now()):
        return ""
    if (step.days or 0) > extension_term(step.case.kind, clocks).days:
        return "现在的规定不许延这么久"
    day = extend(deadline, clocks, step.days).due_date
    return f"从{in_words(deadline.due_date)}延到{in_words(day)}" if day else ""


def _text(answer: CaseAnswer) -> str:
    return composed(answer.case.kind, answer.written, ask_of(answer.case, console().values.hotline))
