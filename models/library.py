"""The articles that answer residents now, kept ready in each process and renewed when the county publishes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from knowledge.answers import Answerer
from knowledge.article import Article, load_folder
from knowledge.errors import Fault
from models.article import COUNTER, ArticleVersion
from models.db import Database
from models.platform import Counter

log = logging.getLogger("mingbaika.library")
_LOOK_EVERY = 2.0  # seconds; a published change is used by every process within five


class Library:
    """Gives the `Answerer` for the published articles. Safe for many threads; a renewal never holds a reply up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._looked_at = 0.0
        self._articles: list[Article] = []
        self._answerer: Answerer | None = None

    def answerer(self) -> Answerer:
        """What answers now. The first call reads the articles; later ones look for a newer version now and then."""
        if self._answerer is None:
            with self._lock:
                return self._answerer or self._renew()
        if time.monotonic() - self._looked_at > _LOOK_EVERY and self._lock.acquire(blocking=False):
            self._looked_at = time.monotonic()
            threading.Thread(target=self._look, name="library", daemon=True).start()
        return self._answerer

    def articles(self) -> list[Article]:
        """The published articles themselves."""
        self.answerer()
        return self._articles

    def _look(self) -> None:
        try:
            with self._database.read() as session:
                if Counter.value_of(session, COUNTER) == self._version:
                    return
            self._renew()
        except (Fault, DBAPIError) as error:
            log.warning("the articles could not be read anew: %s", type(error).__name__)
        finally:
            self._lock.release()

    def _renew(self) -> Answerer:
        with self._database.read() as session:
            version = Counter.value_of(session, COUNTER)
            articles = ArticleVersion.published(session)
        self._articles, self._version, self._looked_at = articles, version, time.monotonic()
        self._answerer = Answerer(articles)
        return self._answerer


def articles_of(open_database: Callable[[], Database]) -> list[Article]:
    """The published articles, or the files' where there is no database yet or nothing in it."""
    try:
        database = open_database()
        if not database.exists():
            return load_folder()
        with database.read() as session:
            found = ArticleVersion.published(session)
    except (Fault, DBAPIError, OSError):
        found = []
    return found or load_folder()
