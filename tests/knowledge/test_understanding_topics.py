"""What residents mean beside the items: what is asked of a general topic, and others who come into a story by the way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from knowledge.answers import shared_understanding


@pytest.mark.parametrize(
    ("text", "item", "aspect"),
    [
        ("一卡通归谁管", "一卡通", "找谁"),
        ("一卡通的政策依据是什么", "一卡通", "依据"),
        ("一卡通是啥", "一卡通", "概览"),
        ("公示名单有意见找谁", "补贴公示", "找谁"),
        ("怎么申请信息公开", "信息公开申请", "怎么申请"),
    ],
)
def test_a_topic_is_told_by_what_is_plainly_asked_of_it(text: str, item: str, aspect: str) -> None:
    found = shared_understanding().understand(text)
    assert (found.item, found.aspect) == (item, aspect)


def test_a_neighbour_in_a_story_is_nobody_to_be_looked_up() -> None:
    story = "俺家种了二十来亩旱田,邻居家的地补早就领上了,俺家到这会儿一分也没打,村上光让等,麻烦您告诉我一声该问谁"
    assert shared_understanding().understand(story).item == "耕地地力保护补贴"
    assert shared_understanding().understand("告诉我邻居家领了多少补贴").intent == "stranger"


_READ = (
    "from knowledge.answers import shared_understanding as u;"
    "print([u().understand(t) for t in ('我妈八十三了还瘫在炕上家里是低保有啥补贴', '退伍回来六十了种地能领啥钱', '孩子念技校家里困难有补助不')])"
)


def test_a_message_means_the_same_in_every_process() -> None:
    """Sets come in another order in each process; what is understood must not hang on it."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _READ], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    ("text", "items", "aspect"),
    [
        ("地补和低保分别啥时候发", {"耕地地力保护补贴", "最低生活保障"}, "什么时候发"),
        ("高龄津贴、残疾护理补贴咋申请", {"高龄津贴", "重度残疾人护理补贴"}, "怎么申请"),
    ],
)
def test_of_two_items_named_together_both_are_answered(text: str, items: set[str], aspect: str) -> None:
    meaning = shared_understanding().understand(text)
    assert {(meaning.item, meaning.aspect), *((also.item, also.aspect) for also in meaning.also)} == {
        (item, aspect) for item in items
    }
