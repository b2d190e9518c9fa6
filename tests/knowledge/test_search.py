"""The plain search engine."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import pairwise

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


def test_a_number_as_a_whole_tells_more_than_its_digits_whatever_their_width() -> None:
    index = search.index([("a", "路牌88001"), ("b", "路牌88002"), ("c", "路牌20088")])
    found = index.top("８８００２", 5)
    assert found[0][0] == "b"
    assert found[0][1] > 2 * found[1][1]


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


def test_more_wanted_than_there_are_gives_all_that_share_something(many: search.Index[int]) -> None:
    assert [name for name, _ in search.index(NOTICES).top("玉米", 50)] == ["corn"]
    assert len(many.top("补贴", 7000)) < 6000
    assert many.top("补贴", 0) == []


def test_a_very_long_query_is_answered_as_well(many: search.Index[int]) -> None:
    assert many.top("补贴低保玉米发放面积" * 300 + "漏雨的屋顶", 1)[0][0] == 4321


SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"  # of no word that has a sense of ours


def exact(texts: list[str], query: str) -> list[float]:
    """BM25 over characters 1+2 in full, of each text, for texts of SIGNS."""
    counts = [Counter((*text, *map("".join, pairwise(text)))) for text in texts]
    average = sum(count.total() for count in counts) / len(texts) or 1.0
    scores = [0.0] * len(texts)
    for gram in {*query, *map("".join, pairwise(query))}:
        holding = sum(gram in count for count in counts)
        rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for place, count in enumerate(counts):
            times = count[gram]
            norm = 1.2 * (0.25 + 0.75 * count.total() / average)
            scores[place] += rarity * times * 2.2 / (times + norm)
    return scores


def holds_the_best(index: search.Index[int], texts: list[str], query: str, k: int) -> None:
    """What is found has the scores of a plain computation, and nothing better is missing."""
    scores = exact(texts, query)
    found = index.top(query, k)
    best = sorted((score for score in scores if score > 0), reverse=True)[:k]
    assert [score for _, score in found] == pytest.approx(best, rel=1e-3, abs=1e-5)
    assert [scores[name] for name, _ in found] == pytest.approx(best, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("signs", [SIGNS, SIGNS[:4], "".join(map(chr, range(0x4E00, 0x5200)))])
@pytest.mark.parametrize("length", [1, 4, 30, 300])
def test_the_best_of_many_are_those_of_a_plain_computation(signs: str, length: int) -> None:
    chance = random.Random(length)
    texts = ["".join(chance.choices(signs, k=chance.randint(1, 60))) for _ in range(1500)]
    index = search.index(texts)
    for k in (1, 5, 40):
        holds_the_best(index, texts, "".join(chance.choices(signs, k=length)), k)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(alphabet=SIGNS[:5], max_size=20), min_size=1, max_size=30),
    st.text(alphabet=SIGNS[:6], max_size=20),
    st.integers(0, 40),
)
def test_the_best_of_few_are_those_of_a_plain_computation(texts: list[str], query: str, k: int) -> None:
    holds_the_best(search.index(texts), texts, query, k)


def test_equally_good_texts_come_in_their_order() -> None:
    assert [name for name, _ in search.index(["修路"] * 900).top("修路", 900)] == list(range(900))


@pytest.mark.parametrize("texts", [[], [""], ["", "，。"], ["修路"], ["修" * 90_000, "路"]])
@pytest.mark.parametrize("query", ["", "？", "𠀀", "修", "修修修路" * 500])
def test_whatever_is_asked_of_whatever_texts_is_answered(texts: list[str], query: str) -> None:
    found = search.index(texts).top(query, 3)
    assert {name for name, _ in found} == {name for name, text in enumerate(texts) if set(text) & set(query) - {"，"}}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="补贴低保停水路修a1 ，", max_size=12), min_size=1, max_size=12), st.integers(0, 11))
def test_a_text_is_found_by_itself(texts: list[str], place: int) -> None:
    query = texts[place % len(texts)]
    found = search.index(texts).top(query, len(texts))
    same = [number for number, score in found if texts[number] == query]
    assert not found or same
    assert all(found[at][1] >= found[at + 1][1] for at in range(len(found) - 1))
