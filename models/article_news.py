"""本周有变化: what the county published lately, and in a line what it says otherwise than before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.article import Article, ArticleFault
from knowledge.article_changes import ADDED, REMOVED, SAME, Change, changes
from knowledge.wording import BEIJING
from models.article import PUBLISHED, ArticleVersion, in_force, today
from models.base import now

WEEK = timedelta(days=7)
_SHOWN = 40  # characters of a text that is told in a line
_TOLD = 2  # changes that are told; of the others, how many
_NEEDS_SURROUNDINGS, _AROUND = 12, 8  # characters
_PAUSE = re.compile("[，。；：、！？\n]")
_UNTOLD = ("核对日期",)


@dataclass(frozen=True, slots=True)
class News:
    """One article that was published. `says`: what is new, in a line; `why`: what the writer noted about it."""

    article: Article
    aspect: str
    at: datetime
    says: str
    why: str


def news(session: Session, since: timedelta = WEEK) -> list[News]:
    """What was published since then and is in force, the newest first. The first filling of the database is no news."""
    begun = now() - since
    versions = session.scalars(select(ArticleVersion).where(ArticleVersion.status == PUBLISHED)).all()
    found = []
    for version in in_force(versions, today()).values():
        if _since(version) < begun:
            continue
        old = _before(session, version)
        if old is None and version.published_by is None:
            continue
        try:
            found.append(_told(version, version.article, old.article if old else None))
        except ArticleFault:
            continue  # it answers nobody either
    return sorted(found, key=lambda one: one.at, reverse=True)


def _since(version: ArticleVersion) -> datetime:
    """Since when residents are told what it says."""
    published = version.published_at or version.written_at
    return max(published, datetime.combine(version.valid_from, time(), BEIJING)) if version.valid_from else published


def _before(session: Session, version: ArticleVersion) -> ArticleVersion | None:
    """The version in whose place this one came."""
    earlier = select(ArticleVersion).where(ArticleVersion.item == version.item, ArticleVersion.id != version.id)
    earlier = earlier.where(ArticleVersion.published_at < version.published_at)
    return session.scalar(earlier.order_by(ArticleVersion.published_at.desc(), ArticleVersion.id.desc()).limit(1))


def _told(version: ArticleVersion, article: Article, old: Article | None) -> News:
    found = [one for one in changes(old, article) if one.where not in _UNTOLD] if old else []
    aspect = next((one.where for one in found if one.where in article.sections), None) or _of_figure(article, found)
    return News(article, aspect, _since(version), in_a_line(found) if old else "新写的一篇。", version.note)


def in_a_line(found: Sequence[Change]) -> str:
    """领多少：“470元”改为“490元”. Of many changes, the first ones and how many more."""
    if not found:
        return "重新核对过，内容没变。"
    told = "；".join(f"{one.where}：{_one(one)}" for one in found[:_TOLD])
    return f"{told}；还有{len(found) - _TOLD}处" if len(found) > _TOLD else told


def _one(change: Change) -> str:
    """The first place in a text that differs, with a few characters around it where it is short."""
    pieces = list(change.pieces)
    first = next((at for at, piece in enumerate(pieces) if piece.kind != SAME), 0)
    group = list(takewhile(lambda piece: piece.kind != SAME, pieces[first:]))
    went = "".join(piece.text for piece in group if piece.kind == REMOVED).strip()
    came = "".join(piece.text for piece in group if piece.kind == ADDED).strip()
    if max(len(went), len(came)) <= _NEEDS_SURROUNDINGS:
        before = _PAUSE.split(pieces[first - 1].text)[-1][-_AROUND:] if first else ""
        rest = pieces[first + len(group) :]
        after = _PAUSE.split(rest[0].text)[0][:_AROUND] if rest else ""
        went, came = f"{before}{went}{after}", f"{before}{came}{after}"
    more = "等" if any(piece.kind != SAME for piece in pieces[first + len(group) :]) else ""
    if went and came:
        return f"“{_short(went)}”改为“{_short(came)}”{more}"
    return f"加了“{_short(came)}”{more}" if came else f"去掉了“{_short(went)}”{more}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _of_figure(article: Article, found: Sequence[Change]) -> str:
    """The section that shows a figure which changed; else the first one."""
    changed = {figure.key for figure in article.figures if any(figure.label in one.where for one in found)}
    showing = (aspect for aspect in article.sections if changed & {figure.key for figure in article.figures_in(aspect)})
    return next(showing, next(iter(article.sections)))
