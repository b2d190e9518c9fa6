"""What the checks across batches found, for the supervisor to look at and to clear with a reason.

A finding has a stable `key`: checking again never doubles it. One that was cleared stays so until the facts that it rests
on (kept in its evidence) change. What a check no longer finds goes by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.errors import NotThere, Refused
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.staff import Permission, Staff

OPEN, CLEARED, VANISHED = "open", "cleared", "vanished"
VERDICTS = ("正常", "已追回", "已更正", "转办")
HIGH, MIDDLE, LOW = 1, 2, 3
_LONGEST_REASON = 500


class Finding(Base):
    """One suspicion with its evidence. `severity`: 1 first. `town` and `item` are for the filters."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_status", "status", "severity", "id"), Index("ix_findings_kind", "kind", "status"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    severity: Mapped[int] = mapped_column(SmallInteger)
    town: Mapped[str | None] = mapped_column(String(32))
    item: Mapped[str | None] = mapped_column(String(32))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    evidence: Mapped[dict[str, Any]] = mapped_column(Encrypted("findings.evidence"))
    status: Mapped[str] = mapped_column(String(12), default=OPEN)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    verdict: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(EncryptedText("findings.reason"))
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_by: Mapped[str | None] = mapped_column(String(64))

    def clear(self, by: Staff, verdict: str, reason: str) -> None:
        """It was looked at: what it came to, and why."""
        if self.status != OPEN:
            raise Refused("这一条已经处理过了。")
        if verdict not in VERDICTS:
            raise Refused("请选处理结果。")
        if len(reason) < 2:
            raise Refused("请写一句怎么核实的、为什么这样处理。")
        if len(reason) > _LONGEST_REASON:
            raise Refused(f"写得太长了，最多{_LONGEST_REASON}个字。")
        self.status, self.verdict, self.reason = CLEARED, verdict, reason
        self.cleared_at, self.cleared_by = now(), by.username


class FindingPerson(Base):
    """A person that a finding is about."""

    __tablename__ = "finding_persons"

    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True, index=True)


class CheckedBatch(Base):
    """That a batch was checked, and how it stood then: a batch that is withdrawn later is checked again."""

    __tablename__ = "checked_batches"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def findings_for(staff: Staff) -> Select[Finding]:
    """The findings for those who oversee; NotThere for everybody else."""
    if not staff.may(Permission.FINDINGS):
        raise NotThere
    return select(Finding)


def finding_for(session: Session, staff: Staff, finding_id: int, *, lock: bool = False) -> Finding:
    """One finding, or NotThere."""
    query = findings_for(staff).where(Finding.id == finding_id)
    found = session.scalar(query.with_for_update(of=Finding) if lock else query)
    if found is None:
        raise NotThere("没有这条线索。")
    return found
