"""为什么没到账: what the data says, what to do, and a case with the facts filled in by one tap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.wording import beijing
from models.base import now
from models.case import Case
from models.db import Database
from models.household import Member, Register
from models.resident import Resident
from models.staff import Department
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import Phone

TODAY = beijing(now()).date()
YEAR = TODAY.year


@pytest.fixture
def county(database: Database) -> Database:
    """关玉梅: one returned, one waiting, one paid; 农机 is loaded without her, 低保 is not loaded."""

    def work(session):
        Department.seed(session)
        items = ["高龄津贴", "耕地地力保护补贴", "玉米生产者补贴", "农机购置与应用补贴"]
        batch = live_batch(session, data_as_of=TODAY, items=[[item, YEAR] for item in items])
        guan = resident(session, GUAN, phone="15400123456")
        payment(session, batch, guan, year=YEAR, stage_date=TODAY - timedelta(40), paid_date=TODAY - timedelta(40))
        payment(
            session, batch, guan, item="耕地地力保护补贴", year=YEAR, period=f"{YEAR}年第1批", amount_fen=107397,
            stage="发放失败", stage_date=TODAY, paid_date=None, fail_reason="社保卡金融功能未激活",
        )  # fmt: skip
        payment(
            session, batch, guan, item="玉米生产者补贴", year=YEAR, period=f"{YEAR}年第1批", stage="公示", stage_date=TODAY,
            paid_date=None,
        )  # fmt: skip
        resident(session, SUN)

    database.write(work)
    return database


@pytest.fixture
def phone(county: Database) -> Phone:
    phone = Phone(county)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def test_a_returned_payment_is_found_with_its_reason_and_what_to_do(phone: Phone) -> None:
    said = phone.say("没收到钱")
    assert "哪一项" in said
    said = phone.say("耕地地力保护补贴")
    assert "没丢" in said
    assert "社保卡的银行功能没激活" in said
    assert "激活" in said
    assert "1,073.97元" in said


def test_an_item_named_in_the_question_is_not_asked_for(phone: Phone) -> None:
    said = phone.say("苞米补贴咋还没到账")
    assert "正在公示" in said
    assert "报给银行打钱" in said


def test_a_paid_one_tells_where_the_money_went(phone: Phone) -> None:
    said = phone.say("高龄津贴没收到")
    assert "尾号9086" in said
    assert "补登" in said


def test_not_on_the_list_and_not_loaded_are_told_apart(phone: Phone) -> None:
    assert "没有查到您" in phone.say("农机补贴没收到")
    said = phone.say("低保没收到钱")
    assert "还没有录到这里" in said
    assert "没查到不等于没有" in said


def test_one_tap_files_the_case_with_the_facts(phone: Phone, county: Database) -> None:
    phone.say("没收到钱", "耕地地力保护补贴")
    said = phone.say(next(link for link in phone.links if link.startswith("我要反映")))
    assert "提交" in phone.links
    assert "1,073.97元" in said
    assert "万昌镇西将军" in said
    assert "154****3456" in said
    assert "耕地地力保护补贴" in said
    assert "编号" in phone.say("提交")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert case.item == "耕地地力保护补贴"
        assert case.phone == "15400123456"
        assert "社保卡金融功能未激活" in case.text


def test_a_stranger_cannot_have_facts_filled_in(county: Database) -> None:
    stranger = Phone(county, "oStranger")
    stranger.follow()
    said = stranger.say(f"我要反映：{YEAR}年耕地地力保护补贴没到账", "说完了")
    assert "1,073.97" not in said
    assert "关玉梅" not in said


def test_the_message_of_a_bank_is_matched(phone: Phone) -> None:
    day = TODAY - timedelta(39)
    said = phone.say(f"【农商银行】您尾号9086的账户{day.month}月{day.day}日入账人民币300.00元，余额1,300.00元")
    assert "高龄津贴" in said
    assert "对上了" in said
    assert "没有对上" in phone.say(f"您尾号9086的账户{day.month}月{day.day}日入账人民币301.00元，余额1元")


def test_items_are_one_tap_away_with_the_days_of_their_stages(phone: Phone, county: Database) -> None:
    def approved(session):
        batch = live_batch(session, data_as_of=TODAY, items=[])
        guan = session.scalars(select(Resident).order_by(Resident.id)).first()
        payment(
            session, batch, guan, item="玉米生产者补贴", year=YEAR, period=f"{YEAR}年第1批", stage="待发放", stage_date=TODAY,
            paid_date=None, remarks={"文号": "吉财粮〔2026〕9号"},
        )  # fmt: skip

    county.write(approved)
    phone.say("查补贴")
    said = phone.say(f"按项目看 {YEAR}年")
    assert "玉米生产者补贴：在办1笔" in said
    assert "耕地地力保护补贴：退回1笔" in said
    said = phone.say(f"看{YEAR}年玉米生产者补贴")
    today = f"{TODAY.month}月{TODAY.day}日"
    assert f"经过：{today}公示，{today}批下来" in said
    assert "往后：下一步就是银行打钱" in said
    assert "吉财粮〔2026〕9号" in said
    assert "数据到" in said


def test_own_words_are_added_to_the_facts(phone: Phone, county: Database) -> None:
    phone.say(f"我要反映：{YEAR}年耕地地力保护补贴没到账", "改内容")
    assert "重新说" in phone.links
    said = phone.say("村里说要等两个月", "说完了")
    assert "1,073.97元" in said
    assert "村里说要等两个月" in said
    phone.say("提交")
    with county.read() as session:
        text = session.scalars(select(Case)).one().text
        assert "社保卡金融功能未激活" in text
        assert "村里说要等两个月" in text


def test_another_item_talked_of_before_is_not_taken_for_all_money(phone: Phone) -> None:
    phone.say("低保谁能领")
    assert "哪一项" in phone.say("补贴为啥还没下来")
    assert phone.links[0] == "耕地地力保护补贴"
    assert "没丢" in phone.say("说不清")


def test_a_short_question_after_an_item_is_about_that_item(phone: Phone) -> None:
    phone.say("高龄津贴谁能领")
    assert "高龄津贴" in phone.say("我的咋还没下来")


def test_whether_it_has_come_is_answered_from_the_own_data(phone: Phone) -> None:
    assert "正在公示" in phone.say("苞米补贴下来没")
    assert "300元" in phone.say("高龄津贴发了多少")
    assert "尾号9086" in phone.say("钱打到哪个卡上了")


def test_what_the_rule_gives_stays_a_question_of_policy(phone: Phone) -> None:
    assert "关玉梅" not in phone.say("高龄津贴能领多少")
    assert "关玉梅" not in phone.say("高龄津贴什么时候发")


def test_the_head_of_the_household_is_named_masked(county: Database, phone: Phone) -> None:
    def households(session):
        residents = session.scalars(select(Resident).order_by(Resident.id)).all()
        register = Register(kind="households", file_name="h.csv", sha256="0" * 64, status="live", imported_by="test")
        session.add(register)
        session.flush()
        session.add(Member(resident_id=residents[0].id, register_id=register.id, head_id=residents[1].id, relation="妻"))

    county.write(households)
    said = phone.say("农机补贴没收到")
    assert "孙*生" in said
    assert "孙学生" not in said


def test_a_stranger_with_the_message_of_a_bank_learns_nothing(county: Database) -> None:
    stranger = Phone(county, "oStranger")
    stranger.follow()
    said = stranger.say("您尾号9086的账户10月15日入账人民币300.00元，余额1,300.00元")
    assert "高龄津贴" not in said
    assert "查补贴" in stranger.links


def test_payments_booked_as_one_are_found_together(county: Database, phone: Phone) -> None:
    day = TODAY - timedelta(40)

    def another(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["老党员补贴", YEAR]])
        guan = session.scalars(select(Resident).order_by(Resident.id)).first()
        payment(session, batch, guan, item="老党员补贴", year=YEAR, amount_fen=5500, stage_date=day, paid_date=day)

    county.write(another)
    said = phone.say(f"您尾号9086的账户{day.month}月{day.day}日入账人民币355.00元，余额1,300.00元")
    assert "合在一起" in said
    assert "老党员补贴" in said
    assert "高龄津贴" in said
