"""What one message says by itself, before the talk is considered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.understanding_clauses import Clause, asking, aspects_of, card_aspects_of, cut, heaviest
from knowledge.understanding_items import ABOUT_CARD, ASKS, FIRST_OF_CARD, Said, Weigher
from knowledge.understanding_learnt import ELSEWHERE, OF_CARD, Experience, Verdict, clues, was
from knowledge.understanding_sound import Heard, hear
from knowledge.understanding_vocabulary import Vocabulary
from knowledge.understanding_words import MONEY, MONEY_IN_WORD, NOUN, STRONG, Hit

SURE: Final = 5.0
ELSEWHERES: Final = "elsewhere's item"
# In a message longer than this a word of somebody else's business may stand by chance.
STORY: Final = 30

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
    r"(?![\d.%]|多?[亩块元斤垧万头台度分月号天户人里公次只平米个袋]|来亩|的(?!老)|年[代的]|多?年(?:前|后|来|多|了)|来年)"
)
# Some other 一卡通: a word of another world stands right before it.
_OTHER_CARD = re.compile(r"[^\W\d_a-z惠民农贴金政个说叫的是用这那听为啥打发办查问走搞弄整到把有和跟卡张]一卡通")
_ALONE = re.compile(r"[,，。.!！ ]?\w(?:[了吧啊呗的嘞]?[,，。.!！ ]?|[,，。.!！ ]\w)")
_PAID_TO = re.compile("打我[卡账折存名]")  # 打我卡上 is no blow
_SIDE_BY_SIDE: Final = 8  # characters
_AND = re.compile("[和跟与同、]|以及|还有|[的钱][和跟与同、]")
_STAYS: Final = frozenset("在从去到回嫁往")
_OF_PLACE = re.compile("[市县省区州]?(?:老家|那边|那头|那儿|那块儿?|这边|那|农村|城里|城区|本地)?的?")
_GIVES = re.compile(r"给[^,，。？]{1,6}[补钱拨发]|[补给][^办卡课考种牙]{0,2}多少")
_BARE_REST: Final = 2
_MOST_REST: Final = 9
_NAMES: Final = frozenset({"name", "programme", "sense"})
_DIGIT = {sign: number for number, sign in enumerate("零一二三四五六七八九")}


# Kinds of foreign words that have money of their own, so that 能领 or 补 may be about theirs.
_OTHER_CARDS: Final = "别的卡"
_RIVALS: Final = frozenset({_OTHER_CARDS, "行情", "医保", "劳动", "金融", "消费券", "土地", "代劳"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says by itself. `items` come best first with their weight; from SURE on they are meant."""

    items: tuple[tuple[str, float], ...]
    named: tuple[str, ...]  # items whose money is called by name, in the order of the message
    aspects: Mapping[str, float]
    card_aspects: Mapping[str, float]
    pair: tuple[str, ...]  # two items named together: 地补和低保
    questions: tuple[tuple[str, str], ...]  # item and aspect of each clause that holds both, in order
    asked: tuple[str, ...]  # the aspect that each clause asks for plainly, in order
    senses: frozenset[str]
    talk: frozenset[str]
    foreign: int  # how many words are somebody else's business
    rival: bool  # one of them is another benefit, or a matter of money that is not ours
    yes_no: bool
    alien: bool  # asks whether something is allowed that has nothing to do with money
    written: str
    bare: bool  # nothing but a name
    length: int
    rest: int  # characters that no word of ours explains
    verdict: Verdict

    def idle(self, before: str) -> bool:
        """Whether it asks for nothing by itself, after a talk about this aspect."""
        if before in OF_CARD:
            return not self.card_aspects.keys() - {FIRST_OF_CARD}
        return not (self.aspects or self.yes_no)


class Reader:
    """Reads messages. Built once at start; holds no state of a talk."""

    def __init__(self, vocabulary: Vocabulary, experience: Experience | None = None) -> None:
        self._vocabulary = vocabulary
        self._weigher = Weigher()
        self._experience = experience or Experience.load()

    def read(self, text: str) -> Reading:
        """The reading of a message."""
        reading, _ = self._look(text)
        part = asking(text)
        if part == text:
            return reading
        asks, _ = self._look(part)
        return replace(
            reading,
            verdict=reading.verdict.asking(asks.verdict),
            questions=asks.questions,
            asked=asks.asked,
            talk=reading.talk - ({"peek"} - asks.talk),  # the neighbours of a story are told of, not asked about
        )

    def clues(self, text: str, before: str | None = None) -> set[str]:
        """What a message shows to the model that sayings teach; `before` is the aspect of the talk that it goes on with."""
        reading, found = self._look(text)
        return found if before is None else found | was(before, reading.idle(before))

    def _look(self, text: str) -> tuple[Reading, set[str]]:
        """What words alone say of a message, and its clues."""
        heard = hear(text)
        hits = self._vocabulary.find(heard)
        clauses = cut(heard, hits)
        aspects, card_aspects = aspects_of(clauses), card_aspects_of(hits)
        strong = {aspect for clause in clauses for aspect, weight in clause.aspects.items() if weight >= STRONG}
        senses = _senses(heard, hits, strong, card_aspects)
        foreign = _foreign(heard, hits)
        yes_no = any(clause.yes_no for clause in clauses)
        length, rest = len(heard.written), len(heard.written) - _covered(hits)
        named, weights = self._weigher.weigh(Said(heard.written, clauses, senses, aspects, rest, bool(card_aspects)))
        if foreign and length <= STORY and MONEY not in senses:
            weights.clear()
        items = tuple(sorted(weights.items(), key=lambda pair: -pair[1]))
        asked = tuple(dict.fromkeys(aspect for clause in clauses if (aspect := clause.asked)))
        talk = _talk(heard, hits)
        alien = yes_no and not strong and _is_alien(heard.written)
        found = clues(heard, hits, senses, yes_no)
        found.update(_summary(rest, _meant(items), aspects, card_aspects, asked, talk))
        if alien:
            found.add("alien")
        if named and not foreign:
            found.add(f"plainly:{min(rest, _MOST_REST)}")
        reading = Reading(
            items=items,
            named=named,
            aspects=aspects,
            card_aspects=card_aspects,
            pair=_pair(heard, hits),
            questions=_questions(clauses),
            asked=asked,
            senses=senses,
            talk=talk,
            foreign=len(foreign),
            rival=not _RIVALS.isdisjoint(foreign),
            yes_no=yes_no,
            alien=alien,
            written=heard.written,
            bare=rest <= _BARE_REST and all(tag.kind in _NAMES for hit in hits for tag in hit.tags),
            length=length,
            rest=rest,
            verdict=self._experience.judge(found),
        )
        return reading, found


def _summary(
    rest: int,
    meant: str,
    aspects: Mapping[str, float],
    card_aspects: Mapping[str, float],
    asked: Sequence[str],
    talk: frozenset[str],
) -> Iterator[str]:
    """What the words say of a message together."""
    yield f"rest:{min(rest, _MOST_REST)}"
    yield f"means:{meant}"
    if aspects:
        yield f"most:{heaviest(aspects)}"
    if card_aspects:
        yield f"most card:{heaviest(card_aspects)}"
    if asked:
        yield f"last:{asked[-1]}"
    if ELSEWHERE in talk:
        yield "theirs" if ELSEWHERES in talk else "elsewhere"


def _meant(items: Sequence[tuple[str, float]]) -> str:
    return items[0][0] if items and items[0][1] >= SURE else ""


def _senses(heard: Heard, hits: Sequence[Hit], strong: set[str], card_aspects: Mapping[str, float]) -> frozenset[str]:
    senses = {tag.value for hit in hits for tag in hit.tags if tag.kind == "sense"}
    senses |= strong
    if strong:
        senses.add(ASKS)
    if card_aspects.keys() - {FIRST_OF_CARD}:
        senses.add(ABOUT_CARD)
    for hit in hits:
        if any(tag.kind == "name" for tag in hit.tags):
            senses.add(MONEY)
            if MONEY_IN_WORD.search(hit.word):
                senses.add(NOUN)
    if _GIVES.search(heard.written):
        senses.add(MONEY)
    for found in _AGE.finditer(heard.written):
        senses.add("八十岁" if _age(found) >= 80 else "六十岁")
    return frozenset(senses)


def _talk(heard: Heard, hits: Sequence[Hit]) -> frozenset[str]:
    """What is said beside any question. One character (行, 中) says something only as a sentence of its own."""
    found = {
        tag.value
        for hit in hits
        for tag in hit.tags
        if tag.kind == "talk"
        and not _PAID_TO.match(heard.written, hit.start)
        and (hit.end - hit.start > 1 or _ALONE.fullmatch(heard.written[max(0, hit.start - 1) : hit.end + 2]))
    }
    if any(hit.tags[0].kind == "talk" and _of_elsewhere(heard, hit, hits) for hit in hits):
        found.add(ELSEWHERES)
    if len(heard.written) > STORY and not _side_by_side(hits):
        found.discard("peek")
    return frozenset(found)


def _side_by_side(hits: Sequence[Hit]) -> bool:
    """Whether somebody else and the wish to see stand together; in a story the neighbours come in by the way."""
    others, wishes = (
        [hit for hit in hits if any(tag.kind == "talk" and tag.value == kind for tag in hit.tags)]
        for kind in ("stranger", "peek")
    )
    return any(abs(one.start - two.start) <= _SIDE_BY_SIDE for one in others for two in wishes)


def _of_elsewhere(heard: Heard, place: Hit, hits: Sequence[Hit]) -> bool:
    """Whether another county's name stands right before an item: 舒兰那边的地补."""
    if all(tag.value != ELSEWHERE for tag in place.tags):
        return False
    between = _OF_PLACE.match(heard.written, place.end)
    start = between.end() if between else place.end
    if heard.written[max(0, place.start - 1) : place.start] in _STAYS:
        return False  # 在西藏当兵优待金多少 is about ours
    return any(
        hit.start == start and (tag.kind in ("name", "programme") or MONEY_IN_WORD.search(hit.word) is not None)
        for hit in hits
        for tag in hit.tags
    )


def _age(found: re.Match[str]) -> int:
    tens, ones, tens_digit, ones_digit, _ = found.groups()
    if tens:
        return _DIGIT[tens] * 10 + _DIGIT.get(ones, 0)
    return int(tens_digit + ones_digit) if tens_digit else 100


def _is_alien(written: str) -> bool:
    allowed = _MAY.search(written)
    return allowed is not None and allowed[1] not in _GRANTED


def _questions(clauses: Sequence[Clause]) -> tuple[tuple[str, str], ...]:
    """Item and aspect of the clauses that name an item and ask something of it."""
    found: dict[str, str] = {}
    for clause in clauses:
        names = [tag.value for hit in clause.hits for tag in hit.tags if tag.kind in ("name", "programme")]
        if names and clause.asked:
            found.setdefault(names[0], clause.asked)
    return tuple(found.items())


def _pair(heard: Heard, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The first two items that are named with nothing but an 和 between."""
    names = [(hit, tag.value) for hit in hits for tag in hit.tags if tag.kind == "name" and tag.value in ITEMS]
    for (one, first), (other, second) in pairwise(names):
        if first != second and _AND.fullmatch(heard.written, one.end, other.start):
            return first, second
    return ()


def _covered(hits: Sequence[Hit]) -> int:
    covered = reached = 0
    for hit in hits:
        covered += max(0, hit.end - max(hit.start, reached))
        reached = max(reached, hit.end)
    return covered


def _foreign(heard: Heard, hits: Sequence[Hit]) -> list[str]:
    """The kinds of the words that are somebody else's business."""
    found = [tag.value for hit in hits for tag in hit.tags if tag.kind == "foreign"]
    return [*found, _OTHER_CARDS] if _OTHER_CARD.search(heard.written) else found
