"""Finding while typing: characters, pinyin, initials, mixtures and slips."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.lettering import Name, Names, folded
from console.typeahead import Typeahead
from tests.console.factories import articles

INDEX = Typeahead(articles())


def first(typed: str) -> tuple[str, str | None]:
    found = INDEX.search(typed)
    return (found[0].item, found[0].aspect) if found else ("", None)


@pytest.mark.parametrize(
    ("typed", "item", "aspect"),
    [
        ("低保", "最低生活保障", None), ("dibao", "最低生活保障", None), ("DIBAO ", "最低生活保障", None), ("db", "最低生活保障", None),
        ("dbmdz", "最低生活保障", "没收到"), ("dibaomdz", "最低生活保障", "没收到"), ("低保mdz", "最低生活保障", "没收到"),
        ("低b", "最低生活保障", None), ("gdbt", "耕地地力保护补贴", None), ("gengdibt", "耕地地力保护补贴", None),
        ("sbkgs", "社保卡", "挂失"), ("shebaokadiule", "社保卡", "挂失"), ("申请低保", "最低生活保障", "怎么申请"),
        ("低保的申请", "最低生活保障", "怎么申请"), ("gljt多少钱", "高龄津贴", "领多少"),
    ],
)  # fmt: skip
def test_whatever_way_it_is_typed_it_is_found(typed: str, item: str, aspect: str | None) -> None:
    assert first(typed) == (item, aspect)


@pytest.mark.parametrize(
    ("typed", "item"),
    [
        ("低宝", "最低生活保障"), ("高灵津贴", "高龄津贴"), ("gaolinjintie", "高龄津贴"), ("gaolingjintei", "高龄津贴"),
        ("gdtb", "耕地地力保护补贴"), ("canjirenbt", "困难残疾人生活补贴"), ("nongjibt", "农机购置与应用补贴"),
    ],
)  # fmt: skip
def test_a_slip_or_a_homophone_still_finds(typed: str, item: str) -> None:
    assert item in [hit.item for hit in INDEX.search(typed)[:2]]


def test_an_aspect_with_a_slip_is_guessed_behind_a_name_that_is_right() -> None:
    assert first("低保szq") == ("最低生活保障", "怎么申请")


def test_one_letter_offers_what_begins_with_it() -> None:
    found = INDEX.search("d")
    assert found
    assert all(any(name.initials.startswith("d") for name in INDEX._names if name.target == hit.item) for hit in found)


def test_nothing_like_it_finds_nothing() -> None:
    for typed in ("", "  ", "？！", "xqzwvkj", "量子力学"):
        assert INDEX.search(typed) == []


def test_only_aspects_that_the_article_has_are_offered() -> None:
    short = replace(articles()[0], sections={"概览": articles()[0].sections["概览"]})
    found = Typeahead([short]).search(f"{short.item}没到账")
    assert [(hit.item, hit.aspect) for hit in found] == [(short.item, None)]


def test_no_item_is_offered_twice_and_the_best_stand_first() -> None:
    for typed in ("b", "补贴", "bt", "残疾人", "nongye"):
        found = INDEX.search(typed)
        assert len({hit.item for hit in found}) == len(found)
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@given(st.text(alphabet=st.sampled_from("abdgijlnszm低保地补没到账0 ，'"), max_size=30))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    for hit in INDEX.search(typed):
        assert 0 < hit.score <= 100


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=10), st.data())
def test_every_name_is_found_by_any_mixture_of_its_ways(name: str, data: st.DataObject) -> None:
    made = Name.of("x", name)
    ways = [
        data.draw(st.sampled_from([char, sound or char, (sound or char)[:1]])) for char, sound in zip(name, made.syllables, strict=True)
    ]
    assert [found.name.target for found in Names([made]).find("".join(ways))]


def test_dialects_differences_are_folded_away() -> None:
    assert folded("zhangcheng") == "zancen"
