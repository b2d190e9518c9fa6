"""A reply of the service, read and judged as the platform would.

Source: "被动回复用户消息" of the official account documentation. Anything that is neither a valid reply nor one of
the two ways to say nothing (an empty body, `success`) shows the resident a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.simulator import chat
from bot.simulator.chat import Shown
from bot.simulator.envelope import Envelope
from bot.simulator.wire import read, text_of

MODES = ("plain", "compat", "safe")
MAX_TEXT_BYTES = 2047


class BadReply(ValueError):
    """The platform cannot use this reply; the text says why, in Chinese, for the line panel."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the replies to one message: who asked, which account, under which mode and key."""

    openid: str
    account: str
    mode: str
    envelope: Envelope
    knows_media: Callable[[str], bool]
    news_limit: int = 1

    def read(self, status: int, body: bytes) -> Shown | None:
        """What the resident sees; None when the reply says nothing. BadReply, BadXml or BadEnvelope otherwise."""
        if status != 200:
            raise BadReply(f"服务器回了 HTTP {status}。")
        if body in (b"", b"success"):
            return None
        root = read(body)
        sealed = text_of(root, "Encrypt")
        if sealed:
            root = self._opened(root, sealed)
        elif self.mode == "safe":
            raise BadReply("安全模式下，回复没有加密。")
        self._check_address(root)
        return self._shown(root)

    def _opened(self, root: Element, sealed: str) -> Element:
        if self.mode == "plain":
            raise BadReply("明文模式下，回复却加了密。")
        given, timestamp, nonce = (text_of(root, name) for name in ("MsgSignature", "TimeStamp", "Nonce"))
        self.envelope.check(given, timestamp, nonce, sealed)
        return read(self.envelope.open(sealed))

    def _check_address(self, root: Element) -> None:
        if text_of(root, "ToUserName") != self.openid or text_of(root, "FromUserName") != self.account:
            raise BadReply("回复的收信人或发信人不对。")
        if not text_of(root, "CreateTime").strip().isdecimal():
            raise BadReply("回复的 CreateTime 不是整数。")

    def _shown(self, root: Element) -> Shown | None:
        kind = text_of(root, "MsgType")
        if kind == "text":
            return self._text(text_of(root, "Content"))
        if kind == "news":
            return self._news(root)
        if kind in ("image", "voice", "video"):
            return self._media(root, kind)
        if kind == "music":
            return Shown("music", _texts(root, "Music", ("Title", "Description", "MusicUrl")))
        if kind == "transfer_customer_service":
            return None
        raise BadReply(f"不认识的回复类型：{kind[:20] or '空'}。")

    def _text(self, words: str) -> Shown:
        size = len(words.encode())
        if not size:
            raise BadReply("文本回复的 Content 是空的。")
        if size > MAX_TEXT_BYTES:
            raise BadReply(f"文本回复有 {size} 字节，超过 {MAX_TEXT_BYTES}。")
        return chat.text(words)

    def _media(self, root: Element, kind: str) -> Shown:
        media_id = text_of(root, f"{kind.capitalize()}/MediaId")
        if not self.knows_media(media_id):
            raise BadReply("回复里的 MediaId 不存在，或已过期。")
        return Shown(kind, {"media_id": media_id, **_texts(root, kind.capitalize(), ("Title", "Description"))})

    def _news(self, root: Element) -> Shown:
        articles = [_texts(item, ".", ("Title", "Description", "PicUrl", "Url")) for item in root.iter("item")]
        if not articles or text_of(root, "ArticleCount").strip() != str(len(articles)):
            raise BadReply("图文回复的 ArticleCount 与条数不符。")
        return Shown("news", {"articles": articles[: self.news_limit]})


def _texts(root: Element, path: str, names: tuple[str, ...]) -> dict[str, str]:
    prefix = "" if path == "." else f"{path}/"
    return {name.lower(): text_of(root, prefix + name) for name in names}
