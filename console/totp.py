"""登录验证: the person's own code from a phone besides the password, and the recovery codes for when the phone is lost."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import cookie, door, forms, qr
from console.values import console
from knowledge.errors import Refused
from models import totp
from models.staff import Staff

blueprint = Blueprint("totp", __name__, url_prefix="/console/totp")

_WRONG = "验证码不对，或者已经用过。请等手机上换了下一个码再输；连错5次要等15分钟。"


@blueprint.get("/")
@door.signed_in
def own() -> ResponseReturnValue:
    """How it stands: not set up, being set up with the QR code to scan, or in use."""
    return _page()


@blueprint.post("/begin")
@door.signed_in
def begin() -> ResponseReturnValue:
    """Show a QR code; whoever has a phone already proves it first, and that one is good until the new one is confirmed."""
    me = _me_locked()
    try:
        if me.totp_secret is not None:
            _prove(me)
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    totp.begin(me)
    door.trace("totp.begin", f"staff:{me.username}")
    return redirect(url_for("totp.own"))


@blueprint.post("/confirm")
@door.signed_in
def confirm() -> ResponseReturnValue:
    """The first code from the new phone: from now on it is asked for at every log-in."""
    me = _me_locked()
    try:
        codes = totp.confirm(door.db(), me, forms.text("code", most=32))
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    me.end_sessions()
    cookie.begin(me)
    door.trace("totp.confirm", f"staff:{me.username}")
    return _codes(codes)


@blueprint.post("/codes")
@door.signed_in
def new_codes() -> ResponseReturnValue:
    """Fresh recovery codes in place of the old ones."""
    me = _me_locked()
    try:
        _prove(me)
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    door.trace("totp.codes", f"staff:{me.username}")
    return _codes(totp.new_recovery_codes(door.db(), me))


@blueprint.post("/off")
@door.signed_in
def off() -> ResponseReturnValue:
    """No code any more, where the person's post needs none."""
    me = _me_locked()
    if me.role in console().values.totp:
        return _page(wrong="您的岗位登录必须有验证码，不能关。换手机请点“换一部手机”。", status=422)
    try:
        _prove(me)
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    totp.switch_off(door.db(), me)
    cookie.begin(me)
    door.trace("totp.off", f"staff:{me.username}")
    flash("登录验证关了。以后登录只用密码。", "success")
    return redirect(url_for("totp.own"))


def _me_locked() -> Staff:
    me = door.me()
    door.db().refresh(me, with_for_update={"of": Staff})
    return me


def _prove(me: Staff) -> None:
    """The code of the phone in use. A wrong one counts like a wrong password: the count is kept, the page says so."""
    if not me.try_log_in() or not totp.passes(door.db(), me, forms.text("code", most=32)):
        raise Refused(_WRONG)
    me.failures, me.locked_until = 0, None


def _codes(codes: Sequence[str]) -> ResponseReturnValue:
    # Not kept anywhere in clear: a reload leads back to the page, and fresh ones can be made.
    g.afterwards = url_for("totp.own")
    return render_template("totp_codes.html", codes=codes)


def _page(*, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    me, values = door.me(), console().values
    pending = me.totp_pending
    page = render_template(
        "totp.html", wrong=wrong, pending=pending, picture=qr.picture(totp.address(me, values.account_name)) if pending else "",
        secret=" ".join(pending[at : at + 4] for at in range(0, len(pending), 4)) if pending else "",
        in_use=me.totp_secret is not None, left=totp.RecoveryCode.left(door.db(), me), required=me.role in values.totp,
    )  # fmt: skip
    return page, status
