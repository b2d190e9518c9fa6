"""What a new database holds before anybody has written to it: the departments and the articles of the files."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from knowledge.article import load_folder
from models.article import ArticleVersion
from models.db import Database
from models.staff import Department, held_together

log = logging.getLogger("mingbaika.start")


def check_duties(database: Database) -> None:
    """Say it where one person is administrator and auditor at once (三员分立): such accounts came in past the rules."""
    with database.read() as session:
        together = held_together(session)
    if together:
        log.warning("three duties not kept apart: %s are administrator and auditor under one name", ", ".join(together))


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
