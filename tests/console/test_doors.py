"""Every route says who may open it, and keeps everybody else out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from console import door
from models.audit import AuditEntry
from models.db import Database
from models.staff import ROLES, Permission
from tests.console.factories import CAST, Browser, case_of, file_case, make_app

P = Permission
# The whole table, written down: a new route must be added here, and with it the decision who may open it.
EXPECTED: dict[str, str | set[Permission]] = {
    "signing.show": "open", "signing.log_in": "open", "signing.log_out": "signed in", "signing.password_page": "signed in",
    "signing.change": "signed in", "home.home": "signed in",
    "cases.queue": {P.CASES}, "cases.show": {P.CASES}, "cases.accept": {P.CASES}, "cases.answer": {P.CASES},
    "cases.transfer": {P.CASES}, "cases.note": {P.CASES}, "cases.reveal": {P.CASES}, "cases.attachment": {P.CASES},
    "hotline.desk": {P.SEARCH_KNOWLEDGE}, "hotline.search": {P.SEARCH_KNOWLEDGE}, "hotline.gap": {P.SEARCH_KNOWLEDGE},
    "filing.form": {P.FILE_FOR_CALLER}, "filing.preview": {P.FILE_FOR_CALLER}, "filing.file": {P.FILE_FOR_CALLER},
    "filing.filed": {P.FILE_FOR_CALLER},
    "calls.call_list": {P.CALL_LIST}, "calls.call": {P.CALL_LIST}, "calls.told": {P.CALL_LIST}, "calls.missed": {P.CALL_LIST},
    "failures.messages": {P.FAILED_MESSAGES}, "failures.handled": {P.FAILED_MESSAGES}, "audit.log": {P.AUDIT},
    "people.staff_list": {P.STAFF}, "people.new_staff": {P.STAFF}, "people.create_staff": {P.STAFF},
    "people.person": {P.STAFF}, "people.give_post": {P.STAFF}, "people.switch": {P.STAFF}, "people.reset": {P.STAFF},
    "people.department_list": {P.STAFF}, "people.department": {P.STAFF}, "people.change_department": {P.STAFF},
    "articles.versions": {P.EDIT_KNOWLEDGE}, "articles.version": {P.EDIT_KNOWLEDGE}, "articles.publish": {P.EDIT_KNOWLEDGE},
    "batches.overview": {P.PAYMENTS}, "batches.show": {P.PAYMENTS}, "batches.withdraw": {P.PAYMENTS},
    "batches.keep": {P.PAYMENTS}, "batches.drop": {P.PAYMENTS},
    "uploads.new": {P.PAYMENTS}, "uploads.begin": {P.PAYMENTS}, "uploads.piece": {P.PAYMENTS}, "uploads.received": {P.PAYMENTS},
    "uploads.show": {P.PAYMENTS}, "uploads.progress": {P.PAYMENTS}, "uploads.answer": {P.PAYMENTS},
    "uploads.confirm": {P.PAYMENTS}, "uploads.give_up": {P.PAYMENTS}, "uploads.report": {P.PAYMENTS},
    "public.index": "open", "public.article": "open",
    "one_time.card": "open", "one_time.number": "open", "one_time.give": "open",
    "own.statement_link": "open", "own.open_statement": "open", "own.statement": "open", "own.export_link": "open",
    "own.export": "open", "notices.page": "open",
    "proving.desk": {P.LOOK_UP}, "proving.look": {P.LOOK_UP}, "proving.confirm": {P.CONFIRM_PERSON},
    "publicity.sheet": "open", "publicity.index": "open", "publicity.one": "open", "publicity.robots": "open",
    "publicity_desk.lists": {P.PUBLISH}, "publicity_desk.show": {P.PUBLISH}, "publicity_desk.take_down": {P.PUBLISH},
    "publicity_desk.printed": {P.PUBLISH}, "publicity_desk.new": {P.PUBLISH}, "publicity_desk.hang": {P.PUBLISH},
    "publicity_desk.exposures": {P.EXPOSURE}, "publicity_desk.exposure": {P.EXPOSURE}, "publicity_desk.decide": {P.EXPOSURE},
    "village_cards.desk": {P.PRINT_CARDS}, "village_cards.printed": {P.PRINT_CARDS},
    "findings.queue": {P.FINDINGS}, "findings.show": {P.FINDINGS}, "findings.clear": {P.FINDINGS}, "findings.reveal": {P.FINDINGS},
    "findings.inspection": {P.AUDIT}, "findings.export_inspection": {P.AUDIT},
    "returns.queue": {P.RETURNS}, "returns.show": {P.RETURNS}, "returns.work": {P.RETURNS}, "returns.reveal": {P.RETURNS},
    "returns.export": {P.PAYMENTS}, "unclaimed.files": {P.PAYMENTS}, "unclaimed.bring": {P.PAYMENTS},
    "unclaimed.unclaimed": {P.PAYMENTS}, "unclaimed.one": {P.PAYMENTS}, "unclaimed.claim": {P.PAYMENTS},
    "unclaimed.dismiss": {P.PAYMENTS},
    "village_codes.codes": {P.PUBLISH}, "village_codes.ask": {P.PUBLISH}, "village_codes.poster": {P.PUBLISH},
}  # fmt: skip
# The supervisor sees every case; its department alone takes it on and answers.
OF_THE_DEPARTMENT = {"cases.accept", "cases.answer"}
# A public page without a cookie: the token stands in its address, and is good once.
BY_ITS_ADDRESS = {"one_time.give", "own.open_statement", "own.export"}


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "assets.static")


def address(rule: Rule, number: str) -> str:
    filled = {"number": number, "attachment_id": 1, "delivery_id": 1, "key": "0" * 32, "username": "lin",
              "department_id": 1, "version_id": 1, "slug": "shebaoka", "batch_id": 1, "upload_id": 1, "at": 0,
              "code": "GS-1001", "item": "最低生活保障", "scene": "v0", "token": "x", "finding_id": 1, "returned_id": 1,
              "unclaimed_id": 1}  # fmt: skip
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<{name}>", str(filled[name])).replace(f"<int:{name}>", str(filled[name]))
    return path


def test_every_route_declares_what_is_written_down_here(sqlite_database: Database) -> None:
    declared = {}
    for rule in rules(make_app(sqlite_database)):
        access = door.access_of(make_app(sqlite_database).view_functions[rule.endpoint])
        assert access is not None, rule.endpoint
        kind = "open" if access.open_because else set(access.permissions) or "signed in"
        declared[rule.endpoint] = kind
    assert declared == EXPECTED


def test_a_view_without_a_declaration_stops_the_start(sqlite_database: Database) -> None:
    with pytest.raises(RuntimeError, match="does not say who may open it"):
        door.guarded(lambda: "", sqlite_database)


def test_nobody_passes_without_a_login(app: Flask, county: Database) -> None:
    number = file_case(county)
    for rule in rules(app):
        if EXPECTED[rule.endpoint] == "open":
            continue
        browser = Browser(app)
        browser.get("/console/login")
        path = address(rule, number)
        if "GET" in rule.methods:
            response = browser.client.get(path)
        else:
            response = browser.client.post(path, data={"csrf_token": browser.token})
        assert response.status_code == 302, rule
        assert response.location.startswith("/console/login"), rule


def test_every_role_passes_exactly_where_it_has_the_permission(app: Flask, county: Database, enter) -> None:
    number = file_case(county)
    for username, (_, role, _) in CAST.items():
        for rule in rules(app):
            wanted = EXPECTED[rule.endpoint]
            if isinstance(wanted, str):
                continue
            browser = enter(username)
            path, allowed = address(rule, number), bool(wanted & ROLES[role])
            if "GET" in rule.methods:
                status = browser.client.get(path).status_code
            else:
                status = browser.client.post(path, data={"csrf_token": browser.token}).status_code
            only_looks = username == "qian" and rule.endpoint in OF_THE_DEPARTMENT
            assert (status == 403) == (not allowed or only_looks), (username, rule, status)


def test_a_refusal_is_in_the_audit_log(county: Database, enter) -> None:
    browser = enter("lin")
    assert browser.get("/console/staff").status_code == 403
    assert browser.post("/console/staff/new", username="x").status_code == 403
    with county.read() as session:
        found = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "denied")).all()
    assert found == ["page:people.staff_list", "page:people.create_staff"]


def test_every_form_needs_its_token(app: Flask, county: Database, enter) -> None:
    number = file_case(county)
    for rule in rules(app):
        if "POST" in rule.methods and rule.endpoint not in BY_ITS_ADDRESS:
            response = enter("qian").client.post(address(rule, number), data={"text": "没有令牌"})
            assert response.status_code == 400, rule
            assert "表单失效了" in response.get_data(as_text=True)


def test_a_logged_in_page_is_never_kept_by_the_browser(county: Database, enter) -> None:
    page = enter("lin").get("/console/cases/")
    assert page.headers["Cache-Control"] == "no-store"


def test_the_headers_stand_on_every_answer(app: Flask) -> None:
    for path in ("/", "/articles/shebaoka", "/console/login", "/nothing", "/assets/console.css"):
        with app.test_client().get(path) as response:
            headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_form_sent_twice_acts_once(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    once = browser.once
    browser.post(f"/console/cases/{number}/answer", once=once, text="已经补发到卡上。")
    browser.post(f"/console/cases/{number}/answer", once=once, text="已经补发到卡上。")
    assert "没有重复提交" in browser.text
    with county.read() as session:
        events = case_of(session, number).events
        assert [event.what for event in events].count("answered") == 1


def test_a_refused_form_can_be_sent_again_with_the_same_key(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    once = browser.once
    assert browser.post(f"/console/cases/{number}/answer", once=once, text="  ").status_code == 422
    browser.post(f"/console/cases/{number}/answer", once=once, text="已经补发到卡上。")
    assert "答复已交出" in browser.text


def test_one_persons_key_tells_another_nothing(county: Database, enter) -> None:
    key = "ab" * 16
    number = file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    other = file_case(county)
    enter("wang").post(f"/console/cases/{number}/note", once=key, text="量过地了")
    browser = enter("lin")
    browser.post(f"/console/cases/{other}/note", once=key, text="问过乡里了")
    assert "备注记下了" in browser.text
