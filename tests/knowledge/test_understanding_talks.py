"""A talk goes on: what was told before, or offered, or asked of another item, decides what a short message means."""

from __future__ import annotations

import random

import pytest

from knowledge.answers import Answer, Answerer
from knowledge.answers import shared_understanding as understanding
from knowledge.article import load_folder
from knowledge.catalogue.items import ITEMS
from knowledge.understanding_learnt import ASPECTS
from knowledge.understanding_talk import Choice, Topic

DISABLED = Topic("困难残疾人生活补贴", "概览", (Choice("重度残疾人护理补贴", "概览"),))

NEAR_MISSES = {
    "玉米生产者补贴": "苞米杆子上长黑粉病打啥药",
    "大豆生产者补贴": "豆种在哪买便宜",
    "农机购置与应用补贴": "拖拉机水箱开锅是啥毛病",
    "学生资助": "孩子逃课上网咋管",
    "高龄津贴": "老人坐公交要钱不",
    "农村危房改造补助": "屋顶彩钢瓦一米多少钱",
    "义务兵家庭优待金": "部队里让不让请假回家",
    "退耕还林补助": "山上套着野兔算犯法不",
}
OF_TALKS = ("谁能领", "领多少", "怎么申请")


def last_of(*turns: str) -> Answer:
    answerer, topic = Answerer(load_folder()), None
    for text in turns:
        answer = answerer.answer(text, topic)
        topic = answer.topic
    return answer


@pytest.mark.parametrize("aspect", ["领多少", "怎么申请", "什么时候发", "没收到", "找谁"])
@pytest.mark.parametrize("text", ["那水稻的呢", "水稻也是吗"])
def test_the_same_is_asked_of_another_item(aspect: str, text: str) -> None:
    meaning = understanding().understand(text, Topic("大豆生产者补贴", aspect))
    assert (meaning.item, meaning.aspect) == ("稻谷补贴", aspect)


def test_what_was_offered_beside_is_turned_to_by_a_fact() -> None:
    assert understanding().understand("二级的", DISABLED).item == "重度残疾人护理补贴"


def test_a_fact_told_after_money_that_did_not_come_is_about_that() -> None:
    meaning = understanding().understand("村里人都知道", Topic("高龄津贴", "没收到"))
    assert (meaning.item, meaning.aspect) in {("高龄津贴", "没收到"), (None, None)}


def test_a_message_that_was_not_understood_is_still_being_told() -> None:
    first = last_of("今天天气怎么样")
    assert not first.answered
    assert first.topic is not None
    assert first.topic.words == "今天天气怎么样"
    assert last_of("今天天气怎么样", "低保咋申请").item == "最低生活保障"


def test_an_understood_talk_is_kept_through_what_is_not_ours() -> None:
    topic = last_of("低保怎么申请", "今天天气怎么样").topic
    assert topic is not None
    assert topic.item == "最低生活保障"


def test_thanks_end_a_talk_but_a_good_state_is_no_thanks() -> None:
    topic = Topic("高龄津贴", "没收到")
    assert understanding().understand("好的谢谢", topic).intent == "thanks"
    assert understanding().understand("她还活得好好的呢", topic).intent != "thanks"


@pytest.mark.parametrize("text", ["打我卡上行吗", "钱打我存折上吗"])
def test_money_paid_to_me_is_no_blow(text: str) -> None:
    assert understanding().understand(text, Topic("育儿补贴", "怎么申请")).intent == "policy"


def test_a_blow_is_an_emergency_in_any_talk() -> None:
    assert understanding().understand("他打我,救命", Topic("育儿补贴", "怎么申请")).intent == "emergency"


def test_a_question_that_names_its_item_is_heard_after_any_other() -> None:
    chance = random.Random(7)
    leads = ("", "请问", "问一下", "我想问问", "麻烦问下", "你好，", "帮我看看")
    asked = ("多少钱", "怎么申请", "什么时候发", "找谁办", "归哪个部门管", "需要什么材料")
    for _ in range(600):
        before, item = chance.choice(list(ITEMS)), chance.choice(list(ITEMS))
        text = chance.choice(leads) + item + chance.choice(asked)
        found = understanding().understand(text, Topic(before, chance.choice(ASPECTS)))
        assert found.item == item, (before, text)


def test_what_is_not_ours_gets_no_policy_in_the_middle_of_a_talk() -> None:
    """Each is said after a talk of the very item that it sounds like; nearly none may get that item's answer."""
    talks = [(Topic(item, aspect), text) for item, text in NEAR_MISSES.items() for aspect in OF_TALKS]
    talks.append((Topic("社保卡", "补换"), "手机卡也丢了上哪补"))
    answered = [text for topic, text in talks if understanding().understand(text, topic).item is not None]
    assert len(answered) / len(talks) <= 0.1, answered


def test_offered_choices_stand_through_what_was_not_understood() -> None:
    answerer = Answerer(load_folder())
    offered = answerer.answer("一个月多少钱")
    between = answerer.answer("今天天气怎么样", offered.topic)
    assert not between.answered
    assert answerer.answer("1", between.topic).item == offered.choices[0].item
