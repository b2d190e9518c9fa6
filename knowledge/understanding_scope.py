"""Whether a message that opens a talk is our business, though a word of ours is in it.

What sayings have taught decides where it is clear. In between, the words do: somebody else's words, another benefit,
or a question that no money answers speak against us; an item called by the name of its money speaks for us.
"""

from __future__ import annotations

from typing import Final, Literal

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_clauses import heaviest
from knowledge.understanding_items import CARD
from knowledge.understanding_reading import STORY, Reading
from knowledge.understanding_words import MONEY, NOUN

COMPLAINT: Final = "投诉举报"
# Log odds that a message is a question to us: below the first it is not; from the second on we answer, or from the
# third when the item is called by name; from the fourth on no foreign word speaks against it.
_HARDLY: Final = -2.0
SURELY: Final = 1.0
_SURELY_BY_NAME: Final = -0.3
_CERTAINLY: Final = 1.0
_NAMED: Final = 8.0
_OF_MONEY: Final = frozenset({"领多少", "没收到", "什么时候发", "谁能领", "依据"})

Standing = Literal["ours", "doubtful", "theirs"]


def standing_of(item: str, weight: float, reading: Reading, opens: bool) -> Standing:
    """Whose business a message about `item` is. `opens` is False where an item was talked of before.

    Initials and likeness say nothing to what sayings teach: their item is not among those that the words mean.
    """
    if item == COMPLAINT and _not_about_money(reading):
        return "theirs"
    if not opens:
        return "ours"
    if item in dict(reading.items):
        if reading.verdict.ours < _HARDLY:
            return "theirs"
        if reading.verdict.ours < (_SURELY_BY_NAME if _plainly(item, weight, reading) else SURELY):
            return "doubtful"
    if not _may_be_other_business(item, reading):
        return "ours"
    near = item in reading.named or (NOUN in reading.senses and not reading.rival)
    return "doubtful" if near else "theirs"


def _plainly(item: str, weight: float, reading: Reading) -> bool:
    """Whether an item is named and asked for its money, or a topic is meant by several words, with no foreign one."""
    if reading.foreign:
        return False
    if item in TOPICS:
        return weight >= _NAMED
    return item in reading.named and (MONEY in reading.senses or heaviest(reading.aspects) in _OF_MONEY)


def _may_be_other_business(item: str, reading: Reading) -> bool:
    """An item of ours in a question that is hardly about its money: 农机补贴的机器坏了找谁修, 五保能不能结婚."""
    if reading.verdict.ours >= _CERTAINLY:
        return False
    if reading.alien and item in ITEMS:
        return True
    if not reading.foreign or reading.length > STORY:
        return False
    if item == CARD:
        return not reading.card_aspects
    if reading.rival and (item not in reading.named or NOUN not in reading.senses):
        return True
    return heaviest(reading.aspects) not in _OF_MONEY


def _not_about_money(reading: Reading) -> bool:
    """A complaint of something that is nobody's subsidy: 举报邻居养狗."""
    return reading.foreign > 0 and reading.senses.isdisjoint((MONEY, "违规", "干部", "保密", "没名"))
