"""明白卡 on paper: by village, for one's own township, and everybody learns who had theirs printed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from knowledge.identity import id_check_digit, mask_id_number
from knowledge.wording import beijing
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.follower import Follower
from models.resident import Binding
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, make_app
from tests.factories import GUAN, SUN, live_batch, payment, resident

TODAY = beijing(now()).date()
YEAR = TODAY.year
REASON = "给没有手机的群众发明白卡"


@pytest.fixture
def village(county: Database) -> Database:
    """关玉梅 and 孙学生 of 西将军村 were paid; 孙学生 looks with a phone. hu and gao are clerks of two townships."""

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
        guan, sun = resident(session, GUAN), resident(session, SUN)
        for person in (guan, sun):
            payment(session, batch, person, year=YEAR, stage_date=TODAY, paid_date=TODAY)
        follower = Follower.met(session, "oSun")
        session.flush()
        Binding.make(session, follower, sun, "name")
        for username, town in (("hu", "万昌镇"), ("gao", "口前镇")):
            home = Department.named(session, town)
            Staff.create(session, username, PASSWORD, name=username, role="clerk", department=home)

    county.write(work)
    return county


def enters(database: Database, username: str) -> Browser:
    browser = Browser(make_app(database))
    assert browser.log_in(username).status_code == 200
    return browser


def prints(browser: Browser, **changed: object) -> int:
    browser.get("/console/cards/?town=万昌镇")
    fields = {"town": "万昌镇", "village": "西将军", "year": YEAR, "reason": REASON, "who": "some"}
    return browser.post("/console/cards/print", **(fields | changed)).status_code


def printed(database: Database) -> list[tuple[int | None, str]]:
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "card.print").order_by(AuditEntry.id))
        return [(row.resident_id, row.detail["reason"]) for row in rows]


def test_the_card_holds_the_year_and_a_masked_number(village: Database) -> None:
    browser = enters(village, "hu")
    assert prints(browser) == 200
    for told in ("关玉梅", mask_id_number(GUAN["id_number"]), "高龄津贴", "300元", "3月×100元", "尾号9086", "县民政局", "没查到不等于没有"):
        assert told in browser.text
    assert GUAN["id_number"] not in browser.text
    assert GUAN["account"] not in browser.text


def test_who_looks_with_a_phone_is_printed_only_where_the_whole_village_is(village: Database) -> None:
    browser = enters(village, "hu")
    prints(browser)
    assert "孙学生" not in browser.text
    prints(browser, who="all")
    assert "孙学生" in browser.text


def test_each_person_printed_stands_in_the_audit_log_with_the_reason(village: Database) -> None:
    prints(enters(village, "hu"), who="all")
    assert printed(village) == [(1, REASON), (2, REASON)]


def test_without_a_reason_nothing_is_shown_and_nothing_logged(village: Database) -> None:
    browser = enters(village, "hu")
    assert prints(browser, reason="") == 422
    assert "关玉梅" not in browser.text
    assert printed(village) == []


def test_a_clerk_sees_the_own_township_alone(village: Database) -> None:
    browser = enters(village, "gao")
    assert prints(browser) == 404
    assert "关玉梅" not in browser.text
    assert "万昌镇" not in browser.get("/console/cards/").text.replace("gao", "")
    assert printed(village) == []


def test_the_countys_people_choose_a_township(village: Database) -> None:
    browser = enters(village, "hua")
    assert "万昌镇" in browser.get("/console/cards/").text
    assert prints(browser) == 200


def test_fifty_are_printed_at_once_and_the_rest_on_the_next_page(village: Database) -> None:
    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
        for n in range(60):
            first17 = f"22022119500101{n + 100:03d}"
            person = {"name": f"村民{n}", "account": f"62999900000000{n:05d}", "id_number": first17 + id_check_digit(first17)}
            payment(session, batch, resident(session, person), year=YEAR, stage_date=TODAY, paid_date=TODAY)

    village.write(work)
    browser = enters(village, "hu")
    prints(browser)
    assert browser.text.count('class="sheet"') == 50
    assert "共61人，这里是第1到第50个" in browser.text
    prints(browser, page=2)
    assert browser.text.count('class="sheet"') == 11
    assert len(printed(village)) == 61


def test_a_village_that_is_not_there_is_said_kindly(village: Database) -> None:
    browser = enters(village, "hu")
    assert prints(browser, village="没有的村") == 404
    assert prints(browser, year=YEAR - 1) == 422
    assert "没有可以打印的" in browser.text
