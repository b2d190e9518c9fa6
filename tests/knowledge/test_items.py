"""The catalogue: complete, without contradictions, and careful with names."""

from __future__ import annotations

import dataclasses

import pytest

from knowledge.catalogue.items import ITEMS, TOPICS, item_named, plain
from knowledge.understanding_items import unknown_senses
from knowledge.understanding_vocabulary import Vocabulary

EVERYTHING = [*ITEMS.values(), *TOPICS.values()]


def test_the_list_has_39_items_and_9_topics() -> None:
    assert (len(ITEMS), len(TOPICS)) == (39, 9)


def test_no_name_belongs_to_two_items() -> None:
    owners: dict[str, set[str]] = {}
    for item in EVERYTHING:
        for name in (item.name, *item.aliases, *item.programmes):
            owners.setdefault(plain(name), set()).add(item.name)
    assert {name: owner for name, owner in owners.items() if len(owner) > 1} == {}


@pytest.mark.parametrize("item", ITEMS.values(), ids=lambda item: item.name)
def test_every_item_says_who_pays_what_to_whom(item) -> None:
    assert item.department
    assert item.payer
    assert item.unit
    assert item.group
    assert item.per in ("户", "人")
    assert len(item.aliases) >= 3


def test_exclusions_hold_both_ways() -> None:
    for item in ITEMS.values():
        for other in item.exclusions:
            assert item.name in ITEMS[other].exclusions, (item.name, other)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("地补", "耕地地力保护补贴"),
        ("奖扶", "农村计划生育家庭奖励扶助"),
        ("农村低保", "最低生活保障"),
        ("五 保", "特困人员救助供养"),
        ("2024年农机购置补贴资金", "农机购置与应用补贴"),
        ("（2025年度）稻谷补贴", "稻谷补贴"),
        ("６０周岁农村籍退役士兵生活补助", "60周岁农村籍退役士兵生活补助"),
    ],
)
def test_a_payment_files_name_is_recognised(written: str, name: str) -> None:
    found = item_named(written)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("written", ["其他补贴", "残疾人两项补贴", "补贴", "", "社保卡", "地补粮补", "低保户取暖"])
def test_an_unknown_or_ambiguous_name_is_no_item(written: str) -> None:
    assert item_named(written) is None


def test_an_item_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ITEMS["稻谷补贴"].name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        ITEMS["x"] = ITEMS["稻谷补贴"]  # type: ignore[index]


def test_every_rule_uses_senses_and_items_that_exist() -> None:
    assert unknown_senses(Vocabulary.load()) == set()
