"""The administrator's desk: departments, and the people who work for them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from console import door, forms
from knowledge.errors import NotThere, Refused
from models import password
from models.staff import ROLE_NAMES, Department, Permission, Staff

blueprint = Blueprint("people", __name__, url_prefix="/console")


# ---------------------------------------------------------------- people


@blueprint.get("/staff")
@door.needs(Permission.STAFF)
def staff_list() -> ResponseReturnValue:
    """Everybody who has an account; those switched off come last."""
    query = select(Staff).options(joinedload(Staff.department)).order_by(Staff.active.desc(), Staff.role, Staff.username)
    return render_template("staff.html", people=door.db().scalars(query).all())


@blueprint.get("/staff/new")
@door.needs(Permission.STAFF)
def new_staff() -> ResponseReturnValue:
    """An empty form."""
    return render_template("staff_new.html", departments=_departments(), given={})


@blueprint.post("/staff/new")
@door.needs(Permission.STAFF)
def create_staff() -> ResponseReturnValue:
    """A new person, with a one-time password that is shown once."""
    secret = password.one_time()
    try:
        role = forms.chosen("role", ROLE_NAMES) or ""
        made = Staff.create(
            door.db(), forms.text("username", most=32), secret, name=forms.text("name", most=32), role=role,
            department=_chosen_department(), must_change=True,
        )  # fmt: skip
    except Refused as refused:
        page = render_template("staff_new.html", departments=_departments(), given=request.form, wrong=refused.said)
        return page, 422
    door.trace("staff.create", f"staff:{made.username}", role=role)
    return _one_time(made, secret)


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
        someone.take_post(role, department)
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
def reset(username: str) -> ResponseReturnValue:
    """A one-time password, shown once."""
    someone, secret = _named(username), password.one_time()
    someone.change_password(secret, must_change=True)
    door.trace("staff.reset", f"staff:{username}")
    return _one_time(someone, secret)


def _one_time(someone: Staff, secret: str) -> ResponseReturnValue:
    # Not kept anywhere: a reload leads back to the person, and a new one can be given.
    g.afterwards = url_for("people.person", username=someone.username)
    return render_template("staff_secret.html", person=someone, secret=secret)


def _person(someone: Staff, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template("staff_person.html", person=someone, departments=_departments(), wrong=wrong)
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
