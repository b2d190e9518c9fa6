"""Telephone calls at the hotline: who took one and when, what the caller wanted, who it was, what was done, how it ended.

A call is open until its agent says how it ended, and an agent has one open call at a time. What was asked is kept
encrypted, without numbers that name a person. Who the caller is, is known for half an hour after the proof.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import Refused
from knowledge.identity import find_id_numbers, half_width, redact
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.case import Case
from models.follower import Follower
from models.resident import SELF, Binding
from models.staff import Staff
from models.work_order import SOURCE as WORK_ORDERS_OF
from models.work_order import WorkOrder

ANSWERED, FILED, NOT_FOUND, ELSEWHERE, BROKEN = "answered", "filed", "not_found", "elsewhere", "broken"
OUTCOMES = (ANSWERED, FILED, NOT_FOUND, ELSEWHERE, BROKEN)
SOURCES = ("12345", "12333")  # the lines whose numbers are kept
KNOWN_FOR = timedelta(minutes=30)  # after the proof; then the person is asked again
_MOST_WORDS = 1000
_NUMBER = re.compile(r"[A-Z0-9]{6,32}")
_BETWEEN = re.compile(r"[\s_—–－·/．.-]+")


class HotlineCall(Base):
    """One call. `open_for` holds the agent's number while it is open, and is empty afterwards: so nobody has two.

    `looked_at` lists the articles that were opened, `sent` those sent to the caller's WeChat, as [item, aspect].
    `resident_id` is who the caller proved to be.
    """

    __tablename__ = "hotline_calls"
    __table_args__ = (
        UniqueConstraint("outside_source", "outside_number"),
        Index("ix_hotline_calls_staff_id", "staff_id", "begun_at"),
        Index("ix_hotline_calls_cleared_at", "cleared_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    open_for: Mapped[int | None] = mapped_column(BigId, unique=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    words: Mapped[str] = mapped_column(EncryptedText("hotline_calls.words"), default="")
    looked_at: Mapped[list[list[str]] | None] = mapped_column(Encrypted("hotline_calls.looked_at"))
    sent: Mapped[list[list[str]] | None] = mapped_column(Encrypted("hotline_calls.sent"))
    outcome: Mapped[str | None] = mapped_column(String(12))
    outside_source: Mapped[str | None] = mapped_column(String(8))
    outside_number: Mapped[str | None] = mapped_column(String(32), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    reason: Mapped[str | None] = mapped_column(EncryptedText("hotline_calls.reason"))
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what was noted has gone, its time being over
    staff: Mapped[Staff] = relationship()
    cases: Mapped[list[Case]] = relationship(secondary="call_cases", order_by="Case.id", viewonly=True)

    # ---- the open call

    @classmethod
    def open_of(cls, session: Session, staff: Staff, *, lock: bool = False) -> HotlineCall | None:
        """The call that this agent is in."""
        query = select(cls).where(cls.open_for == staff.id)
        return session.scalar(query.with_for_update(of=cls) if lock else query)

    @classmethod
    def begin(cls, session: Session, staff: Staff) -> HotlineCall:
        """The agent takes a call; the one that is still open, if there is one."""
        if found := cls.open_of(session, staff, lock=True):
            return found
        call = cls(staff_id=staff.id, open_for=staff.id)
        session.add(call)
        session.flush()
        audit.record(session, staff, "phone.begin", f"call:{call.id}")
        return call

    def note(self, words: str) -> None:
        """What the caller wants, in the caller's words; numbers that name a person are taken out."""
        kept = redact(words).strip()
        if len(kept) > _MOST_WORDS:
            raise Refused(f"记得太长了，最多{_MOST_WORDS}个字。长的事请登记成办件。")
        self.words = kept

    def looked(self, item: str, aspect: str) -> None:
        """An article was opened during the call."""
        self.looked_at = [pair for pair in self.looked_at or [] if pair != [item, aspect]] + [[item, aspect]]

    def was_sent(self, item: str, aspect: str) -> None:
        """An article was given to the outbox for the caller's WeChat. Refused for the second time."""
        if [item, aspect] in (self.sent or []):
            raise Refused("这一条已经发过了。")
        self.sent = [*(self.sent or []), [item, aspect]]

    @property
    def only_item(self) -> str | None:
        """The item that the call was about, where it was about one alone."""
        items = {item for item, _ in self.looked_at or []}
        return items.pop() if len(items) == 1 else None

    def knows(self, resident_id: int, reason: str) -> None:
        """The caller has proven to be this person, or to ask for them."""
        self.resident_id, self.reason, self.proved_at = resident_id, reason, now()

    def forget_person(self) -> None:
        """Somebody else is on the line, or it is not to be known who was."""
        self.resident_id = self.reason = self.proved_at = None

    def clear(self) -> None:
        """Nothing is kept any more but that there was a call, how it ended and what came of it."""
        self.forget_person()
        self.words, self.looked_at, self.sent, self.cleared_at = "", None, None, now()

    @property
    def known_until(self) -> datetime | None:
        """Until when the person need not be asked again; None if they must be now."""
        if self.open_for is None or self.proved_at is None or self.proved_at < now() - KNOWN_FOR:
            return None
        return self.proved_at + KNOWN_FOR

    @property
    def person(self) -> int | None:
        """Who is on the line, as far as that was proven in the last half hour."""
        return self.resident_id if self.known_until else None

    def filed(self, session: Session, case: Case) -> None:
        """A case was filed for the caller."""
        session.add(CallCase(call_id=self.id, case_id=case.id))
        session.flush()
        session.expire(self, ["cases"])

    def end(self, session: Session, staff: Staff, outcome: str) -> None:
        """How it ended. Of a call in which something was told in confidence it is no longer known whose it was."""
        if self.open_for is None:
            raise Refused("这个电话已经收尾了。")
        if outcome not in OUTCOMES:
            raise Refused("请选一下这个电话是怎么结束的。")
        if outcome == FILED and not self.cases:
            raise Refused("还没有登记成办件。要登记的，请先登记；不用登记的，请选别的。")
        self.open_for, self.ended_at, self.outcome = None, now(), outcome
        if self.is_sealed:
            self.forget_person()
        audit.record(session, staff, "phone.end", f"call:{self.id}", outcome=outcome)

    @property
    def is_sealed(self) -> bool:
        """Whether something was filed in confidence: then nobody reads afterwards what was said."""
        return any(case.confidential for case in self.cases)

    # ---- the number that another line gave it

    def came_from(self, session: Session, source: str | None, typed: str) -> None:
        """The number of the work order at 12345 or 12333; an empty one is taken away.

        Refused for one that cannot be a number, and with who had it for one that another call or a work order holds.
        """
        number = outside_number(typed)
        if not number:
            self.outside_source = self.outside_number = None
            return
        if source not in SOURCES:
            raise Refused("请选这个单号是哪条热线的：12345还是12333。")
        if (source, number) == (self.outside_source, self.outside_number):
            return
        if other := self._same(session, source, number):
            raise Refused(_handled_already(other))
        if source == WORK_ORDERS_OF and (case := _case_of_order(session, number)):
            raise Refused(f"12345的这张工单已经收进来了，办件编号{case}。不用再办一遍；群众来问进度，请告诉他这个编号。")
        try:
            with session.begin_nested():
                self.outside_source, self.outside_number = source, number
                session.flush()
        except IntegrityError:  # somebody else was a moment quicker
            session.refresh(self)
            raise Refused("这个单号别人刚刚记下了。请刷新后看是谁接的。") from None

    def _same(self, session: Session, source: str, number: str) -> HotlineCall | None:
        same = select(HotlineCall).where(HotlineCall.outside_source == source, HotlineCall.outside_number == number)
        return session.scalar(same.where(HotlineCall.id != self.id))


class CallCase(Base):
    """That a case was filed in a call."""

    __tablename__ = "call_cases"

    call_id: Mapped[int] = mapped_column(ForeignKey("hotline_calls.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


def outside_number(typed: str) -> str:
    """A work order's number as it is kept and found again: capitals and digits alone, however they were set apart.

    Refused if it cannot be one, and for the number of an identity card.
    """
    number = compact(typed)
    if not number:
        return ""
    if not _NUMBER.fullmatch(number) or not any(char.isdigit() for char in number):
        raise Refused("单号好像不对：是6到32位的数字和字母，短横、空格可以不写。请对照工单再看一遍。")
    if find_id_numbers(number):
        raise Refused("这像是身份证号，不是工单号。请对照工单再看一遍。")
    return number


def case_of_call(session: Session, source: str, typed: str) -> Case | None:
    """The case that was filed in the call with this number of another line: for whoever takes in that line's work orders."""
    call = _call_with(session, source, typed)
    return call.cases[0] if call and call.cases else None


def is_on_the_line(session: Session, source: str, typed: str) -> bool:
    """Whether the call with this number of another line goes on at this moment: a case may yet be filed in it."""
    call = _call_with(session, source, typed)
    return call is not None and call.open_for is not None


def _call_with(session: Session, source: str, typed: str) -> HotlineCall | None:
    return session.scalar(
        select(HotlineCall).where(HotlineCall.outside_source == source, HotlineCall.outside_number == compact(typed))
    )


def _case_of_order(session: Session, number: str) -> str | None:
    written = func.upper(func.replace(func.replace(WorkOrder.number, "-", ""), " ", ""))
    query = select(Case.number).join(WorkOrder, WorkOrder.case_id == Case.id).where(written == number)
    return session.scalar(query.limit(1))


def compact(typed: str) -> str:
    """A number of another line without what sets its parts apart."""
    return _BETWEEN.sub("", half_width(typed)).upper()


def _handled_already(call: HotlineCall) -> str:
    when = beijing(call.begun_at)
    done = f"已登记成办件{'、'.join(case.number for case in call.cases)}" if call.cases else "没有登记成办件"
    return (
        f"{call.outside_source}的这个单号已经有人接过了：{when.month}月{when.day}日{when:%H:%M}，{call.staff.name}，{done}。"
        "不用再办一遍；有新情况，请告诉接过的人。"
    )


def wechat_of(session: Session, resident_id: int) -> int | None:
    """The WeChat user who is this person; None where there is none, or more than one says so: nobody else shall get it."""
    query = select(Binding.follower_id).join(Follower, Follower.id == Binding.follower_id)
    own = query.where(Binding.resident_id == resident_id, Binding.ended_at.is_(None), Binding.relation == SELF)
    found = session.scalars(own.where(Follower.subscribed).limit(2)).all()
    return found[0] if len(found) == 1 else None
