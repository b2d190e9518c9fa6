"""Temporary media: kept three days, found by id.

Source: "新增临时素材" and "获取临时素材" (sizes, formats, three days; a video comes back as an address).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.simulator.errors import ApiRefusal

LIFETIME = 3 * 24 * 3600
KEPT = 500
_MB = 1024 * 1024

# kind: (largest size in bytes, code when larger, beginnings of the formats that are taken)
_RULES: dict[str, tuple[int, int, tuple[bytes, ...]]] = {
    "image": (10 * _MB, 40009, (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")),
    "voice": (2 * _MB, 40010, (b"#!AMR", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "video": (10 * _MB, 40011, (b"ftyp",)),
    "thumb": (64 * 1024, 40012, (b"\xff\xd8\xff",)),
}
_TYPES = {
    b"\x89PNG": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF8": ("image/gif", "gif"),
    b"#!AM": ("audio/amr", "amr"),
}

# One second of AMR-NB without sound (50 frames of the type "no data"): what a voice looks like when it is fetched.
_AMR_HEAD, _AMR_SECOND = b"#!AMR\n", b"\x7c" * 50
# The shortest thing that calls itself an MP4.
SAMPLE_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"


@dataclass(frozen=True, slots=True)
class Media:
    """One file on the platform; `created` in epoch seconds."""

    media_id: str
    kind: str
    content: bytes
    content_type: str
    filename: str
    created: float


@dataclass(slots=True)
class MediaStore:
    """The files of one account."""

    _files: dict[str, Media] = field(default_factory=dict)

    def keep(self, kind: str, content: bytes, now: float) -> Media:
        """Store a file that is known to be good, and forget those that have run out."""
        media_id = secrets.token_urlsafe(48)
        content_type, ending = _type_of(kind, content)
        media = Media(media_id, kind, content, content_type, f"{media_id[:16]}.{ending}", now)
        self._files[media_id] = media
        for old in [each for each in self._files.values() if now - each.created >= LIFETIME]:
            del self._files[old.media_id]
        while len(self._files) > KEPT:
            del self._files[next(iter(self._files))]
        return media

    def upload(self, kind: str, content: bytes | None, now: float) -> Media:
        """Store what the service uploads, by the rules for its kind."""
        if kind not in _RULES:
            raise ApiRefusal(40004)
        if content is None:
            raise ApiRefusal(41005)
        if not content:
            raise ApiRefusal(44001)
        largest, code, beginnings = _RULES[kind]
        if len(content) > largest:
            raise ApiRefusal(code)
        start = content[4:] if kind == "video" else content
        if not start.startswith(beginnings):
            raise ApiRefusal(40005)
        return self.keep(kind, content, now)

    def find(self, media_id: str, now: float) -> Media:
        """The file; 40007 when there is none, or no longer."""
        media = self._files.get(media_id)
        if media is None or now - media.created >= LIFETIME:
            raise ApiRefusal(40007)
        return media

    def knows(self, media_id: str, now: float) -> bool:
        """Whether the file is still there."""
        media = self._files.get(media_id)
        return media is not None and now - media.created < LIFETIME


def sample_voice(seconds: int) -> bytes:
    """A silent AMR file of that length (at most 60 seconds, as on the phone)."""
    return _AMR_HEAD + _AMR_SECOND * max(1, min(seconds, 60))


def _type_of(kind: str, content: bytes) -> tuple[str, str]:
    for beginning, found in _TYPES.items():
        if content.startswith(beginning):
            return found
    return {"voice": ("audio/mp3", "mp3"), "video": ("video/mp4", "mp4")}.get(kind, ("image/jpeg", "jpg"))
