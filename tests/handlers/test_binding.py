"""First contact: what is asked and why, how a number may be typed, what proves somebody, and who learns of it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from knowledge.proving import NOT_MATCHED, Outcome, told
from models.agreement import Agreement
from models.db import Database
from models.delivery import Delivery
from models.follower import Conversation, Follower, Message
from models.resident import CHILD, OTHER, PARENT, SELF, Attempt, Binding
from tests.factories import GUAN, SUN
from tests.handlers.contact import bindings, child_number, load_three, with_values
from tests.talk import Phone

FAILED = told(Outcome(NOT_MATCHED))


@pytest.fixture
def loaded(database: Database) -> Database:
    """Three people with money."""
    database.write(load_three)
    return database


def bound(database: Database, openid: str = "oGuan") -> Phone:
    phone = Phone(database, openid)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


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


@pytest.mark.parametrize("words", ["谢谢", "等一下", "我让我儿子来弄"])
def test_words_without_a_digit_are_taken_calmly(loaded: Database, words: str) -> None:
    assert "不着急" in Phone(loaded).say("查补贴", "同意", words)


def test_what_stands_beside_a_number_is_no_name_unless_it_looks_like_one(loaded: Database) -> None:
    phone = Phone(loaded)
    assert "姓名" in phone.say("查补贴", "同意", f"{GUAN['id_number']} 老人的")
    assert "300元" in phone.say("关玉梅", "9086")


@pytest.mark.parametrize("words", ["卡丢了", "多少钱", "找谁办", "养老金"])
def test_other_words_are_not_taken_for_a_name(loaded: Database, words: str) -> None:
    phone = Phone(loaded)
    phone.say("查补贴", "同意", GUAN["id_number"])
    assert "银行账号的最后4个数是什么" not in phone.say(words)
    assert "300元" in phone.say("关玉梅", "9086")


def test_a_rare_name_is_taken_when_it_is_said_again(loaded: Database) -> None:
    phone = Phone(loaded)
    assert "再发一次" in phone.say("查补贴", "同意", GUAN["id_number"], "嬴阿满")
    assert "银行账号" in phone.say("嬴阿满")


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
