"""What a resident means, in the light of the talk so far: item and aspect, or what else the message is.

Out of scope is decided by what is missing (no item named, no sense of money together with a thing of ours) and by
whose business the words are, not by a score alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.understanding_clauses import heaviest
from knowledge.understanding_items import CARD, COMMON, Rule
from knowledge.understanding_reading import SURE, Reader, Reading
from knowledge.understanding_scope import COMPLAINT, SURELY, standing_of
from knowledge.understanding_sound import hear, sound_of, tidy
from knowledge.understanding_talk import Choice, Intent, Topic, aspect_meant, chosen, other_than_a_question
from knowledge.understanding_vocabulary import Vocabulary
from knowledge.understanding_words import MONEY, NOT_PAID, NOUN, read_toml

_NAMED: Final = 8.0
_CHOSEN: Final = 10.0
# In the middle of a talk, an item of another group must be clearer than the first word of a talk.
_CHANGE_BY_NOUN: Final = 6.0
_CHANGE: Final = 9.0
_STICKY: Final = frozenset({COMPLAINT, "防诈骗"})
_FUZZY_FROM: Final = 83.0
_FUZZY_LENGTH: Final = 6
_MOST_CHOICES: Final = 4

_AND_THAT = re.compile(
    r"^(?:那|那么|要是|还有)?.{1,12}(?:的)?(?:呢|咋样|咋说|行不|行吗|能不能办|能办不|给不给|给吗|有没有|咋办|多少钱?)[?？]?$"
)
# What one is or has already, told in the middle of a talk: 我是五保户, 家里吃着低保.
_STATUS = re.compile(
    "(?:那|可|但)?(?:[我俺他她]|[我俺]家|我们家?|家里|[我俺][爸妈爹娘])(?:现在|本来)?[也还又都]?(?:不?是|有|没有?|吃|领|拿|享受)"
)
_PERSON = re.compile("[我俺他她]|咱")
_INITIALS = re.compile(r"[a-z]{2,8}")
_ONE_LINE: Final = 12
_SHORT: Final = 25
_LITTLE: Final = 8
# Aspects that are a second question of their own beside another.
_SEPARATE: Final = frozenset({"领多少", "怎么申请", "什么时候发", "找谁", "依据"})
_LONGEST: Final = 600
_REMEMBERED: Final = 2048  # readings kept ready
_COMES_AGAIN: Final = 40  # characters of a message that is likely to come again
_CLEAR: Final = 6.3
_LEAD: Final = 0.5
_QUESTION_LENGTH: Final = 40
_LEARNT_LEAD: Final = 1.0
_OFFERED: Final = 3
_ASKING = re.compile(r"[?？]|怎么|咋|多少|什么时候|啥时候|多咱|几月|几号|哪|谁|啥|什么")
# 帮我看看, 麻烦您给问问: as people begin who ask anybody for anything.
_OPENER: Final = re.compile(r"^(?:麻烦|请|劳驾)?[您你]?(?:帮我|帮忙|给我|帮|给)(?:看看|看下|看一下|查查|查下|查一下|问问|问下|问一下|瞅瞅)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message means. `choices` are other items that it may have meant; `also` its second question."""

    intent: Intent
    item: str | None = None
    aspect: str | None = None
    weight: float = 0.0
    choices: tuple[Choice, ...] = ()
    also: tuple[Choice, ...] = ()


class Understanding:
    """Understands messages. Built once at start (about half a second); holds no state of a talk."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary.load()
        self._reader = Reader(self._vocabulary)
        # A tapped link sends the very same words each time; short messages come again, long ones do not.
        self._read_before = lru_cache(maxsize=_REMEMBERED)(self._reader.read)
        self._brings: dict[str, tuple[str, ...]] = {
            group: tuple(senses) for group, senses in read_toml("meanings.toml")["brings"].items()
        }
        self._items_of, self._senses_of = _links(self._reader.rules)
        self._lookalikes = [(pair[0], pair[1]) for pair in read_toml("words.toml")["lookalikes"]["pairs"]]
        catalogue = (*ITEMS.values(), *TOPICS.values())
        names = {
            name: item.name
            for item in catalogue
            for name in (item.name, *item.aliases)
            if len(name) >= _FUZZY_LENGTH
        }
        self._fuzzy_items = tuple(names.values())
        self._fuzzy_sounds = [sound_of(name) for name in names]

    def understand(self, text: str, topic: Topic | None = None) -> Meaning:
        """The meaning of a message after `topic`."""
        text = tidy(text)
        if len(text) > _LONGEST:  # a long story asks at its end
            text = f"{text[: _LONGEST // 2]}。{text[-_LONGEST // 2 :]}"
        topic = topic or Topic(None, None)
        if choice := chosen(text, topic):
            return Meaning(
                _intent(choice.item), choice.item, choice.aspect or _aspect_kept(choice.item, topic), _CHOSEN
            )
        reading = self._read(text)
        if "elsewhere's item" in reading.talk:
            return Meaning("unknown")
        if talk := other_than_a_question(reading):
            return Meaning(talk)
        item, weight = self._item(text, reading, topic)
        if item is None and not topic.item and not reading.foreign and (righted := self._righted(text)):
            reading = self._reader.read(righted)
            item, weight = self._item(righted, reading, topic)
        if item is None:
            return self._without_item(reading)
        standing = standing_of(item, weight, reading, opens=topic.item is None and not topic.choices)
        if standing == "theirs":
            return Meaning("unknown")
        if standing == "doubtful":
            if (plain := _OPENER.sub("", text)) != text:
                return self.understand(plain, topic)
            return Meaning("ask_back", choices=(Choice(item, aspect_meant(item, reading, topic)),))
        return self._policy(item, weight, reading, topic)

    def _read(self, text: str) -> Reading:
        return (self._read_before if len(text) <= _COMES_AGAIN else self._reader.read)(text)

    def guess_item(self, text: str) -> str | None:
        """The item (no general topic) that a story is about; None when two compete or none is clear."""
        reading = self._read(text)
        if len(set(reading.named) & ITEMS.keys()) > 1:
            return None
        found = [(item, weight) for item, weight in reading.items if item in ITEMS]
        rival = found[1][1] if len(found) > 1 else 0.0
        return found[0][0] if found and found[0][1] >= _CLEAR and found[0][1] - rival >= _LEAD else None

    def is_question(self, text: str) -> bool:
        """Whether a message clearly asks something of us: short, about one of our things, and a question in form."""
        reading = self._read(text)
        means = bool(reading.items) and reading.items[0][1] >= SURE and reading.items[0][0] not in _STICKY
        asks = _ASKING.search(text) is not None or reading.yes_no
        return means and asks and reading.length <= _QUESTION_LENGTH

    # ---- which item

    def _item(self, text: str, reading: Reading, topic: Topic) -> tuple[str | None, float]:
        best, weight = reading.items[0] if reading.items else (None, 0.0)
        if topic.item is None and not topic.choices:
            return self._first_item(text, reading)
        if topic.item in _STICKY and not (weight >= _NAMED and _asks_of_a_name(reading)):
            return (None, 0.0) if reading.foreign else (topic.item, SURE)
        if weight >= SURE and best is not None and self._changes(best, weight, reading, topic):
            return best, weight
        return self._in_context(text, reading, topic)

    def _first_item(self, text: str, reading: Reading) -> tuple[str | None, float]:
        """The item of a message that opens a talk: by its words and by what sayings have taught together."""
        heard = dict(reading.items)
        clear = bool(heard) and reading.items[0][1] >= SURE
        if not clear and not reading.foreign and (found := self._by_initials_or_likeness(text))[0]:
            return found
        if clear or reading.verdict.ours >= SURELY:
            (item, first), (_, second) = reading.verdict.items(heard)[:2]
            if item == NOT_PAID and clear and reading.items[0][0] in reading.named:
                item = reading.items[0][0]  # 护林补贴没到账 names what has not come
            if clear or first - second >= _LEARNT_LEAD:
                return item, max(SURE, heard.get(item, 0.0))
        return None, 0.0

    def _changes(self, best: str, weight: float, reading: Reading, topic: Topic) -> bool:
        """Whether a message that means an item by itself leaves the item talked of."""
        if topic.item in ITEMS and _tells(reading) and (best in TOPICS or _STATUS.match(reading.written)):
            return False
        if best == topic.item or topic.item is None or best in reading.named:
            return True
        if best in TOPICS:
            return weight >= _CHANGE
        if _group(best) == _group(topic.item):
            return self._is_news(best, reading, topic.item)
        if NOUN in reading.senses:
            return weight >= _CHANGE_BY_NOUN
        return weight >= _CHANGE and not _tells(reading)

    def _is_news(self, best: str, reading: Reading, item: str) -> bool:
        """Whether the message says more than the talk already held: 残疾那个 says nothing new after 重残."""
        fresh = reading.senses - frozenset(self._brings.get(_group(item), ()))
        told = frozenset(self._senses_of.get(best, ())) & fresh
        return bool(told - frozenset(self._senses_of.get(item, ())))

    def _in_context(self, text: str, reading: Reading, topic: Topic) -> tuple[str | None, float]:
        """The item when the message does not say it, or says only a part: 那苞米的呢, 二级的."""
        if reading.foreign and (reading.aspects or reading.yes_no or not _PERSON.search(text)):
            return None, 0.0
        groups = {_group(item) for item in (topic.item, *(choice.item for choice in topic.choices)) if item}
        brought = {sense for group in groups for sense in self._brings.get(group, ())} | {MONEY}
        fuller = self._reader.read(text, brought)
        offered = {choice.item for choice in topic.choices}
        free = _AND_THAT.match(text) or "一起" in reading.senses or "switch" in reading.talk
        for item, weight in fuller.items:
            if weight < SURE:
                break
            near = item in offered or (_group(item) in groups and item in ITEMS)
            if item == topic.item or ((near or free) and self._is_news(item, reading, topic.item or "")):
                return item, weight
        said_something = (
            bool(reading.aspects or reading.senses or reading.card_aspects) or reading.length <= _SHORT
        )
        return (topic.item, SURE) if topic.item and said_something else (None, 0.0)

    def _by_initials_or_likeness(self, text: str) -> tuple[str | None, float]:
        """For what no word matched: initials such as gljt, or a long name with a wrong character."""
        for letters in _INITIALS.findall(text):
            if item := self._vocabulary.item_by_initials(letters):
                return item, SURE
        if len(text) < _FUZZY_LENGTH:
            return None, 0.0
        found = process.extractOne(
            hear(text).sounds, self._fuzzy_sounds, scorer=fuzz.partial_ratio, score_cutoff=_FUZZY_FROM
        )
        return (self._fuzzy_items[found[2]], SURE) if found else (None, 0.0)

    def _righted(self, text: str) -> str | None:
        """The message with characters that only look right replaced, where that makes a word of ours."""
        for wrong, right in self._lookalikes:
            if wrong in text:
                righted = text.replace(wrong, right)
                items = self._reader.read(righted).items
                if items and items[0][1] >= SURE:
                    return righted
        return None

    # ---- what is asked of it

    def _policy(self, item: str, weight: float, reading: Reading, topic: Topic) -> Meaning:
        aspect = aspect_meant(item, reading, topic)
        questions = [
            (named, asked) for named, asked in reading.questions if asked != "没收到" and named in ITEMS
        ]
        if len(questions) > 1 and item in ITEMS:
            (item, aspect), *others = questions
            return Meaning("policy", item, aspect, weight, also=(Choice(*others[0]),))
        also: tuple[Choice, ...] = ()
        if item in ITEMS and not topic.item:
            also = tuple(
                Choice(item, asked) for asked in reading.asked if asked != aspect and asked in _SEPARATE
            )
        near = [other for other, value in reading.items[1:] if value >= SURE - 0.5 and value > weight - 2.5]
        unsure = (
            () if item in reading.named else tuple(Choice(other, aspect) for other in near if other in ITEMS)
        )
        return Meaning(_intent(item), item, aspect, weight, unsure[: _MOST_CHOICES - 1], also[:1])

    def _without_item(self, reading: Reading) -> Meaning:
        """Ask back when the words are ours but the item is open; otherwise say that it is not ours."""
        if reading.foreign:
            return Meaning("unknown")
        short = reading.length <= _ONE_LINE
        near = [item for item, weight in reading.items if weight >= SURE - 1.5]
        if (short and not reading.aspects) or MONEY in reading.senses:
            near += [item for sense in sorted(reading.senses) for item in self._items_of.get(sense, ())]
        if not near and reading.rest > _LITTLE and reading.verdict.ours >= SURELY:
            near = [item for item, _ in reading.verdict.items(dict(reading.items))[:_OFFERED]]
        choices = tuple(
            Choice(item, aspect_meant(item, reading, Topic(None, None))) for item in dict.fromkeys(near)
        )
        if choices and (MONEY in reading.senses or short or reading.verdict.ours >= SURELY):
            return Meaning("ask_back", choices=choices[:_MOST_CHOICES])
        if MONEY in reading.senses and reading.rest <= _LITTLE:
            aspect = heaviest(reading.aspects)
            return Meaning("ask_back", aspect=aspect)
        return Meaning("unknown")


def _links(rules: Sequence[Rule]) -> tuple[dict[str, dict[str, None]], dict[str, dict[str, None]]]:
    """The items that each sense helps to mean, and the senses that help to mean each item; both in file order."""
    items_of: dict[str, dict[str, None]] = {}
    senses_of: dict[str, dict[str, None]] = {}
    for rule in rules:
        for sense in sorted(rule.needs - COMMON):
            items_of.setdefault(sense, {})[rule.item] = None
            senses_of.setdefault(rule.item, {})[sense] = None
    return items_of, senses_of


def _asks_of_a_name(reading: Reading) -> bool:
    """Whether an item is named and something is asked of it; 没收到 alone may be part of a story."""
    return any(aspect != "没收到" for _, aspect in reading.questions)


def _tells(reading: Reading) -> bool:
    """Whether a message tells something and asks nothing."""
    asks = reading.aspects or reading.yes_no or reading.goes_on or reading.card_aspects.keys() - {"补换"}
    return not asks


def _group(item: str | None) -> str:
    found = ITEMS.get(item or "") or TOPICS.get(item or "")
    return found.group if found else ""


def _intent(item: str) -> Intent:
    return "complain" if item == "投诉举报" else "lookup" if item == "查询补贴" else "policy"


def _aspect_kept(item: str, topic: Topic) -> str:
    return topic.aspect if topic.aspect and (item == CARD) == (topic.item == CARD) else "概览"
