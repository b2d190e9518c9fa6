"""Photos and voices: fetched in time, checked by content, stripped of what the camera wrote."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from bot.media import MOST_BYTES, Unusable, checked, fetch_due
from bot.wechat import Line, Media, WeChat
from models.base import now
from models.case import FETCHED, LOST, Attachment
from models.db import Database
from models.delivery import WAITING
from models.follower import Follower
from tests.bot.outside import OneToken, Outside, a_proxys_page, outside

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


@pytest.mark.parametrize(("status", "kind"), [(502, "text/html"), (403, "text/html"), (200, "text/html")])
def test_a_proxys_page_does_not_lose_a_photo(sqlite_database: Database, status: int, kind: str) -> None:
    keep(sqlite_database, "m1")
    with a_proxys_page(status, kind, b"<html>") as url:
        fetch_due(sqlite_database, WeChat(Line(url), OneToken()))
    assert row(sqlite_database).status == WAITING


def test_a_photo_whose_owner_leaves_while_it_is_fetched_holds_up_no_other(database: Database, world: Outside) -> None:
    for _ in range(2):
        world.platform.send_voice(world.openid)
        keep(database, media_id_of(world, "voice"), "voice")
    wechat = world.wechat(database)
    fetch = wechat.fetch_media

    def fetch_and_forget(media_id: str, most: int) -> Media:
        database.write(lambda s: s.execute(delete(Attachment).where(Attachment.id == 1)) and None)
        return fetch(media_id, most)

    wechat.fetch_media = fetch_and_forget  # type: ignore[method-assign]
    assert fetch_due(database, wechat) == 2
    assert (row(database).id, row(database).status) == (2, FETCHED)


def test_two_workers_fetch_each_photo_once(database: Database, world: Outside) -> None:
    for _ in range(6):
        world.platform.send_voice(world.openid)
        keep(database, media_id_of(world, "voice"), "voice")
    wechat = world.wechat(database)
    threads = [threading.Thread(target=fetch_due, args=(database, wechat, 4)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.platform.count(FETCH) == 6


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


def test_a_photo_taken_sideways_stands_upright() -> None:
    picture, written = Image.new("RGB", (60, 40), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    picture.save(written, "JPEG", exif=exif)
    content, _ = checked("image", Media(written.getvalue(), "image/jpeg"))
    assert Image.open(io.BytesIO(content)).size == (40, 60)


def test_what_a_screenshot_leaves_open_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(written, "PNG")
    content, _ = checked("image", Media(written.getvalue(), "image/png"))
    assert min(Image.open(io.BytesIO(content)).getpixel((20, 20))) > 250


def test_a_large_photo_keeps_the_size_that_a_paper_is_read_at() -> None:
    content, _ = checked("image", Media(photo(size=(5000, 3000)), "image/jpeg"))
    assert Image.open(io.BytesIO(content)).size == (2400, 1440)


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90\x00", b"<html>", photo()[:50], b"\xff\xd8\xff" + bytes(100), b"%PDF-1.7"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable):
        checked("image", Media(content, "image/jpeg"))


def test_a_picture_that_unpacks_to_gigabytes_is_refused() -> None:
    written = io.BytesIO()
    Image.new("1", (40_000, 4_000)).save(written, "PNG")
    assert written.tell() < 100_000
    with pytest.raises(Unusable):
        checked("image", Media(written.getvalue(), "image/png"))


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"RIFF\x00\x00\x00\x00AVI ", b"\xff\xd8\xff\xe0", b"<html>"])
def test_what_is_no_voice_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable):
        checked("voice", Media(content, "audio/amr"))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"#!AMR\n\x7c", "audio/amr"), (b"#!AMR-WB\n", "audio/amr"), (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"), (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"), (b"OggS\x00", "audio/ogg"),
    ],
)  # fmt: skip
def test_a_voice_is_known_by_its_content_whatever_it_is_called(content: bytes, media_type: str) -> None:
    assert checked("voice", Media(content, "application/octet-stream")) == (content, media_type)


def test_a_file_past_the_limit_is_lost(
    sqlite_database: Database, world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.media.MOST_BYTES", 100)
    assert MOST_BYTES > 1_000_000
    world.platform.send_image(world.openid, photo(size=(400, 400)))
    keep(sqlite_database, media_id_of(world, "image"))
    fetch_due(sqlite_database, world.wechat(sqlite_database))
    assert row(sqlite_database).status == LOST
