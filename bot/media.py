"""Photos and voices fetched from the platform, which keeps them for three days. Checked by content, never by name."""

from __future__ import annotations

import io
import logging
import warnings
from datetime import timedelta

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from bot.wechat import Media, WeChat
from knowledge.errors import PlatformFault, Unreachable
from models.base import now
from models.case import Attachment
from models.db import Database

log = logging.getLogger("mingbaika.media")
MOST_BYTES = 10 * 1024 * 1024
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 2400  # enough to read a paper that was photographed
_KEPT = timedelta(days=3)
_BACK_OFF = timedelta(minutes=2)
_AUDIO = ((b"#!AMR", "audio/amr"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xf3", "audio/mpeg"),
          (b"OggS", "audio/ogg"), (b"RIFF", "audio/wav"))  # fmt: skip


class Unusable(Exception):
    """The content is not what a photo or a voice is."""


def fetch_due(database: Database, wechat: WeChat, limit: int = 10) -> int:
    """Fetch what waits; gives how many were looked at. What cannot be had in three days is marked lost."""
    due = database.write(lambda session: Attachment.claim(session, limit, _BACK_OFF))
    for attachment_id, kind, media_id in due:
        _fetch(database, wechat, attachment_id, kind, media_id)
    return len(due)


def _fetch(database: Database, wechat: WeChat, attachment_id: int, kind: str, media_id: str) -> None:
    try:
        content, media_type = checked(kind, wechat.fetch_media(media_id, MOST_BYTES))
    except (Unusable, Unreachable) as fault:
        log.warning("an attachment is lost: %s", type(fault).__name__)
        database.write(lambda session: session.get_one(Attachment, attachment_id).lost())
    except PlatformFault as fault:
        log.warning("an attachment was not fetched: code %s", fault.code)
        database.write(lambda session: _once_more(session, attachment_id))
    else:
        database.write(lambda session: session.get_one(Attachment, attachment_id).fetched(content, media_type))


def _once_more(session: Session, attachment_id: int) -> None:
    row = session.get_one(Attachment, attachment_id)
    if row.received_at < now() - _KEPT:
        row.lost()
    else:
        row.next_at = now() + _BACK_OFF * 2 ** min(row.attempts, 6)


def checked(kind: str, media: Media) -> tuple[bytes, str]:
    """The content as it is stored, and its type. Unusable if it is not of this kind."""
    if kind == "image":
        return _image(media.content), "image/jpeg"
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
                if picture.width * picture.height > _MOST_PIXELS:
                    raise Unusable
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
                written = io.BytesIO()
                upright.save(written, "JPEG", quality=85)
                return written.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable from error
