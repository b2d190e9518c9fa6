"""The articles that answer residents now, kept ready in each process and renewed when the county publishes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date

from sqlalchemy.exc import DBAPIError

from knowledge.answers import Answerer
from knowledge.article import Article, load_folder
from knowledge.errors import Fault
from models.article import COUNTER, ArticleVersion, today
from models.db import Database
from models.platform import Counter

log = logging.getLogger("mingbaika.library")
_LOOK_EVERY = 2.0  # seconds; a published change is used by every process within five
_STALE = 4.0  # seconds after which nobody is answered from what was read before: this process has slept

_PATIENCE = 1.0  # seconds for which a message waits while another one looks


class Library:
    """Gives the `Answerer` for the articles in force. Safe for many threads; while there are messages, a renewal holds
    no reply up. A version that begins today is used from midnight on, Beijing time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._looked_at = 0.0
        self._day = date.min
        self._articles: list[Article] = []
        self._answerer: Answerer | None = None

    def answerer(self) -> Answerer:
        """What answers now. The first call reads the articles; later ones look for a newer version now and then."""
        if self._answerer is None:
            with self._lock:
                return self._answerer or self._renew()
        age = time.monotonic() - self._looked_at
        if age > _STALE or self._day != today():
            self._look_first()
        elif age > _LOOK_EVERY and self._lock.acquire(blocking=False):
            self._looked_at = time.monotonic()
            threading.Thread(target=self._look_behind, name="library", daemon=True).start()
        return self._answerer

    def articles(self) -> list[Article]:
        """The published articles themselves."""
        self.answerer()
        return self._articles

    def _look_first(self) -> None:
        # One asks the database, the others wait for it: it is one short query unless something was published.
        if not self._lock.acquire(timeout=_PATIENCE):
            return
        try:
            if time.monotonic() - self._looked_at > _STALE or self._day != today():
                self._look()
        finally:
            self._lock.release()

    def _look_behind(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> None:
        try:
            with self._database.read() as session:
                if Counter.value_of(session, COUNTER) == self._version and self._day == today():
                    return
            self._renew()
        except (Fault, DBAPIError) as error:
            log.warning("the articles could not be read anew: %s", type(error).__name__)
        finally:
            self._looked_at = time.monotonic()

    def _renew(self) -> Answerer:
        day = today()
        with self._database.read() as session:
            version = Counter.value_of(session, COUNTER)
            articles = ArticleVersion.published(session, day)
        self._articles, self._version, self._day, self._looked_at = articles, version, day, time.monotonic()
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
