"""Questions that are alike come together, stay together, and do not take others in."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.grouping import Groups


def grouped(*questions: str) -> list[list[str]]:
    groups: Groups[str] = Groups()
    found: dict[str, list[str]] = {}
    for question in questions:
        near = groups.find(question)
        if near is None:
            groups.add(question, question)
        found.setdefault(near[0] if near else question, []).append(question)
    return list(found.values())


@pytest.mark.parametrize(
    "questions",
    [
        ("养兔子有补贴吗", "俺家养兔子国家给钱不", "请问养兔子的补助多少钱"),
        ("公交卡怎么充值", "咋给公交卡充值", "公交卡充值去哪办"),
        ("温室大棚补贴", "盖温室大棚给补多少", "建大棚国家有没有扶持"),
        ("天然气啥时候通", "请问一下天然气什么时候通"),
    ],
)
def test_the_same_matter_in_other_words_is_one_group(questions: tuple[str, ...]) -> None:
    assert grouped(*questions) == [list(questions)]


@pytest.mark.parametrize(
    "questions",
    [
        ("养兔子有补贴吗", "养鸽子有补贴吗"),
        ("公交卡怎么充值", "天然气怎么充值"),
        ("驾驶证怎么换", "身份证怎么换"),
        ("大豆保险怎么赔", "玉米种子哪里买"),
    ],
)
def test_another_matter_asked_in_the_same_words_is_another_group(questions: tuple[str, ...]) -> None:
    assert len(grouped(*questions)) == len(questions)


def test_groups_of_different_sorts_are_never_mixed() -> None:
    groups = Groups([(1, "养兔子有补贴吗", "unanswered"), (2, "养兔子有补贴吗", "unhelpful")])
    assert groups.find("养兔子有补贴吗", "unanswered") == (1, pytest.approx(1.0))
    assert groups.find("养兔子有补贴吗", "unhelpful") == (2, pytest.approx(1.0))
    assert groups.find("养兔子有补贴吗", "another") is None


def test_words_of_asking_alone_are_compared_as_they_are() -> None:
    assert grouped("怎么办", "怎么办", "多少钱") == [["怎么办", "怎么办"], ["多少钱"]]


@given(st.text(max_size=40))
def test_a_question_that_stands_is_found_again(text: str) -> None:
    groups = Groups([(1, text, "")])
    found = groups.find(text)
    assert found is None or found == (1, pytest.approx(1.0))
    assert found is not None or not any(sign.isalnum() for sign in text)


@settings(max_examples=30)
@given(st.lists(st.text(alphabet="养鱼蜂兔补贴电费水大棚户口迁", min_size=2, max_size=8), max_size=30), st.randoms())
def test_what_is_added_later_moves_nothing_that_stands(texts: list[str], chance: random.Random) -> None:
    groups: Groups[int] = Groups()
    for number, text in enumerate(texts):
        before = [groups.find(each) for each in texts[:number]]
        groups.add(1000 + number, chance.choice(["高铁票", "护照", "驾驶证"]))
        assert [groups.find(each) and groups.find(each)[0] for each in texts[:number]] == [each and each[0] for each in before]
        if groups.find(text) is None:
            groups.add(number, text)


def test_thousands_are_gathered_within_seconds() -> None:
    chance = random.Random(7)
    acts, kinds = "养种买修办开建租卖换领查", "鱼兔蜂鸽参药菜果花树车房井路桥灯锅炉网船"
    things = [chance.choice(acts) + "".join(chance.choices(kinds, k=3)) for _ in range(400)]
    asks = ["{}有补贴吗", "请问{}怎么办", "俺家{}国家给补多少钱", "{}找谁", "我想问一下{}什么时候发"]
    questions = [chance.choice(asks).format(chance.choice(things)) for _ in range(4000)]
    begin = time.perf_counter()
    found = grouped(*questions)
    assert time.perf_counter() - begin < 4
    assert len(found) < 500
