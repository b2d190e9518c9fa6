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
from tests.console.factories import CAST, Browser, case_of, file_case, make_app, reply

P = Permission
WRITING = {P.EDIT_KNOWLEDGE, P.WRITE_ARTICLES}
KNOWLEDGE = {*WRITING, P.REVIEW_ARTICLES}
# The whole table, written down: a new route must be added here, and with it the decision who may open it.
EXPECTED: dict[str, str | set[Permission]] = {
    "signing.show": "open", "signing.log_in": "open", "signing.log_out": "signed in", "signing.password_page": "signed in",
    "signing.change": "signed in", "home.home": "signed in", "signing.ask_code": "open", "signing.give_code": "open",
    "totp.own": "signed in", "totp.begin": "signed in", "totp.confirm": "signed in", "totp.new_codes": "signed in", "totp.off": "signed in",
    "overview.show": {P.OVERSEE}, "statistics.show": {P.OVERSEE}, "statistics.file": {P.OVERSEE}, "statistics.cases": {P.OVERSEE},
    "work_orders.desk": {P.WORK_ORDERS}, "work_orders.bring": {P.WORK_ORDERS}, "work_orders.same": {P.WORK_ORDERS},
    "work_orders.another": {P.WORK_ORDERS}, "work_orders.answers": {P.WORK_ORDERS},
    "succession.choose": {P.STAFF}, "succession.give": {P.STAFF}, "people.reset_totp": {P.STAFF},
    "county.show": {P.STAFF}, "county.item": {P.STAFF}, "county.give": {P.STAFF},
    "cases.queue": {P.CASES, P.VILLAGE_CASES}, "cases.show": {P.CASES, P.VILLAGE_CASES}, "cases.accept_many": {P.CASES},
    "handling.transfer": {P.CASES}, "handling.take": {P.CASES}, "handling.decline": {P.CASES}, "handling.take_back": {P.CASES},
    "handling.give_back": {P.CASES}, "handling.ask_help": {P.CASES}, "handling.give_part": {P.CASES}, "handling.slip": {P.CASES},
    "handling.bar": {P.TRIAGE}, "handling.unbar": {P.LIFT_BARS},
    "routing_changes.desk": {P.LEARN_ROUTING}, "routing_changes.show": {P.LEARN_ROUTING}, "routing_changes.strike": {P.LEARN_ROUTING},
    "routing_changes.approve": {P.LEARN_ROUTING}, "routing_changes.decline": {P.LEARN_ROUTING}, "routing_changes.roll_back": {P.LEARN_ROUTING},
    "triage.desk": {P.TRIAGE}, "triage.assign": {P.TRIAGE}, "triage.assign_one": {P.TRIAGE}, "triage.hand_outside": {P.TRIAGE},
    "cases.accept": {P.CASES}, "answering.answer": {P.CASES}, "answering.show": {P.CASES}, "answering.draft": {P.CASES},
    "clocks.extension": {P.CASES}, "clocks.stop": {P.CASES}, "clocks.go_on": {P.CASES}, "clocks.ask_correction": {P.CASES},
    "clocks.given_up": {P.CASES},
    "clocks.corrected": {P.CASES}, "clocks.confirm": {P.CASES}, "clocks.kind": {P.CASES},
    "case_notices.new": {P.CASES}, "case_notices.preview": {P.CASES}, "case_notices.issue": {P.CASES}, "case_notices.show": {P.CASES},
    "case_notices.docx": {P.CASES}, "case_notices.void": {P.CASES}, "reminders.desk": {P.CASES}, "reminders.seen": {P.CASES},
    "approvals.queue": {P.APPROVE}, "approvals.grant": {P.APPROVE}, "approvals.refuse": {P.APPROVE}, "approvals.approve": {P.APPROVE},
    "approvals.give_back": {P.APPROVE}, "canned.texts": {P.CASES, P.EDIT_KNOWLEDGE}, "canned.new": {P.CASES, P.EDIT_KNOWLEDGE},
    "canned.show": {P.CASES, P.EDIT_KNOWLEDGE}, "canned.save": {P.CASES, P.EDIT_KNOWLEDGE}, "canned.switch": {P.CASES, P.EDIT_KNOWLEDGE},
    "cases.note": {P.CASES, P.VILLAGE_CASES}, "cases.reveal": {P.CASES}, "cases.attachment": {P.CASES, P.VILLAGE_CASES},
    "hotline.desk": {P.SEARCH_KNOWLEDGE}, "hotline.search": {P.SEARCH_KNOWLEDGE}, "hotline.gap": {P.SEARCH_KNOWLEDGE},
    "hotline.opened": {P.SEARCH_KNOWLEDGE}, "hotline.pin": {P.SEARCH_KNOWLEDGE}, "filing.text": {P.FILE_FOR_CALLER},
    "call_notes.begin": {P.TAKE_CALLS}, "call_notes.note": {P.TAKE_CALLS}, "call_notes.end": {P.TAKE_CALLS},
    "call_notes.calls": {P.TAKE_CALLS, P.ALL_CALLS}, "call_notes.show": {P.TAKE_CALLS, P.ALL_CALLS},
    "caller.identify": {P.LOOK_UP}, "caller.person": {P.LOOK_UP}, "caller.why": {P.LOOK_UP}, "caller.change": {P.LOOK_UP},
    "caller.send": {P.TAKE_CALLS},
    "filing.form": {P.FILE_FOR_CALLER}, "filing.preview": {P.FILE_FOR_CALLER}, "filing.file": {P.FILE_FOR_CALLER},
    "filing.filed": {P.FILE_FOR_CALLER},
    "calls.call_list": {P.CALL_LIST}, "calls.call": {P.CALL_LIST}, "calls.told": {P.CALL_LIST}, "calls.missed": {P.CALL_LIST},
    "failures.messages": {P.FAILED_MESSAGES}, "failures.handled": {P.FAILED_MESSAGES}, "audit.log": {P.AUDIT}, "audit.export": {P.AUDIT},
    "people.staff_list": {P.STAFF}, "people.new_staff": {P.STAFF}, "people.create_staff": {P.STAFF},
    "people.person": {P.STAFF}, "people.give_post": {P.STAFF}, "people.switch": {P.STAFF}, "people.reset": {P.STAFF},
    "people.duty_phone": {P.STAFF}, "people.department_list": {P.STAFF}, "people.department": {P.STAFF}, "people.change_department": {P.STAFF},
    "articles.versions": KNOWLEDGE, "articles.version": KNOWLEDGE, "editing.page": KNOWLEDGE,
    "articles.approve": {P.REVIEW_ARTICLES}, "articles.send_back": {P.REVIEW_ARTICLES}, "articles.cancel": {P.REVIEW_ARTICLES},
    "articles.confirm": {P.WRITE_ARTICLES}, "editing.begin": WRITING, "editing.edit": WRITING, "editing.save": WRITING,
    "editing.preview": WRITING, "editing.unsaved_page": WRITING, "editing.submit": WRITING, "editing.take_back": WRITING,
    "editing.drop": WRITING, "editing.still_right": WRITING,
    "batches.overview": {P.PAYMENTS}, "batches.show": {P.PAYMENTS}, "batches.withdraw": {P.PAYMENTS},
    "batches.keep": {P.PAYMENTS}, "batches.drop": {P.PAYMENTS},
    "uploads.new": {P.PAYMENTS}, "uploads.begin": {P.PAYMENTS}, "uploads.piece": {P.PAYMENTS}, "uploads.received": {P.PAYMENTS},
    "uploads.show": {P.PAYMENTS}, "uploads.progress": {P.PAYMENTS}, "uploads.answer": {P.PAYMENTS},
    "uploads.confirm": {P.PAYMENTS}, "uploads.give_up": {P.PAYMENTS}, "uploads.report": {P.PAYMENTS},
    "public.index": "open", "public.article": "open", "public.short": "open", "public.large": "open",
    "gaps.overview": {P.GAPS}, "gaps.show": {P.GAPS}, "gaps.give": {P.GAPS}, "gaps.close": {P.GAPS}, "gaps.reopen": {P.GAPS}, "gaps.draft": {P.GAPS},
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
    "findings.inspection": {P.INSPECT}, "findings.export_inspection": {P.INSPECT},
    "returns.queue": {P.RETURNS}, "returns.show": {P.RETURNS}, "returns.work": {P.RETURNS}, "returns.reveal": {P.RETURNS},
    "returns.export": {P.PAYMENTS}, "unclaimed.files": {P.PAYMENTS}, "unclaimed.bring": {P.PAYMENTS},
    "unclaimed.unclaimed": {P.PAYMENTS}, "unclaimed.one": {P.PAYMENTS}, "unclaimed.claim": {P.PAYMENTS},
    "unclaimed.dismiss": {P.PAYMENTS},
    "visits.desk": {P.ALL_CASES}, "visits.sealed": {P.SEALED_PERSON}, "visits.by_phone": {P.CALL_LIST},
    "similar.join": {P.CASES}, "similar.part": {P.CASES}, "similar.answer": {P.CASES}, "similar.hot": {P.ALL_CASES},
    "similar.hot_seen": {P.ALL_CASES}, "slips.link": "open", "slips.opened": "open",
    "village_codes.codes": {P.PUBLISH}, "village_codes.ask": {P.PUBLISH}, "village_codes.poster": {P.PUBLISH},
}  # fmt: skip
# The supervisor sees every case; its department alone takes it on and answers.
OF_THE_DEPARTMENT = {
    "handling.transfer", "handling.take_back", "handling.give_back", "handling.ask_help",
    "cases.accept", "answering.answer", "answering.show", "answering.draft", "clocks.extension", "clocks.stop", "clocks.go_on",
    "clocks.ask_correction", "clocks.given_up", "clocks.corrected", "clocks.confirm", "case_notices.new", "case_notices.preview",
    "case_notices.issue", "case_notices.void", "similar.join", "similar.part", "similar.answer",
}
# A public page without a cookie: the token stands in its address, and is good once.
BY_ITS_ADDRESS = {"one_time.give", "own.open_statement", "own.export", "slips.opened"}


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "assets.static")


def address(rule: Rule, number: str) -> str:
    filled = {"number": number, "attachment_id": 1, "delivery_id": 1, "key": "0" * 32, "username": "lin",
              "department_id": 1, "version_id": 1, "slug": "shebaoka", "batch_id": 1, "upload_id": 1, "at": 0,
              "code": "GS-1001", "item": "最低生活保障", "scene": "v0", "token": "x", "finding_id": 1, "returned_id": 1, "topic_id": 1,
              "unclaimed_id": 1, "order_id": 1, "group_id": 1, "step_id": 1, "answer_id": 1, "notice_id": 1, "reminder_id": 1,
              "canned_id": 1, "call_id": 1, "change_id": 1}  # fmt: skip
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
    browser.post(f"/console/cases/{number}/answer", once=once, **reply("已经补发到卡上。"))
    browser.post(f"/console/cases/{number}/answer", once=once, **reply("已经补发到卡上。"))
    assert "没有重复提交" in browser.text
    with county.read() as session:
        events = case_of(session, number).events
        assert [event.what for event in events].count("answered") == 1


def test_a_refused_form_can_be_sent_again_with_the_same_key(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    once = browser.once
    assert browser.post(f"/console/cases/{number}/answer", once=once, **reply("  ")).status_code == 422
    browser.post(f"/console/cases/{number}/answer", once=once, **reply("已经补发到卡上。"))
    assert "答复已交出" in browser.text


def test_one_persons_key_tells_another_nothing(county: Database, enter) -> None:
    key = "ab" * 16
    number = file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    other = file_case(county)
    enter("wang").post(f"/console/cases/{number}/note", once=key, text="量过地了")
    browser = enter("lin")
    browser.post(f"/console/cases/{other}/note", once=key, text="问过乡里了")
    assert "备注记下了" in browser.text
