"""What lies on an agent's desk before anything is typed: pinned, opened last, changed this week, asked most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console import door
from console.values import console
from knowledge.article import Article, Section, Source
from models.article_news import News, news
from models.call import HotlineCall, wechat_of
from models.desk_article import DeskArticle
from models.staff import Permission

_OFTEN = ("最低生活保障", "耕地地力保护补贴", "城乡居民养老保险", "高龄津贴", "补贴没到账", "社保卡", "困难残疾人生活补贴", "投诉举报")


@dataclass(frozen=True, slots=True)
class Finding:
    """One section for the agent: `section.lead` is the sentence to read aloud, the body holds the steps."""

    article: Article
    section: Section

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the section rests on."""
        return self.article.sources(self.section.aspect)


@dataclass(frozen=True, slots=True)
class Changed:
    """A section that says something new, and what."""

    finding: Finding
    news: News


@dataclass(frozen=True, slots=True)
class Start:
    """The desk as it lies there."""

    pinned: Sequence[Finding]
    recent: Sequence[Finding]
    changed: Sequence[Changed]
    often: Sequence[Finding]


def at_hand() -> Start:
    """Everything at hand for whoever is signed in; what stands in one list is not told again in the next."""
    session, me = door.db(), door.me()
    pinned = _findings((row.item, row.aspect) for row in DeskArticle.pinned(session, me))
    recent = _findings((row.item, row.aspect) for row in DeskArticle.recent(session, me) if row.pinned_at is None)
    changed = [Changed(Finding(one.article, one.article.sections[one.aspect]), one) for one in news(session)]
    shown = {(one.article.item, one.section.aspect) for one in (*pinned, *recent, *(each.finding for each in changed))}
    often = [one for one in _findings((item, "概览") for item in _OFTEN) if (one.article.item, one.section.aspect) not in shown]
    return Start(pinned, recent, changed, often)


def pinned_pairs() -> frozenset[tuple[str, str]]:
    """The sections that are pinned."""
    return frozenset((row.item, row.aspect) for row in DeskArticle.pinned(door.db(), door.me()))


def open_call(*, lock: bool = False) -> HotlineCall | None:
    """The call in which whoever is signed in is."""
    return HotlineCall.open_of(door.db(), door.me(), lock=lock) if door.me().may(Permission.TAKE_CALLS) else None


def reach(call: HotlineCall | None) -> bool:
    """Whether an article can be sent to the WeChat of the caller."""
    return call is not None and call.person is not None and wechat_of(door.db(), call.person) is not None


def _findings(pairs: Iterable[tuple[str, str]]) -> list[Finding]:
    articles = {article.item: article for article in console().values.articles()}
    found = []
    for item, aspect in pairs:
        if article := articles.get(item):
            section = article.sections.get(aspect) or (None if aspect != "概览" else next(iter(article.sections.values())))
            if section:
                found.append(Finding(article, section))
    return found
