"""Photos and voices fetched from the platform, which keeps them for three days. Checked by content, never by name."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wechat import Media, WeChat
from knowledge.errors import PlatformFault, Unreachable
from models.attachment import LOST, Attachment
from models.base import now
from models.db import Database
from models.delivery import WAITING
from models.filing import say_lost

log = logging.getLogger("mingbaika.media")
MOST_BYTES = 10 * 1024 * 1024
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 2400  # enough to read a paper that was photographed
_KEPT = timedelta(days=3)
_BACK_OFF = timedelta(minutes=2)
_AUDIO = ((b"#!AMR", "audio/amr"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xf3", "audio/mpeg"),
          (b"\xff\xf2", "audio/mpeg"), (b"\xff\xfa", "audio/mpeg"), (b"OggS", "audio/ogg"))  # fmt: skip


class Unusable(Exception):
    """The content is not what a photo or a voice is."""


def fetch_due(database: Database, wechat: WeChat, limit: int = 10, stopped: Callable[[], bool] = lambda: False) -> int:
    """Fetch what waits; gives how many were claimed. What cannot be had in three days is marked lost."""
    waits = select(Attachment.id).where(Attachment.status == WAITING, Attachment.next_at <= now()).limit(1)
    with database.read() as session:
        if session.scalar(waits) is None:
            return 0
    due = database.write(lambda session: Attachment.claim(session, limit, _BACK_OFF))
    for attachment_id, kind, media_id in due:
        if stopped():
            break
        _fetch(database, wechat, attachment_id, kind, media_id)
    return len(due)


def _fetch(database: Database, wechat: WeChat, attachment_id: int, kind: str, media_id: str) -> None:
    settle: Callable[[Attachment], None]
    try:
        content, media_type = checked(kind, wechat.fetch_media(media_id, MOST_BYTES))
    except (Unusable, Unreachable) as fault:
        log.warning("an attachment is lost: %s", type(fault).__name__)
        settle = Attachment.lost
    except PlatformFault as fault:
        log.warning("an attachment was not fetched: code %s", fault.code)
        settle = _once_more
    else:
        settle = lambda row: row.fetched(content, media_type)  # noqa: E731
    database.write(partial(_settle, attachment_id=attachment_id, settle=settle))


def _settle(session: Session, attachment_id: int, settle: Callable[[Attachment], None]) -> None:
    row = session.get(Attachment, attachment_id, with_for_update=True)
    if row is None:  # its owner may have had everything deleted meanwhile
        return
    settle(row)
    if row.status == LOST and row.case_id is not None:
        say_lost(session, row.case_id, row.kind)


def _once_more(row: Attachment) -> None:
    if row.received_at < now() - _KEPT:
        row.lost()
    else:
        row.next_at = now() + _BACK_OFF * 2 ** min(row.attempts, 6)


def checked(kind: str, media: Media) -> tuple[bytes, str]:
    """The content as it is stored, and its type. Unusable if it is not of this kind."""
    if kind == "image":
        return _image(media.content), "image/jpeg"
    if media.content[:4] == b"RIFF" and media.content[8:12] == b"WAVE":
        return media.content, "audio/wav"
    for head, media_type in _AUDIO:
        if media.content.startswith(head):
            return media.content, media_type
    raise Unusable


def _image(content: bytes) -> bytes:
    # Written anew: nothing of the camera (place, hour, device) stays in it, and nothing that hides behind a picture.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP", "BMP")) as picture:
                _check_size(picture)
                # A big JPEG is read small, in a fraction of the memory.
                picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
                upright = _opaque(ImageOps.exif_transpose(picture))
                upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
                upright.info.clear()  # comments and the like are written again otherwise
                written = io.BytesIO()
                upright.save(written, "JPEG", quality=85)
                return written.getvalue()
    except Exception as error:  # what a broken or hostile file sets off in a decoder is not known beforehand
        raise Unusable from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > _MOST_PIXELS:
        raise Unusable


def _opaque(picture: Image.Image) -> Image.Image:
    # What a screenshot leaves open is white as on the phone, not black.
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
