"""Who did or looked at what, when, and why. Kept at least three years (个人信息保护法 第54、56条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, Encrypted, UtcDateTime, now
from models.staff import Department, Staff


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
    session.add(
        AuditEntry(
            staff_id=staff.id if staff else None,
            actor=staff.username if staff else str(actor),
            action=action,
            subject=subject,
            resident_id=resident_id,
            detail=detail or None,
        )
    )
