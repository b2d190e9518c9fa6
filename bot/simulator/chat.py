"""What stands on the phone's screen, and the tap links inside a text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"

_ANCHOR = re.compile(r"<a\s[^>]*?href\s*=\s*([\"'])(.*?)\1[^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_BARE_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*[A-Za-z0-9/#=&_%-]")


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing on the screen. `kind`: text, image, voice, video, music, news, location, link, card, notice, event."""

    kind: str
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The raw text of a text or a notice, else ''."""
        return str(self.content.get("text", ""))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a resident's chat. `side`: me (the resident), account (the official account), middle (WeChat)."""

    number: int
    openid: str
    side: str
    at: float
    shown: Shown
    exchange: int | None = None


def text(words: str) -> Shown:
    """A text with its links found, as the phone shows it."""
    return Shown("text", {"text": words, "segments": list(segments(words))})


def segments(words: str) -> Iterator[dict[str, str]]:
    """Pieces of a text: {"text"}, {"text", "tap", "says"} for a tap link, {"text", "url"} for a web link."""
    position = 0
    for anchor in _ANCHOR.finditer(words):
        yield from _plain(words[position : anchor.start()])
        yield _link(html.unescape(anchor[2]), anchor[3])
        position = anchor.end()
    yield from _plain(words[position:])


def taps(words: str) -> dict[str, str]:
    """The tap links of a text: msgmenuid → what the tap says."""
    return {piece["tap"]: piece["says"] for piece in segments(words) if "tap" in piece}


def _link(target: str, label: str) -> dict[str, str]:
    parts = urlsplit(target)
    if parts.scheme == "weixin" and parts.netloc == "bizmsgmenu":
        values = parse_qs(parts.query)
        says = values.get("msgmenucontent", [""])[0]
        return {"text": label, "tap": values.get("msgmenuid", [""])[0], "says": says}
    if parts.scheme in ("http", "https"):
        return {"text": label, "url": target}
    return {"text": label}


def _plain(words: str) -> Iterator[dict[str, str]]:
    position = 0
    for url in _BARE_URL.finditer(words):
        if url.start() > position:
            yield {"text": words[position : url.start()]}
        yield {"text": url[0], "url": url[0]}
        position = url.end()
    if position < len(words):
        yield {"text": words[position:]}
