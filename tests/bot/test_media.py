"""Photos and voices: fetched in time, checked by content, stripped of what the camera wrote."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import delete, select, update

from bot.media import MOST_BYTES, Unusable, checked, fetch_due
from bot.wechat import Line, Media, WeChat
from knowledge.deadlines import Clocks
from models.attachment import FETCHED, LOST, Attachment
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import WAITING, Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.staff import Department
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


# ---- hostile files ----


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP"]), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=30))
def test_a_damaged_picture_is_either_shown_or_refused_and_breaks_nothing(kind: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(photo(kind))
    for place, value in changes:
        content[place % len(content)] = value
    try:
        written, media_type = checked("image", Media(bytes(content), "image/x"))
    except Unusable:
        return
    assert media_type == "image/jpeg"
    assert Image.open(io.BytesIO(written)).format == "JPEG"


def test_where_a_photo_was_taken_does_not_stay_in_it() -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (43.0, 40.0, 12.0), 3: "E", 4: (126.0, 29.0, 51.0)}  # GPS
    exif[0x9286] = "关玉梅家门口"
    Image.new("RGB", (60, 40), "red").save(written, "JPEG", exif=exif, comment=b"secret comment")
    content, _ = checked("image", Media(written.getvalue(), "image/jpeg"))
    picture = Image.open(io.BytesIO(content))
    assert dict(picture.getexif()) == {}
    assert "comment" not in picture.info
    assert b"secret comment" not in content


def test_what_hides_behind_a_picture_is_cut_off() -> None:
    content, _ = checked("image", Media(photo() + b"PK\x03\x04<script>alert(1)</script>", "image/jpeg"))
    assert b"script" not in content


def test_a_picture_with_a_page_in_its_notes_is_written_without_it() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes, written = PngInfo(), io.BytesIO()
    notes.add_text("Comment", "<script>alert(1)</script>")
    Image.new("RGB", (20, 20)).save(written, "PNG", pnginfo=notes)
    assert b"script" not in checked("image", Media(written.getvalue(), "image/png"))[0]


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PDF", "PPM"])
def test_kinds_that_no_phone_sends_are_refused(kind: str) -> None:
    written = io.BytesIO()
    Image.new("RGB", (32, 32)).save(written, kind)
    with pytest.raises(Unusable):
        checked("image", Media(written.getvalue(), "image/jpeg"))


# ---- what is lost is said ----


def lost_one(database: Database, *media_ids: str) -> None:
    """A case whose photos the platform does not have."""

    def work(session) -> None:
        Department.seed(session)
        follower = Follower.met(session, "oGuan")
        case, _ = Case.file(session, prepared(session, Draft(text="低保没发", source="chat"), Clocks()), follower=follower)
        for media_id in media_ids:
            Attachment.keep(session, follower.id, "image", media_id, case_id=case.id)
        session.execute(update(Attachment).values(received_at=now() - timedelta(days=4)))

    database.write(work)


def test_the_resident_is_told_once_that_photos_were_lost(database: Database, world: Outside) -> None:
    lost_one(database, "gone-1", "gone-2")
    fetch_due(database, world.wechat(database))
    with database.read() as session:
        told = [row.text for row in session.scalars(select(Delivery))]
    assert len(told) == 1
    assert "照片没收到" in told[0]
    assert "再发" in told[0]


def test_a_photo_lost_after_its_owner_has_left_is_only_marked(database: Database, world: Outside) -> None:
    lost_one(database, "gone-1")
    database.write(lambda s: Follower.met(s, "oGuan").forget(s))
    fetch_due(database, world.wechat(database))
    with database.read() as session:
        assert session.scalars(select(Attachment.status)).one() == LOST
        assert session.scalars(select(Delivery)).all() == []
