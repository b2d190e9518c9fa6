"""What transfers have taught: a case that is like earlier ones goes first to the department with which those ended.

Beside the rules of routing.py and after them, out of examples alone, so that each change can be explained by the cases
behind it. Only among cases that the rules would give to the same department first, only where those most alike agree,
and never where anybody may be complained about: 回避, 举报 and 保密 are the rules' alone, and so is the place.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from knowledge.catalogue.departments import DISCIPLINE, TOWNSHIP
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.grouping import features_of
from knowledge.identity import redact, unnamed
from knowledge.kinds import REPORT
from knowledge.routing import Route
from knowledge.routing_reading import SIGNS, tidy
from knowledge.strangers import names_in

_NEAR: Final = 0.2  # so much must be shared, between what is shared of both and of the shorter one
_HEARD: Final = 5  # of the most alike, who have a voice
_AGREEING: Final = 2  # so many of them at least must have ended with the same department
_SHARE: Final = 0.7  # of all that was heard, by likeness
_SUREST: Final = 0.9
_PAIR, _FACT = 1.6, 3.0  # a pair of neighbours tells more than a character, and the item or the problem more than both
_SAME: Final = "="  # before a fact among the characters
_TAKEN_OUT: Final = re.compile("〔[^〕]{0,4}〕")  # what stands for a name or a number
_LOOKED_AT: Final = 40  # examples that are compared in full
_COMMON: Final = 600  # a feature of more examples than this finds none by itself
_OF_THE_REST: Final = (0.6, 0.3)
# What a case can be about besides its item. Who is complained about is no problem to learn from.
_PROBLEMS: Final = (
    *(
        "card_service",
        "card",
        "bank_service",
        "bank",
        "unpublished",
        "privacy",
        "publicity",
        "disclosure",
        "unanswered",
    ),
    *("hall", "window", "service", "merged", "scam"),
)
_SIGNS: Final = {sign.name: sign for sign in SIGNS}
_MOST_PROBLEMS: Final = 2
_SHORTEST_NAME: Final = 2
_OUR_WORDS: Final = re.compile("|".join(
    re.escape(name) for name in sorted({name for one in ITEMS.values() for name in (one.name, *one.aliases)}, key=len, reverse=True)
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A case that was settled. `first`: to whom the rules alone would give it; `to`: who answered it in the end.

    Both as `Route.departments` names them. Where they are the same the case stayed, which counts against a change.
    `problem` as `problem_in` gives it, where that is known already.
    """

    words: str
    first: str
    to: str
    item: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the examples say of one case: the department, how sure (0 to 1), and how many agree."""

    to: str
    sure: float
    agreeing: int


class Precedents:
    """Examples, ready to be asked. Built once; read only."""

    def __init__(self, examples: Iterable[Example] = ()) -> None:
        kept = [one for one in examples if DISCIPLINE not in (one.first, one.to)]
        rows: dict[str, list[tuple[Example, frozenset[str]]]] = {}
        having: dict[str, int] = {}
        for one in kept:
            found = frozenset(_features(one.words, one.item, one.problem))
            rows.setdefault(one.first, []).append((one, found))
            for feature in found:
                having[feature] = having.get(feature, 0) + 1
        self._counted = len(kept)
        self._weights = {feature: _weight(feature, times, len(kept)) for feature, times in having.items()}
        self._unseen = math.log(1 + len(kept))
        self._beside = {first: _Beside(mine, self._weights) for first, mine in rows.items()}

    def __len__(self) -> int:
        return self._counted

    def applied(self, way: Route, text: str, *, item: str | None = None, town: str | None = None) -> Route:
        """The way of a case, with the department in front that earlier ones of its like ended with; else as it was.

        `item` and `town` as they were named or confirmed, where they were.
        """
        where = town or way.town
        if (
            not self._counted
            or is_for_rules_alone(way)
            or (where in TOWNS and TOWNS[where or ""].administered_elsewhere)
        ):
            return way
        said = self.opinion(way.departments[0], text, item)
        if said is None or (said.to == TOWNSHIP and where is None):
            return way
        return _led(way, said)

    def opinion(self, first: str, text: str, item: str | None) -> Opinion | None:
        """Whom the examples would put in the place of `first`; None where they have nothing to say against it."""
        heard = self.nearest(first, text, item)
        votes: dict[str, list[float]] = {}
        for example, likeness in heard:
            votes.setdefault(example.to, []).append(likeness)
        if not votes:
            return None
        to = max(votes, key=lambda name: (sum(votes[name]), name))
        share, agreeing = sum(votes[to]) / sum(likeness for _, likeness in heard), len(votes[to])
        if to == first or agreeing < _AGREEING or share < _SHARE:
            return None
        return Opinion(to, round(min(_SUREST, share * (1 - 0.5**agreeing)), 2), agreeing)

    def nearest(self, first: str, text: str, item: str | None) -> list[tuple[Example, float]]:
        """The examples most like a case that the rules would give to `first`, with how much (0 to 1), best first."""
        beside = self._beside.get(first)
        if beside is None:
            return []
        features = frozenset(_features(text, item, None))
        own = sum(self._weights.get(each, self._unseen * _sort(each)) for each in features)
        return beside.nearest(features, own)


class _Beside:
    """The examples of one first department, found by what they hold."""

    def __init__(self, rows: list[tuple[Example, frozenset[str]]], weights: Mapping[str, float]) -> None:
        self._rows, self._weights = rows, weights
        self._whole = [sum(weights[each] for each in features) for _, features in rows]
        self._having: dict[str, list[int]] = {}
        for number, (_, features) in enumerate(rows):
            for feature in features:
                self._having.setdefault(feature, []).append(number)

    def nearest(self, features: frozenset[str], own: float) -> list[tuple[Example, float]]:
        found = ((self._likeness(number, features, own), -number) for number in self._near(features))
        best = heapq.nlargest(_HEARD, (each for each in found if each[0] >= _NEAR))
        return [(self._rows[-number][0], likeness) for likeness, number in best]

    def _near(self, features: frozenset[str]) -> list[int]:
        shared: dict[int, float] = {}
        known = sorted(
            (each for each in features if each in self._having), key=lambda each: (len(self._having[each]), each)
        )
        for feature in known:
            having = self._having[feature]
            if len(having) > _COMMON and shared:
                break
            for number in having:
                shared[number] = shared.get(number, 0.0) + self._weights[feature]
        return heapq.nlargest(_LOOKED_AT, shared, key=lambda number: (shared[number], -number))

    def _likeness(self, number: int, features: frozenset[str], own: float) -> float:
        shared = sum(self._weights[each] for each in features & self._rows[number][1])
        theirs = self._whole[number]
        return shared / (own + theirs) + shared / (2 * min(own, theirs)) if shared else 0.0


def is_for_rules_alone(way: Route) -> bool:
    """Whether nothing is learnt from such a case, nor applied to it: somebody may be complained about, or it is sealed."""
    guarded = way.accused or way.doubted or way.village_accused or way.confidential
    return bool(guarded) or way.kind == REPORT or way.departments[0] == DISCIPLINE


def problem_in(text: str) -> str:
    """What a text is about besides its item, in words for staff: 社保卡和卡号、银行. Empty where nothing tells."""
    clean = tidy(text)
    found = [name for name in _PROBLEMS if _SIGNS[name].shown_in(clean)][:_MOST_PROBLEMS]
    return "、".join(dict.fromkeys(_SIGNS[name].said for name in found))


def without_persons(text: str, names: Iterable[str]) -> str:
    """The words of a case as they are kept: without numbers, without these names, and without whoever else is named in them."""
    marked = names_in(_OUR_WORDS.sub("，", text))  # 低保上户 names nobody
    return unnamed(redact(text), {name for name in (*names, *marked) if len(name) >= _SHORTEST_NAME})


def learnable(to: str, *, first: str, town: str | None) -> bool:
    """Whether the end of a case can teach: a township only where its place is known, and never 纪委监委."""
    return DISCIPLINE not in (first, to) and not (to == TOWNSHIP and town is None)


def _led(way: Route, said: Opinion) -> Route:
    rest = [name for name in way.departments if name != said.to][: len(_OF_THE_REST)]
    shares = [round(min(said.sure, 1 - said.sure) * share, 2) for share in _OF_THE_REST[: len(rest)]]
    why = f"{way.why}过去{said.agreeing}件相近的，最后都由{said.to}办，先交给它。"
    return replace(way, departments=(said.to, *rest), confidence=(said.sure, *shares), why=why)


def _features(text: str, item: str | None, problem: str | None) -> Iterator[str]:
    yield from features_of(_TAKEN_OUT.sub("，", text))
    if item:
        yield _SAME + item
    if said := problem_in(text) if problem is None else problem:
        yield _SAME + said


def _weight(feature: str, times: int, of: int) -> float:
    return math.log(1 + of / (times + 0.5)) * _sort(feature)


def _sort(feature: str) -> float:
    return _FACT if feature[0] == _SAME else _PAIR if len(feature) > 1 else 1.0
