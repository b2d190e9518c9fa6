"""The page that somebody sees when something cannot be done: what happened, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Set

from flask import Flask, Response, current_app, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from knowledge.errors import Busy, Fault, NotAllowed, NotThere, Refused

log = logging.getLogger("mingbaika.console")

_PAGES: Mapping[int, tuple[str, str]] = {
    400: ("没看懂这次提交", "可能少了内容。请返回上一页，再提交一次。"),
    401: ("请先登录", "登录之后再来。"),
    403: ("没有权限", "这一页不归您的岗位看。确实需要的话，请找系统管理员。"),
    404: ("没有找到", "这个地址没有内容，可能是换了地方。请回首页找找看。"),
    405: ("不能这样打开", "请从页面上的按钮进来。"),
    409: ("没办成", "请返回上一页看看。"),
    413: ("内容太大了", "一次交的内容超过了限制。请精简后再提交。"),
    429: ("操作太快了", "请稍等一会儿再试。"),
    500: ("出了点问题", "这次没办成，已经记下来了。请过一会儿再试；还不行就告诉系统管理员。"),
    503: ("现在有点忙", "办理的人多，这次没排上，什么都没有改动。请过几秒再试一次。"),
}
_STALE = ("页面放得太久了", "为了安全，这一页的表单失效了。请返回上一页刷新，再提交一次。写好的内容还在上一页。")
_STATUS: Mapping[type[Fault], int] = {NotThere: 404, NotAllowed: 403, Refused: 409, Busy: 503}


def register(app: Flask, blueprints: Set[str]) -> None:
    """Draw every error of these blueprints, and of addresses that nobody serves, as a page."""

    def fault(error: Fault) -> Response:
        if request.blueprint not in blueprints:
            raise error
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
        return _page(status, _PAGES[status][0], error.said)

    def http(error: HTTPException) -> Response | HTTPException:
        if request.blueprint is not None and request.blueprint not in blueprints:
            return error
        if error.code is None or error.code < 400:
            return error
        if isinstance(error, CSRFError):
            return _page(400, *_STALE)
        if isinstance(error, InternalServerError) and error.original_exception is not None:
            log.error("a page failed: %s at %s", type(error.original_exception).__name__, request.endpoint)
        return _page(error.code, *_PAGES.get(error.code, _PAGES[400]))

    app.register_error_handler(Fault, fault)
    app.register_error_handler(HTTPException, http)


def _page(status: int, title: str, what_to_do: str) -> Response:
    inside = request.path.startswith("/console") and "home.home" in current_app.view_functions
    if request.headers.get("HX-Request"):
        response = make_response(render_template("_fault.html", said=what_to_do), status)
    else:
        way_out = url_for("home.home") if inside else f"{request.script_root}/"
        response = make_response(
            render_template("error.html", title=title, what_to_do=what_to_do, way_out=way_out, inside=inside), status
        )
    if status == 503:
        response.headers["Retry-After"] = "3"
    return response
