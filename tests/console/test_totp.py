"""登录验证 through the console: set up with a phone, asked for at the log-in, required of some posts, reset by an administrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from models import totp
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.staff import Staff
from tests.console.factories import PASSWORD, Browser, make_app


class Phone:
    """A phone with an authenticator; each code is of a later step than the one before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._begin, self._steps = now(), 0
        self._patch = monkeypatch
        self.secret = ""

    def code(self) -> str:
        """The next code."""
        self._steps += 1
        moment = self._begin + timedelta(seconds=30 * self._steps)
        self._patch.setattr(totp, "now", lambda: moment)
        return pyotp.TOTP(self.secret).at(moment)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


def set_up(browser: Browser, phone: Phone) -> list[str]:
    """Through the pages; gives the recovery codes."""
    browser.get("/console/totp/")
    browser.post("/console/totp/begin")
    phone.secret = re.search(r'class="secret">([A-Z2-7 ]+)<', browser.text).group(1).replace(" ", "")
    assert 'src="data:image/png;base64,' in browser.text
    browser.post("/console/totp/confirm", code=phone.code())
    codes = re.findall(r"<li>([a-z2-9-]{19})</li>", browser.text)
    assert len(codes) == totp.CODES
    return codes


def acts(database: Database, username: str) -> list[str]:
    with database.read() as session:
        query = select(AuditEntry.action).where(AuditEntry.actor == username, AuditEntry.subject == f"staff:{username}")
        return list(session.scalars(query.order_by(AuditEntry.id)))


def test_a_phone_is_set_up_and_asked_for_from_then_on(app: Flask, county: Database, enter: Callable, phone: Phone) -> None:
    set_up(enter("lin"), phone)
    browser = Browser(app)
    assert browser.log_in("lin").request.path == "/console/login/code"
    assert browser.get("/console/cases/").request.path == "/console/login"  # half in is not in
    browser.log_in("lin")
    assert browser.post("/console/login/code", code="000000").status_code == 401
    assert browser.post("/console/login/code", code=phone.code()).request.path == "/console/cases/"
    assert acts(county, "lin") == [
        "login.try", "login", "totp.begin", "totp.confirm", "login.try", "login.try", "login.code", "login.code", "login",
    ]  # fmt: skip


def test_setting_up_ends_the_other_log_ins(enter: Callable, phone: Phone) -> None:
    here, there = enter("lin"), enter("lin")
    set_up(here, phone)
    assert there.get("/console/cases/").request.path == "/console/login"
    assert here.get("/console/cases/").request.path == "/console/cases/"


def test_the_recovery_codes_are_shown_once_and_let_in_once(app: Flask, enter: Callable, phone: Phone) -> None:
    codes = set_up(enter("lin"), phone)
    browser = Browser(app)
    browser.log_in("lin")
    assert browser.post("/console/login/code", code=codes[0]).request.path == "/console/cases/"
    assert codes[1] not in browser.get("/console/totp/").get_data(as_text=True)
    assert "还剩 <b>7</b> 个" in browser.text
    browser = Browser(app)
    browser.log_in("lin")
    assert browser.post("/console/login/code", code=codes[0]).status_code == 401


def test_five_wrong_codes_lock_the_account_though_the_password_is_right(
    app: Flask, county: Database, enter: Callable, phone: Phone
) -> None:
    set_up(enter("lin"), phone)
    browser = Browser(app)
    for _ in range(5):
        browser.log_in("lin")
        assert browser.post("/console/login/code", code="000000").status_code == 401
    assert browser.log_in("lin").status_code == 401
    assert browser.post("/console/login/code", code=phone.code()).request.path == "/console/login"
    with county.read() as session:
        assert Staff.by_username(session, "lin").is_locked


def test_the_second_page_says_nothing_to_whoever_comes_without_a_password(app: Flask, enter: Callable, phone: Phone) -> None:
    set_up(enter("lin"), phone)
    stranger = Browser(app)
    assert stranger.get("/console/login/code").request.path == "/console/login"
    assert stranger.post("/console/login/code", code=phone.code()).request.path == "/console/login"


def test_a_changed_password_ends_a_half_finished_log_in(app: Flask, county: Database, enter: Callable, phone: Phone) -> None:
    set_up(enter("lin"), phone)
    browser = Browser(app)
    browser.log_in("lin")
    county.write(lambda session: Staff.by_username(session, "lin").end_sessions())
    assert browser.post("/console/login/code", code=phone.code()).status_code == 401


def test_where_it_is_required_nothing_else_opens_before(county: Database, phone: Phone) -> None:
    browser = Browser(make_app(county, totp=frozenset({"admin"})))
    assert browser.log_in("sun").request.path == "/console/totp/"
    assert "您的岗位登录要有手机验证码" in browser.text
    for path in ("/console/staff", "/console/", "/console/county/"):
        assert browser.get(path).request.path == "/console/totp/"
    set_up(browser, phone)
    assert browser.get("/console/staff").request.path == "/console/staff"
    browser.get("/console/totp/")
    assert browser.post("/console/totp/off", code=phone.code()).status_code == 422
    assert "不能关" in browser.text


def test_who_needs_none_may_switch_it_off_with_a_code(app: Flask, enter: Callable, phone: Phone) -> None:
    browser = enter("lin")
    set_up(browser, phone)
    browser.get("/console/totp/")
    assert browser.post("/console/totp/off", code="000000").status_code == 422
    browser.post("/console/totp/off", code=phone.code())
    assert "登录验证关了" in browser.text
    assert Browser(app).log_in("lin").request.path == "/console/cases/"


def test_another_phone_and_fresh_codes_need_a_code(enter: Callable, phone: Phone) -> None:
    browser = enter("lin")
    old = set_up(browser, phone)
    browser.get("/console/totp/")
    assert browser.post("/console/totp/begin", code="").status_code == 422
    assert browser.post("/console/totp/codes", code="999999").status_code == 422
    browser.post("/console/totp/codes", code=phone.code())
    fresh = re.findall(r"<li>([a-z2-9-]{19})</li>", browser.text)
    assert set(fresh).isdisjoint(old)
    browser.post("/console/totp/begin", code=fresh[0])
    assert "换一部手机" in browser.text
    phone.secret = re.search(r'class="secret">([A-Z2-7 ]+)<', browser.text).group(1).replace(" ", "")
    assert browser.post("/console/totp/confirm", code="000000").status_code == 422
    browser.post("/console/totp/confirm", code=phone.code())
    assert "备用码" in browser.text


def test_wrong_codes_inside_count_towards_the_lock_too(county: Database, enter: Callable, phone: Phone) -> None:
    browser = enter("lin")
    set_up(browser, phone)
    browser.get("/console/totp/")
    for _ in range(5):
        browser.post("/console/totp/codes", code="000000")
    assert browser.post("/console/totp/codes", code=phone.code()).status_code == 422
    with county.read() as session:
        assert Staff.by_username(session, "lin").is_locked


def test_an_administrator_resets_a_lost_phone_and_it_is_in_the_log(app: Flask, county: Database, enter: Callable, phone: Phone) -> None:
    set_up(enter("lin"), phone)
    admin = enter("sun")
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin/totp")
    assert "登录验证重置了" in admin.text
    assert Browser(app).log_in("lin").request.path == "/console/cases/"
    with county.read() as session:
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "staff.totp")).all() == ["sun"]
    admin.get("/console/staff/sun")
    assert admin.post("/console/staff/sun/totp").status_code == 422


def test_the_secret_is_shown_to_nobody_else(enter: Callable, phone: Phone) -> None:
    set_up(enter("lin"), phone)
    assert phone.secret not in enter("sun").get("/console/staff/lin").get_data(as_text=True)


def test_the_password_is_hashed_while_nobody_waits_for_the_writer(app: Flask, county: Database, enter: Callable, monkeypatch) -> None:
    from models import password

    writing, hashed = [], password.hashed
    once = county._once

    def watched(work):
        writing.append(True)
        try:
            return once(work)
        finally:
            writing.pop()

    def watched_hash(given: str) -> str:
        assert not writing
        return hashed(given)

    browser, admin = enter("lin"), enter("sun")
    monkeypatch.setattr(county, "_once", watched)
    monkeypatch.setattr(password, "hashed", watched_hash)
    browser.get("/console/password")
    browser.post("/console/password", old=PASSWORD, new="另一句 fine 好记的话", again="另一句 fine 好记的话")
    assert "密码改好了" in browser.text
    admin.get("/console/staff/lin")
    assert admin.post("/console/staff/lin/reset").status_code == 200
    admin.get("/console/staff/new")
    assert admin.post("/console/staff/new", username="liu.y", name="刘洋", role="hotline").status_code == 200
