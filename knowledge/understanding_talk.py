"""The talk around a message: what was last talked of, choices that were offered, and what is no question about an item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from knowledge.catalogue.items import ITEMS
from knowledge.understanding_items import ASKS, CARD
from knowledge.understanding_learnt import Verdict
from knowledge.understanding_reading import SURE, Reading
from knowledge.understanding_words import MONEY, NOT_PAID

Intent = Literal[
    "policy", "ask_back", "greeting", "thanks", "emergency", "crisis", "refuse", "stranger", "vent", "unknown",
    "lookup", "complain",
]  # fmt: skip

_NUMBER = re.compile(
    r"(?:第|选|我选|要|点)?\s*([1-9一二三四五六七八九])\s*(?:个|项|条|号|种|样)?(?:吧|的|呗|啊)?[。.,，]?"
)
_QUANTITY = re.compile("[0-9一二两俩三四五六七八九十百半][多来]?(?:亩|垧|头|只|口人?|个人|档|年|百|千|块|平|台)")
_ORDER: Final = "一二三四五六七八九"
_LITTLE: Final = 4
_LITTLE_LATER: Final = 2  # in a talk 她还活得好好的呢 is no thanks
DISCLOSURE: Final = "信息公开申请"
# Topics of which the overview tells nearly everything, with the aspects that are told apart when plainly asked for.
_MOSTLY_OVERVIEW: Final[Mapping[str, tuple[str, ...]]] = {
    "查询补贴": (), "防诈骗": (), "热线电话": (),
    "补贴公示": ("找谁",), "投诉举报": ("找谁",), "一卡通": ("找谁", "依据"),
}  # fmt: skip
_OF_DISCLOSURE: Final = frozenset({"怎么申请", "什么时候发", "找谁"})
# After these, a word about oneself that asks for nothing asks whether one is among those who get it.
_TURNS_TO_WHO: Final = frozenset({"领多少", "概览", "谁能领", "怎么申请"})


@dataclass(frozen=True, slots=True)
class Choice:
    """An item with an aspect, to be tapped or typed by its number."""

    item: str
    aspect: str | None = None

    @property
    def label(self) -> str:
        """What the resident reads on it."""
        return f"{self.item} · {self.aspect}" if self.aspect else self.item


@dataclass(frozen=True, slots=True)
class Topic:
    """What was last talked of, in which words it was asked for, and the choices that were offered."""

    item: str | None
    aspect: str | None
    choices: tuple[Choice, ...] = ()
    words: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "item": self.item,
            "aspect": self.aspect,
            "choices": [[choice.item, choice.aspect] for choice in self.choices],
        } | ({"words": self.words} if self.words else {})

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Topic:
        """From what `to_dict` gave."""
        choices = tuple(Choice(item, aspect) for item, aspect in kept.get("choices", ()))
        return cls(kept.get("item"), kept.get("aspect"), choices, kept.get("words", ""))


def chosen(text: str, topic: Topic) -> Choice | None:
    """The choice that a number or its own words pick."""
    if not topic.choices:
        return None
    if found := _NUMBER.fullmatch(text):
        number = int(found[1]) if found[1].isdigit() else _ORDER.index(found[1]) + 1
        return topic.choices[number - 1] if number <= len(topic.choices) else None
    return next((choice for choice in topic.choices if text in (choice.label, choice.item)), None)


def other_than_a_question(reading: Reading, topic: Topic) -> Intent | None:
    """What the message is when it is no question about an item; None when it may be one."""
    talk, senses = reading.talk, reading.senses
    sure = bool(reading.items) and reading.items[0][1] >= SURE
    ours = sure and reading.items[0][0] in ITEMS
    if "crisis" in talk:
        return "crisis"
    if not ours and MONEY not in senses and not talk.isdisjoint(("illness", "danger", "fire")):
        return "emergency"
    if "command" in talk:
        return "refuse"
    if "stranger" in talk and "peek" in talk and senses.isdisjoint(("投诉", "违规", "公示", "没名")):
        return "stranger"
    asks = ASKS in senses or reading.card_aspects
    if sure or asks or MONEY in senses:
        return None
    idle: tuple[Intent, ...] = ("vent", "thanks", "greeting")
    for intent in idle:
        if intent in talk and reading.rest <= (_LITTLE_LATER if topic.item else _LITTLE):
            return intent
    return "vent" if "vent" in talk and not senses else None


def _asks_the_same(reading: Reading) -> bool:
    """Whether a message asks nothing of its own of another item: 那苞米的呢, 黄豆也是吗."""
    return not reading.asked and ("也" in reading.written or not (reading.aspects or reading.yes_no))


def aspect_meant(item: str, reading: Reading, verdict: Verdict, topic: Topic) -> str:
    """The aspect that is asked for of an item, as far as the item has it."""
    if item in _MOSTLY_OVERVIEW:
        asked = reading.asked[-1] if reading.asked else ""
        return asked if asked in _MOSTLY_OVERVIEW[item] else "概览"
    if item == CARD:
        return "概览" if reading.bare and not topic.item else verdict.card_aspect
    aspect = verdict.aspect
    told = topic.aspect == "没收到" and not (reading.aspects or reading.yes_no)
    if topic.aspect and (told if item == topic.item else topic.item in ITEMS and _asks_the_same(reading)):
        aspect = topic.aspect
    if item == DISCLOSURE:
        return aspect if aspect in _OF_DISCLOSURE else "概览"
    if item == NOT_PAID:
        return aspect if aspect == "找谁" else "没收到"
    return "概览" if reading.bare and reading.named and not topic.item else aspect
