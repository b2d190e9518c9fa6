"""Every role × every route of the console × own, other and accused department, against the table of `tests.console.matrix`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.routing import Rule

from models.case import Case
from models.db import Database
from models.staff import ROLES
from tests.console.factories import Browser, make_app
from tests.console.matrix import FORMS, PEOPLE, TABLE, About
from tests.console.matrix_cases import ACCUSED, MARK, OTHER, OWN, Ids, hire, three_cases

NO, NOWHERE, BACK = 403, 404, 302
# Where one comes from, not where one works.
ELSE = {"username": "lin", "code": "GS-1001", "item": "最低生活保障", "scene": "v0", "key": "0" * 32, "at": 0}
BEFORE_THE_DOOR = {"signing.show", "signing.log_in", "signing.ask_code", "signing.give_code"}


def console_rules(app: Flask) -> Iterator[Rule]:
    return (
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console") and rule.endpoint not in BEFORE_THE_DOOR
    )


@pytest.fixture
def house(sqlite_database: Database) -> Database:
    """A county with one person a role."""
    hire(sqlite_database)
    return sqlite_database


def test_every_route_of_the_console_stands_in_the_table(sqlite_database: Database) -> None:
    assert {rule.endpoint for rule in console_rules(make_app(sqlite_database))} == set(TABLE)


def test_every_role_stands_in_the_table() -> None:
    assert {role for _, _, role, _, _ in PEOPLE.values()} == set(ROLES)


def filled(rule: Rule, ids: Ids) -> str:
    """The address with what hangs on the case; any other id is 1."""
    path = rule.rule
    for name in rule.arguments:
        value = str(ids.get(f"{rule.endpoint}:{name}", ids.get(name, ELSE.get(name, 1))))
        path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", value)
    return path


def status_of(client: FlaskClient, token: str | None, rule: Rule, ids: Ids) -> tuple[int, str]:
    """What the server says, and the page."""
    path = filled(rule, ids)
    response = client.get(path) if "GET" in rule.methods else client.post(path, data={"csrf_token": token} | FORMS.get(rule.endpoint, {}))
    return response.status_code, response.get_data().decode(errors="replace")


def wrong_of(letter: str, rule: Rule, column: str, status: int) -> str:
    """In words, how the status is another one than the table says; empty if it is as expected."""
    row = TABLE[rule.endpoint]
    if isinstance(row, str):
        wanted = "in" if letter in row else "403"
    elif letter not in row.permission:
        wanted = "403"
    elif column == ACCUSED:
        wanted = str(row.accused)
    else:
        wanted = "in" if letter in (row.own if column == OWN else row.other) else "403 or 404"
    fits = {
        "in": status not in (NO, NOWHERE), "403": status == NO, "404": status == NOWHERE, "302": status == BACK,
        "403 or 404": status in (NO, NOWHERE),
    }  # fmt: skip
    if isinstance(row, str) and wanted == "in":
        return "" if status != NO else "a 403 for whoever has the permission"  # a batch, an article may not be there
    return "" if fits[wanted] else f"{status} instead of {wanted}"


@pytest.mark.parametrize("letter", PEOPLE)
def test_everybody_gets_in_exactly_where_the_table_says(house: Database, letter: str) -> None:
    app, cases = make_app(house), three_cases(house, letter)
    house.write(lambda s: s.execute(update(Case).values(follower_id=None)))
    browser = Browser(app)
    browser.log_in(PEOPLE[letter][0])
    wrong, told = {}, set()
    for rule in sorted(console_rules(app), key=lambda rule: ("GET" not in rule.methods, rule.rule)):
        for column in (OWN, OTHER, ACCUSED) if isinstance(TABLE[rule.endpoint], About) else (OWN,):
            if rule.endpoint == "signing.log_out":
                continue
            status, page = status_of(browser.client, browser.token, rule, cases[column])
            if said := wrong_of(letter, rule, column, status):
                wrong[f"{rule.endpoint} ({column})"] = said
            if (MARK in page or str(cases[ACCUSED]["number"]) in page) and column != ACCUSED:
                told.add(rule.endpoint)
    assert wrong == {}
    assert told == set(), "a page tells somebody of a case that complains about them"


@pytest.mark.parametrize("letter", PEOPLE)
def test_no_search_and_no_filter_finds_what_complains_about_oneself(house: Database, letter: str) -> None:
    number = str(three_cases(house, letter)[ACCUSED]["number"])
    browser = Browser(make_app(house))
    browser.log_in(PEOPLE[letter][0])
    states = ("open", "filed", "accepted", "incoming", "helping", "all")
    paths = [f"/console/cases/?state={state}" for state in states]
    paths += [f"/console/cases/?state=all&number={number[-4:]}", f"/console/cases/?number={number}", f"/console/audit/?subject={number}"]
    for path in paths:
        page = browser.client.get(path, follow_redirects=True).get_data(as_text=True)
        assert MARK not in page, path
        assert number not in page.replace(f'value="{number}"', "").replace(f"subject={number}", ""), path
