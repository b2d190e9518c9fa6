"""The one access token: fetched once by whoever comes first, shared by all, never fought for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.token import SharedTokens
from bot.wechat import Line
from knowledge.errors import TryLater
from models.base import now
from models.db import Database
from models.platform import AccessToken, Lease
from tests.bot.outside import SEND, OtherProcess, Outside, outside
from tests.bot.simulator_service import APP_ID, SECRET

TOKEN_PATH = "/cgi-bin/stable_token"


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        found.writes()
        yield found


class WatchedLine(Line):
    """A line that notes whether a token was asked for by force."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.forced: list[bool] = []

    def call(self, method: str, path: str, **more: Any) -> Any:
        if path == TOKEN_PATH:
            self.forced.append(more["json"]["force_refresh"])
        return super().call(method, path, **more)


def shared(database: Database, line: Line) -> SharedTokens:
    return SharedTokens(database, line, APP_ID, SECRET)


def ends_in(database: Database, left: timedelta) -> None:
    database.write(lambda s: s.execute(update(AccessToken).values(expires_at=now() + left)) and None)


def test_four_processes_of_twenty_threads_with_an_expired_token_fetch_one(database: Database, world: Outside) -> None:
    shared(database, Line(world.url)).current()
    ends_in(database, timedelta(seconds=-1))
    others = [OtherProcess("token", database, world) for _ in range(4)]
    for other in others:
        other.ready()
    for other in others:
        other.go()
    assert [other.ended() for other in others] == [(0, "1")] * 4
    assert world.platform.count(TOKEN_PATH) == 2


def test_twenty_threads_whose_token_is_refused_renew_it_once(database: Database, world: Outside) -> None:
    tokens = [shared(database, Line(world.url)) for _ in range(4)]
    stale = tokens[0].current()
    world.platform.take_token_away()
    got: list[str] = []
    threads = [threading.Thread(target=lambda each=each: got.append(each.renewed(stale))) for each in tokens * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert len(set(got) - {stale}) == 1
    assert world.platform.count(TOKEN_PATH) == 2


def test_a_token_that_a_colleague_has_renewed_is_taken_over(database: Database, world: Outside) -> None:
    one, other = shared(database, Line(world.url)), shared(database, Line(world.url))
    stale = one.current()
    world.platform.take_token_away()
    fresh = one.renewed(stale)
    asked = world.platform.count(TOKEN_PATH)
    assert other.renewed(stale) == fresh
    assert world.platform.count(TOKEN_PATH) == asked


def test_a_token_that_another_program_has_taken_is_got_back_without_force(
    sqlite_database: Database, world: Outside
) -> None:
    line = WatchedLine(world.url)
    tokens = shared(sqlite_database, line)
    stale = tokens.current()
    world.platform.take_token_away()
    assert tokens.renewed(stale) != stale
    assert line.forced == [False, False]


def test_force_is_used_only_where_the_platform_insists_on_a_token_that_it_refuses(
    sqlite_database: Database, world: Outside
) -> None:
    line = WatchedLine(world.url)
    tokens = shared(sqlite_database, line)
    stale = tokens.current()
    assert tokens.renewed(stale) != stale
    assert line.forced == [False, False, True]


def test_force_is_rationed_however_many_calls_are_refused(sqlite_database: Database, world: Outside) -> None:
    line = WatchedLine(world.url)
    wechat = world.wechat(sqlite_database, line=line)
    world.platform.answer_next(40001, 100, SEND)
    for _ in range(6):
        with pytest.raises(TryLater):
            wechat.send_text(world.openid, "x")
    assert line.forced.count(True) == 1
    assert world.platform.count(SEND) <= 12
    assert len(line.forced) <= 8


def test_a_token_is_renewed_before_its_end(sqlite_database: Database, world: Outside) -> None:
    tokens = shared(sqlite_database, Line(world.url))
    tokens.current()
    ends_in(sqlite_database, timedelta(minutes=3))
    tokens.current()
    assert world.platform.count(TOKEN_PATH) == 2


def test_a_token_near_its_end_serves_while_no_other_can_be_had(sqlite_database: Database, world: Outside) -> None:
    tokens = shared(sqlite_database, Line(world.url))
    old = tokens.current()
    ends_in(sqlite_database, timedelta(minutes=3))
    world.platform.answer_next(-1, 1, TOKEN_PATH)
    assert tokens.current() == old


def test_a_token_near_its_end_serves_while_a_colleague_fetches(sqlite_database: Database, world: Outside) -> None:
    tokens = shared(sqlite_database, Line(world.url))
    old = tokens.current()
    ends_in(sqlite_database, timedelta(minutes=3))
    sqlite_database.write(lambda s: Lease.take(s, f"token:{APP_ID}", "colleague", timedelta(minutes=1)) and None)
    began = time.monotonic()
    assert tokens.current() == old
    assert time.monotonic() - began < 1
    assert world.platform.count(TOKEN_PATH) == 1


def test_a_colleague_who_died_while_fetching_is_waited_for_but_not_for_ever(
    sqlite_database: Database, world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.token._WAIT", 0.3)
    tokens = shared(sqlite_database, Line(world.url))
    sqlite_database.write(lambda s: Lease.take(s, f"token:{APP_ID}", "dead", timedelta(seconds=1)) and None)
    with pytest.raises(TryLater):
        tokens.current()
    time.sleep(0.8)
    assert tokens.current()


def test_a_database_that_cannot_be_had_means_nothing_was_sent(
    sqlite_database: Database, world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.db.Database.write.__kwdefaults__", {"wait": 0.2})
    with sqlite_database.pen(), pytest.raises(TryLater):
        world.wechat(sqlite_database).send_text(world.openid, "x")


@pytest.mark.parametrize(
    ("code", "word"), [(40164, "白名单"), (40125, "app_secret"), (40013, "app_id")]
)  # fmt: skip
def test_what_only_an_operator_can_put_right_is_said_in_the_log(
    sqlite_database: Database, world: Outside, caplog: pytest.LogCaptureFixture, code: int, word: str
) -> None:
    world.platform.answer_next(code, 1, TOKEN_PATH)
    with pytest.raises(TryLater) as caught:
        shared(sqlite_database, Line(world.url)).current()
    assert caught.value.code == code
    assert word in caplog.text
    assert SECRET not in caplog.text


def test_the_token_is_stored_encrypted(database: Database, world: Outside) -> None:
    token = shared(database, Line(world.url)).current()
    with database.connect() as connection:
        stored = bytes(connection.execute(text("SELECT token FROM access_tokens")).scalar_one())
    assert token.encode() not in stored
