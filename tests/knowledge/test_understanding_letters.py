"""A letter tells a story around what it asks: the story says whom it is about, the part that asks says what is asked."""

from __future__ import annotations

import json

import pytest

from knowledge.answers import shared_understanding as understanding
from knowledge.understanding import LONGEST
from knowledge.understanding_clauses import LETTER, asking
from knowledge.understanding_learnt import LANE, LEARNT, Experience
from knowledge.understanding_reading import Reader
from knowledge.understanding_talk import Topic
from knowledge.understanding_vocabulary import Vocabulary

SPARE = 100  # clues of words that so many different characters happen not to hold

STORIES = (
    "我家住在河沿那个屯子，老伴前年做了心脏支架干不了重活，儿子在外头给人装修一年回来一趟，"
    "邻居家条件比我家强早都领上了，前院的说够岁数就能领，后院的说得看条件。",
    "我是从外县嫁过来的，婆家人口多地又少，这两年供两个孩子念书欠了不少饥荒，"
    "去年冬天我公公摔了一跤，村里开会我没赶上，回来听别人说名单都定下来了。",
)
QUESTIONS = {
    "领多少": "我就想问高龄津贴一个月能给多少钱。",
    "怎么申请": "请问高龄津贴怎么申请，要带啥材料。",
    "什么时候发": "请问高龄津贴几月份发。",
    "找谁": "请问高龄津贴该找哪个部门问。",
    "依据": "请问发高龄津贴的依据是哪个文件。",
}


@pytest.mark.parametrize("aspect", QUESTIONS)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("first", [True, False], ids=["asked first", "asked last"])
def test_a_letter_is_answered_by_what_it_asks(aspect: str, story: str, first: bool) -> None:
    letter = QUESTIONS[aspect] + story if first else story + QUESTIONS[aspect]
    meaning = understanding().understand(letter)
    assert (meaning.item, meaning.aspect) == ("高龄津贴", aspect)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("question", QUESTIONS.values())
def test_the_part_that_asks_holds_the_question_and_less_than_the_letter(story: str, question: str) -> None:
    part = asking(story + question)
    assert question in part
    assert len(part) < len(story + question)


def test_a_short_message_and_a_letter_that_only_tells_ask_as_a_whole() -> None:
    told = "今年地里旱得厉害，" * LETTER
    assert asking("低保咋申请，我家三口人") == "低保咋申请，我家三口人"
    assert asking(told) == told


def test_that_money_has_not_come_is_heard_in_the_story() -> None:
    letter = (
        "我妈今年八十六，高龄津贴以前都是按季度打，今年开春到现在一直没到账，卡也没换过，人也好好的，"
        "我从城里回来两趟问这事，银行查了流水说没有这笔钱进来，到底咋回事"
    )
    assert understanding().understand(letter).aspect == "没收到"


def test_a_story_of_any_length_is_read() -> None:
    story = "".join(map(chr, range(0x4E00, 0x9F00)))
    assert understanding().guess_item(story) is None
    assert understanding().understand(f"{story}。低保怎么申请", Topic(None, None, (), story)).item in (
        "最低生活保障",
        None,
    )


def test_the_lanes_hold_the_heaviest_weights_of_more_clues_than_the_longest_message_shows() -> None:
    longest = "".join(map(chr, range(0x4E00, 0x4E00 + LONGEST)))
    most = len(Reader(Vocabulary.load(), Experience({})).clues(longest)) + SPARE
    weights: dict[tuple[str, bool], list[int]] = {}
    for kept in json.loads(LEARNT.read_text("utf-8"))["weights"].values():
        for output, sign in zip(kept[::2], kept[1::2], strict=True):
            weight = ord(sign) - ord("P")
            weights.setdefault((output, weight > 0), []).append(abs(weight))
    assert max(sum(sorted(found, reverse=True)[:most]) for found in weights.values()) < 1 << (LANE - 1)
