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


def look_at(database: Database, action: str, subject: str, **detail: object) -> None:
    """lin looks."""
    database.write(lambda s: audit.record(s, Staff.by_username(s, "lin"), action, subject, **detail))


def test_the_department_is_told_as_it_was_at_the_time(county: Database) -> None:
    phone = bound(county)
    look_at(county, "resident.view", "resident:1", resident_id=1, reason="核实没到账")
    county.write(lambda s: Staff.by_username(s, "lin").take_post("clerk", Department.named(s, "农业农村局")))
    said = phone.say("都有谁查过我的补贴？")
    assert "民政局看了补贴发放，原因：核实没到账" in said
    assert "农业农村局" not in said


def test_what_another_has_filed_is_not_betrayed_to_the_person(county: Database) -> None:
    phone, other = bound(county), bound(county, "oDaughter")
    filed = other.say("我要投诉", "口前镇低保停了三个月没人管", "说完了", "是这项", "不留电话", "提交").split("编号：")[1][:15]
    look_at(county, "case.view", f"case:{filed}", resident_id=1)
    assert filed not in phone.say("谁看过我的信息")
    assert filed in other.say("谁看过我的信息")


def test_of_what_somebody_is_suspected_is_not_told(county: Database) -> None:
    phone = bound(county)
    look_at(county, "finding.view", "finding:1", resident_id=1, reason="核实线索：死后领取")
    said = phone.say("谁看过我的信息")
    assert "民政局看了补贴发放，原因：核对发放准不准" in said
    assert "线索" not in said


def test_many_looks_come_newest_first_and_the_rest_with_more(county: Database) -> None:
    phone = bound(county)
    for n in range(1, 15):
        look_at(county, "resident.view", "resident:1", resident_id=1, reason=f"第{n}回核对")
    said = phone.say("谁看过我的信息")
    assert said.index("第14回") < said.index("第13回")
    assert "第1回" not in said
    assert "第1回" in phone.say("更多")


def test_before_deleting_it_is_said_what_stays_and_why(county: Database) -> None:
    phone = bound(county)
    said = phone.say("我的信息", "全部删除")
    for told in ("会计档案", "信访档案", "第47条", "至少存3年"):
        assert told in said
    assert "没有删" in phone.say("不删了")
    assert "还没有绑定" not in phone.say("我的信息")
