"""The duty phone of a department at the administrator's desk: kept masked, changed, taken away; and nothing of it elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from models.audit import AuditEntry
from models.db import Database
from models.staff import Department
from tests.console.factories import Browser, make_app

PHONE = "15400555666"


@pytest.fixture
def home(county: Database) -> str:
    """The address of 民政局."""
    with county.read() as session:
        return f"/console/departments/{Department.named(session, '民政局').id}"


def keep(browser: Browser, home: str, typed: str) -> str:
    browser.get(home)
    browser.post(f"{home}/duty-phone", duty_phone=typed)
    return browser.text


def phone(county: Database) -> str | None:
    with county.read() as session:
        return Department.named(session, "民政局").duty_phone


def test_it_is_kept_shown_masked_and_taken_away(county: Database, enter, home: str) -> None:
    browser = enter("sun")
    assert "还没有值班手机" in browser.get(home).get_data(as_text=True)
    text = keep(browser, home, "154 0055 5666")
    assert "值班手机记下了" in text
    assert "154****5666" in text
    assert PHONE not in text
    assert phone(county) == PHONE
    assert "不再往值班手机发短信了" in keep(browser, home, "")
    assert phone(county) is None


def test_it_is_written_down_who_did_it_and_not_the_number(county: Database, enter, home: str) -> None:
    keep(enter("sun"), home, PHONE)
    with county.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "department.duty_phone")).one()
        assert (entry.actor, entry.subject, entry.detail["told"]) == ("sun", "department:民政局", True)
        assert PHONE not in str(entry.detail)


@pytest.mark.parametrize("typed", ["043264221234", "1540055566", "15400555666 15400777888"])
def test_what_is_no_mobile_number_is_refused_in_words(county: Database, enter, home: str, typed: str) -> None:
    browser = enter("sun")
    browser.get(home)
    assert browser.post(f"{home}/duty-phone", duty_phone=typed).status_code == 422
    assert "11位的手机号" in browser.text
    assert phone(county) is None


def test_the_departments_other_fields_leave_it_alone(county: Database, enter, home: str) -> None:
    browser = enter("sun")
    keep(browser, home, PHONE)
    browser.post(home, full_name="永吉县民政局", phone="0432-64221234", active="1")
    assert phone(county) == PHONE


def test_the_page_says_whether_anything_is_sent(county: Database, app: Flask, home: str) -> None:
    for duty_texts, said in ((False, True), (True, False)):
        browser = Browser(make_app(county, duty_texts=duty_texts))
        browser.log_in("sun")
        assert ("县里还没有配置这种短信" in browser.get(home).get_data(as_text=True)) is said


@pytest.mark.parametrize("who", ["lin", "zhao", "qian", "an"])
def test_it_is_for_the_administrator_alone(county: Database, enter, home: str, who: str) -> None:
    browser = enter(who)
    browser.get("/console/")
    assert browser.post(f"{home}/duty-phone", duty_phone=PHONE).status_code == 403
    assert phone(county) is None
