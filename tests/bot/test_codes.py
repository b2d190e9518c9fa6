"""The villages' QR codes: asked for at a desk, made by the platform, scanned by a resident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.codes import make_due
from bot.simulator.api import scene_in
from bot.simulator.errors import SimulatorError
from knowledge.errors import PlatformFault
from knowledge.publicity import place_of_scene, scene_of
from models.base import now
from models.db import Database
from models.village import VillageCode
from tests.bot.outside import Outside, outside
from tests.bot.simulator_service import APP_ID, Clock, Service, make_platform

CREATE = "/cgi-bin/qrcode/create"
SCENE = scene_of("万昌镇", "花家")


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def ask(database: Database, *villages: str) -> None:
    for village in villages:
        database.write(lambda session, village=village: VillageCode.ask(session, "万昌镇", village))


def waiting(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(VillageCode).where(VillageCode.url.is_(None))).all())


def test_a_code_that_was_asked_for_is_made_once(database: Database, world: Outside) -> None:
    ask(database, "花家", "花家", "吴家")
    assert make_due(database, world.wechat(database)) == 2
    assert make_due(database, world.wechat(database)) == 0
    with database.read() as session:
        url = VillageCode.url_of(session, "万昌镇", "花家")
    assert scene_in(str(url), APP_ID) == SCENE
    assert world.platform.count(CREATE) == 2


def test_a_refusal_is_tried_again_later(database: Database, world: Outside) -> None:
    ask(database, "花家")
    world.platform.answer_next(45009, path=CREATE)
    wechat = world.wechat(database)
    assert make_due(database, wechat) == 0
    assert make_due(database, wechat) == 0  # not at once
    assert waiting(database) == 1

    def later(session) -> None:
        session.get(VillageCode, SCENE).next_at = now() - timedelta(seconds=1)

    database.write(later)
    assert make_due(database, wechat) == 1


def test_a_stop_leaves_the_rest_for_the_next_worker(database: Database, world: Outside) -> None:
    ask(database, "花家", "吴家")
    assert make_due(database, world.wechat(database), stopped=lambda: True) == 0
    assert waiting(database) == 2


def test_the_platform_refuses_a_scene_that_it_cannot_carry(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    for scene in ("", "x" * 65):
        with pytest.raises(PlatformFault) as fault:
            wechat.create_qrcode(scene)
        assert fault.value.code == 40053


def test_the_same_scene_gives_the_same_code(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    assert wechat.create_qrcode(SCENE) == wechat.create_qrcode(SCENE) != wechat.create_qrcode("another")


def test_scanning_follows_at_first_and_is_an_event_afterwards(sqlite_database: Database, world: Outside) -> None:
    url = world.wechat(sqlite_database).create_qrcode(SCENE)
    service = Service(lambda message: "success")
    platform = make_platform(service, clock=Clock())
    openid = platform.add_resident("小宇")
    platform.scan(openid, url)
    assert platform.resident(openid).subscribed
    platform.scan(openid, url)
    keys = [(message["Event"], message["EventKey"]) for message in service.messages]
    assert keys == [("subscribe", f"qrscene_{SCENE}"), ("SCAN", SCENE)]
    assert [place_of_scene(key) for _, key in keys] == [("万昌镇", "花家")] * 2
    with pytest.raises(SimulatorError):
        platform.scan(openid, "https://example.com/q/abc")
