"""Asked back rather than guessed: what names nothing; and not asked back: what says nothing of ours."""

from __future__ import annotations

import pytest

from knowledge.answers import Answerer
from knowledge.article import load_folder


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    """The articles of the files."""
    return Answerer(load_folder())


@pytest.mark.parametrize(
    "said", ["一个月多少钱", "多少钱", "一年给多少", "怎么申请", "要啥材料", "一个月多少钱呢", "能领多少", "谁能领"]
)
def test_a_question_that_names_nothing_asks_which_item_is_meant(answerer: Answerer, said: str) -> None:
    answer = answerer.answer(said)
    assert (answer.answered, answer.item, answer.intent) == (False, None, "ask_back")
    assert 2 <= len(answer.choices) <= 4
    assert len({choice.aspect for choice in answer.choices}) == 1


@pytest.mark.parametrize("said", ["天上星星", "买30亩地", "蓝蓝的大海", "？？？？", "啦啦啦", "一二三四五六", "我饿了"])
def test_what_holds_no_word_of_ours_is_told_so_and_no_item_is_offered(answerer: Answerer, said: str) -> None:
    answer = answerer.answer(said)
    assert (answer.answered, answer.choices) == (False, ())


@pytest.mark.parametrize("said", ["我家5亩地", "残疾", "我是残疾人", "孩子"])
def test_two_to_four_choices_are_offered_and_none_twice(answerer: Answerer, said: str) -> None:
    answer = answerer.answer(said)
    assert answer.intent == "ask_back"
    assert 2 <= len(answer.choices) <= 4
    assert len(set(answer.choices)) == len(answer.choices)


@pytest.mark.parametrize(
    ("said", "item"),
    [("干过生产队长给补助不", "离任村干部补助"), ("离任会计补助按哪年文件", "离任村干部补助")],
)
def test_what_plainly_means_one_thing_is_answered_though_no_word_names_it(
    answerer: Answerer, said: str, item: str
) -> None:
    assert answerer.answer(said).item == item
