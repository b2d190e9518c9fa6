"""代查 and 当面认: who may look up for whom, after which questions, and what is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from console.proving import REASONS
from knowledge.proving import LOCKED, NOT_MATCHED, Outcome, told
from knowledge.wording import beijing
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.proving import Rules
from models.resident import Attempt, Binding
from models.staff import Department, Staff
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD, Browser, make_app
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import VALUES, Phone

YEAR = beijing(now()).year
RULES = Rules(("name", "card_tail", "in_person"))


@pytest.fixture
def loaded(county: Database) -> Database:
    """关玉梅 of 万昌镇 with 300 yuan, and the clerks 万 of 万昌镇 and 口 of 口前镇."""

    def work(session):
        batch = live_batch(session, data_as_of=beijing(now()).date(), items=[["高龄津贴", YEAR]])
        payment(session, batch, resident(session, GUAN), year=YEAR)
        resident(session, SUN)
        for username, town in (("wan", "万昌镇"), ("kou", "口前镇")):
            department = Department.named(session, town)
            Staff.create(session, username, PASSWORD, name=town[0], role="clerk", department=department)

    county.write(work)
    return county


@pytest.fixture
def desk(loaded: Database) -> Enter:
    """A browser of one of them, at the page."""
    app = make_app(loaded, rules=RULES)

    def enter(username: str) -> Browser:
        browser = Browser(app)
        browser.log_in(username)
        browser.get("/console/proving/")
        return browser

    return enter


def look(browser: Browser, **changed: str) -> str:
    form = {"number": GUAN["id_number"], "name": "关玉梅", "tail": "9086", "reason": REASONS[0], "note": ""} | changed
    browser.get("/console/proving/")
    browser.post("/console/proving/look", once=None, **form)
    return browser.text


def entries(database: Database, action: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.parametrize("who", ["zhao", "wan"])
def test_the_hotline_and_the_own_township_look_up_after_the_questions(loaded: Database, desk: Enter, who: str) -> None:
    text = look(desk(who), note="老人不会用手机")
    assert "300元" in text
    assert "关*梅" in text
    assert "关玉梅" not in text
    assert GUAN["id_number"] not in text
    (entry,) = entries(loaded, "resident.view")
    assert entry.actor == who
    assert entry.resident_id == 1
    assert entry.detail["reason"] == f"{REASONS[0]}：老人不会用手机"


def test_the_hotline_can_go_on_to_file_a_case(desk: Enter) -> None:
    assert "/console/hotline/file/" in look(desk("zhao"))
    assert "/console/hotline/file/" not in look(desk("wan"))


def test_a_clerk_of_another_township_is_not_shown_anything(loaded: Database, desk: Enter) -> None:
    text = look(desk("kou"))
    assert "不归本乡镇" in text
    assert "300元" not in text
    assert not entries(loaded, "resident.view")


@pytest.mark.parametrize("who", ["lin", "wang", "qian", "sun"])
def test_nobody_else_looks_up(loaded: Database, desk: Enter, who: str) -> None:
    browser = desk(who)
    assert browser.page.status_code == 403
    assert "代查补贴" not in browser.get("/console/cases").get_data(as_text=True)


def test_a_reason_is_wanted(loaded: Database, desk: Enter) -> None:
    assert "请选代查的原因" in look(desk("zhao"), reason="")
    assert not entries(loaded, "resident.view")


@pytest.mark.parametrize("wrong", [{"tail": "0000"}, {"name": "关玉海"}, {"number": "220221195010109015"}])
def test_what_does_not_fit_is_said_as_in_the_chat_and_counts(loaded: Database, desk: Enter, wrong: dict[str, str]) -> None:
    assert told(Outcome(NOT_MATCHED)) in look(desk("zhao"), **wrong)
    with loaded.read() as session:
        counted = dict(session.execute(select(Attempt.kind, Attempt.failures)).all())
    assert counted == {"staff": 1, "person": 1, "everyone": 1}
    (entry,) = entries(loaded, "resident.failed")
    assert entry.resident_id is None


def test_a_number_that_was_locked_in_the_chat_is_locked_at_the_desk_too(loaded: Database, desk: Enter) -> None:
    def lock(session):
        for _ in range(5):
            Attempt.held(session, "person", GUAN["id_number"]).count(5, RULES.window)

    loaded.write(lock)
    assert told(Outcome(LOCKED)) in look(desk("zhao"))


def test_an_agent_who_guesses_is_locked(loaded: Database, desk: Enter) -> None:
    browser = desk("zhao")

    def tire(session):
        for _ in range(20):
            Attempt.held(session, "staff", "zhao").count(20, RULES.window)

    loaded.write(tire)
    assert told(Outcome(LOCKED)) in look(browser)
    assert "300元" in look(desk("wan"))


# ---------------------------------------------------------------- over the counter


def code_on_the_phone(database: Database, openid: str = "oGuan") -> tuple[Phone, str]:
    phone = Phone(database, openid)
    phone.dispatcher._values = replace(VALUES, proof=RULES.factors)
    phone.say("当面认")
    said = phone.say("同意", GUAN["id_number"])
    return phone, said.split("：")[1].split("\n")[0]


def confirm(browser: Browser, code: str, **changed: str) -> str:
    form = {"code": code, "card_number": GUAN["id_number"], "seen": "1"} | changed
    browser.get("/console/proving/")
    browser.post("/console/proving/confirm", **form)
    return browser.text


def test_a_clerk_confirms_and_the_phone_is_told(loaded: Database, desk: Enter) -> None:
    phone, code = code_on_the_phone(loaded)
    assert "认好了：关*梅" in confirm(desk("wan"), code)
    said = phone.say("查补贴")
    assert "认好了：关*梅" in said
    assert "300元" in said
    (entry,) = entries(loaded, "person.confirm")
    assert (entry.actor, entry.resident_id) == ("wan", 1)
    with loaded.read() as session:
        assert session.scalars(select(Binding.proof)).one() == "in_person"


@pytest.mark.parametrize(
    ("who", "changed", "said"),
    [
        ("wan", {"code": "000000"}, "没对上"),
        ("wan", {"card_number": SUN["id_number"]}, "没对上"),
        ("wan", {"seen": ""}, "请先看身份证原件"),
        ("kou", {}, "没对上"),
    ],
)
def test_nothing_is_bound_without_code_card_and_the_own_township(
    loaded: Database, desk: Enter, who: str, changed: dict[str, str], said: str
) -> None:
    _phone, code = code_on_the_phone(loaded)
    changed = changed if changed.get("code") != code else {"code": "999999"}
    assert said in confirm(desk(who), **({"code": code} | changed))
    with loaded.read() as session:
        assert session.scalar(select(func.count()).select_from(Binding)) == 0


def test_a_code_works_once(loaded: Database, desk: Enter) -> None:
    _phone, code = code_on_the_phone(loaded)
    browser = desk("wan")
    confirm(browser, code)
    assert "没对上" in confirm(browser, code)


def test_the_other_phones_can_be_ended_at_the_counter(loaded: Database, desk: Enter) -> None:
    thief, code = code_on_the_phone(loaded, "oThief")
    confirm(desk("wan"), code)
    owner, code = code_on_the_phone(loaded, "oOwner")
    assert "别的1个微信已解除" in confirm(desk("wan"), code, end_others="1")
    assert "本人在乡镇要求" in thief.say("你好")
    assert "300元" in owner.say("查补贴")
    with loaded.read() as session:
        assert session.scalars(select(Binding.follower_id).where(Binding.ended_at.is_(None))).all() == [2]


def test_the_hotline_cannot_confirm(loaded: Database, desk: Enter) -> None:
    _phone, code = code_on_the_phone(loaded)
    browser = desk("zhao")
    assert "当面认" not in browser.text
    assert browser.post("/console/proving/confirm", code=code, card_number=GUAN["id_number"], seen="1").status_code == 403
