"""Those who write and approve articles in tests, and the way of one version from its first word to residents.

    lin, luo   clerks of 民政局        sun    writes for all
    wang       a clerk of 农业农村局   qian   oversees: approves any article
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.article import Article, Section
from models import editing
from models.article import ArticleVersion
from models.article_desk import replaces
from models.db import Database
from models.editing import Days
from models.staff import Department, Staff
from tests.console.factories import articles

DIBAO = "最低生活保障"
PEOPLE = {
    "lin": ("clerk", "民政局"), "luo": ("clerk", "民政局"), "wang": ("clerk", "农业农村局"), "qian": ("supervisor", None),
    "sun": ("admin", None),
}  # fmt: skip
Change = Callable[[Article], Article]


def open_house(database: Database) -> None:
    """Departments, people and the files' articles."""

    def work(session: Session) -> None:
        Department.seed(session)
        ArticleVersion.seed(session, articles())
        for username, (role, department) in PEOPLE.items():
            home = Department.named(session, department) if department else None
            session.add(Staff(username=username, name=username, role=role, department=home, password_hash="-"))

    database.write(work)


def who(session: Session, username: str) -> Staff:
    """One of the people."""
    found = Staff.by_username(session, username)
    assert found is not None
    return found


def with_ask(words: str) -> Change:
    """Another answer to 问谁."""
    return lambda article: replace(article, ask=words)


def with_lead(aspect: str, words: str) -> Change:
    """Another text of one section."""

    def change(article: Article) -> Article:
        return replace(article, sections={**article.sections, aspect: Section(aspect, words, "", words)})

    return change


def with_amount(key: str, fen: int) -> Change:
    """Another sum of one figure."""
    return lambda article: replace(
        article, figures=tuple(replace(one, amount_fen=fen) if one.key == key else one for one in article.figures)
    )


def draft(database: Database, change: Change, by: str = "lin", item: str = DIBAO, days: Days | None = None) -> int:
    """A saved draft; gives its id."""

    def work(session: Session) -> int:
        staff = who(session, by)
        version = editing.begin(session, staff, item)
        saved = editing.save(
            session, staff, version.id, revision=0, article=change(version.article), note="照新文件改的", days=days or Days()
        )
        return saved.id

    return database.write(work)


def handed_in(database: Database, change: Change, by: str = "lin", item: str = DIBAO, days: Days | None = None) -> int:
    """A draft that waits for a second person."""
    version_id = draft(database, change, by, item, days)
    database.write(lambda session: editing.submit(session, who(session, by), version_id, **seen(session, version_id)))
    return version_id


def published(
    database: Database, change: Change, by: str = "lin", then: str = "luo", item: str = DIBAO, days: Days | None = None
) -> int:
    """A version that a second person has approved."""
    version_id = handed_in(database, change, by, item, days)
    database.write(lambda session: editing.approve(session, who(session, then), version_id, **seen(session, version_id)))
    return version_id


def seen(session: Session, version_id: int) -> dict[str, int]:
    """What the person at the screen saw last."""
    version = session.get_one(ArticleVersion, version_id)
    there = replaces(session, version)
    return {"revision": version.revision, "against": there.id if there else 0}


def in_use(database: Database, item: str = DIBAO, day: date | None = None) -> Article:
    """What residents read."""
    with database.read() as session:
        return next(one for one in ArticleVersion.published(session, day) if one.item == item)


def number_one(database: Database, item: str = DIBAO) -> int:
    """The id of the first version."""
    with database.read() as session:
        query = select(ArticleVersion.id).where(ArticleVersion.item == item, ArticleVersion.number == 1)
        return session.scalars(query).one()
