"""What was asked in vain, and answers that did not help: gathered into groups that somebody owns until they are answered.

Nobody is shown who asked: numbers are taken out before a question is kept, and the words are encrypted. The WeChat user
stands beside them only so that they go when that person leaves (models/gap_words.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from knowledge.identity import redact
from models.answer_day import AnswerDay
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.follower import Follower
from models.staff import Department, Permission, Staff

UNANSWERED, UNHELPFUL, HELPFUL = "unanswered", "unhelpful", "helpful"
CHAT, HOTLINE = "chat", "hotline"
# Why a group is closed. The first two by the service itself, the others by hand.
ANSWERED, CHANGED, NOT_OURS, NO_QUESTION, TOLD = "answered", "changed", "not_ours", "no_question", "told"
WORDLESS = "wordless"  # the words had to go, and nobody has asked it since
BY_HAND = (NOT_OURS, NO_QUESTION, TOLD)
_MOST_WORDS = 300  # characters of a question that are kept
_MOST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be noted. `item` and `aspect` are those of the answer, where there was one; `said` is its digest.

    Of an answer that helped only that is counted. `asker` is the WeChat user, where it was asked in chat.
    """

    question: str
    kind: str = UNANSWERED
    item: str | None = None
    aspect: str | None = None
    said: str = ""
    asker: int | None = None
    at: datetime = field(default_factory=now, compare=False)


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
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"), index=True)

    @classmethod
    def note(cls, session: Session, asked: Asked, source: str = CHAT) -> None:
        """Keep a question, without the numbers that name a person, and count whether an answer helped.

        One without words is not kept, nor that of somebody who has left since.
        """
        if asked.kind in (HELPFUL, UNHELPFUL) and asked.item:
            AnswerDay.count(session, asked.item, asked.aspect or "概览", helped=asked.kind == HELPFUL)
        words = redact(asked.question).strip()[:_MOST_WORDS]
        if words and asked.kind != HELPFUL and _is_here(session, asked):
            kept = {"kind": asked.kind, "item": asked.item, "aspect": asked.aspect, "said": asked.said}
            session.add(cls(question=words, asked_at=asked.at, source=source, follower_id=asked.asker, **kept))

    @classmethod
    def loose(cls, session: Session, most: int) -> list[Gap]:
        """Questions that belong to no group yet, oldest first."""
        return list(session.scalars(select(cls).where(cls.group_id.is_(None)).order_by(cls.id).limit(most)))


class GapGroup(Base):
    """Questions that are alike. `question`, the oldest that is kept, stands for all of them, and is empty when none is;
    `asked` counts them; `department` owns it, if any does.

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

    @classmethod
    def words_of_draft(cls, session: Session, staff: Staff, draft_id: int, most: int) -> list[str]:
        """In which words that was asked for which a draft was begun, as far as this person may see it."""
        if not staff.may(Permission.GAPS):
            return []
        groups = session.scalars(cls.seen_by(staff).where(cls.draft_id == draft_id).order_by(cls.id)).all()
        said = [words for group in groups for words in (group.question, *(gap.question for gap in group.questions(session, most)))]
        return [words for words in dict.fromkeys(said) if words][:most]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.closed_at is None

    # ---- what is done with one

    def take_in(self, gap: Gap) -> None:
        """One more question of the kind. What was held to be answered is open again: it was not answered just now."""
        self.asked += 1
        self.asked_at = max(self.asked_at, gap.asked_at)
        self.question = self.question or gap.question
        if self.reason in (ANSWERED, CHANGED, WORDLESS):
            self.reopen()

    def stand_for(self, question: str) -> None:
        """Another question stands for all; with none left, nobody can work on it any more."""
        if self.question != question:
            self.question = question
        if not question and self.is_open:
            self.closed_at, self.reason = now(), WORDLESS

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
        """It waits for an answer again, as one opened now. Refused when no words are left to be answered."""
        if not self.question:
            raise Refused("这一组的原话已经按期删了，不用再打开。再有人这样问，会另起一组。")
        self.opened_at, self.closed_at, self.reason, self.note, self.closed_by = now(), None, None, None, None


def _is_here(session: Session, asked: Asked) -> bool:
    """Whether whoever asked has not left or had everything deleted since; held until the words are written."""
    if asked.asker is None:
        return True
    query = select(Follower.forgotten_at).where(Follower.id == asked.asker, Follower.subscribed)
    found = session.execute(query.with_for_update(read=True)).first()
    return found is not None and (found[0] is None or found[0] < asked.at)


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
