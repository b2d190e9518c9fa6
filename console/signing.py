"""Signing in and out, and the person's own password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import cookie, door
from console.values import console
from knowledge.errors import Refused
from models import audit, password
from models.staff import Staff

blueprint = Blueprint("signing", __name__, url_prefix="/console")

_WRONG = "没能登录：用户名或密码不对，或者账号停用、连错5次锁住了（过15分钟再试）。忘了密码请找管理员重置。"


def _safe(back: str | None) -> str | None:
    """An address of the console's own, else None."""
    inside = url_for("home.home")
    return back if back and back.startswith(inside) and "//" not in back and "\\" not in back else None


@blueprint.get("/login")
@door.open_to_all("the way in")
def show() -> ResponseReturnValue:
    """The log-in page."""
    return render_template("login.html", back=_safe(request.args.get("back")))


@blueprint.post("/login")
@door.open_to_all("the way in")
@door.own_transactions
def log_in() -> ResponseReturnValue:
    """Count the try first, verify, and only then let in: many tries at once gain nothing."""
    username, given = request.form.get("username", "").strip()[:32], request.form.get("password", "")
    back = _safe(request.form.get("back"))
    database = console().database

    def count(opened: Session) -> tuple[int, str] | None:
        staff = Staff.by_username(opened, username, lock=True)
        audit.record(opened, staff or "nobody", "login.try", f"staff:{staff.username if staff else '-'}")
        return (staff.id, staff.password_hash) if staff and staff.try_log_in() else None

    found = database.write(count)
    if not password.fits(given, found[1] if found else None) or found is None:
        return render_template("login.html", back=back, username=username, wrong=_WRONG), 401

    def enter(opened: Session) -> Staff:
        staff = opened.get_one(Staff, found[0])
        staff.logged_in()
        audit.record(opened, staff, "login", f"staff:{staff.username}")
        return staff

    cookie.begin(database.write(enter))
    return redirect(back or url_for("home.home"))


@blueprint.post("/logout")
@door.signed_in
def log_out() -> ResponseReturnValue:
    """End this person's log-ins, on every machine: a copied cookie is worth nothing from now on."""
    door.me().end_sessions()
    door.trace("logout", f"staff:{door.me().username}")
    session.clear()
    flash("您已安全退出。", "success")
    return redirect(url_for("signing.show"))


@blueprint.get("/password")
@door.signed_in
def password_page() -> ResponseReturnValue:
    """The person's own password."""
    return render_template("password.html")


@blueprint.post("/password")
@door.signed_in
def change() -> ResponseReturnValue:
    """Change it: the old one must be known, and every other log-in ends."""
    try:
        door.me().change_password(_new_password())
    except Refused as refused:
        return render_template("password.html", wrong=refused.said), 422
    cookie.begin(door.me())
    door.trace("password.change", f"staff:{door.me().username}")
    flash("密码改好了。别处的登录都已退出。", "success")
    return redirect(url_for("home.home"))


def _new_password() -> str:
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if not password.fits(old, door.me().password_hash):
        raise Refused("现在的密码不对。请再输一遍。")
    if new != request.form.get("again", ""):
        raise Refused("两次输入的新密码不一样。请再输一遍。")
    if new == old:
        raise Refused("新密码要和现在的不一样。")
    return new
