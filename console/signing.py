"""Signing in and out, and the person's own password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import cookie, door
from console.values import console
from knowledge.errors import Refused
from models import audit, password, totp
from models.staff import Staff

blueprint = Blueprint("signing", __name__, url_prefix="/console")

_WRONG = "没能登录：用户名或密码不对，或者账号停用、连错5次锁住了（过15分钟再试）。忘了密码请找管理员重置。"
_WRONG_CODE = "验证码不对，或者已经用过。请等手机上换了下一个码再输。连错5次要等15分钟；手机丢了，用备用码。"
_TOO_LATE = "停得久了，请再输一次用户名和密码。"


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
        session.pop("half", None)
        return render_template("login.html", back=back, username=username, wrong=_WRONG), 401

    def enter(opened: Session) -> tuple[Staff, bool]:
        staff = opened.get_one(Staff, found[0], with_for_update=True)
        if staff.totp_secret is not None:
            staff.password_was_right()
            return staff, False
        _let_in(opened, staff)
        return staff, True

    staff, is_in = database.write(enter)
    if not is_in:
        cookie.begin_half(staff)
        return redirect(url_for("signing.ask_code", back=back))
    cookie.begin(staff)
    return redirect(back or url_for("home.home"))


@blueprint.get("/login/code")
@door.open_to_all("the way in, half gone")
def ask_code() -> ResponseReturnValue:
    """The second page of the log-in: the code from the phone."""
    if cookie.half() is None:
        return _again()
    return render_template("login_code.html", back=_safe(request.args.get("back")))


@blueprint.post("/login/code")
@door.open_to_all("the way in, half gone")
@door.own_transactions
def give_code() -> ResponseReturnValue:
    """The code, or a recovery code; wrong ones count towards the lock like wrong passwords."""
    half, back = cookie.half(), _safe(request.form.get("back"))
    if half is None:
        return _again()

    def enter(opened: Session) -> Staff | None:
        staff = opened.get_one(Staff, half[0], with_for_update=True)
        audit.record(opened, staff, "login.code", f"staff:{staff.username}")
        tried = staff.session_number == half[1] and staff.try_log_in()
        if not tried or not totp.passes(opened, staff, request.form.get("code", "")[:32]):
            return None
        _let_in(opened, staff)
        return staff

    staff = console().database.write(enter)
    if staff is None:
        return render_template("login_code.html", back=back, wrong=_WRONG_CODE), 401
    cookie.begin(staff)
    return redirect(back or url_for("home.home"))


def _let_in(opened: Session, staff: Staff) -> None:
    staff.logged_in()
    audit.record(opened, staff, "login", f"staff:{staff.username}")


def _again() -> ResponseReturnValue:
    session.clear()
    flash(_TOO_LATE, "info")
    return redirect(url_for("signing.show"))


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
@door.reads_then_writes
def change() -> ResponseReturnValue:
    """Change it: the old one must be known, and every other log-in ends. Both are hashed before anything is written."""
    me = door.me()
    try:
        new = _new_password(me)
        changed = console().database.write(lambda opened: _keep(opened, me.id, me.password_hash, new))
    except Refused as refused:
        return render_template("password.html", wrong=refused.said), 422
    cookie.begin(changed)
    flash("密码改好了。别处的登录都已退出。", "success")
    return redirect(url_for("home.home"))


def _new_password(me: Staff) -> password.Hashed:
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if not password.fits(old, me.password_hash):
        raise Refused("现在的密码不对。请再输一遍。")
    if new != request.form.get("again", ""):
        raise Refused("两次输入的新密码不一样。请再输一遍。")
    if new == old:
        raise Refused("新密码要和现在的不一样。")
    return password.ready(new, me.username)


def _keep(opened: Session, staff_id: int, verified: str, new: password.Hashed) -> Staff:
    staff = opened.get_one(Staff, staff_id, with_for_update=True)
    if staff.password_hash != verified:
        raise Refused("密码刚刚在别处改过了。请用新密码重新登录。")
    staff.change_password(new)
    audit.record(opened, staff, "password.change", f"staff:{staff.username}")
    return staff
