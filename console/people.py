"""The administrator's desk: departments, and the people who work for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from console import door, forms
from console.values import console
from knowledge.errors import NotThere, Refused
from models import audit, password, totp
from models.base import now
from models.staff import ROLE_NAMES, Department, Permission, Staff, held_together
from models.succession import table_of

blueprint = Blueprint("people", __name__, url_prefix="/console")


# ---------------------------------------------------------------- people


@blueprint.get("/staff")
@door.needs(Permission.STAFF)
def staff_list() -> ResponseReturnValue:
    """Everybody who has an account, or only those that want looking after; those switched off come last."""
    values = console().values
    everybody = door.db().scalars(Staff.everybody()).all()
    idle = {one.id for one in door.db().scalars(Staff.idle(now() - timedelta(days=values.idle_days)))}
    wanted: dict[str, Sequence[Staff]] = {
        "idle": [one for one in everybody if one.id in idle],
        "new_password": [one for one in everybody if one.active and one.must_change_password],
        "no_code": [one for one in everybody if one.active and one.role in values.totp and one.totp_secret is None],
        "off": [one for one in everybody if not one.active],
    }
    show = forms.asked("show")
    return render_template(
        "staff.html", people=wanted.get(show, everybody), everybody=len(everybody), show=show if show in wanted else "",
        counts={name: len(some) for name, some in wanted.items()}, idle=idle, idle_days=values.idle_days, shown=_SHOWN,
        together=held_together(door.db()),
    )  # fmt: skip


_SHOWN = {"idle": "闲置", "new_password": "等本人改密码", "no_code": "还没配验证码", "off": "已停用"}


@blueprint.get("/staff/new")
@door.needs(Permission.STAFF)
def new_staff() -> ResponseReturnValue:
    """An empty form."""
    return render_template("staff_new.html", departments=_departments(), given={})


@blueprint.post("/staff/new")
@door.needs(Permission.STAFF)
@door.reads_then_writes
def create_staff() -> ResponseReturnValue:
    """A new person, with a one-time password that is shown once; it is hashed before anything is written."""
    me = door.me().id
    try:
        username, name = forms.text("username", most=32), forms.text("name", most=32)
        secret = password.one_time(username)
        role, village = forms.chosen("role", ROLE_NAMES) or "", forms.text("village", most=32) or None
        ready, home = password.ready(secret, username or "?"), forms.number("department")

        def create(opened: Session) -> Staff:
            department = opened.get(Department, home) if home is not None else None
            made = Staff.create(
                opened, username, ready, name=name, role=role, department=department, village=village, must_change=True
            )
            audit.record(opened, opened.get_one(Staff, me), "staff.create", f"staff:{made.username}", role=role)
            return made

        if not door.is_first_sending(console().database):
            return _sent_already(url_for("people.staff_list"))
        made = console().database.write(create)
    except Refused as refused:
        page = render_template("staff_new.html", departments=_departments(), given=request.form, wrong=refused.said)
        return page, 422
    return render_template("staff_secret.html", person=made, secret=secret)


@blueprint.get("/staff/<username>")
@door.needs(Permission.STAFF)
def person(username: str) -> ResponseReturnValue:
    """One person: post, on or off, password."""
    return _person(_named(username))


@blueprint.post("/staff/<username>")
@door.needs(Permission.STAFF)
def give_post(username: str) -> ResponseReturnValue:
    """Another role or department."""
    someone, role = _named(username), forms.chosen("role", ROLE_NAMES) or ""
    try:
        _not_oneself(someone)
        department = _chosen_department()
        someone.take_post(role, department, forms.text("village", most=32) or None)
    except Refused as refused:
        return _person(someone, wrong=refused.said, status=422)
    door.trace("staff.post", f"staff:{username}", role=role, department=department.name if department else None)
    flash("岗位改好了。这个人要重新登录。", "success")
    return redirect(url_for("people.person", username=username))


@blueprint.post("/staff/<username>/switch")
@door.needs(Permission.STAFF)
def switch(username: str) -> ResponseReturnValue:
    """On or off."""
    someone = _named(username)
    try:
        _not_oneself(someone)
    except Refused as refused:
        return _person(someone, wrong=refused.said, status=422)
    someone.switch(forms.ticked("active"))
    door.trace("staff.switch", f"staff:{username}", active=someone.active)
    flash("启用了，可以登录。" if someone.active else "停用了，已经退出所有登录。", "success")
    return redirect(url_for("people.person", username=username))


@blueprint.post("/staff/<username>/reset")
@door.needs(Permission.STAFF)
@door.reads_then_writes
def reset(username: str) -> ResponseReturnValue:
    """A one-time password, shown once; it is hashed before anything is written."""
    someone, secret, me = _named(username), password.one_time(username), door.me().id
    ready = password.ready(secret, someone.username)

    def give(opened: Session) -> None:
        opened.get_one(Staff, someone.id, with_for_update=True).change_password(ready, must_change=True)
        audit.record(opened, opened.get_one(Staff, me), "staff.reset", f"staff:{someone.username}")

    if not door.is_first_sending(console().database):
        return _sent_already(url_for("people.person", username=username))
    console().database.write(give)
    # Not kept anywhere: a reload leads back to the person, and a new one can be given.
    return render_template("staff_secret.html", person=someone, secret=secret)


@blueprint.post("/staff/<username>/totp")
@door.needs(Permission.STAFF)
def reset_totp(username: str) -> ResponseReturnValue:
    """The phone is lost: no code is asked for until the person has set up another one."""
    someone = _named(username)
    if someone.id == door.me().id:
        return _person(someone, wrong="不能给自己重置。请用备用码，或请另一位管理员来重置。", status=422)
    totp.switch_off(door.db(), someone)
    door.trace("staff.totp", f"staff:{username}")
    flash("登录验证重置了，已经退出所有登录。请本人用密码登录后重新配手机。", "success")
    return redirect(url_for("people.person", username=username))


def _sent_already(address: str) -> ResponseReturnValue:
    flash("刚才那次已经办好了，没有重复提交。密码只显示一次；没记下，可以再重置。", "info")
    return redirect(address)


def _person(someone: Staff, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    values = console().values
    page = render_template(
        "staff_person.html", person=someone, departments=_departments(), wrong=wrong, table=table_of(door.db(), someone),
        is_idle=someone.id in {one.id for one in door.db().scalars(Staff.idle(now() - timedelta(days=values.idle_days)))},
        idle_days=values.idle_days, required=someone.role in values.totp,
    )  # fmt: skip
    return page, status


def _named(username: str) -> Staff:
    found = Staff.by_username(door.db(), username)
    if found is None:
        raise NotThere("没有这个人。请回人员列表找找。")
    return found


def _not_oneself(someone: Staff) -> None:
    if someone.id == door.me().id:
        raise Refused("不能改自己的岗位，也不能停用自己。请另一位管理员来改。")


# ---------------------------------------------------------------- departments


@blueprint.get("/departments")
@door.needs(Permission.STAFF)
def department_list() -> ResponseReturnValue:
    """All departments, townships last."""
    return render_template("departments.html", departments=_departments(every=True))


@blueprint.get("/departments/<int:department_id>")
@door.needs(Permission.STAFF)
def department(department_id: int) -> ResponseReturnValue:
    """One department."""
    return render_template("department.html", department=_department(department_id))


@blueprint.post("/departments/<int:department_id>")
@door.needs(Permission.STAFF)
def change_department(department_id: int) -> ResponseReturnValue:
    """Its full name, its telephone, whether it takes cases."""
    found = _department(department_id)
    try:
        found.change(
            full_name=forms.text("full_name", most=128), phone=forms.text("phone", most=32), active=forms.ticked("active")
        )
    except Refused as refused:
        return render_template("department.html", department=found, wrong=refused.said), 422
    door.trace("department.change", f"department:{found.name}", active=found.active)
    flash(f"{found.full_name}：改好了。", "success")
    return redirect(url_for("people.department_list"))


@blueprint.post("/departments/<int:department_id>/duty-phone")
@door.needs(Permission.STAFF)
def duty_phone(department_id: int) -> ResponseReturnValue:
    """The mobile phone that is told of new, urgent and overdue cases; an empty one ends that."""
    found = _department(department_id)
    try:
        found.keep_duty_phone(forms.text("duty_phone", most=32))
    except Refused as refused:
        return render_template("department.html", department=found, duty_wrong=refused.said), 422
    door.trace("department.duty_phone", f"department:{found.name}", told=found.duty_phone is not None)
    flash(f"{found.full_name}：{'值班手机记下了，从现在起的新办件会发短信。' if found.duty_phone else '不再往值班手机发短信了。'}", "success")
    return redirect(url_for("people.department", department_id=department_id))


def _departments(*, every: bool = False) -> Sequence[Department]:
    query = select(Department).order_by(Department.kind, Department.id)
    return door.db().scalars(query if every else query.where(Department.active)).all()


def _department(department_id: int) -> Department:
    found = door.db().get(Department, department_id)
    if found is None:
        raise NotThere("没有这个部门。")
    return found


def _chosen_department() -> Department | None:
    chosen = forms.number("department")
    return door.db().get(Department, chosen) if chosen is not None else None
