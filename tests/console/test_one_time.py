"""The one-time page: it takes number and proof, tells nothing, and the chat says what came of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from knowledge.identity import id_check_digit
from knowledge.proving import NOT_MATCHED, Outcome, told
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Conversation
from models.proof import Proof
from models.proving import Rules
from models.resident import PARENT, SELF, Attempt, Binding
from models.ticket import Ticket
from tests.console.factories import make_app
from tests.console.rules import Page
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import VALUES, Phone

YEAR = beijing(now()).year
PUBLIC = "https://mbk.example"


@pytest.fixture
def loaded(database: Database) -> Database:
    """关玉梅 and 孙学生, each with a payment of this year."""

    def work(session):
        batch = live_batch(session, data_as_of=beijing(now()).date(), items=[["高龄津贴", YEAR]])
        payment(session, batch, resident(session, GUAN, phone="13900001111"), year=YEAR)
        payment(session, batch, resident(session, SUN), year=YEAR, amount_fen=55500)

    database.write(work)
    return database


def talking(database: Database, **changed: object) -> tuple[Phone, str]:
    """A phone that was given a link, and the link's path."""
    phone = Phone(database)
    phone.dispatcher._values = replace(VALUES, public_url=PUBLIC, **changed)
    said = phone.say("查补贴")
    said = phone.say("同意") if "同意" in phone.links else said
    found = re.search(rf"{PUBLIC}(/number/\S+)", said)
    assert found, said
    return phone, found.group(1)


def client(database: Database, **changed: object) -> FlaskClient:
    return make_app(database, **changed).test_client()


GOOD = {"number": GUAN["id_number"], "name": "关玉梅", "tail": "9086", "relation": "self"}


def bindings(database: Database) -> list[tuple[str, bool]]:
    with database.read() as session:
        return [(row.relation, row.guardian) for row in session.scalars(select(Binding))]


def test_the_page_takes_the_proof_and_the_chat_says_the_result(loaded: Database) -> None:
    phone, path = talking(loaded)
    page = client(loaded).post(path, data=GOOD)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "收到了，请回微信看" in text
    assert "关" not in Page(text).text.replace("关上", "").replace("有关", "")
    said = phone.say("查补贴")
    assert said.startswith("认好了：关*梅")
    assert "300元" in said
    assert bindings(loaded) == [(SELF, False)]


def test_a_wrong_proof_looks_the_same_on_the_page_and_is_told_in_the_chat(loaded: Database) -> None:
    pages = []
    for wrong in ({"tail": "0000"}, {"number": "220221195010109015"}):
        phone, path = talking(loaded)
        pages.append(client(loaded).post(path, data=GOOD | wrong).get_data(as_text=True))
        assert told(Outcome(NOT_MATCHED)) in phone.say("低保怎么申请")
        phone.say("取消")
    right = talking(loaded)[1]
    pages.append(client(loaded).post(right, data=GOOD).get_data(as_text=True))
    assert len(set(pages)) == 1


def test_the_result_waits_to_be_pushed(loaded: Database) -> None:
    _phone, path = talking(loaded)
    client(loaded).post(path, data=GOOD)
    with loaded.read() as session:
        assert Delivery.any_due(session)


def test_a_link_works_once_and_opening_it_spends_nothing(loaded: Database) -> None:
    _phone, path = talking(loaded)
    browser = client(loaded)
    assert [browser.get(path).status_code for _ in range(3)] == [200] * 3
    assert browser.post(path, data=GOOD).status_code == 200
    assert browser.get(path).status_code == 410
    assert "过期" in browser.post(path, data=GOOD).get_data(as_text=True)


def test_what_cannot_be_read_is_said_on_the_page_and_spends_nothing(loaded: Database) -> None:
    _phone, path = talking(loaded)
    browser = client(loaded)
    page = browser.post(path, data=GOOD | {"number": "2202211934"})
    assert page.status_code == 422
    assert "您发来的是10位" in page.get_data(as_text=True)
    assert browser.post(path, data=GOOD).status_code == 200
    with loaded.read() as session:
        assert not any(session.scalars(select(Attempt.failures)))


@pytest.mark.parametrize("path", ["/number/abc", "/number/" + "x" * 32])
def test_a_made_up_token_opens_nothing(loaded: Database, path: str) -> None:
    assert client(loaded).get(path).status_code == 410
    assert client(loaded).post(path, data=GOOD).status_code == 410
    assert bindings(loaded) == []


def test_an_old_link_opens_nothing(loaded: Database) -> None:
    _phone, path = talking(loaded)
    loaded.write(lambda s: s.execute(update(Ticket).values(expires_at=now())))
    assert client(loaded).get(path).status_code == 410


def test_nobody_keeps_or_passes_on_the_page(loaded: Database) -> None:
    _phone, path = talking(loaded)
    for page in (client(loaded).get(path), client(loaded).post(path, data=GOOD)):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_page_is_right_html(loaded: Database) -> None:
    _phone, path = talking(loaded)
    page = Page(client(loaded).get(path).get_data(as_text=True))
    assert not page.inline
    assert page.headings == 1
    labelled = page.labels | {None}
    for field in page.fields:
        assert field.get("id") in labelled


def test_the_relation_and_a_childs_guardian_are_asked_on_the_page(loaded: Database) -> None:
    _phone, path = talking(loaded)
    assert client(loaded).post(path, data=GOOD | {"relation": "parent"}).status_code == 200
    assert bindings(loaded) == [(PARENT, False)]


def test_a_childs_number_asks_for_the_guardian(loaded: Database) -> None:
    first17 = f"220221{YEAR - 6}0101001"
    child = {"name": "关小宝", "account": "6299990361301610999", "id_number": first17 + id_check_digit(first17)}
    loaded.write(lambda s: resident(s, child) and None)
    _phone, path = talking(loaded)
    browser, form = client(loaded), {"number": child["id_number"], "name": "关小宝", "tail": "0999"}
    assert "监护人" in browser.post(path, data=form).get_data(as_text=True)
    assert browser.post(path, data=form | {"guardian": "1"}).status_code == 200
    assert bindings(loaded) == [("child", True)]


def test_a_guesser_is_stopped_on_the_page_as_in_the_chat(loaded: Database) -> None:
    for _ in range(3):
        phone, path = talking(loaded)
        client(loaded).post(path, data=GOOD | {"tail": "0000"})
        phone.say("取消")
    assert "1分钟" in phone.say("查补贴")


def test_a_code_by_sms_is_typed_in_the_chat(loaded: Database) -> None:
    rules = Rules(("name", "sms"))
    phone, path = talking(loaded, proof=("name", "sms"))
    client(loaded, rules=rules).post(path, data={"number": GUAN["id_number"], "name": "关玉梅"})
    assert "6个数字" in phone.say("你好")
    with loaded.read() as session:
        code = session.scalars(select(Proof.code)).one()
    assert "300元" in phone.say(str(code))


def test_a_story_that_was_put_aside_is_still_there(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.dispatcher._values = replace(VALUES, public_url=PUBLIC)
    phone.say("我要投诉村会计不给我发补贴", "查补贴")
    said = phone.say("同意")
    path = re.search(rf"{PUBLIC}(/number/\S+)", said).group(1)
    client(loaded).post(path, data=GOOD)
    with loaded.read() as session:
        talk = session.scalars(select(Conversation)).one()
        assert talk.flow is None
        assert "parked" in talk.state


def test_where_the_card_number_stands_is_shown(loaded: Database) -> None:
    page = client(loaded).get("/card").get_data(as_text=True)
    assert "card.svg" in page
    assert "最后4个数" in page


