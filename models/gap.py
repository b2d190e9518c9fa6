"""What was asked in vain, and answers that did not help: gathered into groups that somebody owns until they are answered.

Nothing here tells who asked: numbers are taken out before a question is kept, and the words are encrypted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from knowledge.identity import redact
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.staff import Department, Permission, Staff

UNANSWERED, UNHELPFUL = "unanswered", "unhelpful"
CHAT, HOTLINE = "chat", "hotline"
# Why a group is closed. The first two by the service itself, the others by hand.
ANSWERED, CHANGED, NOT_OURS, NO_QUESTION, TOLD = "answered", "changed", "not_ours", "no_question", "told"
BY_HAND = (NOT_OURS, NO_QUESTION, TOLD)
_MOST_WORDS = 300  # characters of a question that are kept
_MOST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be noted. `item` and `aspect` are those of the answer, where there was one; `said` is its digest."""

    question: str
    kind: str = UNANSWERED
    item: str | None = None
    aspect: str | None = None
    said: str = ""


class Gap(Base):
    """One question that was not answered, or whose answer did not help, in the words used."""

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_group_id", "group_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question: Mapped[str] = mapped_column(EncryptedText("gaps.question"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    source: Mapped[str] = mapped_column(String(16), default=CHAT)
    kind: Mapped[str] = mapped_column(String(12), default=UNANSWERED)
    item: Mapped[str | None] = mapped_column(String(32))
    aspect: Mapped[str | None] = mapped_column(String(16))
    said: Mapped[str] = mapped_column(String(16), default="")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("gap_groups.id"))

    @classmethod
    def note(cls, session: Session, asked: Asked, source: str = CHAT) -> None:
        """Keep a question, without the numbers that name a person. One without words is not kept."""
        words = redact(asked.question).strip()[:_MOST_WORDS]
        if words:
            session.add(
                cls(question=words, source=source, kind=asked.kind, item=asked.item, aspect=asked.aspect, said=asked.said)
            )

    @classmethod
    def loose(cls, session: Session, most: int) -> list[Gap]:
        """Questions that belong to no group yet, oldest first."""
        return list(session.scalars(select(cls).where(cls.group_id.is_(None)).order_by(cls.id).limit(most)))


class GapGroup(Base):
    """Questions that are alike. `question` stands for all of them; `asked` counts them; `department` owns it, if any does.

    `said` is the digest of the answer that did not help. A group counts as opened once and as closed at most once: what
    is reopened was opened anew.
    """

    __tablename__ = "gap_groups"
    __table_args__ = (
        Index("ix_gap_groups_open", "closed_at", "asked"),
        Index("ix_gap_groups_department_id", "department_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question: Mapped[str] = mapped_column(EncryptedText("gap_groups.question"))
    kind: Mapped[str] = mapped_column(String(12))
    item: Mapped[str | None] = mapped_column(String(32))
    aspect: Mapped[str | None] = mapped_column(String(16))
    said: Mapped[str] = mapped_column(String(16), default="")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    asked: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(EncryptedText("gap_groups.note"))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("article_versions.id"))
    department: Mapped[Department | None] = relationship()
    closed_by: Mapped[Staff | None] = relationship()

    # ---- seeing

    @classmethod
    def seen_by(cls, staff: Staff) -> Select[GapGroup]:
        """The groups that this person may see: those of the own department; all of them with the permission for it."""
        query = select(cls)
        if staff.may(Permission.ALL_GAPS):
            return query
        return query.where(cls.department_id == staff.department_id, cls.department_id.is_not(None))

    @classmethod
    def for_staff(cls, session: Session, staff: Staff, number: int, *, lock: bool = False) -> GapGroup:
        """One group, for somebody who may see it. NotThere otherwise."""
        query = cls.seen_by(staff).where(cls.id == number)
        found = session.scalar(query.with_for_update(of=cls) if lock else query)
        if found is None:
            raise NotThere("没有这一组问题，或者不归您的部门。")
        return found

    def questions(self, session: Session, most: int) -> list[Gap]:
        """The questions of the group, newest first."""
        return list(session.scalars(select(Gap).where(Gap.group_id == self.id).order_by(Gap.id.desc()).limit(most)))

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.closed_at is None

    # ---- what is done with one

    def take_in(self, asked_at: datetime) -> None:
        """One more question of the kind. What was held to be answered is open again: it was not answered just now."""
        self.asked += 1
        self.asked_at = max(self.asked_at, asked_at)
        if self.reason in (ANSWERED, CHANGED):
            self.reopen()

    def give(self, department: Department | None) -> None:
        """Another owner; None gives it back to the coordinator."""
        self.department = department

    def close(self, reason: str, staff: Staff | None = None, note: str = "") -> None:
        """No more work on it. Refused when it is closed already, or the reason is none of ours."""
        if not self.is_open:
            raise Refused("这一组已经办结了。")
        if reason not in (BY_HAND if staff else (ANSWERED, CHANGED)):
            raise Refused("请选一个办结的理由。")
        self.closed_at, self.reason, self.closed_by = now(), reason, staff
        self.note = note.strip()[:_MOST_NOTE] or None

    def reopen(self) -> None:
        """It waits for an answer again, as one opened now."""
        self.opened_at, self.closed_at, self.reason, self.note, self.closed_by = now(), None, None, None, None


def count_open(session: Session, staff: Staff) -> int:
    """How many open groups this person may see."""
    query = GapGroup.seen_by(staff).where(GapGroup.closed_at.is_(None))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def weeks(session: Session, staff: Staff, since: datetime) -> list[tuple[datetime, datetime | None]]:
    """When the groups that this person may see were opened and closed, of all that were either since then."""
    query = GapGroup.seen_by(staff).with_only_columns(GapGroup.opened_at, GapGroup.closed_at)
    return [(opened, closed) for opened, closed in session.execute(
        query.where(or_(GapGroup.opened_at >= since, GapGroup.closed_at >= since))
    )]  # fmt: skip


def join(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Questions belong to groups from now on: the number of each with that of its group."""
    if pairs:
        session.flush()
        statement = update(Gap).where(Gap.id == bindparam("gap")).values(group_id=bindparam("group"))
        session.connection().execute(statement, [{"gap": gap, "group": group} for gap, group in pairs])
