"""Every view declares who may open it and what it does to the database; a view without a declaration stops the start.

    @blueprint.get("/cases/<number>")
    @needs(Permission.CASES)
    @leaves_a_trace
    def show(number): …

One transaction a request: a GET reads, a POST writes and commits before its answer goes out. A GET that shows a
resident's data writes its audit entries in a short transaction of their own after it has read, and only then answers:
rendering never holds the one writer of SQLite. A deadlock reruns the view as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, flash, g, make_response, redirect, request, session, url_for
from sqlalchemy.orm import Session

from console import cookie
from console.values import console
from knowledge.errors import NotAllowed, Refused
from models import audit
from models.base import insert_for, now
from models.db import Database
from models.follower import Message
from models.staff import Permission, Staff

View = Callable[..., Any]
V = TypeVar("V", bound=View)
_FORM_KEY = re.compile(r"[0-9a-f]{32}")
_DONE_ALREADY = "刚才那次已经办好了，没有重复提交。"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a view: anybody (`open_because` says why), whoever is signed in, or who has one of `permissions`."""

    permissions: frozenset[Permission] = frozenset()
    open_because: str = ""


def needs(*permissions: Permission) -> Callable[[V], V]:
    """Only for people who have one of these permissions."""
    return lambda view: _marked(view, access=Access(frozenset(permissions)))


def signed_in(view: V) -> V:
    """For everybody who is signed in."""
    return _marked(view, access=Access())


def open_to_all(why: str) -> Callable[[V], V]:
    """For anybody, and why."""
    return lambda view: _marked(view, access=Access(open_because=why))


def leaves_a_trace(view: V) -> V:
    """A GET that shows a resident's data: it calls `trace`, and answers only once that is in the audit log."""
    return _marked(view, traced=True)


def only_reads(view: V) -> V:
    """A POST that changes nothing; POST keeps what was typed out of the URL."""
    return _marked(view, reads=True)


def reads_then_writes(view: V) -> V:
    """A POST that reads much and then writes in short transactions of its own: the writer never waits for the reading.

    `is_first_sending` tells a form that is sent twice.
    """
    return _marked(view, reads=True)


def own_transactions(view: V) -> V:
    """The view opens its transactions itself: a password is not verified while the writer waits."""
    return _marked(view, own=True)


def takes(most: int) -> Callable[[V], V]:
    """A POST whose body may have so many bytes; other forms are short."""
    return lambda view: _marked(view, most_bytes=most)


def access_of(view: View) -> Access | None:
    """What a view declared."""
    return getattr(view, "access", None)


def db() -> Session:
    """The session of this request's transaction."""
    return g.session  # type: ignore[no-any-return]


def me() -> Staff:
    """Who is signed in."""
    return g.staff  # type: ignore[no-any-return]


def trace(action: str, subject: str, /, **detail: Any) -> None:
    """Note for the audit log what this request shows or does."""
    g.traces.append((action, subject, detail))


def remember(**values: Any) -> None:
    """Keep, encrypted, beside a form's key what its receipt shows."""
    g.remembered |= values


def guarded(view: View, database: Database) -> View:
    """The view behind its door, inside its transaction."""
    access = access_of(view)
    if access is None:
        raise RuntimeError(f"view {view.__name__} does not say who may open it")

    @wraps(view)
    def run(**arguments: Any) -> Response:
        writes = request.method == "POST" and not getattr(view, "reads", False)

        def act() -> Response:
            return make_response(view(**arguments))

        def work(opened: Session) -> Response:
            g.session, g.traces, g.remembered = opened, [], {}
            return _admit(access) or (_once(act) if writes else act())

        if getattr(view, "own", False):
            return act()
        try:
            return _write(database, work) if writes else _read(database, work)
        except NotAllowed:
            _note_refusal(database)
            raise

    return run


def _read(database: Database, work: Callable[[Session], Response]) -> Response:
    with database.read() as opened:
        response = work(opened)
    if g.traces:
        database.write(_write_traces)
    return response


def _write(database: Database, work: Callable[[Session], Response]) -> Response:
    kept = deepcopy(dict(session))

    def rerunnable(opened: Session) -> Response:
        if dict(session) != kept:
            session.clear()
            session.update(deepcopy(kept))  # what an earlier run flashed is gone
        response = work(opened)
        _write_traces(opened)
        return response

    return database.write(rerunnable)


def _write_traces(opened: Session) -> None:
    staff: Staff | None = g.staff
    for action, subject, detail in g.traces:
        audit.record(opened, staff if staff is not None else "nobody", action, subject, **detail)


def _note_refusal(database: Database) -> None:
    def work(opened: Session) -> None:
        if staff := cookie.current(opened):
            audit.record(opened, staff, "denied", f"page:{request.endpoint}")

    database.write(work)


def _admit(access: Access) -> Response | None:
    """None when the person may come in, else where to go first. NotAllowed when signed in without the permission."""
    g.staff = None
    if access.open_because:
        return None
    staff = g.staff = cookie.current(g.session)
    if staff is None:
        return _to_the_door()
    if staff.must_change_password and request.endpoint not in ("signing.password_page", "signing.change", "signing.log_out"):
        return make_response(redirect(url_for("signing.password_page")))
    needs_code = staff.role in console().values.totp and staff.totp_secret is None
    if needs_code and request.blueprint not in ("signing", "totp"):
        return make_response(redirect(url_for("totp.own")))
    if access.permissions and access.permissions.isdisjoint(staff.permissions):
        raise NotAllowed
    return None


def _to_the_door() -> Response:
    back = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
    if request.headers.get("HX-Request"):
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{page.path}?{page.query}".rstrip("?") or None
        return Response("", 401, {"HX-Redirect": url_for("signing.show", back=back)})
    return make_response(redirect(url_for("signing.show", back=back)))


def key_of_form() -> str:
    """The key of the form that was sent; Refused without one."""
    key = request.form.get("once", "")
    if not _FORM_KEY.fullmatch(key):
        raise Refused("这一页放得太久了。请刷新后再提交，写的内容先复制一下。")
    return key


def _once(run: Callable[[], Response]) -> Response:
    """A form that is sent twice acts once; the second sending is led to where the first one went."""
    key = request.form.get("once", "")
    if not _FORM_KEY.fullmatch(key) or g.staff is None:
        return run()
    key = form_key(g.staff, key)
    insert = insert_for(g.session)(Message).values(key=key, received_at=now()).on_conflict_do_nothing()
    is_first = g.session.scalar(insert.returning(Message.key)) is not None
    kept = g.session.get(Message, key)
    if not is_first:
        flash(_DONE_ALREADY, "info")
        return make_response(redirect((kept.reply or {}).get("to") or url_for("home.home")))
    response = run()
    if response.status_code >= 400:
        g.session.delete(kept)
    else:
        kept.reply = {"to": response.location or g.get("afterwards"), **g.remembered}
    return response


def is_first_sending(database: Database) -> bool:
    """Whether this form was not sent before; from now on it was. For views that write in transactions of their own."""
    row = {"key": form_key(me(), key_of_form()), "received_at": now()}

    def work(session: Session) -> bool:
        insert = insert_for(session)(Message).values(row).on_conflict_do_nothing()
        return session.scalar(insert.returning(Message.key)) is not None

    return database.write(work)


def form_key(staff: Staff, key: str) -> str:
    """The key of a form, of one person."""
    return f"form:{staff.id}:{key}"


def _marked(view: V, **marks: Any) -> V:
    for name, value in marks.items():
        setattr(view, name, value)
    return view
