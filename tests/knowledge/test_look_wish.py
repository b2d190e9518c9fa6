"""Wishes to see one's own money, in whatever order of words; and what only sounds like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.catalogue.items import ITEMS
from knowledge.look_wish import wishes_a_look

_begins = st.sampled_from(["", "您好，", "麻烦你", "请", "想", "我想", "能不能", "俺要", "同志，", "劳驾"])
_helps = st.sampled_from(["", "帮我", "给我", "帮俺", "替我", "帮忙", "给"])
_looks = st.sampled_from(
    ["查查", "查一下", "查一查", "查下", "看看", "看一看", "瞅瞅", "瞧瞧", "查询一下", "核对一下", "看一眼"]
)
_whose = st.sampled_from(["", "我", "我的", "俺家", "咱家的", "自己的", "我妈的", "俺老伴"])
_years = st.sampled_from(["", "今年的", "去年", "2025年", "这两年的", "上个月的"])
_money = st.sampled_from(["补贴", "补助", "钱", "补贴款", "卡里的钱", "惠农补贴", "一卡通", "账上的钱"])
_come = st.sampled_from(["", "到没到", "发没发", "到账没", "下来没有", "打了没", "有多少", "都有哪些", "到了吗"])
_ends = st.sampled_from(["", "呗", "吧", "行吗", "，谢谢", "呢", "？"])
_wishes = st.builds("".join, st.tuples(_begins, _helps, _looks, _whose, _years, _money, _come, _ends))


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    """The articles of the files."""
    return Answerer(load_folder())


@given(_wishes)
def test_a_verb_of_looking_with_money_of_ones_own_is_a_wish(said: str) -> None:
    assert wishes_a_look(said)


@given(
    _begins,
    _helps,
    _looks,
    st.sampled_from(sorted(ITEMS)),
    st.sampled_from(["", "多少钱", "怎么申请", "啥时候发", "的条件"]),
)
def test_with_an_item_by_name_it_is_another_question(begin: str, helped: str, look: str, item: str, asked: str) -> None:
    assert not wishes_a_look(f"{begin}{helped}{look}{item}{asked}")


@given(_helps, _looks, _money, st.sampled_from([
    "怎么申请", "的标准", "够不够条件", "谁能领", "为啥少了", "咋没到", "能不能领", "按啥文件", "归谁管", "要啥材料", "停发了", "被人领了",
]))  # fmt: skip
def test_with_a_question_of_its_own_it_is_no_wish(helped: str, look: str, money: str, asked: str) -> None:
    assert not wishes_a_look(f"{helped}{look}{money}{asked}")


@given(_helps, _looks, st.sampled_from(["隔壁老王", "村书记", "别人家", "王二家", "我们村", "他们"]), _money)
def test_of_others_it_is_no_wish(helped: str, look: str, whose: str, money: str) -> None:
    assert not wishes_a_look(f"{helped}{look}{whose}的{money}")


@pytest.mark.parametrize("said", [
    "谁查过我的补贴", "有没有人看过我的账户", "补贴", "查", "钱", "看看", "我看钱少了", "看病的钱", "查户口", "查公积金", "查快递", "卡丢了",
    "查分数", "社保卡密码查一下", "补贴到账没", "没查着我的补贴", "查查卡激活没", "看看孩子", "查查我的补贴是不是让人冒领了",
])  # fmt: skip
def test_what_only_sounds_like_one_is_none(said: str) -> None:
    assert not wishes_a_look(said)


@given(st.text(max_size=60))
def test_anything_at_all_can_be_asked(said: str) -> None:
    assert wishes_a_look(said) in (True, False)


@given(_wishes)
def test_it_is_answered_as_a_wish_to_look(answerer: Answerer, said: str) -> None:
    answer = answerer.answer(said)
    assert (answer.intent, answer.item) == ("lookup", "查询补贴")


@pytest.mark.parametrize(("said", "item"), [
    ("帮我查查低保多少钱", "最低生活保障"), ("查一下高龄津贴怎么申请", "高龄津贴"), ("给我看看地补啥时候发", "耕地地力保护补贴"),
    ("查查社保卡密码怎么改", "社保卡"),
])  # fmt: skip
def test_a_named_item_keeps_its_answer(answerer: Answerer, said: str, item: str) -> None:
    assert answerer.answer(said).item == item


@pytest.mark.parametrize("said", ["帮我看看我够不够领补贴", "查查这个补贴的文件"])
def test_what_the_rules_say_of_no_item_is_asked_back(answerer: Answerer, said: str) -> None:
    assert answerer.answer(said).intent == "ask_back"
