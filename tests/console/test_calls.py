"""The call list: answers that WeChat could not deliver, told by telephone."""

from __future__ import annotations

from sqlalchemy import select

from models.audit import AuditEntry
from models.db import Database
from models.delivery import Delivery
from tests.console.factories import case_of, file_case, reply


def answered(county: Database, enter, **said: object) -> str:
    """A case of somebody without WeChat, answered."""
    number = file_case(county, openid=None, **said)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/answer", **reply("已经补发到卡上。"))
    return number


def test_an_answer_for_somebody_without_wechat_stands_in_the_call_list_at_once(county: Database, enter) -> None:
    number = answered(county, enter)
    text = enter("zhao").get("/console/calls/").get_data(as_text=True)
    assert number in text
    assert "154****3456" in text
    assert "15400123456" not in text


def test_nobody_is_telephoned_for_a_step_on_the_way(county: Database, enter) -> None:
    number = file_case(county, openid=None)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/accept")
    assert "没有要打的电话" in enter("zhao").get("/console/calls/").get_data(as_text=True)


def test_a_call_is_made_noted_and_gone(county: Database, enter) -> None:
    number = answered(county, enter)
    with county.read() as session:
        delivery = session.scalars(select(Delivery.id)).one()
    browser = enter("zhao")
    browser.get(f"/console/calls/{delivery}")
    assert "15400123456" in browser.text
    assert "已经补发到卡上" in browser.text
    browser.post(f"/console/calls/{delivery}/missed")
    assert "打过1次没通" in browser.text
    browser.get(f"/console/calls/{delivery}")
    browser.post(f"/console/calls/{delivery}/told")
    assert "没有要打的电话" in browser.text
    assert browser.get(f"/console/calls/{delivery}").status_code == 404
    with county.read() as session:
        assert [event.what for event in case_of(session, number).events][-2:] == ["rang", "called"]
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("call.")).order_by(AuditEntry.id)).all()
    assert acts == ["call.open", "call.missed", "call.list", "call.open", "call.done"]


def test_a_confidential_call_warns_before_it_is_made(county: Database, enter) -> None:
    answered(county, enter, confidential=True)
    with county.read() as session:
        delivery = session.scalars(select(Delivery.id)).one()
    assert "先确认接电话的是本人" in enter("zhao").get(f"/console/calls/{delivery}").get_data(as_text=True)
