"""What a resident means, in the light of the talk so far: item and aspect, or what else the message is.

What sayings have taught weighs every message (understanding_learnt): whether it is ours, which item it means, what it
asks, and in a talk whether it says itself what it is about. Words alone decide what is no question at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.look_wish import wishes_a_look
from knowledge.understanding_clauses import PAUSE
from knowledge.understanding_items import CARD, COMMON
from knowledge.understanding_learnt import ASPECTS, ELSEWHERE, Experience, Verdict
from knowledge.understanding_reading import ELSEWHERES, SURE, Reader, Reading
from knowledge.understanding_sound import tidy
from knowledge.understanding_talk import Choice, Intent, Topic, aspect_meant, chosen, other_than_a_question
from knowledge.understanding_vocabulary import Vocabulary
from knowledge.understanding_words import MONEY, NOT_PAID

# Log odds that a message is a question to us: from the first on we ask back, from the second on we answer.
_MAYBE: Final = -2.0
_SURELY: Final = 0.75
_PLAINLY: Final = -0.75  # in place of _SURELY where an item is named, something is asked and no word is foreign
_TOLD: Final = 1.1  # the same where nothing is asked and nothing named: 我是残疾人
_GOES_ON: Final = 1.0  # the same in the middle of a talk
# A talk turns to another item when its lead, that the message says itself what it is about, that both are of one kind
# (那苞米的呢 after 黄豆) and the like outweigh this; the weights are fitted to the written talks.
_TURNS: Final = 6.8
_ALONE: Final = 0.7
_SAME_GROUP: Final = 2.2
_NAMED_AND_ASKED: Final = 1.4
_BESIDE: Final = 3.5  # it was offered beside what is talked of
_MOST_LEAD: Final = 8.0
_CLEARLY: Final = 2.0
_FIRST: Final = 4.0  # of offered things the first is the likeliest
# Nearer than this to the next, the likeliest thing is as often wrong as right; where the message surely is ours, this.
_CLOSE: Final = 1.2
_EVEN: Final = 0.4
_CERTAINLY: Final = 3.0
_NEAR: Final = 5.0  # so far behind the likeliest, another thing is still worth offering
_CERTAIN: Final = 2.0
_LITTLE_KNOWN: Final = 3.5  # with less that speaks for the likeliest thing, it is as good as a guess
_PLAIN_LEAD: Final = 3.0  # so far before the next, a thing is meant though no word names it
_MOST_CHOICES: Final = 4
_CHOSEN: Final = 10.0
_STICKY: Final = frozenset({"投诉举报", "防诈骗"})
_LOOKED_UP: Final = "查询补贴"

# Aspects that are a second question of their own beside another.
_SEPARATE: Final = frozenset({"领多少", "怎么申请", "什么时候发", "找谁", "依据"})
_ASKED_OF_ANY: Final = frozenset({"领多少", "怎么申请", "谁能领", "依据"})
_OF_RULES: Final = frozenset({"谁能领", "依据"})  # 帮我看看够不够领补贴 is no wish to see what came
_LITTLE: Final = 4
LONGEST: Final = 600  # characters of a message that are read
_REMEMBERED: Final = 2048  # readings kept ready
_COMES_AGAIN: Final = 40  # characters of a message that is likely to come again
_CLEAR: Final = 6.3
_LEAD: Final = 0.5
_QUESTION_LENGTH: Final = 40
_ASKING = re.compile(r"[?？]|怎么|咋|多少|什么时候|啥时候|多咱|几月|几号|哪|谁|啥|什么")


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

    def __init__(self, experience: Experience | None = None) -> None:
        self._vocabulary = Vocabulary.load()
        self._reader = Reader(self._vocabulary, experience)
        # A tapped link sends the very same words each time; short messages come again, long ones do not.
        self._read_before = lru_cache(maxsize=_REMEMBERED)(self._reader.read)

    def understand(self, text: str, topic: Topic | None = None) -> Meaning:
        """The meaning of a message after `topic`."""
        text = _cut(tidy(text))
        topic = topic or Topic(None, None)
        if choice := chosen(text, topic):
            aspect = choice.aspect or _aspect_kept(choice.item, topic)
            return Meaning(_intent(choice.item), choice.item, aspect, _CHOSEN)
        reading = self._read(text)
        if ELSEWHERES in reading.talk:
            return Meaning("unknown")
        if talk := other_than_a_question(reading, topic):
            return Meaning(talk)
        if wishes_a_look(text):
            return Meaning(_intent(_LOOKED_UP), _LOOKED_UP, "概览", _CHOSEN)
        if topic.words and not topic.item and not reading.named:  # what was not understood is still being told
            both = f"{topic.words}，{text}"
            if (meaning := self._opening(both, self._read(both))).item:
                return meaning
        if topic.item or topic.choices:
            return self._in_talk(text, reading, topic)
        return self._opening(text, reading)

    def _read(self, text: str) -> Reading:
        return self._read_before(text) if len(text) <= _COMES_AGAIN else self._reader.read(_cut(text))

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

    # ---- the first message of a talk

    def _opening(self, text: str, reading: Reading) -> Meaning:
        verdict, asked = reading.verdict, _asked_of_any(reading)
        if asked and _asks_and_no_more(reading):
            return Meaning("ask_back", aspect=asked)
        surely = _surely(reading)
        if verdict.ours < surely and (part := self._plain_part(text, reading)):
            return self._opening(part, self._read(part))
        if verdict.ours < _MAYBE or not text or _says_nothing(reading):
            return Meaning("unknown")
        item, torn = _likeliest(reading)
        if asked and (item in ITEMS or item == NOT_PAID or (item == _LOOKED_UP and asked in _OF_RULES)):
            return Meaning("ask_back", aspect=asked)
        if torn or verdict.ours < surely or verdict.of(item) < _LITTLE_KNOWN:
            return Meaning("ask_back", choices=self._offered(reading))
        return self._policy(item, reading, verdict, Topic(None, None))

    def _plain_part(self, text: str, reading: Reading) -> str | None:
        """The part that asks plainly of a named item when the rest hides it: 高龄津贴多少，我排在12号."""
        parts = [part for part in PAUSE.split(text) if part]
        if len(parts) < 2 or ELSEWHERE in reading.talk:
            return None
        asking = [(read.verdict.ours, part) for part in parts if _asks_plainly(read := self._read(part))]
        return max(asking)[1] if asking else None

    def _offered(self, reading: Reading) -> tuple[Choice, ...]:
        """The likeliest things, two to four, each with what is asked of it; of one that is alone, two aspects."""
        things, nothing = reading.verdict.things, Topic(None, None)
        likely = [item for item, weight in things[:_MOST_CHOICES] if weight >= things[0][1] - _NEAR]
        alone = len(likely) == 1
        if alone and likely[0] not in ITEMS:
            likely.append(things[1][0])
        offered = [Choice(item, aspect_meant(item, reading, reading.verdict, nothing)) for item in likely]
        if alone and likely[0] in ITEMS:
            others = (aspect for aspect in ASPECTS if aspect != offered[0].aspect)
            offered.append(Choice(likely[0], max(others, key=reading.verdict.of)))
        return tuple(offered)

    # ---- later messages

    def _in_talk(self, text: str, reading: Reading, topic: Topic) -> Meaning:
        """The meaning of a message that may go on with the talk, or turn to something else."""
        before = f"卡{topic.aspect}" if topic.item == CARD else topic.aspect or ""
        verdict = reading.verdict.after(before, reading.idle(before))
        if verdict.goes_on < _GOES_ON:
            opens = bool(reading.named) or self._plain_part(text, reading) is not None
            return self._opening(text, reading) if opens else Meaning("unknown")
        item = self._item_in_talk(reading, verdict, topic)
        return self._policy(item, reading, verdict, topic)

    def _item_in_talk(self, reading: Reading, verdict: Verdict, topic: Topic) -> str:
        """The item talked of, or an offered one, unless the message clearly is about another."""
        scores = dict(verdict.things)
        if topic.item:
            kept = topic.item
        else:
            offered = [choice.item for choice in topic.choices]
            kept = max(offered, key=lambda name: scores[name] + _FIRST * (name == offered[0]))
        best = verdict.things[0][0]
        if kept in _STICKY and not (reading.asked and verdict.alone > _CLEARLY):
            return kept
        lead = min(scores[best] - scores[kept], _MOST_LEAD)
        turns = lead + _ALONE * verdict.alone + _SAME_GROUP * (_group(best) == _group(kept))
        turns += _NAMED_AND_ASKED * bool(best in reading.named and reading.aspects)
        turns += _BESIDE * any(choice.item == best for choice in topic.choices)
        return best if turns > _TURNS else kept

    # ---- what is asked of it

    def _policy(self, item: str, reading: Reading, verdict: Verdict, topic: Topic) -> Meaning:
        aspect = aspect_meant(item, reading, verdict, topic)
        questions = [(named, asked) for named, asked in reading.questions if asked != "没收到" and named in ITEMS]
        if len(questions) > 1 and item in ITEMS:
            (item, aspect), *others = questions
            return Meaning("policy", item, aspect, _CHOSEN, also=(Choice(*others[0]),))
        also: tuple[Choice, ...] = ()
        if item in reading.pair:
            other = next(name for name in reading.pair if name != item)
            also = (Choice(other, aspect_meant(other, reading, verdict, Topic(None, None))),)
        elif item in ITEMS and not topic.item:
            also = tuple(Choice(item, asked) for asked in reading.asked if asked != aspect and asked in _SEPARATE)
        weight = verdict.of(item)
        near = [
            other
            for other, value in verdict.things[:_MOST_CHOICES]
            if other != item and other in ITEMS and value > weight - _CERTAIN
        ]
        unsure = () if item in reading.named or topic.item else tuple(Choice(other, aspect) for other in near)
        return Meaning(_intent(item), item, aspect, weight, unsure[: _MOST_CHOICES - 1], also[:1])


def _cut(text: str) -> str:
    """As much of a message as is read: a very long story asks at its beginning or its end."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}。{text[1 - LONGEST // 2 :]}"


def _asks_plainly(reading: Reading) -> bool:
    return bool(reading.named and reading.asked) and not reading.foreign and reading.verdict.ours >= _PLAINLY


def _surely(reading: Reading) -> float:
    """How surely a message must be ours to be answered."""
    if _asks_plainly(reading):
        return _PLAINLY
    asks = reading.named or reading.aspects or reading.card_aspects or reading.yes_no
    return _SURELY if asks else _TOLD


def _likeliest(reading: Reading) -> tuple[str, bool]:
    """What a message is about, and whether something of another kind is nearly as likely."""
    (item, first), (other, second), *_ = reading.verdict.things
    named = [name for name in reading.named if name in ITEMS]
    if NOT_PAID in (item, other) and named:
        return named[0], False  # 护林补贴没到账 names what has not come
    close = first - second < (_CLOSE if reading.verdict.ours < _CERTAINLY else _EVEN)
    return item, close and _group(item) != _group(other) and len(reading.questions) <= 1


def _asked_of_any(reading: Reading) -> str | None:
    """What is asked of money of which nothing is said: 补贴怎么申请, 一个月多少钱."""
    if reading.named or reading.rest > _LITTLE or _means_an_item(reading):
        return None
    (item, first), (_, second), *_ = reading.verdict.things
    if item in ITEMS and first - second > _PLAIN_LEAD:
        return None
    if MONEY not in reading.senses and not reading.senses <= COMMON:
        return None
    asked = reading.asked[-1] if reading.asked else None
    return asked if asked in _ASKED_OF_ANY else None


def _asks_and_no_more(reading: Reading) -> bool:
    """Whether nothing is said beside the question: 一个月多少钱."""
    alone = not reading.rest or (reading.rest <= _LITTLE and reading.verdict.ours >= _SURELY)
    return alone and not reading.foreign and reading.senses <= COMMON


def _says_nothing(reading: Reading) -> bool:
    """Whether no word of it asks for anything or means anything of ours: characters alone then often mislead."""
    if reading.items or reading.named or reading.aspects or reading.card_aspects or reading.yes_no:
        return False
    return not reading.senses or (reading.verdict.ours < _SURELY and not reading.bare)


def _means_an_item(reading: Reading) -> bool:
    return bool(reading.items) and reading.items[0][1] >= SURE and reading.items[0][0] in ITEMS


def _group(item: str) -> str:
    return ITEMS[item].group if item in ITEMS else TOPICS[item].group or item


def _intent(item: str) -> Intent:
    return "complain" if item == "投诉举报" else "lookup" if item == _LOOKED_UP else "policy"


def _aspect_kept(item: str, topic: Topic) -> str:
    return topic.aspect if topic.aspect and (item == CARD) == (topic.item == CARD) else "概览"
