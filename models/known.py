"""What somebody claims, compared with what the file knows of the person: the same work where there is nobody."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.orm import Session

from models.base import keyring_of
from models.crypto import Keyring
from models.resident import Resident


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """What somebody says who wants to be bound; None for what the county does not ask."""

    number: str
    name: str | None = None
    tail: str | None = None
    relation: str = "self"
    guardian: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What the file knows of the person with a number, or what stands in for it where there is nobody."""

    resident_id: int | None
    name: str
    account: str
    phone: str

    @classmethod
    def of(cls, session: Session, number: str) -> Known:
        """Read and decrypted, or stood in for."""
        keyring = keyring_of(session.get_bind().dialect)
        row = session.connection().execute(_ROW.where(Resident.id_index.in_(Resident.indexes(session, number)))).first()
        stored = (row.name, row.account, row.phone) if row else (None, None, None)
        told = (
            keyring.decrypt(value or instead, label)
            for value, label, instead in zip(stored, _LABELS, _stand_ins(keyring), strict=True)
        )
        return cls(row.id if row else None, *(value.decode() for value in told))

    @classmethod
    def nobody(cls) -> Known:
        """Somebody whom no claim fits, and who has no phone."""
        return cls(None, "", "", "")

    def fits(self, claim: Claim) -> bool:
        """Whether everything claimed is so."""
        fits = self.resident_id is not None
        if claim.name is not None:
            fits = _same(self.name.replace("·", ""), claim.name.replace("·", "")) and fits
        if claim.tail is not None:
            fits = _same(self.account[-4:], claim.tail) and fits
        return fits


_ROW = select(
    Resident.id,
    type_coerce(Resident.name, LargeBinary).label("name"),
    type_coerce(Resident.account, LargeBinary).label("account"),
    type_coerce(Resident.phone, LargeBinary).label("phone"),
)
_LABELS = (b"residents.name", b"residents.account", b"residents.phone")


def _stand_ins(keyring: Keyring) -> list[bytes]:
    # Decrypted where there is nobody, or no account or phone, so that this takes as long. No answer is equal to them.
    plain = (b"-" * 9, b"-" * 19, b"")
    return [keyring.encrypt(value, label) for value, label in zip(plain, _LABELS, strict=True)]


def _same(one: str, other: str) -> bool:
    # Over hashes: the comparison of two texts of different length would end early.
    return hmac.compare_digest(hashlib.sha256(one.encode()).digest(), hashlib.sha256(other.encode()).digest())
