"""A reply within the platform's limits: capped, split at a sentence, choices as tap links that also work typed.

Limits: 2,047 bytes of text (https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html);
tap links: weixin://bizmsgmenu (https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LIMIT = 1900  # bytes in all, well below the platform's 2,047
_MOST_LINKS = 1150  # bytes; the text keeps the rest
MORE = "更多"
# What XML 1.0 cannot carry, and the marks that turn text around or hide it.
_UNFIT = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SENTENCE_END = re.compile(r"[。!?;!?\n]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is sent now, the choices as they are numbered in it, and what 更多 brings."""

    text: str
    rest: str
    choices: tuple[str, ...] = ()


def fit(text: str, choices: Sequence[str] = (), rest: str = "") -> Fitted:
    """Cut a reply to the limit. `rest` is what the handler held back; it comes after what did not fit."""
    text = clean(text)
    links = _links(tuple(choices))
    if size(text) + size(links) <= LIMIT and not rest:
        return Fitted(text + links, "", tuple(choices))
    choices = (MORE, *choices)
    links = _links(choices)
    shown, cut = split(text, LIMIT - size(links))
    return Fitted(shown + links, "\n".join(part for part in (cut, clean(rest)) if part), choices)


def split(text: str, limit: int) -> tuple[str, str]:
    """The longest beginning of at most `limit` bytes, ended at a sentence where one ends in its second half."""
    if size(text) <= limit:
        return text, ""
    head = text.encode()[:limit].decode(errors="ignore")
    ends = [found.end() for found in _SENTENCE_END.finditer(head) if found.end() > len(head) // 2]
    cut = ends[-1] if ends else len(head)
    return text[:cut].rstrip(), text[cut:].lstrip()


def clean(text: str) -> str:
    """Without control characters and marks of direction."""
    return _UNFIT.sub("", text)


def size(text: str) -> int:
    """Bytes as the platform counts them."""
    return len(text.encode())


@lru_cache(maxsize=2048)
def _links(choices: tuple[str, ...]) -> str:
    if not choices:
        return ""
    lines, room = [], _MOST_LINKS
    for number, label in enumerate(choices, 1):
        word = re.sub(r'[&<>"\n]', "", clean(label))
        link = f'{number}. <a href="weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={number}">{word}</a>'
        line = link if size(link) < room else f"{number}. {word}"
        room -= size(line) + 1
        lines.append(line)
    return "\n\n" + "\n".join(lines)
