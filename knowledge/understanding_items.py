"""Which items a message means, and how surely: by name, or by the senses of its words together (meanings.toml).

A programme's name, or a thing such as maize, proves nothing alone: money must be in the message, in some word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_clauses import Clause
from knowledge.understanding_vocabulary import Vocabulary
from knowledge.understanding_words import MONEY, NOUN, Hit, read_toml

CARD: Final = "社保卡"
ASKS: Final = "asks"  # the sense of every plain question
ABOUT_CARD: Final = "card"  # the sense of what is done with a card
FIRST_OF_CARD: Final = "申领"  # its words (带啥, 在哪办) are said of anything that is done with a card
_ONLY: Final = "only"
_LITTLE: Final = 6

# Aspects that only make sense of money, and those that ask plainly enough after a programme's name.
_PAYING: Final = frozenset({"领多少", "什么时候发", "没收到"})
_PLAIN: Final = _PAYING | {"怎么申请", "找谁", "依据", "概览"}
_HAS_ALREADY: Final = frozenset({"领着", "拿着", "享受", "有了", "吃着", "领了", "开着", "除了"})
# Senses that any question has, whatever it is about.
COMMON: Final = _PLAIN | {"谁能领", ABOUT_CARD, ASKS, MONEY, NOUN, "钱"}


class Rule(NamedTuple):
    """Senses that together mean an item."""

    needs: frozenset[str]
    bans: frozenset[str]
    only: bool  # nothing else of ours may be in the message, and little that is not
    item: str
    weight: float


def rules() -> list[Rule]:
    """The rules of meanings.toml."""
    return [_rule(item, line) for item, lines in read_toml("meanings.toml")["items"].items() for line in lines]


def _rule(item: str, line: str) -> Rule:
    parts = line.split()
    weight = float(parts.pop(0)) if parts[0].replace(".", "").isdigit() else 0.0
    needs = frozenset(part for part in parts if not part.startswith("-"))
    bans = frozenset(part[1:] for part in parts if part.startswith("-"))
    return Rule(needs - {_ONLY}, bans, _ONLY in needs, item, weight or 4 + 1.2 * len(needs))


@dataclass(frozen=True, slots=True)
class Said:
    """What the weighing needs to know of a message."""

    written: str
    clauses: Sequence[Clause]
    senses: frozenset[str]
    aspects: Iterable[str]
    rest: int
    card: bool  # something is asked of a card


class Weigher:
    """Weighs messages. Built once; holds no state."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}
        place = {sense: number for number, sense in enumerate(read_toml("words.toml")["senses"])}
        for rule in rules():
            rarest = max(rule.needs, key=lambda sense: place.get(sense, -1))
            self._rules.setdefault(rarest, []).append(rule)

    def weigh(self, said: Said) -> tuple[tuple[str, ...], dict[str, float]]:
        """The items called by name, in the order of the message; and every item's weight."""
        weights: dict[str, float] = {}
        named = self._names(said, weights)
        fitting: dict[str, list[float]] = {}
        for rule in self._fitting(said):
            fitting.setdefault(rule.item, [weights[rule.item]] if rule.item in weights else []).append(rule.weight)
        for item, found in sorted(fitting.items()):  # sets come in another order each time
            weights[item] = max(found) + 0.3 * (len(found) - 1)
        if CARD in weights and not said.card and any(name in ITEMS for name in named):
            weights[CARD] -= 2.0  # the card is only where the money should have come to
        return tuple(named), weights

    def _names(self, said: Said, weights: dict[str, float]) -> list[str]:
        named: list[str] = []
        others_end = 0
        for clause in said.clauses:
            asked = 0.8 if clause.aspects else 0.0
            for hit in clause.hits:
                for kind, item, weight in hit.tags:
                    if kind == "foreign":
                        others_end = hit.end
                    elif hit.start >= others_end and kind in ("name", "programme"):
                        weight += asked - 1.5 * (said.written[max(0, hit.start - 2) : hit.start] in _HAS_ALREADY)
                        if kind == "name":
                            weight -= 0.5 * (not hit.exact) + 0.15 * len(named)
                            named.append(item)
                        else:
                            counts = _programme(hit, said)
                            weight += counts
                            if counts >= 0:
                                named.append(item)
                        weights[item] = max(weights.get(item, 0.0), weight)
        return named

    def _fitting(self, said: Said) -> Iterable[Rule]:
        senses = said.senses
        for sense in senses:
            for rule in self._rules.get(sense, ()):
                if rule.needs <= senses and rule.bans.isdisjoint(senses):
                    alone = said.rest <= _LITTLE and senses <= rule.needs | COMMON | {"电话"}
                    if alone or not rule.only:
                        yield rule


def _programme(hit: Hit, said: Said) -> float:
    """How much more, or less, the name of a programme means with what is said around it."""
    bare = hit.end - hit.start + 2 >= len(said.written)
    if bare or MONEY in said.senses or "钱" in said.senses or not _PAYING.isdisjoint(said.aspects):
        return 2.5
    return 0.0 if "谁能领" in said.senses or not _PLAIN.isdisjoint(said.aspects) else -3.0


def unknown_senses(vocabulary: Vocabulary) -> set[str]:
    """Senses that a rule needs and no word has; empty unless a file was edited badly."""
    known = vocabulary.knows("sense") | vocabulary.knows("aspect") | {ABOUT_CARD, ASKS, MONEY, NOUN}
    items = {*ITEMS, *TOPICS}
    return {sense for rule in rules() for sense in rule.needs | rule.bans if sense not in known} | {
        rule.item for rule in rules() if rule.item not in items
    }
