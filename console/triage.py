"""待分派: the coordinator's desk. One key a case for the department that the routing thinks of first, second or third."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from console import door, forms
from console.case_page import page_of
from console.values import console
from knowledge.errors import Refused
from models import triage
from models.case import ELSEWHERE, Case
from models.staff import Department, Permission
from models.views import names_in

blueprint = Blueprint("triage", __name__, url_prefix="/console/triage")

_A_PAGE = 20
FIRST = "first"  # in bulk: each case to the department that its own routing puts first


@blueprint.get("/")
@door.needs(Permission.TRIAGE)
@door.leaves_a_trace
def desk() -> ResponseReturnValue:
    """What waits for a word, the longest waiting first."""
    page, query = forms.page(), triage.waiting_for(door.me())
    total = door.db().scalar(query.with_only_columns(func.count())) or 0
    ordered = query.order_by(Case.triage_since, Case.id).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    shown = door.db().scalars(ordered.options(joinedload(Case.department))).all()
    if shown:
        door.trace("case.list", "list:triage", numbers=[case.number for case in shown])
    return render_template(
        "triage.html", cases=shown, total=total, page=page, pages=-(-total // _A_PAGE), terms=console().values.terms,
        names=names_in(door.db(), shown), departments=_departments(), choices=triage.choices_for(door.db(), shown),
    )  # fmt: skip


@blueprint.post("/assign")
@door.needs(Permission.TRIAGE)
def assign() -> ResponseReturnValue:
    """Several cases at once: to one department, or each to the one that its routing puts first."""
    numbers = sorted(set(request.form.getlist("numbers")))[:_A_PAGE]
    cases = triage.by_numbers(door.db(), door.me(), numbers)
    choices = triage.choices_for(door.db(), cases)
    chosen = None if request.form.get("department") == FIRST else _chosen()
    if not cases or (chosen is None and request.form.get("department") != FIRST):
        flash("请先在办件前面打勾，再选交给哪个部门。", "warning")
        return redirect(url_for("triage.desk"))
    done, left = 0, []
    for case in cases:
        target = chosen or next((one.department for one in choices[case.id] if case.triage != ELSEWHERE), None)
        if target is None:
            left.append(f"{case.number}要单独定：没有建议的部门，或者要移交外单位。")
            continue
        try:
            triage.assign(door.db(), case, door.me(), target)
            done += 1
        except Refused as refused:
            left.append(refused.said)
    if done:
        flash(f"分派了{done}件，群众会收到通知。", "success")
    if left:
        flash(f"有{len(left)}件没有分派：{left[0]}", "warning")
    return redirect(url_for("triage.desk"))


@blueprint.post("/<number>")
@door.needs(Permission.TRIAGE)
def assign_one(number: str) -> ResponseReturnValue:
    """One case to the chosen department; also one that a department already has."""
    case = triage.case_to_assign(door.db(), door.me(), number)
    from_desk = case.triage is not None and request.form.get("from") == "desk"
    try:
        target = _one_chosen()
        # At the desk a case goes by one tap, as it is; on its own page a sealed one goes as a copy.
        copy = None if request.form.get("from") == "desk" else forms.copy_of(case)
        triage.assign(door.db(), case, door.me(), target, forms.outgoing("reason"), copy)
    except Refused as refused:
        if from_desk:
            flash(refused.said, "warning")
            return redirect(url_for("triage.desk"))
        return page_of(case, tab="assign", wrong=refused.said, status=422)
    flash(f"{case.number}交给了{target.full_name}，群众会收到通知。", "success")
    return redirect(url_for("triage.desk") if from_desk else url_for("cases.show", number=number))


@blueprint.post("/<number>/outside")
@door.needs(Permission.TRIAGE)
def hand_outside(number: str) -> ResponseReturnValue:
    """To another administration, with a slip; the resident is told where to ask."""
    case = triage.case_to_assign(door.db(), door.me(), number)
    try:
        triage.hand_outside(door.db(), case, door.me(), forms.text("to", most=64), forms.outgoing("text"))
    except Refused as refused:
        return page_of(case, tab="outside", wrong=refused.said, status=422)
    flash("移交记下了，群众会收到通知。请打印移交单，随材料送去。", "success")
    return redirect(url_for("handling.slip", number=number))


def _departments() -> list[Department]:
    return list(door.db().scalars(select(Department).where(Department.active).order_by(Department.kind, Department.id)))


def _one_chosen() -> Department:
    if (found := _chosen()) is None:
        raise Refused("请选交给哪个部门。")
    return found


def _chosen() -> Department | None:
    found = door.db().get(Department, forms.number("department") or 0)
    return found if found is not None and found.active else None
