"""A resident's side of the talk, at the dispatcher's door."""

from __future__ import annotations

import itertools
import re
from functools import cache

from bot.dispatch import Dispatcher, Outcome
from handlers.turn import Incoming, Values
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.deadlines import Clocks
from models.db import Database

VALUES = Values(
    county="永吉县", account_name="永吉明白卡", hotline="12333", clocks=Clocks(), proof=("name", "card_tail"),
    failures_per_user=5, failures_per_id=5, lock_hours=24, persons_per_user=4,
)  # fmt: skip
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]*)&msgmenuid=(\d+)">[^<]*</a>')


@cache
def answerer() -> Answerer:
    """The knowledge of the article files; read once for all tests."""
    return Answerer(load_folder())


_dispatchers: list[Dispatcher] = []


def connected(database: Database) -> Dispatcher:
    """A dispatcher that `hang_up` closes at the end of the test."""
    _dispatchers.append(Dispatcher(database, VALUES, answerer))
    return _dispatchers[-1]


def hang_up(database: Database) -> None:
    """Close every dispatcher on this database, before it goes away."""
    for dispatcher in [each for each in _dispatchers if each.database is database]:
        dispatcher.behind.close()
        _dispatchers.remove(dispatcher)


class Phone:
    """One resident's phone. `say` gives the words that appear, links as the words on them."""

    _keys = itertools.count()

    def __init__(self, database: Database, openid: str = "oGuan", dispatcher: Dispatcher | None = None) -> None:
        self.dispatcher = dispatcher or connected(database)
        self.openid = openid
        self.links: list[str] = []
        self.last: Incoming | None = None

    def follow(self) -> str:
        """Follow the account."""
        return self.event("subscribe")

    def event(self, event: str, key: str = "") -> str:
        """An event, such as a tap on the menu."""
        return self._send(Incoming(self._key(), self.openid, "event", tap=key, event=event))

    def say(self, *texts: str) -> str:
        """Type these one after the other; gives the last reply."""
        reply = ""
        for text in texts:
            reply = self._send(Incoming(self._key(), self.openid, "text", text=text))
        return reply

    def send(self, kind: str, *, text: str = "", media_id: str = "") -> str:
        """Send a photo, a voice, a place."""
        return self._send(Incoming(self._key(), self.openid, kind, text=text, media_id=media_id))

    def again(self) -> Outcome:
        """The platform sends the last message once more."""
        assert self.last is not None
        return self.dispatcher.handle(self.last)

    def _send(self, message: Incoming) -> str:
        self.last = message
        text = self.dispatcher.handle(message).text
        self.links = [found.group(1) for found in _LINK.finditer(text)]
        return _LINK.sub(lambda found: found.group(1), text)

    def _key(self) -> str:
        return f"{self.openid}-{next(self._keys)}"
