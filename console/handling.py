"""A case between departments: offered and taken, given back, helped with, and kept from those it complains about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from console import door, forms
from console.case_page import page_of
from console.values import console
from knowledge.errors import NotThere, Refused
from models import avoidance, handling, triage
from models.case import Case
from models.case_loading import case_for
from models.desk import case_to_handle, case_to_see, departments_for
from models.staff import Department, Permission, Staff
from models.views import names_in

blueprint = Blueprint("handling", __name__, url_prefix="/console/cases")


# ---------------------------------------------------------------- offered and taken


@blueprint.post("/<number>/transfer")
@door.needs(Permission.CASES)
def transfer(number: str) -> ResponseReturnValue:
    """Offer the case to another department, with a reason; a sealed one as a copy without what tells who it is."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        target = _target(case)
        handling.offer(door.db(), case, door.me(), target, forms.outgoing("reason"), forms.copy_of(case))
    except Refused as refused:
        return page_of(case, tab="transfer", wrong=refused.said, status=422)
    flash(f"已请{target.full_name}接收。对方点了“接收”，才算转过去；在那之前这件事还由您部门负责。", "success")
    return _back(number)


@blueprint.post("/<number>/take")
@door.needs(Permission.CASES)
def take(number: str) -> ResponseReturnValue:
    """Take what another department offers."""
    case = case_to_see(door.db(), door.me(), number)
    handling.take(door.db(), case, door.me(), console().values.clocks)
    flash("接收了，从现在起由您部门负责，答复期限看“期限”一栏。群众会收到通知。", "success")
    return _back(number)


@blueprint.post("/<number>/decline")
@door.needs(Permission.CASES)
def decline(number: str) -> ResponseReturnValue:
    """Do not take it, and say why."""
    case = case_to_see(door.db(), door.me(), number)
    try:
        handling.decline(door.db(), case, door.me(), forms.outgoing("reason"))
    except NotThere:
        raise
    except Refused as refused:
        return page_of(case, tab="decline", wrong=refused.said, status=422)
    flash("没有接收，原因已告诉对方。", "success")
    return redirect(url_for("cases.queue"))


@blueprint.post("/<number>/take-back")
@door.needs(Permission.CASES)
def take_back(number: str) -> ResponseReturnValue:
    """Keep the case after all."""
    handling.take_back(door.db(), case_to_handle(door.db(), door.me(), number), door.me())
    flash("收回了，还由您部门办。", "success")
    return _back(number)


@blueprint.post("/<number>/return")
@door.needs(Permission.CASES)
def give_back(number: str) -> ResponseReturnValue:
    """退单: the coordinator is to say who answers."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        triage.give_back(door.db(), case, door.me(), forms.outgoing("reason"), console().values.terms)
    except Refused as refused:
        return page_of(case, tab="return", wrong=refused.said, status=422)
    flash("退单交上去了，由统筹部门定。定下来之前，这件事还由您部门负责。", "success")
    return _back(number)


# ---------------------------------------------------------------- 主办、协办


@blueprint.post("/<number>/help")
@door.needs(Permission.CASES)
def ask_help(number: str) -> ResponseReturnValue:
    """Ask another department for its part."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        target = _target(case)
        handling.ask_help(door.db(), case, door.me(), target, forms.outgoing("wanted"), forms.copy_of(case))
    except Refused as refused:
        return page_of(case, tab="help", wrong=refused.said, status=422)
    flash(f"已请{target.full_name}协办。意见会记在这件事里，答复还由您部门写。", "success")
    return _back(number)


@blueprint.post("/<number>/part")
@door.needs(Permission.CASES)
def give_part(number: str) -> ResponseReturnValue:
    """Give the part that was asked for."""
    case = case_to_see(door.db(), door.me(), number)
    try:
        handling.give_part(door.db(), case, door.me(), forms.outgoing("text"))
    except NotThere:
        raise
    except Refused as refused:
        return page_of(case, tab="part", wrong=refused.said, status=422)
    flash("协办意见交给主办部门了，只有工作人员看得到。", "success")
    return redirect(url_for("cases.queue"))


# ---------------------------------------------------------------- 回避


Act = Callable[[Case, str], None]
_KEEP_OUT: Mapping[str, Act] = {
    "department": lambda case, why: avoidance.bar_department(door.db(), case, door.me(), _department(), why),
    "person": lambda case, why: avoidance.bar_person(door.db(), case, door.me(), _person(), why),
    "village": lambda case, why: avoidance.bar_village(door.db(), case, door.me(), why),
}
_LET_IN: Mapping[str, Act] = {
    "department": lambda case, why: avoidance.lift_department(door.db(), case, door.me(), _department(), why),
    "person": lambda case, why: avoidance.lift_person(door.db(), case, door.me(), _person(), why),
    "village": lambda case, why: avoidance.lift_village(door.db(), case, door.me(), why),
}


@blueprint.post("/<number>/bar")
@door.needs(Permission.TRIAGE)
def bar(number: str) -> ResponseReturnValue:
    """Keep a department, the village or one person out of the case."""
    case = case_to_see(door.db(), door.me(), number)
    try:
        _chosen(_KEEP_OUT)(case, forms.outgoing("reason"))
    except Refused as refused:
        return page_of(case, tab="bar", wrong=refused.said, status=422)
    flash("回避设好了。从现在起看不到、也接不到这件事。", "success")
    return redirect(url_for("triage.desk") if case.is_unplaced else url_for("cases.show", number=number))


@blueprint.post("/<number>/unbar")
@door.needs(Permission.LIFT_BARS)
def unbar(number: str) -> ResponseReturnValue:
    """Let in again who was kept out by mistake: for the supervisor alone, with a reason."""
    case = case_to_see(door.db(), door.me(), number)
    try:
        _chosen(_LET_IN)(case, forms.outgoing("reason"))
    except Refused as refused:
        return page_of(case, tab="unbar", wrong=refused.said, status=422)
    flash("解除了，原因记进了办理经过和操作记录。", "success")
    return _back(number)


def _chosen(acts: Mapping[str, Act]) -> Act:
    whom = forms.chosen("whom", acts)
    if whom is None:
        raise Refused("请选是谁：一个部门、一个人，还是村里。")
    return acts[whom]


@blueprint.get("/<number>/slip")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def slip(number: str) -> ResponseReturnValue:
    """The paper with which a case goes to another administration: the words and facts, and nobody's name."""
    case = case_for(door.db(), door.me(), number)
    door.trace("case.slip", f"case:{number}")
    return render_template("case_slip.html", case=case, names=names_in(door.db(), [case])[case.id])


def _target(case: Case) -> Department:
    offered = {department.id: department for department in departments_for(door.db(), case)}
    return forms.one_of(offered, "department", "请选一个部门。")


def _department() -> Department:
    found = door.db().get(Department, forms.number("department") or 0)
    if found is None:
        raise Refused("请选一个部门。")
    return found


def _person() -> Staff:
    found = Staff.by_username(door.db(), forms.text("person", most=32))
    if found is None:
        raise Refused("没有这个用户名。请从名单里选。")
    return found


def _back(number: str) -> Response:
    return redirect(url_for("cases.show", number=number))
