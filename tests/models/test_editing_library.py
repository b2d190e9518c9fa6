"""What the county publishes is said by every process within five seconds, by chat as well as by whoever has slept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.dispatch import Dispatcher
from models import library as libraries
from models.article import ArticleVersion, today
from models.db import Database
from models.editing import Days
from models.library import Library
from tests.factories import KEYRING
from tests.models.editors import open_house, published, with_amount, with_ask
from tests.talk import VALUES, Phone

WITHIN = 5.0  # seconds


@pytest.fixture
def house(database: Database) -> Database:
    """The articles, and those who keep them."""
    open_house(database)
    return database


@pytest.fixture
def elsewhere(house: Database) -> Iterator[Database]:
    """The same database, opened by another process."""
    other = Database(house.url.render_as_string(hide_password=False), KEYRING)
    yield other
    other.dispose()


@pytest.fixture
def phones(house: Database, elsewhere: Database) -> Iterator[list[Phone]]:
    """Two residents, each answered by a process of its own."""
    dispatchers = [Dispatcher(one, VALUES, Library(one).answerer) for one in (house, elsewhere)]
    yield [Phone(one.database, f"o{number}", one) for number, one in enumerate(dispatchers)]
    for one in dispatchers:
        one.behind.close()


def until(said: str, phone: Phone) -> float:
    """Seconds until the answer holds these words."""
    begun = time.monotonic()
    while time.monotonic() - begun < 2 * WITHIN:
        if said in phone.say("低保领多少"):
            break
        time.sleep(0.1)
    return time.monotonic() - begun


def test_chat_says_a_published_sum_within_five_seconds_in_every_process(house: Database, phones: list[Phone]) -> None:
    assert all("470元" in phone.say("低保领多少") for phone in phones)
    published(house, with_amount("rural", 51234))
    assert all(until("512.34元", phone) < WITHIN for phone in phones)
    assert all("470元" not in phone.say("低保领多少") for phone in phones)


def test_a_process_that_slept_says_nothing_old_when_it_wakes(house: Database, elsewhere: Database) -> None:
    library = Library(elsewhere)
    library.answerer()
    published(house, with_ask("新的说法。"))
    library._looked_at -= WITHIN
    assert "新的说法。" in library.answerer().section("最低生活保障", "领多少").text


def test_a_version_begins_at_midnight_in_a_process_that_nobody_told(
    house: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_day = today() + timedelta(days=1)
    published(house, with_ask("明天的说法。"), days=Days(valid_from=first_day))
    library = Library(elsewhere)
    assert "明天的说法。" not in library.answerer().section("最低生活保障", "领多少").text
    monkeypatch.setattr(libraries, "today", lambda: first_day)
    assert "明天的说法。" in library.answerer().section("最低生活保障", "领多少").text


def test_a_version_ends_at_midnight_in_a_process_that_nobody_told(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    published(house, with_amount("rural", 50000), days=Days(valid_to=today()))
    library = Library(house)
    assert "500元" in library.answerer().section("最低生活保障", "领多少").text
    monkeypatch.setattr(libraries, "today", lambda: today() + timedelta(days=1))
    said = library.answerer().section("最低生活保障", "领多少").text
    assert "500元" not in said
    assert "470元" not in said
    assert "以县级主管部门当年公布为准" in said


def test_a_database_that_is_away_leaves_the_last_answer(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(house)
    known = library.answerer()

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(ArticleVersion, "published", away)
    monkeypatch.setattr(libraries.Counter, "value_of", lambda *_: 99)
    library._looked_at -= WITHIN
    assert library.answerer() is known


def test_nothing_is_read_again_while_nothing_changes(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(house)
    known = library.answerer()
    monkeypatch.setattr(ArticleVersion, "published", lambda *_: pytest.fail("read again"))
    library._looked_at -= WITHIN
    assert library.answerer() is known
