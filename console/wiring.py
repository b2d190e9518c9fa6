"""The blueprints put into an application: doors before every view, headers on every answer, pages for every error."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request, url_for
from flask_wtf.csrf import CSRFProtect
from markdown_it import MarkdownIt
from markupsafe import Markup

from console import (
    answering,
    approvals,
    articles,
    audit,
    batches,
    call_notes,
    caller,
    calls,
    canned,
    cases,
    clocks,
    cookie,
    county,
    door,
    editing,
    errors,
    failures,
    filing,
    findings,
    gaps,
    handling,
    home,
    hotline,
    notices,
    notices_of_cases,
    one_time,
    overview,
    own,
    people,
    proving,
    public,
    publicity,
    publicity_desk,
    reminders,
    returns,
    routing_changes,
    signing,
    similar,
    slips,
    statistics,
    succession,
    totp,
    triage,
    unclaimed,
    uploads,
    village_cards,
    village_codes,
    visits,
    words,
    work_orders,
)
from console.menu import menu_of
from console.values import Console, ConsoleValues, console
from knowledge import identity
from models.db import Database
from models.staff import ROLE_NAMES, Permission

_DESKS = (
    signing.blueprint, home.blueprint, cases.blueprint, handling.blueprint, triage.blueprint, hotline.blueprint, filing.blueprint, calls.blueprint,
    failures.blueprint, people.blueprint, articles.blueprint, editing.blueprint, audit.blueprint, proving.blueprint,
    publicity_desk.blueprint, village_codes.blueprint, batches.blueprint, uploads.blueprint, village_cards.blueprint,
    findings.blueprint, gaps.blueprint, returns.blueprint, unclaimed.blueprint, answering.blueprint, approvals.blueprint, canned.blueprint,
    call_notes.blueprint, caller.blueprint, clocks.blueprint, notices_of_cases.blueprint, reminders.blueprint,
    visits.blueprint, similar.blueprint, overview.blueprint, statistics.blueprint, succession.blueprint, totp.blueprint, county.blueprint,
    work_orders.blueprint, routing_changes.blueprint,
)  # fmt: skip
_FORM_LIMIT = 256 * 1024  # bytes; nobody types more into a form
# worker-src: the decoder of WeChat's voices makes a worker of its own code.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "worker-src blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_STATIC = Path(__file__).with_name("static")
ASSETS = "assets"
assets = Blueprint(ASSETS, __name__, static_folder="static", static_url_path="/assets", template_folder="templates")
_ours = {ASSETS, public.blueprint.name, one_time.blueprint.name, own.blueprint.name, publicity.blueprint.name, notices.blueprint.name,
         slips.blueprint.name, *(desk.name for desk in _DESKS)}


def register_console(app: Flask, database: Database, values: ConsoleValues) -> None:
    """The console under /console. The application's secret key must be set."""
    _prepare(app, database, values)
    app.config.update(
        SESSION_COOKIE_NAME="mingbaika",
        SESSION_COOKIE_PATH=f"{values.path_prefix}/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=values.https,
        WTF_CSRF_CHECK_DEFAULT=False,  # the platform's webhook has signatures instead
        WTF_CSRF_TIME_LIMIT=None,  # as long as the log-in lasts
    )
    app.session_interface = cookie.ConsoleSessions()
    protect, names = CSRFProtect(app).protect, {desk.name for desk in _DESKS}

    def check_form() -> None:
        if request.blueprint in names:
            view = app.view_functions[str(request.endpoint)]
            request.max_content_length = getattr(view, "most_bytes", _FORM_LIMIT)
            protect()

    app.before_request(check_form)
    for desk in _DESKS:
        app.register_blueprint(desk)
    _hang_doors(app, database, names)


def register_public(app: Flask, database: Database, values: ConsoleValues) -> None:
    """The public pages at the root."""
    _prepare(app, database, values)
    app.register_blueprint(public.blueprint)
    app.register_blueprint(publicity.blueprint)
    app.register_blueprint(own.blueprint)
    app.register_blueprint(one_time.blueprint)
    app.register_blueprint(notices.blueprint)
    app.register_blueprint(slips.blueprint)
    _hang_doors(app, database, {public.blueprint.name, publicity.blueprint.name, one_time.blueprint.name, own.blueprint.name,
                               notices.blueprint.name, slips.blueprint.name})


def _prepare(app: Flask, database: Database, values: ConsoleValues) -> None:
    if "console" in app.extensions:
        return
    app.extensions["console"] = Console(database, values)
    app.register_blueprint(assets)
    app.jinja_env.filters.update(
        moment=words.moment, day=words.day, left=words.left, redact=identity.redact, unnamed=identity.unnamed, mask_phone=identity.mask_phone,
        mask_name=identity.mask_name, mask_id=identity.mask_id_number, mask_account=identity.mask_account, prose=_prose,
    )  # fmt: skip
    app.context_processor(_for_every_template)
    app.after_request(_with_headers)
    errors.register(app, _ours)


def _for_every_template() -> dict[str, Any]:
    staff = g.get("staff")
    return {
        "values": console().values, "staff": staff, "words": words, "role_names": ROLE_NAMES,
        "may": lambda name: staff is not None and staff.may(Permission(name)), "new_key": lambda: secrets.token_hex(16),
        "asset": _asset, "menu_of": menu_of, "public_url": _public_url(),
    }  # fmt: skip


def _asset(name: str) -> str:
    # The time of the file in the address: a new version is fetched at once, an old one stays in the browser.
    return url_for("assets.static", filename=name, v=int((_STATIC / name).stat().st_mtime))


def _public_url() -> Callable[[str], str] | None:
    if "public.article" not in current_app.view_functions:
        return None
    return lambda slug: url_for("public.article", slug=slug)


# Articles hold paragraphs, steps and lists, and no HTML of their own.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})


def _prose(text: str) -> Markup:
    return Markup(_markdown.render(text))  # noqa: S704  (HTML in the text was escaped by the renderer)


def _hang_doors(app: Flask, database: Database, names: set[str]) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in names:
            app.view_functions[endpoint] = door.guarded(view, database)


def _with_headers(response: Response) -> Response:
    if request.blueprint is not None and request.blueprint not in _ours:
        return response
    response.headers.extend({name: value for name, value in _HEADERS.items() if name not in response.headers})
    if console().values.https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.blueprint == ASSETS:
        response.cache_control.max_age = int(timedelta(days=30).total_seconds())
    elif request.blueprint != public.blueprint.name:
        response.headers["Cache-Control"] = "no-store"
    return response
