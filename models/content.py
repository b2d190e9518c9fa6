"""What a payment says, as one keyed hash: a corrected row is told from the same one by it.

Keyed, for accounts and amounts can be guessed. The first two bytes name the index key, so that rows from before a change
of keys are still recognised, and `flask keys rotate` finds them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import date

from models.crypto import Keyring

TAG = 2  # bytes
_WHOLE = 16


def said(
    quantity: int | None, unit: str | None, standard_fen: int | None, amount_fen: int, stage: str, stage_date: date,
    paid_date: date | None, bank: str | None, account: str | None, fail_reason: str | None,
    remarks: Mapping[str, str] | None,
) -> str:  # fmt: skip
    """Everything that a correction may change, as one text; what is not there is the same whether empty or None."""
    ordered = dict(sorted(remarks.items())) if remarks and len(remarks) > 1 else remarks  # columns may come in any order
    paid = paid_date.toordinal() if paid_date else 0  # as number, for writing dates out takes long
    return (
        f"{quantity}|{unit or ''}|{standard_fen}|{amount_fen}|{stage}|{stage_date.toordinal()}|{paid}"
        f"|{bank or ''}|{account or ''}|{fail_reason or ''}|{ordered}"
    )


def hashed(keyring: Keyring, content: str, key: str | None = None) -> bytes:
    """16 bytes under the newest index key, or under another one."""
    return keyring.index_tag(key) + keyring.blind_index(content, "payment", key)[: _WHOLE - TAG]


def is_same(keyring: Keyring, stored: bytes, newest: bytes, content: Callable[[], str]) -> bool:
    """Whether a stored hash is of this content, under whichever index key. `newest`: its hash under the newest."""
    if stored == newest:
        return True
    older = (key for key in keyring.index if stored[:TAG] == keyring.index_tag(key) != newest[:TAG])
    return any(hmac.compare_digest(stored, hashed(keyring, content(), key)) for key in older)
