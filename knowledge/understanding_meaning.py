"""What one message says by itself: which items it may mean and how surely, and which aspect it asks for.

An item is meant when it is named, or when the senses of the words together mean it (meanings.toml). A programme's
name, or a thing such as maize, proves nothing alone: money must be in the message, in some word. Words that are
somebody else's business weigh against all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_sound import Heard, hear, sound_of
from knowledge.understanding_words import MONEY, Hit, Vocabulary, read_toml

CARD: Final = "社保卡"
SURE: Final = 5.0
_AGAINST: Final = 4.0
_STRONG: Final = 3.0
_LONG: Final = 30
_ONLY: Final = "only"
_LITTLE: Final = 4

_PAUSE = re.compile(r"[,，。.!！?？;；、\s]+|还有就是|另外|再问一下|再问|顺便")
_YES_NO = re.compile(
    rf"(?:吗|么|不|没|否|行不行|中不中|{sound_of('吗')})(?:呢|啊|呀|了|哪|呐|的)?$"
    r"|(?<![就都也他她我俺家们这月年一])没有(?:呢|啊|呀|了)?$|(.)不\1|有没有|是不是|能否|是否|可否|可不可以|给不给|还是"
)
_WHEN_GIVEN = re.compile(r"[月季年天学末初底节次块儿回]一?[给发打开领].{0,2}还是")
_GRANTS = re.compile(r"[能给算够有补领报享归办]")
# What one may be allowed that has to do with money; any other verb after 能 is somebody else's business.
_MAY = re.compile(
    r"(?:能不能|能否|可不可以|可以|能)(?:[再还也都就先不帮替让去来]|一起|同时|直接|提前|自己|继续|一块儿?|一直)*(\w)"
)
_GRANTED = frozenset(
    "领办享给补拿报申算够吃评进改当转打取查代退涨到下继恢要参交提缓有得发开认激换挂销修收签解变落入批定加拨兑选续停扣"
    "按走登录填写找问看知多少说讲低五残哪谁啥几什吗不呢点扫干"
)
_AGE = re.compile(
    r"(?<![\d.第十百])(?:([六七八九])十([一二三四五六七八九]?)|([6-9])(\d)|(1)[01]\d|一百[零〇]?[一二三四五六七八九]?)"
    r"(?![\d.%]|多?[亩块元斤垧万头台度分月号天户人里公次只平米个袋]|来亩|年[代的]|多?年(?:前|后|来|多|了)|来年)"
)
# Some other 一卡通: a word of another world stands right before it.
_OTHER_CARD = re.compile(r"[^\W\d_a-z惠民农贴金政个说叫的是用这那听为啥打发办查问走搞弄整到把有和跟卡张]一卡通")
_GIVES = re.compile(r"给[^,，。？]{1,6}[补钱拨发]|[补给][^办卡课考种牙]{0,2}多少")
_DIGIT = {sign: number for number, sign in enumerate("零一二三四五六七八九")}


class Rule(NamedTuple):
    """Senses that together mean an item."""

    needs: frozenset[str]
    bans: frozenset[str]
    only: bool  # nothing else of ours may be in the message, and little that is not
    item: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says by itself. `items` come best first with their weight; from SURE on they are meant."""

    items: tuple[tuple[str, float], ...]
    named: tuple[str, ...]  # items whose money is called by name, in the order of the message
    aspects: Mapping[str, float]
    card_aspects: Mapping[str, float]
    questions: tuple[tuple[str, str], ...]  # item and aspect of each clause that holds both, in order
    asked: tuple[str, ...]  # the aspect that each clause asks for plainly, in order
    senses: frozenset[str]
    talk: frozenset[str]
    foreign: int
    yes_no: bool
    goes_on: bool  # ends as 那九十以上的呢 does: the same of something else
    alien: bool  # asks whether something is allowed that has nothing to do with money
    length: int
    rest: int  # characters that no word of ours explains


def rules() -> list[Rule]:
    """The rules of meanings.toml."""
    return [_rule(item, line) for item, lines in read_toml("meanings.toml")["items"].items() for line in lines]


def _rule(item: str, line: str) -> Rule:
    parts = line.split()
    weight = float(parts.pop(0)) if parts[0].replace(".", "").isdigit() else 0.0
    needs = frozenset(part for part in parts if not part.startswith("-"))
    bans = frozenset(part[1:] for part in parts if part.startswith("-"))
    return Rule(needs - {_ONLY}, bans, _ONLY in needs, item, weight or 4 + 1.2 * len(needs))


class Meanings:
    """Reads messages. Built once at start; holds no state of a talk."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.rules = tuple(rules())
        self._rules: dict[str, list[Rule]] = {}
        rarity = {sense: number for number, sense in enumerate(read_toml("words.toml")["senses"])}
        for rule in self.rules:
            key = max(rule.needs, key=lambda sense: rarity.get(sense, -1))
            self._rules.setdefault(key, []).append(rule)

    def read(self, text: str, brought: Iterable[str] = ()) -> Reading:
        """The reading of a message; `brought` are senses that the talk so far leaves in the air."""
        heard = hear(text)
        hits = self._vocabulary.find(heard)
        clauses = _clauses(heard, hits)
        aspects, card_aspects = _aspects(clauses), _card_aspects(hits)
        yes_no = any(clause.yes_no for clause in clauses)
        senses = _senses(heard, hits, aspects, card_aspects) | frozenset(brought)
        foreign = sum(tag.kind == "foreign" for hit in hits for tag in hit.tags)
        named, weights = self._weigh(heard, hits, clauses, aspects, senses, bool(card_aspects))
        foreign += _OTHER_CARD.search(heard.written) is not None
        against = _against(heard, senses) * min(foreign, 2)
        items = sorted(((item, weight - against) for item, weight in weights.items()), key=lambda pair: -pair[1])
        return Reading(
            items=tuple(items),
            named=named,
            aspects=aspects,
            card_aspects=card_aspects,
            questions=_questions(clauses),
            asked=tuple(dict.fromkeys(aspect for clause in clauses if (aspect := clause.asked))),
            senses=senses,
            talk=frozenset(tag.value for hit in hits for tag in hit.tags if tag.kind == "talk"),
            foreign=foreign,
            yes_no=yes_no,
            goes_on=heard.written.rstrip("?？。").endswith("呢"),
            alien=yes_no and max(aspects.values(), default=0.0) < _STRONG and _is_alien(heard.written),
            length=len(heard.written),
            rest=len(heard.written) - _covered(hits),
        )

    def _weigh(
        self,
        heard: Heard,
        hits: Sequence[Hit],
        clauses: Sequence[_Clause],
        aspects: Mapping[str, float],
        senses: frozenset[str],
        card_asked: bool,
    ) -> tuple[tuple[str, ...], dict[str, float]]:
        weights: dict[str, float] = {}
        named: list[str] = []
        pays = MONEY in senses or "钱" in senses or not _PAYING.isdisjoint(aspects)
        plain = not _PLAIN.isdisjoint(aspects) or aspects.get("谁能领", 0.0) >= _STRONG
        others_end = 0
        for clause in clauses:
            asked = 0.8 if clause.aspects else 0.0
            for hit in clause.hits:
                for kind, item, weight in hit.tags:
                    if kind == "foreign":
                        others_end = hit.end
                    if hit.start < others_end:
                        continue
                    if heard.written[max(0, hit.start - 2) : hit.start] in _HAS_ALREADY:
                        weight -= 1.5  # 领着养老金还能再领高龄津贴吗
                    if kind == "name":
                        weight += asked - 0.5 * (not hit.exact) - 0.15 * len(named)
                        named.append(item)
                    elif kind == "programme":
                        bare = hit.end - hit.start + 2 >= len(heard.written)
                        if pays or bare or plain:
                            named.append(item)
                        weight += asked + (2.5 if pays or bare else 0.0 if plain else -3.0)
                    else:
                        continue
                    weights[item] = max(weights.get(item, 0.0), weight)
        alone = len(heard.written) - _covered(hits) <= _LITTLE
        for sense in senses:
            for rule in self._rules.get(sense, ()):
                if rule.needs <= senses and rule.bans.isdisjoint(senses):
                    if rule.only and not (alone and senses <= rule.needs | _ASPECT_SENSES):
                        continue
                    weight = rule.weight
                    known = weights.get(rule.item, 0.0)
                    weights[rule.item] = max(known, weight) + (0.3 if known else 0.0)
        if CARD in weights and not card_asked and not ITEMS.keys().isdisjoint(named):
            weights[CARD] -= 2.0  # the card is only where the money should have come to
        return tuple(named), weights


_HAS_ALREADY: Final = frozenset({"领着", "拿着", "享受", "有了", "吃着", "领了", "开着"})
_ASPECT_SENSES: Final = frozenset({"概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据", "card", "电话", MONEY})
# Aspects that only make sense of money, and those that ask plainly enough after a programme's name.
_PAYING: Final = frozenset({"领多少", "什么时候发", "没收到"})
_PLAIN: Final = frozenset({"领多少", "什么时候发", "没收到", "怎么申请", "找谁", "依据", "概览"})


@dataclass(slots=True)
class _Clause:
    hits: list[Hit]
    aspects: dict[str, float]
    yes_no: bool

    @property
    def asked(self) -> str | None:
        """The aspect that is asked for plainly here."""
        best = max(self.aspects, key=lambda name: self.aspects[name], default=None)
        return best if best and self.aspects[best] >= _STRONG else None


def _clauses(heard: Heard, hits: Sequence[Hit]) -> list[_Clause]:
    """The message cut at its pauses, with what was found in each part."""
    clauses: list[_Clause] = []
    start, number = 0, 0
    for pause in (*_PAUSE.finditer(heard.written), None):
        end = pause.start() if pause else len(heard.written)
        inside: list[Hit] = []
        while number < len(hits) and hits[number].start < end:
            inside.append(hits[number])
            number += 1
        if end > start:
            part = heard.written[start:end]
            yes_no = _YES_NO.search(part) is not None
            clauses.append(_Clause(inside, _clause_aspects(inside, yes_no, part), yes_no))
        start = pause.end() if pause else end
    return clauses


def _clause_aspects(hits: Sequence[Hit], yes_no: bool, part: str) -> dict[str, float]:
    found: dict[str, float] = {}
    helpers: dict[str, float] = {}
    name_end = 0
    for hit in hits:
        for kind, aspect, weight in hit.tags:
            if kind == "name":
                name_end = hit.end
            elif kind == "aspect" and hit.end > name_end:  # 申请 in the name 信息公开申请 asks for nothing
                value = weight + 0.12 * (hit.end - hit.start) - 0.3 * (not hit.exact)
                known = found.get(aspect, 0.0)
                found[aspect] = max(known, value) + 0.5 * min(known, value)
            elif kind == "helper" and aspect:
                helpers[aspect] = weight
    if "没收到" in found and found["没收到"] >= _STRONG:
        found["没收到"] += 1.0
    for aspect, weight in helpers.items():
        found.setdefault(aspect, weight)
    if _WHEN_GIVEN.search(part):
        found["什么时候发"] = max(found.get("什么时候发", 0.0), _STRONG + 1)
    if yes_no and _GRANTS.search(part):
        asked = max(found.values(), default=0.0) >= _STRONG and found.get("谁能领", 0.0) < _STRONG
        found["谁能领"] = max(found.get("谁能领", 0.0) + (0.0 if asked else 0.6), 2.2)
    return found


def _aspects(clauses: Sequence[_Clause]) -> dict[str, float]:
    """Each aspect's weight over the whole message; the last question counts a little more."""
    total: dict[str, float] = {}
    last = max((number for number, clause in enumerate(clauses) if clause.aspects), default=0)
    for number, clause in enumerate(clauses):
        for aspect, weight in clause.aspects.items():
            value = weight * (1.3 if number == last else 1.0)
            known = total.get(aspect, 0.0)
            total[aspect] = max(known, value) + 0.2 * min(known, value)
    if total.get("没收到", 0.0) >= _STRONG and "谁能领" in total:
        total["谁能领"] -= 1.0  # 没领着，现在还能补吗
    return total


def _card_aspects(hits: Sequence[Hit]) -> dict[str, float]:
    found: dict[str, float] = {}
    for hit in hits:
        for kind, aspect, weight in hit.tags:
            if kind == "card":
                found[aspect] = found.get(aspect, 0.0) + weight + 0.2 * (hit.end - hit.start)
    return found


def _senses(
    heard: Heard, hits: Sequence[Hit], aspects: Mapping[str, float], card_aspects: Mapping[str, float]
) -> frozenset[str]:
    senses = {tag.value for hit in hits for tag in hit.tags if tag.kind == "sense"}
    senses |= {aspect for aspect, weight in aspects.items() if weight >= _STRONG}
    if card_aspects.keys() - {"申领"}:
        senses.add("card")
    if any(tag.kind == "name" for hit in hits for tag in hit.tags):
        senses.add(MONEY)
    if _GIVES.search(heard.written):
        senses.add(MONEY)
    for found in _AGE.finditer(heard.written):
        senses.add("八十岁" if _age(found) >= 80 else "六十岁")
    return frozenset(senses)


def _age(found: re.Match[str]) -> int:
    tens, ones, tens_digit, ones_digit, _ = found.groups()
    if tens:
        return _DIGIT[tens] * 10 + _DIGIT.get(ones, 0)
    return int(tens_digit + ones_digit) if tens_digit else 100


def _is_alien(written: str) -> bool:
    allowed = _MAY.search(written)
    return allowed is not None and allowed[1] not in _GRANTED


def _questions(clauses: Sequence[_Clause]) -> tuple[tuple[str, str], ...]:
    """Item and aspect of the clauses that name an item and ask something of it."""
    found: dict[str, str] = {}
    for clause in clauses:
        names = [tag.value for hit in clause.hits for tag in hit.tags if tag.kind in ("name", "programme")]
        if names and clause.asked:
            found.setdefault(names[0], clause.asked)
    return tuple(found.items())


def _against(heard: Heard, senses: frozenset[str]) -> float:
    """What each word of somebody else's business weighs: little in a long story, or where 补贴 itself is said."""
    if len(heard.written) > _LONG:
        return _AGAINST * 0.3
    return _AGAINST * (0.4 if "补名" in senses else 1.0)


def _covered(hits: Sequence[Hit]) -> int:
    covered = reached = 0
    for hit in hits:
        covered += max(0, hit.end - max(hit.start, reached))
        reached = max(reached, hit.end)
    return covered


def unknown_senses(vocabulary: Vocabulary) -> set[str]:
    """Senses that a rule needs and no word has; empty unless a file was edited badly."""
    known = vocabulary.knows("sense") | vocabulary.knows("aspect") | {"card", MONEY}
    items = {*ITEMS, *TOPICS}
    return {sense for rule in rules() for sense in rule.needs | rule.bans if sense not in known} | {
        rule.item for rule in rules() if rule.item not in items
    }
