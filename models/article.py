"""Articles as the county edits them. Files seed a new database; afterwards the database wins."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.article import Article, ArticleFault, parse, render
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.wording import beijing
from models.base import Base, BigId, UtcDateTime, now
from models.platform import Counter

log = logging.getLogger("mingbaika.article")

# written → sent to a second person → approved → another one is in its place; or thrown away before it was approved
DRAFT, REVIEW, PUBLISHED, RETIRED, DROPPED = "draft", "review", "published", "retired", "dropped"
COUNTER = "knowledge"
LOOKED_AT_EVERY = timedelta(days=365)  # after so long an article is checked against its documents again
_ORDER = {item: place for place, item in enumerate((*ITEMS, *TOPICS))}

# Renewals and lists read the same few texts again and again.
read = lru_cache(maxsize=512)(parse)


def today() -> date:
    """The day by Beijing's calendar: versions begin and end with a day."""
    return beijing(now()).date()


class ArticleVersion(Base):
    """One version of one item's article, in the same Markdown as its file.

    `written_by` wrote it last, `published_by` approved it: never the same person. `base_id` is the version that was in
    force when it was written; where another one is by now, it is out of date. `revision` counts the savings.
    """

    __tablename__ = "article_versions"
    __table_args__ = (
        UniqueConstraint("item", "number"),
        CheckConstraint("written_by <> published_by", name="ck_article_versions_two_persons"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), index=True)
    number: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column(String(16), index=True)
    content: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    base_id: Mapped[int | None] = mapped_column(ForeignKey("article_versions.id"))
    valid_from: Mapped[date | None] = mapped_column()
    valid_to: Mapped[date | None] = mapped_column()  # the last day
    check_by: Mapped[date | None] = mapped_column()
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    @property
    def article(self) -> Article:
        """The article that is written here. Raises ArticleFault if it cannot be read."""
        return replace(read(self.content), confirmed=self.confirmed_at is not None)

    @property
    def begins(self) -> date:
        """The first day on which it may be used, once it is approved."""
        return self.valid_from or date.min

    def has_outlived(self, day: date) -> bool:
        """Whether its last day is over."""
        return self.valid_to is not None and self.valid_to < day

    @classmethod
    def published(cls, session: Session, day: date | None = None) -> list[Article]:
        """The articles that answer residents on a day (default: today), in the county's order.

        One whose last day is over speaks without figures: the version before it was replaced, and is not used again.
        """
        day = day or today()
        rows = session.scalars(select(cls).where(cls.status == PUBLISHED)).all()
        found = [_speaking(row, day) for row in in_force(rows, day).values()]
        return sorted((one for one in found if one is not None), key=lambda one: _ORDER[one.item])

    @classmethod
    def knows(cls, session: Session, articles: Iterable[Article]) -> bool:
        """Whether every one of these texts stands here already, in whichever status."""
        standing = {(item, content) for item, content in session.execute(select(cls.item, cls.content))}
        return all((article.item, render(article)) in standing for article in articles)

    @classmethod
    def seed(cls, session: Session, articles: Iterable[Article]) -> None:
        """Publish the files' articles in an empty table; where one stands already, a differing file becomes a draft."""
        last = {row.item: row for row in session.scalars(select(cls).order_by(cls.number))}
        current = in_force(session.scalars(select(cls).where(cls.status == PUBLISHED)), today())
        changed = False
        for article in articles:
            text, due = render(article), article.checked + LOOKED_AT_EVERY
            if article.item not in last:
                session.add(
                    cls(item=article.item, number=1, status=PUBLISHED, content=text, published_at=now(), check_by=due)
                )
                changed = True
            elif not session.scalar(select(cls.id).where(cls.item == article.item, cls.content == text)):
                base, number = current.get(article.item), last[article.item].number + 1
                session.add(
                    cls(item=article.item, number=number, status=DRAFT, content=text, base_id=base.id if base else None,
                        note="软件更新带来的新文件，请对照核实。")
                )  # fmt: skip
        if changed:
            Counter.next(session, COUNTER)


class What(StrEnum):
    """What can become of a version."""

    BEGUN = "begun"
    ARRIVED = "arrived"  # out of a file
    SAVED = "saved"
    SUBMITTED = "submitted"
    TAKEN_BACK = "taken_back"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    CANCELLED = "cancelled"  # before its day had come
    DROPPED = "dropped"
    CONFIRMED = "confirmed"


class ArticleEvent(Base):
    """What became of a version: who did what and when, and why. Whoever wrote in it never approves it."""

    __tablename__ = "article_events"
    __table_args__ = (Index("ix_article_events_version_id", "version_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")


def in_force(versions: Iterable[ArticleVersion], day: date) -> dict[str, ArticleVersion]:
    """By item, the approved version that counts on a day: of those that have begun, the one that began last."""
    found: dict[str, ArticleVersion] = {}
    for row in sorted(versions, key=lambda one: (one.begins, one.number)):
        if row.status == PUBLISHED and row.begins <= day and row.item in _ORDER:
            found[row.item] = row
    return found


def coming(versions: Iterable[ArticleVersion], day: date) -> Sequence[ArticleVersion]:
    """The approved versions whose day has not come yet, the next one first."""
    waiting = [row for row in versions if row.status == PUBLISHED and row.begins > day]
    return sorted(waiting, key=lambda one: one.begins)


def _speaking(row: ArticleVersion, day: date) -> Article | None:
    """What a version in force says; None for a text that cannot be read, which must not silence the others."""
    try:
        return row.article.outlived() if row.has_outlived(day) else row.article
    except ArticleFault as fault:
        log.error("the article of %s, version %s, cannot be read: line %s", row.item, row.number, fault.line)
        return None
