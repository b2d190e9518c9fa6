"""Who did or looked at what, when, and why. Kept at least three years (个人信息保护法 第54、56条).

Every row carries a mark that only the service could have made; models/audit_chain.py puts the rows in an order that
nobody can change unseen.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, Encrypted, EncryptedBytes, UtcDateTime, now
from models.staff import Department, Staff

_NONCE = 8  # bytes; so that two rows that say the same have two marks
THE_KEY = 1  # the id of the one row of audit_keys
_KEPT = "audit_key"  # on the engine's dialect: one read of the key for each process


class AuditEntry(Base):
    """One act or one view. `detail` is encrypted; the other columns hold nothing personal of a resident."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at", "at"),
        Index("ix_audit_resident_id", "resident_id"),
        Index("ix_audit_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(64))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("audit.detail"))
    mark: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditKey(Base):
    """The one key of the marks and seals, and how far the rows are sealed.

    It never changes: it lies here encrypted, so that it comes along in a backup and goes from one encryption key to the
    next like everything else, and no row has to be marked anew. `proof` makes a shortened chain show.
    """

    __tablename__ = "audit_keys"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(EncryptedBytes("audit_keys.key"))
    position: Mapped[int] = mapped_column(BigId)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))
    proof: Mapped[bytes] = mapped_column(LargeBinary(32))

    @classmethod
    def of(cls, session: Session) -> bytes:
        """The key's 32 bytes; read once by each process."""
        dialect = session.get_bind().dialect
        key: bytes | None = getattr(dialect, _KEPT, None)
        if key is None:
            key = session.scalars(select(cls.key).where(cls.id == THE_KEY)).one()
            setattr(dialect, _KEPT, key)
        return key

    @classmethod
    def forget(cls, session: Session) -> None:
        """Read it again the next time: another database has come in this one's place."""
        setattr(session.get_bind().dialect, _KEPT, None)


def record(
    session: Session, actor: Staff | str, action: str, subject: str, /, *, resident_id: int | None = None, **detail: Any
) -> None:
    """Write one entry into the same transaction as the act itself. `subject` is such as `case:YJ20261124-0007`.

    A look at a resident's data names the person (`resident_id`) and the `reason`: the person is shown it, with the
    department as it is at the time, for people move on.
    """
    staff = actor if isinstance(actor, Staff) else None
    is_shown = resident_id is not None or subject.startswith("case:")
    if is_shown and staff is not None and staff.department_id is not None and "department" not in detail:
        detail["department"] = session.get_one(Department, staff.department_id).name
    said: dict[str, Any] = {
        "at": now(), "staff_id": staff.id if staff else None, "actor": staff.username if staff else str(actor),
        "action": action, "subject": subject, "resident_id": resident_id, "detail": detail or None,
    }  # fmt: skip
    session.add(AuditEntry(**said, mark=_marked(AuditKey.of(session), os.urandom(_NONCE), said)))


def is_genuine(key: bytes, said: Mapping[str, Any], mark: bytes) -> bool:
    """Whether the service wrote what the row says. `said` has the row's columns by name, `detail` in clear."""
    return hmac.compare_digest(_marked(key, mark[:_NONCE], said), mark)


def _marked(key: bytes, nonce: bytes, said: Mapping[str, Any]) -> bytes:
    """The nonce and 24 bytes of HMAC-SHA-256 over it and what the row says, in the clear: no key change touches it."""
    written = json.dumps(
        [
            said["at"].replace(tzinfo=None).isoformat(timespec="microseconds"), said["staff_id"], said["actor"], said["action"],
            said["subject"], said["resident_id"], said["detail"],
        ],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return nonce + hmac.digest(key, nonce + written.encode(), "sha256")[:24]
