"""一号码查询: who may look, what they see, and what nobody learns."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from handlers.lookup import LOCKED, NOT_MATCHED
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.payment import Batch
from models.resident import Attempt, Binding
from tests.factories import GUAN, SUN, live_batch, payment, resident
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


def test_the_first_look_says_what_is_asked_and_why(loaded: Database) -> None:
    phone = Phone(loaded)
    said = phone.say("查补贴")
    assert "身份证号" in said
    assert "加密" in said
    assert phone.links == ["同意", "不同意"]


def test_who_does_not_agree_is_not_asked_for_a_number(loaded: Database) -> None:
    assert "身份证到乡镇" in Phone(loaded).say("查补贴", "不同意")


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


@pytest.mark.parametrize(
    "number",
    ["22022119340412936x", "２２０２２１１９３４０４１２９３６Ｘ", "220221 19340412 936X", "220221340412936", "'22022119340412936X"],
)
def test_the_number_may_be_written_in_many_ways(loaded: Database, number: str) -> None:
    phone = Phone(loaded)
    assert "关玉梅" in phone.say("查补贴", "同意", number, "关玉梅", "9086")


def test_a_bare_id_number_starts_the_look_up(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say(GUAN["id_number"])
    assert "姓名" in phone.say("同意")


def test_a_wrong_number_is_helped_with_and_not_repeated(loaded: Database) -> None:
    said = Phone(loaded).say("查补贴", "同意", "22022119340412936")
    assert "17位" in said
    assert "2202211934" not in said


@pytest.mark.parametrize(
    ("name", "tail", "number"),
    [("关玉海", "9086", GUAN["id_number"]), ("关玉梅", "9087", GUAN["id_number"]), ("关玉梅", "9086", "220221195010109015")],
)
def test_a_wrong_proof_says_the_same_whether_the_person_exists_or_not(
    loaded: Database, name: str, tail: str, number: str
) -> None:
    assert Phone(loaded).say("查补贴", "同意", number, name, tail).startswith(NOT_MATCHED)


def test_a_guesser_is_locked_out_and_so_is_the_number(loaded: Database) -> None:
    guesser = Phone(loaded, "oThief")
    for _ in range(5):
        assert NOT_MATCHED in guesser.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    assert guesser.say("查补贴") == LOCKED
    other = Phone(loaded, "oOther")
    assert other.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "9086") == LOCKED
    with loaded.read() as session:
        assert session.scalar(select(func.count()).select_from(Binding)) == 0


def test_a_number_that_nobody_has_is_locked_just_the_same(loaded: Database) -> None:
    for user in range(5):
        Phone(loaded, f"o{user}").say("查补贴", "同意", "220221195010109015", "关玉梅", "9086")
    assert Phone(loaded, "oLast").say("查补贴", "同意", "220221195010109015", "关玉梅", "9086") == LOCKED


def test_a_retry_counts_one_failure_once(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    phone.again()
    phone.again()
    with loaded.read() as session:
        assert set(session.scalars(select(Attempt.failures))) == {1}


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


def test_another_person_needs_an_own_proof(loaded: Database) -> None:
    phone = bound(loaded)
    assert NOT_MATCHED in phone.say(SUN["id_number"], "同意", SUN["name"], "9086")
    assert "555元" in phone.say(SUN["id_number"], "同意", SUN["name"], SUN["account"][-4:])
    assert "关*梅" in " ".join(phone.links)
    assert "1,073.97元" in phone.say("查看 关*梅")


def test_persons_per_user_are_limited(loaded: Database) -> None:
    phone = bound(loaded)
    from dataclasses import replace

    phone.dispatcher._values = replace(phone.dispatcher._values, persons_per_user=1)
    assert "最多给1个人查" in phone.say("换个人查")


def test_unbinding_ends_the_look_up(loaded: Database) -> None:
    phone = bound(loaded)
    phone.say("我的信息", "解除 关*梅")
    assert "同意" in phone.say("查补贴")


def test_unfollowing_deletes_binding_and_conversation(loaded: Database) -> None:
    phone = bound(loaded)
    assert phone.event("unsubscribe") == ""
    with loaded.read() as session:
        assert session.scalar(select(func.count()).select_from(Binding)) == 0
    phone.follow()
    assert "同意" in phone.say("查补贴")


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
