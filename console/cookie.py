"""The cookie names a log-in of one person; it is signed, holds no secret, and runs out."""

from __future__ import annotations

import secrets
import time

from flask import Flask, Request, flash, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from sqlalchemy.orm import Session

from models.staff import Staff

IDLE = 30 * 60  # seconds without a request
LONGEST = 12 * 3600  # seconds since the log-in
_WRITE_EVERY = 60  # seconds between two notes of the last request in the cookie
_HALF = 5 * 60  # seconds between the password and the code from the phone


class ConsoleSessions(SecureCookieSessionInterface):
    """Only the console has sessions; a message of the platform pays nothing for them."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if request.path.startswith("/console") else None


def begin(staff: Staff) -> None:
    """A new log-in in this browser, under a new number; whatever the cookie held is gone."""
    moment = int(time.time())
    session.clear()
    session.update(
        login=secrets.token_hex(16), staff=staff.id, number=staff.session_number, since=moment, seen=moment
    )


def begin_half(staff: Staff) -> None:
    """The password was right, the code is still to come; this lets nobody in."""
    session.clear()
    session.update(half=staff.id, number=staff.session_number, since=int(time.time()))


def half() -> tuple[int, int] | None:
    """Whose password was right a moment ago, with the number of the log-ins at that time; None if nobody's."""
    if "half" not in session or time.time() - session.get("since", 0) > _HALF:
        return None
    return session["half"], session["number"]


def current(opened: Session) -> Staff | None:
    """Who is signed in, or None; a log-in that ran out or was ended is cleared."""
    if "staff" not in session:
        return None
    staff = opened.get(Staff, session["staff"])
    moment = time.time()
    stands = staff is not None and staff.active and staff.session_number == session.get("number")
    fresh = moment - session.get("seen", 0) < IDLE and moment - session.get("since", 0) < LONGEST
    if not (stands and fresh):
        session.clear()
        flash("登录已经失效。为了安全，半小时没有操作、或登录满12小时，要重新登录一次。", "info")
        return None
    if moment - session["seen"] > _WRITE_EVERY:
        session["seen"] = int(moment)
    return staff
