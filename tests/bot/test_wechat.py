"""The gateway: the platform's codes in our words, the token shared, nothing called without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bot.menu import create_menu
from bot.token import SharedTokens
from bot.wechat import Line, WeChat
from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable
from models.db import Database
from tests.bot.outside import SEND, TEMPLATE, Outside, outside
from tests.bot.simulator_service import APP_ID, SECRET

TOKEN_PATH = "/cgi-bin/stable_token"


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def test_a_message_within_the_window_arrives(sqlite_database: Database, world: Outside) -> None:
    world.writes()
    world.wechat(sqlite_database).send_text(world.openid, "民政局答复:“已补发”")
    assert world.received() == ["民政局答复:“已补发”"]


def test_a_closed_window_and_a_used_up_count_are_told_as_such(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    for number in range(5):
        wechat.send_text(world.openid, str(number))
    with pytest.raises(OutOfWindow):
        wechat.send_text(world.openid, "6")
    world.writes()
    world.platform.age(world.openid, 49)
    with pytest.raises(OutOfWindow):
        wechat.send_text(world.openid, "7")


def test_a_notice_without_consent_is_told_as_such(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(NoConsent):
        world.wechat(sqlite_database).send_subscription(world.openid, TEMPLATE, {"thing1": "有答复了"})


def test_somebody_unknown_cannot_be_reached(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(Unreachable):
        world.wechat(sqlite_database).send_text("oNobodyAtAll000000000000000", "x")


@pytest.mark.parametrize("code", [40001, 42001, 40014])
def test_a_stale_token_is_renewed_once(sqlite_database: Database, world: Outside, code: int) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    world.platform.answer_next(code, 1, SEND)
    wechat.send_text(world.openid, "2")
    assert world.received() == ["1", "2"]
    assert world.platform.count(TOKEN_PATH) == 2


def test_a_token_refused_for_ever_is_given_up_soon(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    world.platform.answer_next(40001, 50, SEND)
    with pytest.raises(TryLater):
        wechat.send_text(world.openid, "x")
    assert world.platform.count(SEND) == 2
    assert world.platform.count(TOKEN_PATH) <= 2


def test_a_wrong_secret_is_a_fault_without_the_secret(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(PlatformFault) as caught:
        world.wechat(sqlite_database, "f" * 32).send_text(world.openid, "x")
    assert "f" * 32 not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_nobody_listening_means_nothing_was_sent(sqlite_database: Database) -> None:
    line = Line("http://127.0.0.1:9")
    with pytest.raises(TryLater):
        WeChat(line, SharedTokens(sqlite_database, line, APP_ID, SECRET)).send_text("o", "x")


@pytest.mark.parametrize("how", ["drop-after", "drop", "500", "500-after"])
def test_a_broken_answer_leaves_the_outcome_unknown(sqlite_database: Database, world: Outside, how: str) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    world.platform.fail_next(1, how, SEND)
    with pytest.raises(OutcomeUnknown):
        wechat.send_text(world.openid, "2")


def test_faults_hold_neither_token_nor_openid(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    world.platform.fail_next(1, "drop", SEND)
    with pytest.raises(OutcomeUnknown) as caught:
        wechat.send_text(world.openid, "2")
    said = f"{caught.value!r}{caught.value.__cause__!r}"
    assert "access_token" not in said
    assert world.openid not in said


def test_many_threads_and_gateways_fetch_one_token(database: Database, world: Outside) -> None:
    world.writes()
    gateways = [world.wechat(database) for _ in range(8)]
    faults: list[Exception] = []

    def ask(gateway: WeChat) -> None:
        try:
            gateway._tokens.current()
        except PlatformFault as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask, args=(gateway,)) for gateway in gateways for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert world.platform.count(TOKEN_PATH) == 1


def test_the_menu_is_one_that_the_platform_takes(sqlite_database: Database, world: Outside) -> None:
    create_menu(world.wechat(sqlite_database))
    assert world.platform.count("/cgi-bin/menu/create") == 1
