"""一号码查询: who may look, what they see, and what nobody learns."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.payment import Batch
from models.resident import Binding, Resident
from tests.factories import GUAN, KEYRING, SUN, live_batch, payment, resident
from tests.talk import Phone

YEAR = beijing(now()).year
TODAY = beijing(now()).date()


@pytest.fixture
def loaded(database: Database) -> Database:
    """关玉梅 with a paid and a returned payment this year and one last year; 孙学生 with one."""

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR], ["耕地地力保护补贴", YEAR]])
        guan, sun = resident(session, GUAN), resident(session, SUN)
        payment(session, batch, guan, year=YEAR, stage_date=TODAY, paid_date=TODAY)
        payment(
            session, batch, guan, item="耕地地力保护补贴", year=YEAR, period=f"{YEAR}年第1批", quantity=1311, unit="亩",
            standard_fen=8192, amount_fen=107397, stage="发放失败", stage_date=TODAY, paid_date=None,
            fail_reason="社保卡金融功能未激活",
        )  # fmt: skip
        payment(session, batch, guan, year=YEAR - 1, period=f"{YEAR - 1}年第4季度", amount_fen=12300)
        payment(session, batch, sun, year=YEAR, amount_fen=55500)

    database.write(work)
    return database


def bound(database: Database) -> Phone:
    phone = Phone(database)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def test_a_proven_resident_sees_this_years_money(loaded: Database) -> None:
    said = bound(loaded).say("查补贴")
    assert "关玉梅" in said
    assert "300元" in said
    assert "13.11亩×81.92元=1,073.97元" in said
    assert "吉林农信 尾号9086" in said
    assert "社保卡的银行功能没激活" in said
    assert f"数据到{TODAY.month}月{TODAY.day}日" in said
    assert "没查到不等于没有" in said
    assert "555元" not in said


def test_other_years_are_one_tap_away(loaded: Database) -> None:
    phone = bound(loaded)
    phone.say("查补贴")
    assert f"{YEAR - 1}年" in phone.links
    assert "123元" in phone.say(f"{YEAR - 1}年")


def test_a_withdrawn_batch_is_seen_no_more(loaded: Database) -> None:
    phone = bound(loaded)
    loaded.write(lambda s: s.scalars(select(Batch)).one().withdraw())
    said = phone.say("查补贴")
    assert "300元" not in said
    assert "没查到不等于没有" in said


def test_of_two_batches_the_newest_row_counts(loaded: Database) -> None:
    phone = bound(loaded)

    def correct(session):
        guan = session.get(Binding, 1).resident
        batch = live_batch(session, data_as_of=TODAY)
        payment(session, batch, guan, year=YEAR, amount_fen=29900, stage_date=TODAY, paid_date=TODAY)

    loaded.write(correct)
    said = phone.say("查补贴")
    assert "299元" in said
    assert "=300元" not in said


def test_nothing_loaded_is_not_told_as_nothing_paid(database: Database) -> None:
    database.write(lambda s: resident(s, GUAN) and None)
    said = bound(database).say("查补贴")
    assert "还没有录入" in said
    assert "没查到不等于没有" in said


def test_dates_of_another_year_are_told_with_the_year(loaded: Database) -> None:
    phone = bound(loaded)

    def earlier(session):
        batch = live_batch(session, data_as_of=date(2024, 3, 5))
        payment(session, batch, session.get(Binding, 1).resident, year=YEAR - 2, stage_date=date(2024, 3, 5),
                paid_date=date(2024, 3, 5))  # fmt: skip

    loaded.write(earlier)
    assert "2024年3月5日" in phone.say(f"{YEAR - 2}年")


@pytest.mark.parametrize("wish", ["去年领了多少", "查一下我去年的补贴", "去年的补贴", f"{YEAR - 1}年"])
def test_last_year_in_any_words_is_last_year(loaded: Database, wish: str) -> None:
    said = bound(loaded).say(wish)
    assert f"{YEAR - 1}年已经打到卡上1笔，共123元" in said


def test_digits_that_prove_a_person_are_no_year(database: Database) -> None:
    account = GUAN["account"][:-4] + str(YEAR - 1)

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
        payment(session, batch, resident(session, GUAN | {"account": account}), year=YEAR, stage_date=TODAY, paid_date=TODAY)

    database.write(work)
    phone = Phone(database)
    phone.follow()
    assert f"{YEAR}年已经打到卡上1笔" in phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], str(YEAR - 1))


def test_money_that_came_back_can_be_reported_at_once(loaded: Database) -> None:
    phone = bound(loaded)
    phone.say("查补贴")
    assert f"我要反映：{YEAR}年耕地地力保护补贴没到账" in phone.links


def test_two_persons_with_one_masked_name_are_both_reached(loaded: Database) -> None:
    phone = bound(loaded)
    alike = {"name": "关秀梅", "id_number": SUN["id_number"], "account": SUN["account"]}

    def rename(session):
        sun = session.scalars(select(Resident).where(Resident.id_index == KEYRING.blind_index(SUN["id_number"], "id_number"))).one()
        sun.name = alike["name"]
        session.add(Binding(follower_id=1, resident_id=sun.id, proof="name"))

    loaded.write(rename)
    phone.say("查补贴")
    other = next(link for link in phone.links if link.startswith("查看"))
    first = phone.say(other)
    assert ("555元" in first) is (other == "查看 关*梅2")
    other = next(link for link in phone.links if link.startswith("查看"))
    second = phone.say(other)
    assert ("555元" in first) is not ("555元" in second)


def test_the_mother_who_is_bound_is_meant_by_her_child(loaded: Database) -> None:
    phone = bound(loaded)

    def mother(session):
        sun = session.scalars(select(Resident).where(Resident.id_index == KEYRING.blind_index(SUN["id_number"], "id_number"))).one()
        session.add(Binding(follower_id=1, resident_id=sun.id, proof="name", relation="parent"))

    loaded.write(mother)
    assert "555元" in phone.say("我妈高龄津贴发了多少")
    assert "555元" in phone.say("我妈的高龄津贴没到账")
    assert "300元" in phone.say("查看 关*梅")


@pytest.mark.parametrize("question", ["村书记领了多少低保", "邻居家领了多少", "高龄津贴能领多少"])
def test_a_question_about_others_shows_no_own_money(loaded: Database, question: str) -> None:
    assert "关玉梅" not in bound(loaded).say(question)
