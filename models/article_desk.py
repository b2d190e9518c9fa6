"""What there is to see of the articles' versions: what is in force, what is out of date, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from knowledge.article import Article
from models.article import DRAFT, PUBLISHED, REVIEW, ArticleEvent, ArticleVersion, What, in_force, today
from models.article_owner import may_review, may_write, versions_for
from models.staff import Permission, Staff

_WRITING = (What.BEGUN, What.SAVED, What.SUBMITTED)
_AHEAD = timedelta(days=14)  # before its day an article is due to be looked at


@dataclass(slots=True)
class Desk:
    """What waits for a person: drafts to approve, own drafts that came back, and articles to be checked again."""

    reviews: list[ArticleVersion] = field(default_factory=list)
    returned: list[ArticleVersion] = field(default_factory=list)
    due: list[ArticleVersion] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many in all."""
        return len(self.reviews) + len(self.returned) + len(self.due)

    @classmethod
    def of(cls, session: Session, staff: Staff) -> Desk:
        """What waits for this person now."""
        query = versions_for(staff).where(ArticleVersion.status.in_((DRAFT, REVIEW, PUBLISHED)))
        rows = session.scalars(query.options(defer(ArticleVersion.content))).all()
        open_ones = [row.id for row in rows if row.status in (DRAFT, REVIEW)]
        wrote, last = _of_events(session, open_ones)
        desk, day = cls(), today()
        for row in rows:
            mine = staff.id in wrote.get(row.id, ())
            if row.status == REVIEW and may_review(staff, row.item) and not mine and row.written_by != staff.id:
                desk.reviews.append(row)
            if row.status == DRAFT and mine and last.get(row.id) == What.SENT_BACK:
                desk.returned.append(row)
        if staff.may(Permission.WRITE_ARTICLES) or staff.may(Permission.EDIT_KNOWLEDGE):
            current = in_force(rows, day).values()
            desk.due = [row for row in current if is_due(row, day) and may_write(staff, row.item)]
        return desk


def is_due(version: ArticleVersion, day: date) -> bool:
    """Whether its owner is to look at it: it is to be checked again soon, or its last day is near or over."""
    dates = [one for one in (version.check_by, version.valid_to) if one is not None]
    return any(one <= day + _AHEAD for one in dates)


def _of_events(session: Session, versions: Sequence[int]) -> tuple[dict[int, set[int | None]], dict[int, str]]:
    """By version, who wrote in it, and what happened last."""
    wrote: dict[int, set[int | None]] = {}
    last: dict[int, str] = {}
    query = select(ArticleEvent).where(ArticleEvent.version_id.in_(versions)).order_by(ArticleEvent.id)
    for event in session.scalars(query) if versions else ():
        last[event.version_id] = event.what
        if event.what in _WRITING:
            wrote.setdefault(event.version_id, set()).add(event.staff_id)
    return wrote, last


def approved(session: Session, item: str) -> list[ArticleVersion]:
    """The approved versions of an item: what is in force, and what comes."""
    query = select(ArticleVersion).where(ArticleVersion.item == item, ArticleVersion.status == PUBLISHED)
    return list(session.scalars(query))


def standing(session: Session, item: str, day: date) -> ArticleVersion | None:
    """The version that is in force on a day."""
    return in_force(approved(session, item), day).get(item)


def replaces(session: Session, version: ArticleVersion) -> ArticleVersion | None:
    """The version in whose place this one comes, on the day from which it is to be used."""
    return standing(session, version.item, max(version.valid_from or today(), today()))


def is_out_of_date(session: Session, version: ArticleVersion) -> bool:
    """Whether another version than the one it was written upon is in force by now."""
    there = replaces(session, version)
    return version.status in (DRAFT, REVIEW) and version.base_id != (there.id if there else None)


def writers(session: Session, version: ArticleVersion) -> set[int | None]:
    """Everybody who wrote in a version: none of them approves it."""
    query = select(ArticleEvent.staff_id).where(ArticleEvent.version_id == version.id, ArticleEvent.what.in_(_WRITING))
    return {version.written_by, *session.scalars(query)}


def events(session: Session, version: ArticleVersion) -> list[ArticleEvent]:
    """What became of a version, the last first."""
    query = select(ArticleEvent).where(ArticleEvent.version_id == version.id)
    return list(session.scalars(query.order_by(ArticleEvent.id.desc())))


def is_slug_taken(session: Session, article: Article) -> bool:
    """Whether another item's article has the same name in its address."""
    same = ArticleVersion.content.contains(f"\nslug: {article.slug}\n", autoescape=True)
    others = select(ArticleVersion.id).where(ArticleVersion.item != article.item, same)
    return session.scalar(others.where(ArticleVersion.status.in_((PUBLISHED, REVIEW))).limit(1)) is not None
