"""The platform's signatures and its AES envelope, written from the platform's description alone.

Source: "消息加解密说明" of the official account documentation. Deliberately without wechatpy, so that the service's
use of wechatpy is checked by an independent hand.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK_BITS = 32 * 8
_RANDOM, _LENGTH = 16, 4


class BadEnvelope(ValueError):
    """What came back cannot be opened: forged, damaged, or sealed with another key or for another account."""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as hexadecimal: (token, timestamp, nonce) or with the sealed text as well."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Seals and opens messages of one account under one EncodingAESKey (43 characters)."""

    token: str
    encoding_aes_key: str
    app_id: str

    @property
    def _key(self) -> bytes:
        try:
            key = base64.b64decode(self.encoding_aes_key + "=", validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise ValueError("EncodingAESKey 应当是43位字母和数字。")
        return key

    def _cipher(self) -> Cipher[modes.CBC]:
        key = self._key
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def seal(self, message: bytes) -> str:
        """The sealed text, in base64, of a message in UTF-8."""
        head = secrets.token_bytes(_RANDOM) + len(message).to_bytes(_LENGTH, "big")
        padder = PKCS7(_BLOCK_BITS).padder()
        padded = padder.update(head + message + self.app_id.encode()) + padder.finalize()
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> bytes:
        """The message inside; BadEnvelope if it is damaged or meant for another account."""
        try:
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
            unpadder = PKCS7(_BLOCK_BITS).unpadder()
            plain = unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise BadEnvelope("打不开：密钥不对，或内容损坏。") from None
        length = int.from_bytes(plain[_RANDOM : _RANDOM + _LENGTH], "big")
        message, app_id = plain[_RANDOM + _LENGTH :][:length], plain[_RANDOM + _LENGTH :][length:]
        if len(message) != length or app_id != self.app_id.encode():
            raise BadEnvelope("打开了，但末尾的 AppID 不是这个公众号。")
        return message

    def sign(self, timestamp: str, nonce: str, sealed: str = "") -> str:
        """`signature` without a sealed text, `msg_signature` with one."""
        parts = (self.token, timestamp, nonce, sealed) if sealed else (self.token, timestamp, nonce)
        return signature(*parts)

    def check(self, given: str, timestamp: str, nonce: str, sealed: str) -> None:
        """BadEnvelope unless `given` is the signature of the sealed text."""
        if not hmac.compare_digest(given.encode(), self.sign(timestamp, nonce, sealed).encode()):
            raise BadEnvelope("回复的签名 MsgSignature 不对。")
