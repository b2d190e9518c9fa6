"""A person's own pages: the 明白卡 and the export, each behind a link that is good once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.resident import Binding
from tests.console.factories import make_app
from tests.factories import GUAN, live_batch, payment, resident
from tests.talk import VALUES, Phone

TODAY = beijing(now()).date()
YEAR = TODAY.year
PUBLIC = "https://mbk.example"


@pytest.fixture
def phone(database: Database) -> Phone:
    """关玉梅 is bound; one payment of this year, one of last year."""

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR], ["高龄津贴", YEAR - 1]])
        guan = resident(session, GUAN, phone="15400123456")
        payment(session, batch, guan, year=YEAR, stage_date=TODAY, paid_date=TODAY)
        payment(session, batch, guan, year=YEAR - 1, period=f"{YEAR - 1}年第3季度", amount_fen=12300)

    database.write(work)
    phone = Phone(database)
    phone.dispatcher._values = replace(VALUES, public_url=PUBLIC)
    phone.follow()
    phone.say("查补贴")
    phone.say("同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def link_in(said: str) -> str:
    found = re.search(rf"{PUBLIC}(/\S+)", said)
    assert found, said
    return found[1]


def test_the_card_opens_once_and_lasts_in_the_browser_that_opened_it(phone: Phone, database: Database) -> None:
    path = link_in(phone.say("明白卡"))
    browser = make_app(database).test_client()
    assert "看明白卡" in browser.get(path).text
    assert "看明白卡" in browser.get(path).text
    opened = browser.post(path)
    assert opened.status_code == 303
    cookie = opened.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/statement"} <= set(cookie.split("; "))
    page = browser.get("/statement")
    assert "300元" in page.text
    assert f"{YEAR}年明白卡" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "123元" in browser.get(f"/statement?year={YEAR - 1}").text
    assert browser.post(path).status_code == 410
    assert make_app(database).test_client().get("/statement").status_code == 410


def test_nothing_personal_stands_in_title_or_address(phone: Phone, database: Database) -> None:
    path = link_in(phone.say("我的明白卡"))
    browser = make_app(database).test_client()
    browser.post(path)
    title = re.search(r"<title>(.*?)</title>", browser.get("/statement").text, re.DOTALL)
    assert title
    assert "关" not in title[1]
    assert GUAN["id_number"] not in path


def test_who_ends_the_binding_sees_the_card_no_more(phone: Phone, database: Database) -> None:
    path = link_in(phone.say("明白卡"))
    browser = make_app(database).test_client()
    browser.post(path)
    database.write(lambda session: session.get_one(Binding, 1).end())
    assert browser.get("/statement").status_code == 410


def test_a_year_that_is_named_is_shown(phone: Phone) -> None:
    assert f"{YEAR - 1}年明白卡：打到卡上1笔，共123元" in phone.say(f"{YEAR - 1}年明白卡")


def test_the_export_holds_what_is_kept_and_masks_numbers(phone: Phone, database: Database) -> None:
    path = link_in(phone.say("导出我的信息"))
    browser = make_app(database).test_client()
    assert "下载我的信息" in browser.get(path).text
    answer = browser.post(path)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for told in ("关玉梅", "高龄津贴", "300元", "154****3456", "绑定的人"):
        assert told in answer.text
    assert GUAN["id_number"] not in answer.text
    assert GUAN["account"] not in answer.text
    assert browser.post(path).status_code == 410


def test_a_link_that_never_was_says_what_to_do(database: Database) -> None:
    browser = make_app(database).test_client()
    for path in ("/statement/x", "/export/x"):
        page = browser.get(path)
        assert page.status_code == 410
        assert "明白卡" in page.text
