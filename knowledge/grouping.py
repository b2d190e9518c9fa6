"""Questions that are alike, gathered: 养蜂有补贴吗, 养蜜蜂给补多少钱.

Each group stands for itself by its first question, so that a group never falls apart or runs into another when more is
asked: a new question joins the group that it is most like, or begins one. What is compared are characters and pairs of
neighbours without the words of asking, the rarer the weightier. Groups of different sorts are never mixed.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from typing import Final, Generic, TypeVar

from knowledge.understanding_sound import tidy

Id = TypeVar("Id", bound=Hashable)

ALIKE: Final = 0.47  # so much must be shared, between what is shared of both and of the shorter one
_LONGEST: Final = 200  # characters that are compared
_PAIR: Final = 1.6  # a pair of neighbours tells more than the characters by themselves
_COMMON: Final = 400  # a feature of more groups than this finds none by itself
_LOOKED_AT: Final = 20  # groups that are compared in full
_MANY: Final = 3000  # a feature of so many groups tells next to nothing, whatever the number of groups

# Words of asking and of manners, and what nearly every question here holds.
_ASKING: Final = re.compile(
    "请问一下|想问一下|我想问|问一下|想问问|问问|请问|咨询一下|咨询|打听一下|打听|想知道|不知道|帮我|帮忙|麻烦|您好|你好|谢谢"
    "|有没有|是不是|能不能|可不可以|可以不|可以|行不行|给不给|发不发|补不补|会不会|还有没有|有无|有吗|能否|是否"
    "|多少钱|多少|几个钱|怎么办|怎么|怎样|咋办|咋样|咋整|咋|如何|什么时候|啥时候|多咱|多久|什么|为什么|为啥|哪里|哪儿|哪|谁|啥|几"
    "|国家|政府|上头|公家|政策|补贴|补助|补偿|津贴|扶持|奖励|待遇|款项|钱"
    "|我们|俺们|咱们|他们|你们|您们|我家|俺家|咱家|家里|这边|那边|这个|那个|这种|那种|现在|今年|去年|明年|这几年|一下|一点|一个|一年"
    "|到底|究竟|就是|还是|但是|因为|所以|如果|要是|听说|说是|关于|方面|情况|问题|事情|这事|那事|申请|办理|手续|材料|条件|标准|资格|流程"
    "|[我俺咱您你他她它]|[吗呢啊吧呀么呗嘛哈哦噢的了着过得地和与及或在把被从向到给对去来要想能会有没不是也都还又再就才很太最补领发拿点办]"
)
_PIECES = re.compile(r"[a-z0-9]+|[^\W_]")


class Groups(Generic[Id]):
    """Groups by their first questions; `find` gives the one that a question is like, `add` begins one."""

    def __init__(self, first: Iterable[tuple[Id, str, str]] = ()) -> None:
        self._features: list[frozenset[str]] = []
        self._names: list[Id] = []
        self._sorts: list[str] = []
        self._having: dict[str, list[int]] = {}
        for name, text, sort in first:
            self.add(name, text, sort)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: Id, text: str, sort: str = "") -> None:
        """A group that this question begins. Only groups of the same sort are compared with one another."""
        number = len(self._names)
        features = frozenset(features_of(text))
        self._names.append(name)
        self._sorts.append(sort)
        self._features.append(features)
        for feature in features:
            self._having.setdefault(feature, []).append(number)

    def find(self, text: str, sort: str = "") -> tuple[Id, float] | None:
        """The group of this sort that a question is most like, and how much (0 to 1); None if it is like none."""
        features = frozenset(features_of(text))
        weights = {feature: self._weight(feature) for feature in features}
        own = sum(weights.values())
        best, most = -1, ALIKE
        for number in self._near(features, weights, sort):
            other = self._features[number]
            shared = sum(weights[feature] for feature in features & other)
            theirs = sum(map(self._weight, other))
            likeness = shared / (own + theirs) + shared / (2 * min(own, theirs)) if shared else 0.0
            if likeness > most or (likeness == most and number < best):
                best, most = number, likeness
        return (self._names[best], most) if best >= 0 else None

    def _near(self, features: frozenset[str], weights: dict[str, float], sort: str) -> list[int]:
        """Groups that share something rare enough with a question, those that share most first."""
        shared: dict[int, float] = {}
        for feature in sorted(features, key=lambda each: len(self._having.get(each, ()))):
            having = self._having.get(feature, ())
            if len(having) > _COMMON and shared:
                break
            weight = weights[feature]
            for number in having[-_COMMON * 5 :]:
                shared[number] = shared.get(number, 0.0) + weight
        of_sort = (number for number in shared if self._sorts[number] == sort)
        return heapq.nlargest(_LOOKED_AT, of_sort, key=lambda number: (shared[number], -number))

    def _weight(self, feature: str) -> float:
        return _rarity(len(self._having.get(feature, ()))) * (_PAIR if len(feature) > 1 else 1.0)


@cache
def _rarity(found: int) -> float:
    return math.log(1 + _MANY / (found + 4))


def features_of(text: str) -> Iterator[str]:
    """What of a question is compared; of one that holds nothing but words of asking, all of it."""
    text = tidy(text[:_LONGEST])
    told = _ASKING.sub(" ", text)
    kept = told if len(_PIECES.findall(told)) > 1 else text
    before, end = "", -1
    for piece in _PIECES.finditer(kept):
        yield piece[0]
        if before and piece.start() == end:
            yield before + piece[0]
        before, end = piece[0], piece.end()
