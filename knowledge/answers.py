"""What the service answers: composed here once, for chat, hotline, public page and statement alike.

An answer is a section of an article: first the answer in a sentence or two, then the condition that matters, then
the source and whom to ask. Nothing is said of money that no article says; where an amount is named, what a published
standard makes of it comes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from knowledge import calculator
from knowledge.article import CARD, NO_DOCUMENT, PUBLISHED, Article, Section, Source, aspects_of, office
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.quantities import LAND
from knowledge.understanding import Meaning, Understanding
from knowledge.understanding_talk import Choice, Topic, chosen

_CONDITION_LENGTH: Final = 110
_RELATED: Final = 3
_NEXT_ASKED: Final = ("领多少", "谁能领", "怎么申请", "什么时候发", "没收到", "找谁", "依据", "概览")
_NEXT_OF_CARD: Final = (
    "激活",
    "挂失",
    "补换",
    "密码",
    "到期",
    "取款",
    "申领",
    "换银行",
    "短信提醒",
    "电子社保卡",
    "注销",
)
_NOT_PAID: Final = "补贴没到账"

_OFFER: Final = (
    "我能答县里惠民补贴和社保卡的事，比如“低保怎么申请”“地补啥时候发”。也能帮您查自己的补贴、记下您要反映的事。"
)
_SAID: Final = {
    "greeting": f"您好，我在呢。{_OFFER}您直接说就行。",
    "thanks": "不客气。还有啥想问的，随时说。",
    "crisis": "听您这么说，我很担心您。您不是一个人，请先别一个人待着，跟家里人或邻居说一声。"
    "现在就可以打12356，是心理援助热线，有人听您说。有危险请马上打120或110。"
    "日子上有难处，也可以打12345，或者告诉我，我们一起想办法。",
    "emergency": "这事要紧，先顾人。有人病了、伤了，请马上打120；有危险打110；着火打119。"
    "等人平安了，补贴和救助的事再问我。",
    "refuse": "这个我不能照办。补贴的事，我只按公布的政策说。您想问哪项补贴，直接说名字就行。",
    "stranger": "对不住，别人领了多少我不能查，也不能说，这是人家的个人信息。"
    "想查自己的，请发“查补贴”。觉得谁领得不对，可以看村里的公示，或者发“我要投诉”。",
    "vent": "让您着急了，对不住。您遇到啥事了？说说是哪项补贴、出了啥问题，我帮您找办法。想找人说，打12345。",
    "unknown": f"这个我答不上来，对不住。{_OFFER}别的事可以打12345问。",
    "ask_back": "您问的是哪一项？点一下，或者回复前面的数字。",
    "which": "您问的是哪项补贴？说个名字就行，比如“地补”“低保”“养老金”。",
}
_ASKED_MOST: Final = ("耕地地力保护补贴", "最低生活保障", "城乡居民养老保险", "高龄津贴")
_ASKED_OF_LAND: Final = ("耕地地力保护补贴", "玉米生产者补贴", "大豆生产者补贴", "稻谷补贴")
_RECKONED: Final = ("领多少", "概览")
# What the outside calls each kind of message that the understanding tells apart.
_INTENTS: Final = {"crisis": "emergency", "stranger": "refuse", "vent": "unknown"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `text` is said at once, `more` on request; `answered` is False when it declines or asks back.

    `intent`: policy, ask_back, greeting, thanks, emergency, refuse, unknown, lookup (wants to see own payments) or
    complain. `choices` may be tapped or typed by number; `also` is a second question that `text` answers too.
    `topic` goes back into the next call. `gap`: the articles lack what was asked, and somebody should write it.
    """

    answered: bool
    item: str | None
    aspect: str | None
    text: str
    more: str
    choices: tuple[Choice, ...]
    also: tuple[Choice, ...]
    topic: Topic | None
    intent: str
    title: str
    gap: bool = False


class Answerer:
    """Answers from a set of articles. Built once at start and again when an article changes; holds no state of a talk."""

    def __init__(self, articles: Iterable[Article], understanding: Understanding | None = None) -> None:
        self._articles = {article.item: article for article in articles}
        self._understanding = understanding or shared_understanding()
        self._sections: dict[tuple[str, str], Answer] = {}

    def answer(self, text: str, topic: Topic | None = None) -> Answer:
        """The answer to a message after `topic`."""
        meaning = self._understanding.understand(text, topic)
        if topic is not None and (topic.item or topic.choices) and _leaves_for_land(meaning, text):
            meaning = self._understanding.understand(text)
        if meaning.item is None:
            return self._without_item(self._of_land(text, meaning), topic, text)
        answer = self.section(meaning.item, meaning.aspect)
        if meaning.also:
            return self._with_second(answer, meaning.also)
        if answer.aspect in _RECKONED:
            answer = self._reckoned(answer, text, topic)
        if meaning.choices:
            return replace(answer, choices=meaning.choices, topic=_topic(answer, meaning.choices))
        return answer

    def section(self, item: str, aspect: str | None = None) -> Answer:
        """What the articles say on one aspect of an item or topic; from the nearest section where that one is missing.

        Raises KeyError for an item that the catalogue does not hold.
        """
        aspect = aspect or "概览"
        known = self._sections.get((item, aspect))
        if known is None:
            known = self._sections[item, aspect] = self._compose(item, aspect)
        return known

    def document_of(self, item: str) -> str:
        """By which document an item is paid, with its level and year; empty where no article says so."""
        article = self._articles.get(item)
        if article is None or not article.document:
            return ""
        return f"按什么文件发：{'；'.join(map(_source, article.sources('领多少')))}"

    def mark(self, item: str, aspect: str) -> str:
        """A short digest of what an article says on an aspect: another one means that the words have changed."""
        article = self._articles.get(item)
        section = article.sections.get(aspect) if article else None
        return hashlib.sha256(f"{section.lead}\n{section.body}".encode()).hexdigest()[:16] if section else ""

    def slug(self, item: str) -> str:
        """The name of an item's page; empty where it has no article."""
        article = self._articles.get(item)
        return article.slug if article else ""

    def guess_item(self, text: str) -> str | None:
        """The item that a story is about, when reasonably sure; for filing a case."""
        return self._understanding.guess_item(text)

    def is_question(self, text: str) -> bool:
        """Whether a message in the middle of a form is clearly a question to us, and no part of a story."""
        return self._understanding.is_question(text)

    # ---- composing

    def _compose(self, item: str, aspect: str) -> Answer:
        owner = ITEMS.get(item) or TOPICS[item]
        article = self._articles.get(item)
        section = article.sections.get(aspect) if article else None
        gap = False
        if article and section:
            text, more = _said(article, section)
        else:
            text, more, gap = self._nearest(item, aspect, owner.department, article)
        choices = tuple(self._related(item, aspect))
        answer = Answer(
            answered=True,
            item=item,
            aspect=aspect,
            text=text,
            more=more,
            choices=choices,
            also=(),
            topic=None,
            intent={"投诉举报": "complain", "查询补贴": "lookup"}.get(item, "policy"),
            title=article.title if article else item,
            gap=gap,
        )
        return replace(answer, topic=_topic(answer, choices))

    def _nearest(self, item: str, aspect: str, department: str, article: Article | None) -> tuple[str, str, bool]:
        """What is said when an article lacks the section, or an item has no article yet; and whether that is a gap."""
        ask = f"“{item}”的{_spoken(aspect)}，{PUBLISHED}。请问{office(department)}，或打12345。"
        general = self._articles.get(_NOT_PAID) if aspect == "没收到" else None
        found = (general and (general.sections.get("没收到") or general.sections.get("概览"))) or (
            article and (article.sections.get("概览") or next(iter(article.sections.values())))
        )
        if not found:
            return ask, "", True
        return (*_said(general or article, found, ask), general is None)  # type: ignore[arg-type]

    def _reckoned(self, answer: Answer, text: str, topic: Topic | None) -> Answer:
        """The answer with what the amounts that were named come to; a choice goes back to the words before it."""
        article = self._articles.get(answer.item or "")
        if article is None or answer.gap:
            return answer
        if topic is not None and topic.words and chosen(text, topic):
            text = topic.words
        found = calculator.reckon(text, article)
        if found is None or not (found.sums or answer.aspect == calculator.ASPECT):
            return answer
        section = article.sections[answer.aspect or calculator.ASPECT]
        source = "" if found.sums else _sources(article, section, section.lead)[0]
        lead = "" if found.several else section.lead
        parts = (found.said, lead, source, _whom(article))
        return replace(answer, text="\n".join(part for part in parts if part), more=section.body)

    def _of_land(self, text: str, meaning: Meaning) -> Meaning:
        """An amount of land and hardly a word more: what is paid by land is offered."""
        if meaning.intent not in ("unknown", "ask_back") or not calculator.asks_by_land(text):
            return meaning
        named = [choice.item for choice in meaning.choices if choice.item in ITEMS and ITEMS[choice.item].unit == LAND]
        grown = sorted(_ASKED_OF_LAND, key=lambda item: item[:2] not in text)
        offered = [item for item in dict.fromkeys((*named, *grown)) if item in self._articles]
        return replace(meaning, intent="ask_back", choices=tuple(Choice(item, calculator.ASPECT) for item in offered[:4]))

    def _related(self, item: str, aspect: str) -> Iterator[Choice]:
        article = self._articles.get(item)
        if article is None:
            return
        order = _NEXT_OF_CARD if item == CARD else _NEXT_ASKED
        related = [other for other in order if other in article.sections and other != aspect]
        yield from (Choice(item, other) for other in related[:_RELATED])

    def _with_second(self, answer: Answer, also: tuple[Choice, ...]) -> Answer:
        second = self.section(also[0].item, also[0].aspect)
        asked = _spoken(also[0].aspect or "概览") if also[0].item == answer.item else f"“{also[0].item}”"
        text = f"{answer.text}\n\n您还问了{asked}：\n{second.text}"
        more = "\n\n".join(part for part in (answer.more, second.more) if part)
        return replace(answer, text=text, more=more, also=also)

    def _without_item(self, meaning: Meaning, topic: Topic | None, text: str) -> Answer:
        said, choices = _SAID[meaning.intent], meaning.choices
        if meaning.intent == "ask_back" and not choices:
            said = _SAID["which"]
            choices = tuple(Choice(item, meaning.aspect or "概览") for item in _ASKED_MOST if item in self._articles)
        kept = topic
        if choices:
            kept = Topic(topic.item if topic else None, topic.aspect if topic else None, choices, text)
        elif meaning.intent == "unknown" and not (topic and (topic.item or topic.choices)):
            kept = Topic(None, None, (), text)
        intent = _INTENTS.get(meaning.intent, meaning.intent)
        return Answer(False, None, None, said, "", choices, (), kept, intent, "", gap=meaning.intent == "unknown")


def _leaves_for_land(meaning: Meaning, text: str) -> bool:
    """Whether an amount of land was named after a talk of what is not paid by land."""
    item = ITEMS.get(meaning.item or "")
    return item is not None and item.unit != LAND and calculator.asks_by_land(text)


def _said(article: Article, section: Section, note: str = "") -> tuple[str, str]:
    """Lead, the condition that matters, source and whom to ask; and what remains for 更多."""
    paragraphs = section.body.split("\n\n") if section.body else []
    condition = paragraphs.pop(0) if paragraphs and len(paragraphs[0]) <= _CONDITION_LENGTH else ""
    source, others = _sources(article, section, section.lead + condition)
    parts = (note, section.lead, condition, source, _whom(article))
    return "\n".join(part for part in parts if part), "\n\n".join([*paragraphs, *others])


def _sources(article: Article, section: Section, shown: str) -> tuple[str, list[str]]:
    """What the words that are said first rest on; and, for 更多, what the rest does."""
    sources = article.sources(section.aspect)
    of_shown = {(one.document, one.level, one.year) for one in article.figures_in(section.aspect) if one.words in shown}
    first = [one for one in sources if (one.document, one.level, one.year) in of_shown] or [sources[0]]
    others = [_source(one) for one in sources if one not in first]
    checked = f"{article.checked.year}年{article.checked.month}月{article.checked.day}日核对"
    said = f"出处：{'；'.join(map(_source, first))}。{checked}"
    return said, [f"别的数的出处：{'；'.join(others)}。"] if others else []


def _whom(article: Article) -> str:
    return f"问谁：{article.ask or office(article.department)}"


def _source(source: Source) -> str:
    if source.document == NO_DOCUMENT:
        return f"还没查到文件，{PUBLISHED}"
    year = f"，{source.year}年" if source.year and f"{source.year}年" not in source.document else ""
    if source.document.endswith("）"):
        return f"{source.document}，{source.level}{year}"
    return f"{source.document}（{source.level}{year}）"


def _topic(answer: Answer, choices: tuple[Choice, ...]) -> Topic:
    return Topic(answer.item, answer.aspect, choices)


def _spoken(aspect: str) -> str:
    return {"概览": "情况", "没收到": "没收到怎么办", "找谁": "该找谁", "依据": "按什么文件"}.get(aspect, f"“{aspect}”")


_shared: list[Understanding] = []


def shared_understanding() -> Understanding:
    """The one understanding of this process: it depends on the catalogue alone, not on the articles."""
    if not _shared:
        _shared.append(Understanding())
    return _shared[0]


__all__ = ["Answer", "Answerer", "Choice", "Topic", "aspects_of", "chosen", "shared_understanding"]
