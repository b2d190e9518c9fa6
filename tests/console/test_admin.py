"""The administrator's, the supervisor's and the public pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.db import Database
from models.follower import Message
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, articles, file_case, make_app

# ---------------------------------------------------------------- people


def secret_on(browser: Browser) -> str:
    return re.search(r'class="big-number">([a-z2-9-]+)<', browser.text).group(1)


def test_a_new_person_gets_a_one_time_password_that_must_be_changed(app, county: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/new")
    with county.read() as session:
        home = Department.named(session, "乡镇人民政府", "口前镇")
    admin.post("/console/staff/new", username="Liu.Y", name="刘洋", role="clerk", department=home.id)
    secret = secret_on(admin)
    browser = Browser(app)
    assert browser.log_in("liu.y", secret).request.path == "/console/password"
    assert browser.get("/console/cases/").request.path == "/console/password"
    browser.post("/console/password", old=secret, new="自己的一句 long 话", again="自己的一句 long 话")
    assert browser.page.request.path == "/console/cases/"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "lin", "name": "又一个", "role": "hotline"}, "已经有人用了"),
        ({"username": "1x", "name": "某人", "role": "hotline"}, "用户名用2到32个"),
        ({"username": "newone", "name": " ", "role": "hotline"}, "请写上姓名"),
        ({"username": "newone", "name": "某人", "role": "king"}, "请选一个岗位"),
        ({"username": "newone", "name": "某人", "role": "clerk"}, "要选所在部门"),
    ],
)
def test_an_unfit_person_is_refused_in_words(enter, fields: dict[str, str], said: str) -> None:
    admin = enter("sun")
    admin.get("/console/staff/new")
    assert admin.post("/console/staff/new", **fields).status_code == 422
    assert said in admin.text


def test_a_reset_ends_the_logins_and_the_old_password(app, enter) -> None:
    clerk, admin = enter("lin"), enter("sun")
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin/reset")
    assert clerk.get("/console/cases/").request.path == "/console/login"
    assert Browser(app).log_in("lin").status_code == 401
    assert Browser(app).log_in("lin", secret_on(admin)).request.path == "/console/password"


def test_a_one_time_password_is_kept_nowhere_in_clear(county: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/lin")
    once = admin.once
    admin.post("/console/staff/lin/reset", once=once)
    secret = secret_on(admin)
    admin.post("/console/staff/lin/reset", once=once)
    assert admin.page.request.path == "/console/staff/lin"
    assert secret not in admin.text
    with county.read() as session:
        assert all(secret not in str(reply) for reply in session.scalars(select(Message.reply)))


def test_another_post_and_switching_off_end_the_logins(enter) -> None:
    clerk, admin = enter("lin"), enter("sun")
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin", role="hotline", department="")
    assert clerk.get("/console/cases/").request.path == "/console/login"
    clerk = enter("lin")
    assert clerk.page.request.path == "/console/hotline/"
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin/switch")
    assert clerk.get("/console/hotline/").request.path == "/console/login"


def test_nobody_changes_the_own_post(county: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/sun")
    assert admin.post("/console/staff/sun", role="supervisor").status_code == 422
    assert admin.post("/console/staff/sun/switch").status_code == 422
    with county.read() as session:
        found = session.scalars(select(Staff).where(Staff.username == "sun")).one()
        assert (found.role, found.active) == ("admin", True)


def test_every_act_on_people_is_in_the_audit_log(county: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin/switch")
    admin.get("/console/staff/lin")
    admin.post("/console/staff/lin/switch", active="1")
    admin.post("/console/staff/lin/reset")
    with county.read() as session:
        rows = session.execute(
            select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.subject == "staff:lin").order_by(AuditEntry.id)
        ).all()
    assert [tuple(row) for row in rows] == [("sun", "staff.switch"), ("sun", "staff.switch"), ("sun", "staff.reset")]


# ---------------------------------------------------------------- departments


def test_a_department_gets_a_telephone_and_stops_taking_cases(county: Database, enter) -> None:
    admin = enter("sun")
    with county.read() as session:
        one = Department.named(session, "残疾人联合会")
    admin.get(f"/console/departments/{one.id}")
    admin.post(f"/console/departments/{one.id}", full_name="永吉县残疾人联合会", phone="0432-64221234")
    assert "0432-64221234" in admin.text
    with county.read() as session:
        assert Department.named(session, "残疾人联合会") is None
    number = file_case(county)
    assert "残疾人联合会" not in enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)


def test_seeding_twice_adds_nothing_and_changes_nothing(county: Database) -> None:
    def rename(session) -> None:
        Department.named(session, "民政局").full_name = "永吉县民政局（改）"

    county.write(rename)
    county.write(lambda s: Department.seed(s))
    with county.read() as session:
        assert not Department.missing(session)
        names = session.scalars(select(Department.name)).all()
        assert len(names) == len(set(names))
        assert Department.named(session, "民政局").full_name == "永吉县民政局（改）"
        assert len(session.scalars(select(Department).where(Department.kind == "township")).all()) == 9


# ---------------------------------------------------------------- the supervisor


def test_a_failed_message_is_seen_and_put_away(county: Database, enter) -> None:
    county.write(lambda s: s.add(Message(key="a" * 20, content="地补咋没了，我电话15400123456", failed="KeyError")))
    browser = enter("qian")
    browser.get("/console/messages/")
    assert "地补咋没了，我电话〔电话〕" in browser.text
    browser.post("/console/messages/handled", key="a" * 20)
    assert "都答上了" in browser.text
    assert browser.post("/console/messages/handled", key="a" * 20).status_code == 404
    with county.read() as session:
        message = session.get(Message, "a" * 20)
        assert (message.failed, message.content) == (None, None)
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("message."))).all()
        assert acts == ["message.list", "message.handled"]


@pytest.mark.parametrize(
    ("query", "shows"),
    [("person=lin", True), ("person=wang", False), ("action=case.view", True), ("action=case.answer", False),
     ("since=2999-01-01", False), ("until=2000-01-01", False), ("since=nonsense", True)],
)  # fmt: skip
def test_the_audit_log_is_filtered(county: Database, enter, query: str, shows: bool) -> None:
    number = file_case(county)
    enter("lin").get(f"/console/cases/{number}")
    text = enter("an").get(f"/console/audit/?{query}").get_data(as_text=True)
    assert (f"办件 {number}" in text) == shows


def test_the_audit_log_finds_a_case_by_its_number_and_keeps_that_it_was_read(county: Database, enter) -> None:
    number = file_case(county)
    enter("lin").get(f"/console/cases/{number}")
    text = enter("an").get(f"/console/audit/?subject={number}").get_data(as_text=True)
    assert "看办件" in text
    with county.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "audit.read").order_by(AuditEntry.id.desc())).first()
        assert (entry.actor, entry.detail) == ("an", {"subject": number})


# ---------------------------------------------------------------- the public pages


def test_every_article_is_listed_and_opens(app) -> None:
    browser = Browser(app)
    index = browser.get("/").get_data(as_text=True)
    for article in articles():
        assert f'href="/articles/{article.slug}"' in index
        text = browser.get(f"/articles/{article.slug}").get_data(as_text=True)
        for said in (article.title, article.document, f"{article.checked.year}年", article.level):
            assert said in text, article.item


def test_the_public_pages_set_no_cookie_and_may_be_kept_for_a_minute(app) -> None:
    page = Browser(app).get("/articles/shebaoka")
    assert "Set-Cookie" not in page.headers
    assert set(page.headers["Cache-Control"].split(", ")) == {"public", "max-age=60"}


def test_an_unknown_page_says_where_to_go(app) -> None:
    for path in ("/articles/nothing", "/nothing/at/all"):
        page = Browser(app).get(path)
        assert page.status_code == 404
        assert "12345" in page.get_data(as_text=True)


def test_the_public_pages_stand_without_the_console(sqlite_database: Database) -> None:
    from flask import Flask

    from console import register_public
    from tests.console.factories import values

    app = Flask("public", static_folder=None)
    register_public(app, sqlite_database, values())
    browser = Browser(app)
    assert browser.get("/").status_code == 200
    assert browser.get("/console/").status_code == 404


def test_under_a_prefix_every_link_stays_under_it(county: Database) -> None:
    app = make_app(county, path_prefix="/mbk")
    page = app.test_client().get("/", environ_overrides={"SCRIPT_NAME": "/mbk"}).get_data(as_text=True)
    links = re.findall(r'(?:href|src)="(/[^"]*)"', page)
    assert links
    assert all(link.startswith("/mbk/") for link in links)


def test_under_a_prefix_one_comes_back_to_where_one_was(county: Database) -> None:
    client = make_app(county, path_prefix="/mbk").test_client()
    under = {"SCRIPT_NAME": "/mbk"}
    away = client.get("/console/cases/?state=all", environ_overrides=under).location
    assert away == "/mbk/console/login?back=/mbk/console/cases/?state%3Dall"
    page = client.get(away.removeprefix("/mbk"), environ_overrides=under).get_data(as_text=True)
    assert 'name="back" value="/mbk/console/cases/?state=all"' in page


# ---------------------------------------------------------------- when something breaks


def test_a_busy_database_is_said_so_and_trying_again_helps(app, county: Database, enter, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.errors import Busy

    number = file_case(county)
    browser = enter("lin")

    def busy(*_: object, **__: object) -> None:
        raise Busy

    monkeypatch.setattr(county, "write", busy)
    page = browser.get(f"/console/cases/{number}")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "3")
    assert "现在有点忙" in browser.text
    assert "低保" not in browser.text


def test_a_fault_of_ours_shows_a_page_and_no_detail(app, enter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_staff: object) -> None:
        raise ValueError("22022119340412936X")

    browser = enter("lin")
    monkeypatch.setattr("console.cases.own_cases_for", broken)
    assert browser.get("/console/cases/").status_code == 500
    assert "22022119340412936X" not in browser.text
    assert "出了点问题" in browser.text


def test_the_password_of_the_cast_is_fit_for_use() -> None:
    from models.password import checked

    assert checked(PASSWORD, "lin") == PASSWORD
