"""First contact: what is asked and why, how a number may be typed, what proves somebody, and who learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from knowledge.identity import id_check_digit
from knowledge.proving import CODE_OLD, NOT_MATCHED, Outcome, told
from knowledge.wording import beijing
from models.agreement import Agreement
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Conversation, Follower, Message
from models.proof import Proof
from models.proving import Rules, confirm_at_the_counter
from models.resident import CHILD, OTHER, PARENT, SELF, Attempt, Binding
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import VALUES, Phone

YEAR = beijing(now()).year
TODAY = beijing(now()).date()
FAILED = told(Outcome(NOT_MATCHED))
CHILD_OF_SIX = {"name": "关小宝", "account": "6299990361301610999"}


def child_number() -> str:
    first17 = f"220221{TODAY.year - 6}0101001"
    return first17 + id_check_digit(first17)


@pytest.fixture
def loaded(database: Database) -> Database:
    """关玉梅, 孙学生 and a child of six, each with a payment of this year."""

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
        cast = ((GUAN, 30000), (SUN, 55500), (CHILD_OF_SIX | {"id_number": child_number()}, 77700))
        for person, fen in cast:
            payment(session, batch, resident(session, person, phone="13900001111"), year=YEAR, amount_fen=fen)

    database.write(work)
    return database


def bound(database: Database, openid: str = "oGuan") -> Phone:
    phone = Phone(database, openid)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def with_values(phone: Phone, **changed: object) -> Phone:
    phone.dispatcher._values = replace(VALUES, **changed)
    return phone


def bindings(database: Database) -> list[tuple[int, str, bool]]:
    with database.read() as session:
        rows = session.scalars(select(Binding).where(Binding.ended_at.is_(None)).order_by(Binding.id))
        return [(row.follower_id, row.relation, row.guardian) for row in rows]


def notices(database: Database, openid: str) -> list[str]:
    with database.read() as session:
        query = select(Delivery.text).join(Follower, Follower.id == Delivery.follower_id)
        return list(session.scalars(query.where(Follower.openid == openid)))


# ---------------------------------------------------------------- what is asked, and agreement


def test_the_first_look_says_what_why_what_for_and_how_long(loaded: Database) -> None:
    phone = Phone(loaded)
    said = phone.say("查补贴")
    for word in ("身份证号", "姓名", "社保卡账号最后4个数", "为什么", "做什么用", "留多久", "加密", "永吉县", "12333", "到乡镇"):
        assert word in said
    assert phone.links == ["同意", "不同意"]


def test_who_does_not_agree_is_not_asked_for_a_number(loaded: Database) -> None:
    assert "身份证到乡镇" in Phone(loaded).say("查补贴", "不同意")


def test_agreement_is_recorded_and_not_asked_for_again(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", "取消")
    with loaded.read() as session:
        assert session.scalars(select(Agreement.kind)).one() == "lookup"
    assert "身份证号（18位）" in phone.say("查补贴")


def test_new_words_are_asked_for_anew(loaded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", "取消")
    monkeypatch.setattr("knowledge.proving.NOTICE_VERSION", 2)
    assert "同意" in phone.say("查补贴")


def test_who_has_been_forgotten_is_asked_anew(loaded: Database) -> None:
    phone = bound(loaded)
    phone.say("我的信息", "全部删除", "删除")
    assert "做什么用" in phone.say("查补贴")


def test_a_number_sent_before_agreeing_is_neither_said_nor_stored_in_the_clear(loaded: Database) -> None:
    phone = Phone(loaded)
    said = phone.say(GUAN["id_number"])
    assert GUAN["id_number"][6:14] not in said
    with loaded.read() as session:
        assert session.scalars(select(Message.content)).all() == [None]
        assert GUAN["id_number"] in str(session.scalars(select(Conversation.state)).one())
        raw = session.connection().exec_driver_sql("SELECT state FROM conversations").scalar_one()
        assert GUAN["id_number"].encode() not in bytes(raw)
    phone.say("不同意")
    with loaded.read() as session:
        assert session.scalars(select(Conversation.state)).one() is None


def test_a_bare_id_number_starts_the_look_up(loaded: Database) -> None:
    assert "姓名" in Phone(loaded).say(GUAN["id_number"], "同意")


def test_a_photo_of_a_card_is_not_wanted(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意")
    assert "照片不用发" in phone.send("image", media_id="m1")


@pytest.mark.parametrize("word", ["算了", "不查了", "取消"])
@pytest.mark.parametrize("before", [(), (GUAN["id_number"],), (GUAN["id_number"], GUAN["name"])])
def test_one_may_let_it_be_at_any_step(loaded: Database, word: str, before: tuple[str, ...]) -> None:
    phone = Phone(loaded)
    said = phone.say("查补贴", "同意", *before, word)
    assert "不查了" in said or "不办了" in said
    assert not bindings(loaded)
    with loaded.read() as session:
        assert session.scalars(select(Conversation.state)).one() is None
        assert session.scalars(select(func.sum(Attempt.failures))).one() in (None, 0)


@pytest.mark.parametrize("step", [(), (GUAN["id_number"],), (GUAN["id_number"], GUAN["name"])])
def test_a_question_in_between_is_answered_and_costs_nothing(loaded: Database, step: tuple[str, ...]) -> None:
    phone = Phone(loaded)
    said = phone.say("查补贴", "同意", *step, "低保怎么申请")
    assert "接着刚才的" in said
    phone.say(*(GUAN["id_number"], GUAN["name"])[len(step) :], GUAN["account"][-4:])
    assert bindings(loaded) == [(1, SELF, False)]


def test_why_is_answered(loaded: Database) -> None:
    said = Phone(loaded).say("查补贴", "同意", "为什么要身份证号啊")
    assert "密码" in said
    assert "算了" in said


# ---------------------------------------------------------------- how a number may be typed


@pytest.mark.parametrize(
    "number",
    [
        "22022119340412936x", "２２０２２１１９３４０４１２９３６Ｘ", "220221 19340412 936X", "220221340412936",
        "'22022119340412936X", "我的身份证号是22022119340412936X", "二二零二二一一九三四零四一二九三六叉", "220221-19340412-936x。",
    ],
)  # fmt: skip
def test_the_number_may_be_written_in_many_ways(loaded: Database, number: str) -> None:
    assert "关玉梅" in Phone(loaded).say("查补贴", "同意", number, "关玉梅", "9086")


@pytest.mark.parametrize("tail", ["９０８６", "九零八六", "尾号9086", "后四位是九〇八六", "90 86", "6299990102491369086"])
def test_the_card_may_be_told_in_many_ways(loaded: Database, tail: str) -> None:
    assert "300元" in Phone(loaded).say("查补贴", "同意", GUAN["id_number"], "我叫关玉梅", tail)


def test_all_at_once_is_understood(loaded: Database) -> None:
    assert "300元" in Phone(loaded).say("查补贴", "同意", f"{GUAN['id_number']} 关玉梅 9086")


def test_a_wrong_number_is_helped_with_and_not_repeated(loaded: Database) -> None:
    said = Phone(loaded).say("查补贴", "同意", "22022119340412936")
    assert "17位" in said
    assert "2202211934" not in said


def test_the_end_of_the_id_number_is_not_taken_for_the_card(loaded: Database) -> None:
    phone = Phone(loaded)
    said = phone.say("查补贴", "同意", SUN["id_number"], SUN["name"], SUN["id_number"][-4:])
    assert "银行账号" in said
    assert FAILED not in said
    assert "银行账号" in phone.say(SUN["id_number"])
    assert "555元" in phone.say(SUN["account"][-4:])


@pytest.mark.parametrize("words", ["不知道", "忘了", "我不记得卡号"])
def test_who_does_not_know_the_card_is_told_where_to_look(loaded: Database, words: str) -> None:
    said = Phone(loaded).say("查补贴", "同意", GUAN["id_number"], GUAN["name"], words)
    assert "存折" in said


def test_the_picture_of_the_card_is_linked_where_there_are_pages(loaded: Database) -> None:
    phone = with_values(Phone(loaded), public_url="https://mbk.example")
    said = phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"])
    assert "https://mbk.example/card" in said


# ---------------------------------------------------------------- what fits and what does not


@pytest.mark.parametrize(
    ("name", "tail", "number"),
    [("关玉海", "9086", GUAN["id_number"]), ("关玉梅", "9087", GUAN["id_number"]), ("关玉梅", "9086", "220221195010109015")],
)
def test_a_wrong_proof_says_the_same_whether_the_person_exists_or_not(
    loaded: Database, name: str, tail: str, number: str
) -> None:
    assert Phone(loaded).say("查补贴", "同意", number, name, tail).startswith(FAILED)


def test_a_retry_counts_one_failure_once(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    phone.again()
    phone.again()
    with loaded.read() as session:
        assert set(session.scalars(select(Attempt.failures))) == {1}


def test_after_a_failure_one_may_begin_anew(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    assert "再查一次" in phone.links
    assert "300元" in phone.say("再查一次", GUAN["id_number"], "关玉梅", "9086")


def test_the_own_number_sent_again_shows_the_money_at_once(loaded: Database) -> None:
    assert "300元" in bound(loaded).say(GUAN["id_number"])


def test_name_alone_may_be_the_setting(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("name",))
    assert "300元" in phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")


# ---------------------------------------------------------------- for a parent or a child


def test_another_person_needs_an_own_proof(loaded: Database) -> None:
    phone = bound(loaded)
    assert FAILED in phone.say(SUN["id_number"], "其他", SUN["name"], "9086")
    assert "555元" in phone.say(SUN["id_number"], "其他", SUN["name"], SUN["account"][-4:])
    assert "关*梅" in " ".join(phone.links)
    assert bindings(loaded) == [(1, SELF, False), (1, OTHER, False)]


def test_the_first_may_be_for_the_family(loaded: Database) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意")
    assert "给家里人查" in phone.links
    assert "什么人" in phone.say("给家里人查", GUAN["id_number"])
    phone.say("我妈", "关玉梅", "9086")
    assert bindings(loaded) == [(1, PARENT, False)]


def test_what_the_words_say_is_not_asked_again(loaded: Database) -> None:
    phone = bound(loaded)
    said = phone.say("给我爸查一下补贴", SUN["id_number"])
    assert "姓名" in said
    phone.say(SUN["name"], SUN["account"][-4:])
    assert bindings(loaded) == [(1, SELF, False), (1, PARENT, False)]
    assert "555元" in phone.say("给我爸查一下补贴")


def test_a_child_is_looked_up_by_its_guardian(loaded: Database) -> None:
    phone = Phone(loaded)
    assert "监护人" in phone.say("查补贴", "同意", child_number())
    assert "777元" in phone.say("我是监护人", "关小宝", "0999")
    assert bindings(loaded) == [(1, CHILD, True)]


def test_who_is_no_guardian_does_not_look_a_child_up(loaded: Database) -> None:
    assert "监护人来查" in Phone(loaded).say("查补贴", "同意", child_number(), "不是")
    assert not bindings(loaded)


def test_persons_per_user_are_limited(loaded: Database) -> None:
    phone = with_values(bound(loaded), persons_per_user=1)
    assert "只能给1个人查" in phone.say("换个人查")
    assert "只能给1个人查" in phone.say(SUN["id_number"])
    assert "300元" in phone.say("查补贴")


def test_unbinding_ends_the_look_up(loaded: Database) -> None:
    phone = bound(loaded)
    phone.say("我的信息", "解除 关*梅")
    assert "身份证号" in phone.say("查补贴")


def test_unfollowing_deletes_binding_and_conversation(loaded: Database) -> None:
    phone = bound(loaded)
    assert phone.event("unsubscribe") == ""
    assert not bindings(loaded)
    phone.follow()
    assert "同意" in phone.say("查补贴")


def test_a_bound_person_learns_of_another_binding_and_can_see_it(loaded: Database) -> None:
    bound(loaded, "oGuan")
    bound(loaded, "oThief")
    (said,) = notices(loaded, "oGuan")
    assert "又有一个微信" in said
    assert "关*梅" in said
    assert not notices(loaded, "oThief")
    with loaded.read() as session:
        (other,) = Binding.others_of(session, 1, 1)
        assert other.follower_id == 2
        assert Binding.others_of(session, 1, 99) == []


# ---------------------------------------------------------------- codes


def sms(database: Database, openid: str = "oGuan") -> Phone:
    return with_values(Phone(database, openid), proof=("name", "sms"))


def code_of(database: Database) -> str:
    with database.read() as session:
        return str(session.scalars(select(Proof.code)).one())


def test_a_code_by_sms_binds(loaded: Database) -> None:
    phone = sms(loaded)
    assert "短信" in phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    with loaded.read() as session:
        proof = session.scalars(select(Proof)).one()
        assert (proof.phone, proof.status) == ("13900001111", "waiting")
    wrong = f"{(int(code_of(loaded)) + 1) % 10**6:06d}"
    assert "还能试4次" in phone.say(wrong)
    assert "300元" in phone.say(code_of(loaded))
    with loaded.read() as session:
        assert session.scalars(select(Proof.id)).all() == []


@pytest.mark.parametrize(("number", "name"), [(GUAN["id_number"], "关玉海"), ("220221195010109015", "关玉梅")])
def test_the_words_about_a_code_do_not_tell_whether_there_is_somebody(loaded: Database, number: str, name: str) -> None:
    good = sms(loaded, "oGood").say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    right = code_of(loaded)
    loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
    phone = sms(loaded, "oOther")
    assert phone.say("查补贴", "同意", number, name) == good
    said = [phone.say(f"{(int(right) + n) % 10**6:06d}") for n in range(1, 6)]
    assert "还能试4次" in said[0]
    assert FAILED in said[-1]


def test_a_code_for_nobody_is_never_right(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", "220221195010109015", "关玉梅")
    assert "没对上" in phone.say(code_of(loaded))
    assert not bindings(loaded)


def test_a_code_is_too_old_after_five_minutes(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    code = code_of(loaded)
    loaded.write(lambda s: s.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1))))
    assert told(Outcome(CODE_OLD)) in phone.say(code)


def test_another_code_is_sent_after_a_minute(loaded: Database) -> None:
    phone = sms(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    assert "1分钟" in phone.say("没收到")
    phone.say("查补贴", GUAN["id_number"], "关玉梅")
    loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
    phone.say("查补贴", GUAN["id_number"], "关玉梅")
    assert "300元" in phone.say(code_of(loaded))


def test_a_phone_gets_few_codes_a_day(loaded: Database) -> None:
    for n in range(7):
        loaded.write(lambda s: s.execute(update(Attempt).values(wait_until=None)))
        said = sms(loaded, f"o{n}").say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    assert "先停一停" in said


def test_the_counter_of_the_township_binds(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("name", "card_tail", "in_person"))
    said = phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅", "0000")
    assert FAILED in said
    assert "当面认" in phone.links
    said = phone.say("当面认", GUAN["id_number"])
    assert "30分钟" in said
    code = "".join(said.split("：")[1].split("\n")[0].split())
    rules = Rules(("name", "card_tail", "in_person"))

    def confirm(number: str, town: str) -> str:
        return loaded.write(lambda s: confirm_at_the_counter(s, "clerk", code, number, town, rules).kind)

    assert confirm(SUN["id_number"], "万昌镇") == NOT_MATCHED
    assert confirm(GUAN["id_number"], "口前镇") == NOT_MATCHED
    assert confirm(GUAN["id_number"], "万昌镇") == "bound"
    assert "300元" in phone.say("查补贴")


def test_who_is_locked_can_still_go_to_the_counter(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("name", "card_tail", "in_person"))
    phone.say("查补贴", "同意", "取消")
    loaded.write(lambda s: Attempt.held(s, "user", "oGuan").count(1, timedelta(hours=1)))
    loaded.write(lambda s: s.execute(update(Attempt).values(failures=9)))
    assert "先停一停" in phone.say("查补贴")
    assert "当面认的码" in phone.say("当面认", GUAN["id_number"])


@pytest.mark.parametrize("words", ["谢谢", "等一下", "我让我儿子来弄"])
def test_words_without_a_digit_are_taken_calmly(loaded: Database, words: str) -> None:
    assert "不着急" in Phone(loaded).say("查补贴", "同意", words)


def test_what_stands_beside_a_number_is_no_name_unless_it_looks_like_one(loaded: Database) -> None:
    phone = Phone(loaded)
    assert "姓名" in phone.say("查补贴", "同意", f"{GUAN['id_number']} 老人的")
    assert "300元" in phone.say("关玉梅", "9086")


def test_only_the_counter_may_be_the_setting(loaded: Database) -> None:
    phone = with_values(Phone(loaded), proof=("in_person",))
    assert "当面认的码" in phone.say("查补贴", "同意", GUAN["id_number"])
    assert not bindings(loaded)
