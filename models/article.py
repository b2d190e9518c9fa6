"""Articles as the county edits them. Files seed a new database; afterwards the database wins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.article import Article, parse, render
from models.base import Base, BigId, UtcDateTime, now
from models.platform import Counter

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
COUNTER = "knowledge"


class ArticleVersion(Base):
    """One version of one item's article, in the same Markdown as its file."""

    __tablename__ = "article_versions"
    __table_args__ = (UniqueConstraint("item", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), index=True)
    number: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column(String(16), index=True)
    content: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    @classmethod
    def published(cls, session: Session) -> list[Article]:
        """The articles that answer residents now."""
        return [parse(text) for text in session.scalars(select(cls.content).where(cls.status == PUBLISHED))]

    @classmethod
    def knows(cls, session: Session, articles: Iterable[Article]) -> bool:
        """Whether every one of these texts stands here already, in whichever status."""
        standing = set(session.execute(select(cls.item, cls.content)).tuples())
        return all((article.item, render(article)) in standing for article in articles)

    @classmethod
    def seed(cls, session: Session, articles: Iterable[Article]) -> None:
        """Publish the files' articles in an empty table; where one stands already, a differing file becomes a draft."""
        standing = {row.item: row for row in session.scalars(select(cls).order_by(cls.number))}
        changed = False
        for article in articles:
            text, last = render(article), standing.get(article.item)
            if last is None:
                session.add(cls(item=article.item, number=1, status=PUBLISHED, content=text, published_at=now()))
                changed = True
            elif not session.scalar(select(cls.id).where(cls.item == article.item, cls.content == text)):
                session.add(cls(item=article.item, number=last.number + 1, status=DRAFT, content=text))
        if changed:
            Counter.next(session, COUNTER)

    def publish(self, session: Session, staff_id: int | None) -> None:
        """This version answers from now on; every process learns of it by the counter."""
        for other in session.scalars(select(ArticleVersion).where(ArticleVersion.item == self.item)):
            if other.status == PUBLISHED:
                other.status = RETIRED
        self.status, self.published_at, self.published_by = PUBLISHED, now(), staff_id
        Counter.next(session, COUNTER)


class Gap(Base):
    """A question that the knowledge could not answer, with personal data taken out, counted."""

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    source: Mapped[str] = mapped_column(String(16), default="chat")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
