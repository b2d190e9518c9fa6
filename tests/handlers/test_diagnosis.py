"""为什么没到账: what the data says, what to do, and a case with the facts filled in by one tap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.wording import beijing
from models.base import now
from models.case import Case
from models.db import Database
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
    assert "说完了" in phone.links
    said = phone.say("说完了")
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


def test_items_are_one_tap_away_with_the_days_of_their_stages(phone: Phone) -> None:
    phone.say("查补贴")
    said = phone.say(f"按项目看 {YEAR}年")
    assert "玉米生产者补贴：在办1笔" in said
    assert "耕地地力保护补贴：退回1笔" in said
    said = phone.say(f"看{YEAR}年玉米生产者补贴")
    assert "经过：" in said
    assert "公示" in said
    assert "数据到" in said
