"""Messages as the platform would send them, sealed in advance; and replies opened again to see what they say."""

from __future__ import annotations

import itertools
import re
import secrets
import time
import tomllib
from pathlib import Path

from bot.simulator.envelope import Envelope

_numbers = itertools.count(int(time.time()) * 1_000_000)
_CDATA = re.compile(r"<(\w+)><!\[CDATA\[(.*?)\]\]></\1>", re.DOTALL)


class Account:
    """The official account of one configuration file."""

    def __init__(self, config: Path) -> None:
        wechat = tomllib.loads(config.read_text(encoding="utf-8"))["wechat"]
        self._envelope = Envelope(wechat["token"], wechat["encoding_aes_key"], wechat["app_id"])

    def request(self, openid: str, text: str) -> bytes:
        """A whole HTTP request with a text message in safe mode: a MsgId of its own, and signed for this moment."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        sealed = self._envelope.seal(
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{next(_numbers)}</MsgId></xml>".encode()
        )
        body = f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        query = (
            f"signature={self._envelope.sign(timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}&openid={openid}"
            f"&encrypt_type=aes&msg_signature={self._envelope.sign(timestamp, nonce, sealed)}"
        )
        head = (
            f"POST /wechat?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()

    def words(self, reply: bytes) -> str:
        """The text of a sealed reply, its signature checked."""
        outer = reply.decode()
        fields = dict(_CDATA.findall(outer))
        timestamp = re.search(r"<TimeStamp>(?:<!\[CDATA\[)?(\d+)", outer)
        assert timestamp, "a sealed reply has a time"
        self._envelope.check(fields["MsgSignature"], timestamp[1], fields["Nonce"], fields["Encrypt"])
        inner = self._envelope.open(fields["Encrypt"]).decode()
        return str(dict(_CDATA.findall(inner))["Content"])
