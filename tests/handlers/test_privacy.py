"""我的信息: who has looked, ending bindings, one's own and others'."""

from __future__ import annotations

import pytest

from knowledge.wording import beijing
from models import audit
from models.base import now
from models.db import Database
from models.resident import Binding
from models.staff import Department, Staff
from tests.factories import GUAN, live_batch, payment, resident
from tests.talk import Phone

YEAR = beijing(now()).year


@pytest.fixture
def county(database: Database) -> Database:
    """关玉梅, and a clerk of 民政局."""

    def work(session):
        Department.seed(session)
        guan = resident(session, GUAN)
        payment(session, live_batch(session), guan, year=YEAR)
        Staff.create(
            session, "lin", "一句 good 好记的话", name="林芳", role="clerk", department=Department.named(session, "民政局")
        )

    database.write(work)
    return database


def bound(database: Database, openid: str = "oGuan") -> Phone:
    phone = Phone(database, openid)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def test_looks_of_staff_are_told_with_department_and_reason(county: Database) -> None:
    phone = bound(county)
    assert "还没有工作人员看过" in phone.say("谁看过我的信息")

    def look(session):
        lin = Staff.by_username(session, "lin")
        audit.record(session, lin, "resident.view", "resident:1", resident_id=1, reason="本人来电询问")

    county.write(look)
    said = phone.say("谁查过我")
    assert "民政局看了补贴发放" in said
    assert "本人来电询问" in said
    assert "林芳" not in said


def test_looks_at_ones_case_are_told(county: Database) -> None:
    phone = bound(county)
    said = phone.say("我要投诉", "口前镇低保停了三个月没人管", "说完了", "是这项", "不留电话", "提交")
    number = said.split("编号：")[1][:15]

    def look(session):
        audit.record(session, Staff.by_username(session, "lin"), "case.view", f"case:{number}")

    county.write(look)
    assert f"民政局看了您反映的事（{number}）" in phone.say("谁看过我的信息")


def test_a_stranger_learns_of_no_look(county: Database) -> None:
    bound(county)
    county.write(
        lambda s: audit.record(s, Staff.by_username(s, "lin"), "resident.view", "resident:1", resident_id=1, reason="核对")
    )
    stranger = Phone(county, "oStranger")
    stranger.follow()
    assert "核对" not in stranger.say("谁看过我的信息")


def test_another_wechat_that_is_bound_can_be_ended(county: Database) -> None:
    phone = bound(county)
    bound(county, "oOther")
    phone.say("我的信息")
    other = next(link for link in phone.links if "另一个微信" in link)
    assert "那个微信不能再查了" in phone.say(other)
    with county.read() as session:
        ended = [row.ended_at is not None for row in session.query(Binding).order_by(Binding.id)]
    assert ended == [False, True]


def test_a_wish_of_its_own_is_not_held_up_by_an_open_list(county: Database) -> None:
    phone = bound(county)
    phone.say("我的信息")
    said = phone.say("到账提醒我")
    assert "晚上不打扰" in said
    assert "接着办" in phone.links
