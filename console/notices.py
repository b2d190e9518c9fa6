"""The page on which a resident agrees to 订阅通知, by WeChat's open tag; WeChat then tells the webhook.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_Open_Tag.html (wx-open-subscribe)
"""

from __future__ import annotations

import hashlib
import secrets
import time

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from console import door
from console.values import console
from models.base import now
from models.platform import JS_TICKET, AccessToken

blueprint = Blueprint("notices", __name__)
# The platform's own script draws the button; this page holds nothing of anybody.
_POLICY = (
    "default-src 'none'; script-src 'self' https://res.wx.qq.com; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: https://res.wx.qq.com; connect-src 'self' https://*.qq.com; "
    "frame-src https://*.qq.com webcompt:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@blueprint.after_request
def _keep_to_itself(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@blueprint.get("/notices")
@door.open_to_all("a page that holds nothing of anybody")
def page() -> ResponseReturnValue:
    """The button, or what to do without one."""
    values = console().values
    ticket = door.db().get(AccessToken, f"{JS_TICKET}{values.app_id}")
    if not values.notice_template or ticket is None or ticket.expires_at < now():
        return make_response(render_template("public/notices_not_now.html"), 503)
    # What is signed is the address as the phone has it, which a server in front may have changed.
    address = f"{values.public_url}/notices" + (f"?{request.query_string.decode()}" if request.query_string else "")
    nonce, moment = secrets.token_hex(8), int(time.time())
    return render_template(
        "public/notices.html", nonce=nonce, moment=moment, signature=signature(ticket.token, nonce, moment, address)
    )


def signature(ticket: str, nonce: str, moment: int, address: str) -> str:
    """The signature of a page for wx.config, by the platform's rule (附录1: JS-SDK使用权限签名算法)."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={moment}&url={address}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
