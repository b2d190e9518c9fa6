"""The page on which one agrees to notices, and the ticket that it is signed with."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from bot.js_ticket import refresh_js_ticket
from console.notices import signature
from models.agreement import PAID_NOTICES, Agreement
from models.base import now
from models.db import Database
from models.follower import Consent, Follower
from models.platform import AccessToken
from models.resident import Binding
from models.staff import Department
from tests.console.factories import make_app
from tests.console.rules import Page
from tests.factories import GUAN, resident
from tests.talk import VALUES, Phone

APP, PUBLIC, TEMPLATE = "wx0123456789abcdef", "https://mbk.example", "AT0001"
PAGE = {"app_id": APP, "notice_template": TEMPLATE, "public_url": PUBLIC}


class Platform:
    """The one call of the gateway that is needed here."""

    def __init__(self) -> None:
        self.asked = 0

    def js_ticket(self) -> tuple[str, int]:
        self.asked += 1
        return f"ticket-{self.asked}", 7200


def test_the_ticket_is_fetched_once_and_again_before_it_ends(database: Database) -> None:
    platform = Platform()
    assert refresh_js_ticket(database, platform, APP)
    assert not refresh_js_ticket(database, platform, APP)
    soon = now() + timedelta(minutes=10)
    database.write(lambda s: s.execute(update(AccessToken).values(expires_at=soon)) and None)
    assert refresh_js_ticket(database, platform, APP)
    with database.read() as session:
        assert session.get_one(AccessToken, f"js:{APP}").token == "ticket-2"


def test_the_page_is_signed_for_the_address_that_the_phone_has(database: Database) -> None:
    refresh_js_ticket(database, Platform(), APP)
    answer = make_app(database, **PAGE).test_client().get("/notices?from=1")
    assert answer.status_code == 200
    given = dict(re.findall(r'data-(\w+)="([^"]*)"', answer.text))
    assert given["signature"] == signature("ticket-1", given["nonce"], int(given["moment"]), f"{PUBLIC}/notices?from=1")
    assert "ticket-1" not in answer.text
    assert f'template="{TEMPLATE}"' in answer.text


def test_the_signature_is_that_of_the_platforms_own_example() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    found = signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value")
    assert found == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_only_this_page_lets_the_platforms_script_in(database: Database) -> None:
    refresh_js_ticket(database, Platform(), APP)
    client = make_app(database, **PAGE).test_client()
    assert "https://res.wx.qq.com" in client.get("/notices").headers["Content-Security-Policy"]
    assert "https://res.wx.qq.com" not in client.get("/").headers["Content-Security-Policy"]


def test_without_a_ticket_the_page_says_what_to_do(database: Database) -> None:
    answer = make_app(database, **PAGE).test_client().get("/notices")
    assert answer.status_code == 503
    assert Page(answer.text).headings == 1
    assert "下次" in answer.text


# ---------------------------------------------------------------- offered in the chat


def bound(database: Database, url: str) -> Phone:
    def work(session):
        follower = Follower.met(session, "oGuan")
        session.flush()
        Binding.make(session, follower, resident(session, GUAN), "name")

    database.write(work)
    phone = Phone(database)
    phone.dispatcher._values = replace(VALUES, consent_url=url)
    return phone


def test_who_opts_in_is_shown_the_page(database: Database) -> None:
    said = bound(database, f"{PUBLIC}/notices").say("到账提醒我")
    assert f"{PUBLIC}/notices\n" in said
    with database.read() as session:
        assert Agreement.stands(session, 1, PAID_NOTICES)


def test_who_files_a_case_is_shown_the_page(database: Database) -> None:
    database.write(Department.seed)
    phone = bound(database, f"{PUBLIC}/notices")
    said = phone.say("我要投诉", "我家低保停了三个月", "说完了", "口前镇", "是这项", "15400123456", "提交")
    assert "编号：" in said
    assert f"{PUBLIC}/notices" in said


def test_a_county_without_notices_offers_none_and_who_agreed_for_good_is_not_asked(database: Database) -> None:
    phone = bound(database, "")
    assert "允许微信通知" not in phone.say("到账提醒我")
    phone.dispatcher._values = replace(VALUES, consent_url=f"{PUBLIC}/notices")
    database.write(lambda s: s.add(Consent(follower_id=1, template=TEMPLATE, long_term=True)))
    assert "允许微信通知" not in phone.say("到账提醒我")
