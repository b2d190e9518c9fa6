"""The plain search engine."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import search

NOTICES = [
    ("road", "关于村道维修期间绕行的通知"),
    ("water", "自来水管网检修，周三上午停水"),
    ("corn", "玉米生产者补贴按实际种植面积发放"),
    ("card", "社会保障卡到期换卡须知"),
]


def test_the_text_that_shares_most_comes_first() -> None:
    assert search.index(NOTICES).top("停水到几点", 2)[0][0] == "water"


def test_texts_without_ids_are_numbered() -> None:
    assert search.index(["修路", "停水", "换卡"]).top("换卡", 1)[0][0] == 2


def test_another_word_of_the_same_sense_finds_the_text() -> None:
    assert search.index(NOTICES).top("苞米", 1)[0][0] == "corn"


def test_letters_and_digits_are_whole_words_whatever_their_width() -> None:
    index = search.index([("a", "路牌88001"), ("b", "路牌88002")])
    assert [name for name, _ in index.top("８８００２", 5)] == ["b"]


def test_nothing_in_common_finds_nothing() -> None:
    index = search.index(NOTICES)
    assert index.top("zzz", 3) == []
    assert index.top("", 3) == []
    assert search.index([]).top("停水", 3) == []


def test_scores_fall_and_no_more_than_k_come() -> None:
    found = search.index(NOTICES).top("补贴发放通知", 2)
    assert len(found) == 2
    assert found[0][1] >= found[1][1] > 0


def test_equal_texts_come_in_their_order() -> None:
    assert [name for name, _ in search.index(["停水", "停水", "停水"]).top("停水", 3)] == [0, 1, 2]


@pytest.fixture(scope="module")
def many() -> search.Index[int]:
    """More texts than the search adds up in full, so that its shortcuts are in use."""
    chance = random.Random(11)
    words = ["补贴", "低保", "玉米", "发放", "面积", "村里", "公示", "标准", "社保卡", "申请"]
    texts = ["".join(chance.choices(words, k=chance.randint(2, 9))) for _ in range(6000)]
    texts[4321] += "漏雨的屋顶"
    return search.Index(enumerate(texts))


def test_a_rare_word_is_found_among_many_common_ones(many: search.Index[int]) -> None:
    assert many.top("村里低保补贴发放，屋顶漏雨", 1)[0][0] == 4321


def test_common_words_alone_still_find_something(many: search.Index[int]) -> None:
    found = many.top("补贴", 5)
    assert len(found) == 5
    assert found[0][1] > 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="补贴低保停水路修a1 ，", max_size=12), min_size=1, max_size=12), st.integers(0, 11))
def test_a_text_is_found_by_itself(texts: list[str], place: int) -> None:
    query = texts[place % len(texts)]
    found = search.index(texts).top(query, len(texts))
    same = [number for number, score in found if texts[number] == query]
    assert not found or same
    assert all(found[at][1] >= found[at + 1][1] for at in range(len(found) - 1))
