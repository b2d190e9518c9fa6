"""Logging in: nothing is told to strangers, tries are counted, and a log-in ends when it should."""

from __future__ import annotations

import time

import pytest
from argon2 import extract_parameters
from flask import Flask
from sqlalchemy import select

from console import cookie
from models import password
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.staff import Staff
from tests.console.factories import PASSWORD, Browser, file_case, make_app


def staff(database: Database, username: str = "lin") -> Staff:
    with database.read() as session:
        return session.scalars(select(Staff).where(Staff.username == username)).one()


def test_each_person_lands_at_the_own_desk(app: Flask) -> None:
    desks = {"lin": "/console/cases/", "zhao": "/console/hotline/", "qian": "/console/overview/", "sun": "/console/staff",
             "hua": "/console/hotline/", "an": "/console/audit/"}
    for username, desk in desks.items():
        assert Browser(app).log_in(username).request.path == desk


def test_a_user_name_may_be_typed_in_capitals(app: Flask) -> None:
    assert Browser(app).log_in(" LIN ").request.path == "/console/cases/"


def test_unknown_wrong_locked_and_switched_off_look_the_same(app: Flask, county: Database) -> None:
    county.write(lambda s: Staff.by_username(s, "wang").switch(False))
    pages = []
    for username, given in (("nobody", PASSWORD), ("lin", "wrong"), ("wang", PASSWORD)):
        browser = Browser(app)
        assert browser.log_in(username, given).status_code == 401
        pages.append(browser.text.split("<form")[0])
    assert pages[0] == pages[1] == pages[2]


def test_five_wrong_passwords_lock_even_the_right_one_out(app: Flask, county: Database) -> None:
    for _ in range(5):
        Browser(app).log_in("lin", "wrong")
    assert Browser(app).log_in("lin").status_code == 401
    assert staff(county).locked_until > now()


def test_a_right_password_clears_the_count(app: Flask, county: Database) -> None:
    for _ in range(4):
        Browser(app).log_in("lin", "wrong")
    assert Browser(app).log_in("lin").status_code == 200
    assert (staff(county).failures, staff(county).locked_until) == (0, None)


def test_the_count_is_kept_before_the_password_is_looked_at(
    app: Flask, county: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(password, "fits", lambda *_: bool(seen.append(staff(county).failures)))
    Browser(app).log_in("lin", "wrong")
    assert seen == [1]


def test_a_stranger_costs_as_much_as_a_colleague(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(password._hasher.__class__, "verify", lambda _self, stored, _given: checked.append(stored) or True)
    assert password.fits("x", None) is False
    assert password.fits("x", "$argon2id$known") is True
    assert checked == [password._NOBODY, "$argon2id$known"]


def test_passwords_are_argon2id_with_nineteen_mebibytes() -> None:
    from argon2 import PasswordHasher

    real = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    stored = real.hash("一句 good 好记的话")
    assert extract_parameters(stored).memory_cost == 19 * 1024
    assert stored.startswith("$argon2id$")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(county: Database) -> None:
    browser = Browser(make_app(county, https=True, path_prefix="/mbk"))
    browser.client.get("/console/login", base_url="https://localhost")
    page = browser.client.get("/console/login", base_url="https://localhost")
    kept = page.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/mbk/console"):
        assert part in kept
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]


def test_a_login_begins_with_a_new_number_and_an_empty_cookie(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/console/login")
    with browser.client.session_transaction(path="/console/") as kept:
        kept["planted"] = "by somebody else"
    browser.post("/console/login", username="lin", password=PASSWORD)
    with browser.client.session_transaction(path="/console/") as kept:
        assert "planted" not in kept
        assert len(kept["login"]) == 32


@pytest.mark.parametrize(("name", "age"), [("seen", cookie.IDLE), ("since", cookie.LONGEST)])
def test_a_login_runs_out(app: Flask, name: str, age: int) -> None:
    browser = Browser(app)
    browser.log_in("lin")
    with browser.client.session_transaction(path="/console/") as kept:
        kept[name] = int(time.time()) - age - 1
    assert browser.get("/console/cases/").request.path == "/console/login"
    assert "登录已经失效" in browser.text


def test_after_a_login_one_is_back_where_one_was(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/console/cases/?state=answered")
    browser.post("/console/login", username="lin", password=PASSWORD, back="/console/cases/?state=answered")
    assert browser.page.request.full_path == "/console/cases/?state=answered"


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/console/", "/console/..//example.org", "/other"])
def test_the_way_back_never_leads_elsewhere(app: Flask, back: str) -> None:
    browser = Browser(app)
    browser.get("/console/login")
    browser.post("/console/login", username="lin", password=PASSWORD, back=back)
    assert browser.page.request.path == "/console/cases/"


def test_logging_out_ends_copies_of_the_cookie_too(app: Flask) -> None:
    browser, thief = Browser(app), Browser(app)
    browser.log_in("lin")
    with browser.client.session_transaction(path="/console/") as mine, thief.client.session_transaction(path="/console/") as copy:
        copy.update(mine)
    assert thief.get("/console/cases/").request.path == "/console/cases/"
    browser.post("/console/logout")
    assert "已安全退出" in browser.text
    assert thief.get("/console/cases/").request.path == "/console/login"


def test_whoever_is_switched_off_is_out_at_once(app: Flask, county: Database) -> None:
    browser = Browser(app)
    browser.log_in("lin")
    county.write(lambda s: Staff.by_username(s, "lin").switch(False))
    assert browser.get("/console/cases/").request.path == "/console/login"


def change(browser: Browser, old: str, new: str, again: str | None = None):
    browser.get("/console/password")
    return browser.post("/console/password", old=old, new=new, again=again or new)


def test_ones_own_password_is_changed_and_other_logins_end(app: Flask) -> None:
    here, there = Browser(app), Browser(app)
    here.log_in("lin")
    there.log_in("lin")
    change(here, PASSWORD, "另一句 fine 好记的话")
    assert "密码改好了" in here.text
    assert there.get("/console/cases/").request.path == "/console/login"
    assert Browser(app).log_in("lin", "另一句 fine 好记的话").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "另一句 fine 好记的话", None, "现在的密码不对"),
        (PASSWORD, "另一句 fine 好记的话", "不一样的另一句 fine 话", "不一样"),
        (PASSWORD, PASSWORD, None, "要和现在的不一样"),
        (PASSWORD, "short", None, "至少10个字符"),
        (PASSWORD, "lin-2026-lin", None, "不要带用户名"),
        (PASSWORD, "13579246801357", None, "太好猜"),
    ],
)
def test_an_unfit_new_password_is_refused_in_words(app: Flask, old: str, new: str, again: str | None, said: str) -> None:
    browser = Browser(app)
    browser.log_in("lin")
    assert change(browser, old, new, again).status_code == 422
    assert said in browser.text or said.replace("不要", "里不") in browser.text


def test_tries_and_logins_are_in_the_audit_log_without_what_a_stranger_typed(app: Flask, county: Database) -> None:
    Browser(app).log_in("secret-typed-here", "x")
    Browser(app).log_in("lin")
    with county.read() as session:
        rows = session.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert [tuple(row) for row in rows] == [
        ("nobody", "login.try", "staff:-"), ("lin", "login.try", "staff:lin"), ("lin", "login", "staff:lin"),
    ]  # fmt: skip


def test_a_save_in_the_background_leaves_the_cookie_alone(app: Flask, county: Database) -> None:
    browser, number = Browser(app), file_case(county)
    browser.log_in("lin")
    browser.get(f"/console/cases/{number}")
    form = {"csrf_token": browser.token, "text": "写到一半"}
    saved = browser.client.post(f"/console/cases/{number}/answer/draft", data=form)
    assert "存好了" in saved.get_data(as_text=True)
    assert "Set-Cookie" not in saved.headers


def test_a_save_after_the_log_in_ran_out_leads_back_to_the_page_it_came_from(app: Flask, county: Database) -> None:
    browser, page = Browser(app), f"/console/cases/{file_case(county)}"
    browser.log_in("lin")
    browser.get(page)
    form = {"csrf_token": browser.token, "text": "写到一半"}
    county.write(lambda s: Staff.by_username(s, "lin").end_sessions())
    address = f"http://localhost{page}"
    refused = browser.client.post(f"{page}/answer/draft", data=form, headers={"HX-Request": "true", "HX-Current-URL": address})
    assert refused.headers.get("HX-Redirect") == f"/console/login?back={page}", refused.get_data(as_text=True)
