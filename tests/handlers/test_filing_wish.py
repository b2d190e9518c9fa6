"""Filing begins with whatever words say so, and only with those."""

from __future__ import annotations

import pytest

from models.db import Database
from models.staff import Department
from tests.talk import Phone


@pytest.fixture
def phone(database: Database) -> Phone:
    database.write(lambda s: Department.seed(s) and None)
    return Phone(database)


def test_a_polite_complaint_is_filed_not_answered_with_an_article(phone: Phone) -> None:
    assert "哪个乡镇" in phone.say("你好，我要投诉，我家地补两年没发了")


def test_an_opening_without_a_story_asks_for_it_and_is_no_part_of_it(phone: Phone) -> None:
    assert "请说说是什么事" in phone.say("我要反映个问题")
    said = phone.say("村里地补少给了我两亩", "口前镇", "提交")
    assert "反映个问题" not in said
    assert "编号：" in said


def test_a_suggestion_is_a_suggestion(phone: Phone) -> None:
    assert "当建议办" in phone.say("我有个建议，能不能把养老认证改成上门")


def test_a_word_in_the_story_does_not_choose_the_kind(phone: Phone) -> None:
    assert "按投诉办" in phone.say("我要投诉口前镇低保停了三个月没发，问了几回咨询台都不理")


def test_a_question_behind_a_wish_to_ask_is_answered_at_once(phone: Phone) -> None:
    said = phone.say("我想咨询一下低保怎么申请")
    assert "乡镇政府申请" in said
    assert "出处" in said


def test_a_wish_to_ask_a_person_is_filed(phone: Phone) -> None:
    assert "请说说是什么事" in phone.say("我要咨询")


@pytest.mark.parametrize("text", ["村里把我的粮补扣了抵水费，这合理吗", "房子墙裂了随时要塌，去年报危房改造到现在没人来看"])
def test_a_grievance_is_answered_and_may_go_to_a_person_with_one_tap(phone: Phone, text: str) -> None:
    assert "我要投诉" in phone.say(text)
    assert "哪个乡镇" in phone.say("我要投诉")


@pytest.mark.parametrize("text", ["地补每亩给多少钱呢", "请问高龄津贴在哪里申请需要什么材料"])
def test_a_plain_question_offers_no_complaint(phone: Phone, text: str) -> None:
    assert "我要投诉" not in phone.say(text)


@pytest.mark.parametrize("text", ["提交", "取消", "返回", "说完了", "不留电话"])
def test_an_answer_to_no_question_is_told_so_kindly(phone: Phone, text: str) -> None:
    said = phone.say("低保怎么申请", text)
    assert f"没有等着您回答“{text}”的事" in said
    assert "查进度" in said
