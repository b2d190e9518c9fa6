"""Personal data at rest: AES-GCM for what must be read again, keyed hashes for what must be found again."""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
LONGEST_KEY_ID = 16  # characters, as the configuration allows


@dataclass(frozen=True)
class Keyring:
    """The keys of one installation, newest first; the first of each kind writes, all of them read.

    `encryption` and `index` map a short key id to 32 random bytes.
    """

    encryption: Mapping[str, bytes]
    index: Mapping[str, bytes]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {k.encode(): AESGCM(v) for k, v in self.encryption.items()})
        object.__setattr__(self, "_tags", {k: hmac.digest(v, b"tag", "sha256")[:2] for k, v in self.index.items()})

    @property
    def newest_encryption(self) -> str:
        return next(iter(self.encryption))

    @property
    def newest_index(self) -> str:
        return next(iter(self.index))

    def encrypt(self, plain: bytes, label: bytes) -> bytes:
        """Key id, nonce and ciphertext; `label` (the column) is authenticated, so a value cannot be moved."""
        key_id = self.newest_encryption.encode()
        nonce = os.urandom(_NONCE)
        sealed: bytes = self._ciphers[key_id].encrypt(nonce, plain, label)  # type: ignore[attr-defined]
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def sealer(self, label: bytes) -> Callable[[bytes], bytes]:
        """The same as `encrypt`, for very many values of one column."""
        key_id = self.newest_encryption.encode()
        head, random = bytes([len(key_id)]) + key_id, os.urandom
        encrypt: Callable[[bytes, bytes, bytes], bytes] = self._ciphers[key_id].encrypt  # type: ignore[attr-defined]

        def seal(plain: bytes) -> bytes:
            nonce = random(_NONCE)
            return head + nonce + encrypt(nonce, plain, label)

        return seal

    def decrypt(self, stored: bytes, label: bytes) -> bytes:
        """The plain bytes. KeyError for a key that is gone, InvalidTag for a value that was changed or moved."""
        end = 1 + stored[0]
        cipher = self._ciphers[stored[1:end]]  # type: ignore[attr-defined]
        plain: bytes = cipher.decrypt(stored[end : end + _NONCE], stored[end + _NONCE :], label)
        return plain

    def blind_index(self, value: str, purpose: str, key_id: str | None = None) -> bytes:
        """HMAC-SHA-256 of a value, to find it without being able to read it. `purpose` keeps columns apart."""
        key = self.index[key_id or self.newest_index]
        return hmac.digest(key, f"{purpose}\0{value}".encode(), "sha256")

    def index_tag(self, key_id: str | None = None) -> bytes:
        """Two bytes that tell which index key made a hash; they say nothing about the key."""
        return self._tags[key_id or self.newest_index]  # type: ignore[attr-defined,no-any-return]


def keys_of(written: Iterable[str]) -> dict[str, bytes]:
    """Keys as the configuration writes them, `id:base64`, newest first."""
    return {name: base64.b64decode(encoded) for name, _, encoded in (key.partition(":") for key in written)}
