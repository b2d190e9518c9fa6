"""Photos and voices: fetched in time, checked by content, stripped of what the camera wrote."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from bot.media import MOST_BYTES, Unusable, checked, fetch_due
from bot.wechat import Media
from models.base import now
from models.case import FETCHED, LOST, Attachment
from models.db import Database
from models.delivery import WAITING
from models.follower import Follower
from tests.bot.outside import Outside, outside

FETCH = "/cgi-bin/media/get"


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> bytes:
    picture, written = Image.new("RGB", size, "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    picture.save(written, kind, exif=exif)
    return written.getvalue()


def keep(database: Database, media_id: str, kind: str = "image") -> None:
    database.write(lambda s: Attachment.keep(s, Follower.met(s, "oGuan").id, kind, media_id) and None)


def row(database: Database) -> Attachment:
    with database.read() as session:
        return session.scalars(select(Attachment)).one()


def media_id_of(world: Outside, exchange_kind: str) -> str:
    service = world.platform.courier.line.transport
    return next(m["MediaId"] for m in reversed(service.messages) if m["MsgType"] == exchange_kind)


def test_a_photo_is_fetched_and_the_cameras_notes_are_gone(database: Database, world: Outside) -> None:
    world.platform.send_image(world.openid, photo())
    keep(database, media_id_of(world, "image"))
    fetch_due(database, world.wechat(database))
    found = row(database)
    assert (found.status, found.media_type) == (FETCHED, "image/jpeg")
    assert b"SecretCamera" not in found.content
    assert Image.open(io.BytesIO(found.content)).size == (60, 40)


def test_a_voice_is_fetched_as_it_is(database: Database, world: Outside) -> None:
    world.platform.send_voice(world.openid)
    keep(database, media_id_of(world, "voice"), "voice")
    fetch_due(database, world.wechat(database))
    assert (row(database).status, row(database).media_type) == (FETCHED, "audio/amr")


def test_a_file_that_the_platform_does_not_know_is_tried_again_until_three_days_are_over(
    database: Database, world: Outside
) -> None:
    wechat = world.wechat(database)
    keep(database, "no-such-media")
    fetch_due(database, wechat)
    assert row(database).status == WAITING
    old = now() - timedelta(days=3, hours=1)
    database.write(lambda s: s.execute(update(Attachment).values(received_at=old, next_at=now())) and None)
    fetch_due(database, wechat)
    assert row(database).status == LOST


def test_a_broken_line_is_tried_again(database: Database, world: Outside) -> None:
    world.platform.send_image(world.openid, photo())
    keep(database, media_id_of(world, "image"))
    world.platform.fail_next(1, "500", FETCH)
    wechat = world.wechat(database)
    fetch_due(database, wechat)
    assert row(database).status == WAITING
    assert fetch_due(database, wechat) == 0
    database.write(lambda s: s.execute(update(Attachment).values(next_at=now())) and None)
    fetch_due(database, wechat)
    assert row(database).status == FETCHED


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_kinds_of_pictures_become_jpeg(kind: str) -> None:
    content, media_type = checked("image", Media(photo(kind), "image/x"))
    assert media_type == "image/jpeg"
    assert content.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90\x00", b"<html>", photo()[:50], b"\xff\xd8\xff" + bytes(100), b"%PDF-1.7"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable):
        checked("image", Media(content, "image/jpeg"))


def test_a_picture_that_unpacks_to_gigabytes_is_refused() -> None:
    with pytest.raises(Unusable):
        checked("image", Media(photo("PNG", (8000, 8000)), "image/png"))


def test_what_is_no_voice_is_refused() -> None:
    with pytest.raises(Unusable):
        checked("voice", Media(b"MZ\x90\x00", "audio/amr"))


def test_a_file_past_the_limit_is_lost(database: Database, world: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.MOST_BYTES", 100)
    assert MOST_BYTES > 1_000_000
    world.platform.send_image(world.openid, photo(size=(400, 400)))
    keep(database, media_id_of(world, "image"))
    fetch_due(database, world.wechat(database))
    assert row(database).status == LOST
