"""What a new database holds before anybody has written to it: the departments and the articles of the files."""

from __future__ import annotations

from sqlalchemy.orm import Session

from knowledge.article import load_folder
from models.article import ArticleVersion
from models.db import Database
from models.staff import Department


def fill_empty(database: Database) -> None:
    """Add what is missing; change nothing that the county has changed."""
    articles = load_folder()
    with database.read() as session:
        if not Department.missing(session) and ArticleVersion.knows(session, articles):
            return

    def fill(session: Session) -> None:
        Department.seed(session)
        ArticleVersion.seed(session, articles)

    database.write(fill)
