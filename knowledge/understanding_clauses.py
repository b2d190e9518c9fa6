"""The parts of a message between pauses, and which aspect each asks for.

Within a part the plain question words decide (几月 什么时候发, 找谁 找谁); "is it so" (能不能, 给吗) asks who gets it, unless
something plainer is asked; that money has not come outweighs both. Of several parts the last counts most: long
messages put their question at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.understanding_sound import Heard, sound_of
from knowledge.understanding_words import NOT_PAID, STRONG, Hit

_LAST: Final = 1.4
LETTER: Final = 60  # characters; a longer message tells a story around what it asks

PAUSE = re.compile(r"[,，。.!！?？;；、\s]+|还有就是|另外|再问一下|再问|顺便")
_YES_NO = re.compile(
    rf"(?:吗|么|不|没|否|行不行|中不中|{sound_of('吗')})(?:呢|啊|呀|了|哪|呐|的)?$"
    r"|(?<![就都也他她我俺家们这月年一])没有(?:呢|啊|呀|了)?$|(.)不\1|有没有|是不是|能否|是否|可否|可不可以|给不给|还是"
)
_WHEN_GIVEN = re.compile(r"[月季年天学末初底节次块儿回]一?[给发打开领].{0,2}还是")
_PARTS = re.compile(r"[^,，。.!！?？;；、\s]+[,，。.!！?？;；、\s]*")
_ASKED = re.compile(
    r"吗|么(?!样的)|呢|怎么|怎样|咋|啥|什么|哪|谁|多少|几[号月点个天块年]|多[咱久大长]|能否|是否|可否|还是|(.)不\1|有没有"
    r"|[不没](?:[,，。;；\s]|$)|行不|想知道|想问|问问|请问|打听|[?？]"
)
_GRANTS = re.compile(r"[能给算够有补领报享归办]")


def asking(text: str) -> str:
    """The part of a letter that asks: the clauses that hold a question, each with the one before it.

    A short message, and a letter that only tells, is all of it.
    """
    if len(text) <= LETTER:
        return text
    parts = _PARTS.findall(text)
    asks = {place for place, part in enumerate(parts) if _ASKED.search(part)}
    return "".join(part for place, part in enumerate(parts) if place in asks or place + 1 in asks) or text


def heaviest(weights: Mapping[str, float]) -> str | None:
    """The name with the most weight."""
    return max(weights, key=lambda name: weights[name], default=None)


@dataclass(slots=True)
class Clause:
    """A part of a message between two pauses."""

    hits: list[Hit]
    aspects: dict[str, float]
    yes_no: bool

    @property
    def asked(self) -> str | None:
        """The aspect that is asked for plainly here."""
        best = heaviest(self.aspects)
        return best if best and self.aspects[best] >= STRONG else None


def cut(heard: Heard, hits: Sequence[Hit]) -> list[Clause]:
    """The message cut at its pauses, with what was found in each part."""
    clauses: list[Clause] = []
    start, number = 0, 0
    for pause in (*PAUSE.finditer(heard.written), None):
        end = pause.start() if pause else len(heard.written)
        inside: list[Hit] = []
        while number < len(hits) and hits[number].start < end:
            inside.append(hits[number])
            number += 1
        if end > start:
            part = heard.written[start:end]
            yes_no = _YES_NO.search(part) is not None
            clauses.append(Clause(inside, _clause_aspects(inside, yes_no, part), yes_no))
        start = pause.end() if pause else end
    return clauses


def _clause_aspects(hits: Sequence[Hit], yes_no: bool, part: str) -> dict[str, float]:
    found: dict[str, float] = {}
    helpers: dict[str, float] = {}
    name_end = 0
    for hit in hits:
        for kind, aspect, weight in hit.tags:
            if kind == "name" and aspect != NOT_PAID:
                name_end = hit.end
            elif kind == "aspect" and hit.end > name_end:  # 申请 in the name 信息公开申请 asks for nothing
                value = weight + 0.12 * (hit.end - hit.start) - 0.3 * (not hit.exact)
                known = found.get(aspect, 0.0)
                both = min(known, value)
                found[aspect] = max(known, value) + (0.5 if both >= STRONG else 0.2) * both
            elif kind == "helper" and aspect:
                helpers[aspect] = weight
    if "没收到" in found and found["没收到"] >= STRONG:
        found["没收到"] += 1.0
    for aspect, weight in helpers.items():
        found.setdefault(aspect, weight)
    if _WHEN_GIVEN.search(part):
        found["什么时候发"] = max(found.get("什么时候发", 0.0), STRONG + 1)
    if yes_no and _GRANTS.search(part):
        asked = max(found.values(), default=0.0) >= STRONG and found.get("谁能领", 0.0) < STRONG
        found["谁能领"] = max(found.get("谁能领", 0.0) + (0.0 if asked else 0.6), 2.2)
    return found


def aspects_of(clauses: Sequence[Clause]) -> dict[str, float]:
    """Each aspect's weight over the whole message; the last question counts a little more."""
    total: dict[str, float] = {}
    last = max((number for number, clause in enumerate(clauses) if clause.aspects), default=0)
    for number, clause in enumerate(clauses):
        for aspect, weight in clause.aspects.items():
            value = weight * (_LAST if number == last else 1.0)
            known = total.get(aspect, 0.0)
            total[aspect] = max(known, value) + 0.2 * min(known, value)
    if total.get("没收到", 0.0) >= STRONG and "谁能领" in total:
        total["谁能领"] -= 1.0  # it has not come: whether it still can is the lesser question
    return total


def card_aspects_of(hits: Sequence[Hit]) -> dict[str, float]:
    found: dict[str, float] = {}
    for hit in hits:
        for kind, aspect, weight in hit.tags:
            if kind == "card":
                found[aspect] = found.get(aspect, 0.0) + weight + 0.2 * (hit.end - hit.start)
    return found
