"""What the routing may learn from, and the changes that the coordinator has decided on.

A case that was transferred and taken, placed by the coordinator, or given back and answered elsewhere is an example: its
words without what names a person, where it came from and where it ended. Examples change nothing by themselves. Gathered
into a change and measured (models/routing_gathering.py) they wait for the coordinator; the one change that is in force is
used by every process (models/precedents.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, String, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.catalogue.departments import TOWNSHIP
from knowledge.errors import NotThere
from knowledge.kinds import REPORT
from knowledge.routing_measuring import Figures
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.case import WITHDRAWN, Case
from models.case_bar import CaseBar, StaffBar
from models.case_event import CaseEvent
from models.case_loading import cases_for
from models.follower import Follower
from models.platform import Counter
from models.staff import TOWNSHIP as OF_A_TOWN
from models.staff import Department, Permission, Staff

COUNTER = "routing"  # counts on with every change of what is in force
TRANSFERRED, PLACED, RETURNED, STAYED = "transferred", "placed", "returned", "stayed"
MEASURING, PROPOSED, IN_FORCE = "measuring", "proposed", "in_force"
DECLINED, REPLACED, ROLLED_BACK = "declined", "replaced", "rolled_back"
WAITING = (MEASURING, PROPOSED)
_NOT_THE_DEPARTMENTS_DOING = ("barred", "unbarred", "reassigned", "handed")


class RoutingExample(Base):
    """One settled case. `first`: to whom the rules alone would give it; `how` it came to be with its department.

    A case that only stayed is one where it is like those that moved, and counts against them.
    """

    __tablename__ = "routing_examples"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), unique=True)
    how: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(EncryptedText("routing_examples.words"))
    item: Mapped[str | None] = mapped_column(String(32))
    problem: Mapped[str] = mapped_column(String(64), default="")
    town: Mapped[str | None] = mapped_column(String(32))
    first: Mapped[str] = mapped_column(String(64))
    from_department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    to_department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gathered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    case: Mapped[Case] = relationship()
    from_department: Mapped[Department] = relationship(foreign_keys=[from_department_id])
    to_department: Mapped[Department] = relationship(foreign_keys=[to_department_id])

    @classmethod
    def forget(cls, session: Session, follower: Follower) -> int:
        """Somebody has their data deleted: what was learnt from their cases goes, also out of what is in force."""
        mine = select(cls.id).join(Case, Case.id == cls.case_id).where(Case.follower_id == follower.id)
        return drop(session, session.scalars(mine).all())

    @classmethod
    def unfit(cls, session: Session) -> Sequence[int]:
        """Which have become no examples: sealed, withdrawn, complaining about somebody, or with another department since."""
        gone = or_(kept_out(), Case.department_id != cls.to_department_id)
        return session.scalars(select(cls.id).join(Case, Case.id == cls.case_id).where(gone)).all()


class RoutingChange(Base):
    """One version of what was learnt: proposed with its figures, decided once, and in force until another one is."""

    __tablename__ = "routing_changes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default=MEASURING, index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    measured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("routing_changes.figures"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(EncryptedText("routing_changes.reason"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    end_reason: Mapped[str | None] = mapped_column(EncryptedText("routing_changes.end_reason"))
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def measured(self) -> Figures | None:
        """What it would have done to the cases held back; None while that is being found out."""
        return Figures.of(self.figures) if self.figures is not None else None

    @classmethod
    def with_status(cls, session: Session, *statuses: str) -> RoutingChange | None:
        """The newest with one of these."""
        return session.scalar(select(cls).where(cls.status.in_(statuses)).order_by(cls.id.desc()).limit(1))

    @classmethod
    def for_staff(cls, session: Session, staff: Staff, number: int, *, lock: bool = False) -> RoutingChange:
        """One change, for whoever decides on it. NotThere otherwise."""
        query = select(cls).where(cls.id == number)
        found = (
            session.scalar(query.with_for_update(of=cls) if lock else query)
            if staff.may(Permission.LEARN_ROUTING)
            else None
        )
        if found is None:
            raise NotThere("没有这份分派改进，或者不归您看。")
        return found

    @classmethod
    def all_for(cls, session: Session, staff: Staff, limit: int = 50) -> Sequence[RoutingChange]:
        """All versions, newest first."""
        if not staff.may(Permission.LEARN_ROUTING):
            raise NotThere
        return session.scalars(select(cls).order_by(cls.id.desc()).limit(limit)).all()


class ChangeExample(Base):
    """An example within a change; struck out, it does not count."""

    __tablename__ = "routing_change_examples"

    change_id: Mapped[int] = mapped_column(ForeignKey("routing_changes.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(
        ForeignKey("routing_examples.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    struck_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    example: Mapped[RoutingExample] = relationship()


def kept_out() -> ColumnElement[bool]:
    """The cases of which nothing is ever learnt: sealed ones, 举报, whatever complains about somebody, what was withdrawn.

    Nor of those that stay by law after their author had everything else deleted.
    """
    noted = exists().where(CaseEvent.case_id == Case.id, CaseEvent.what.in_(_NOT_THE_DEPARTMENTS_DOING))
    bars = [exists().where(bar.case_id == Case.id) for bar in (CaseBar, StaffBar)]
    left = and_(Case.source == "chat", Case.follower_id.is_(None))
    return or_(
        Case.confidential, Case.kind == REPORT, Case.status == WITHDRAWN, Case.village_barred, *bars, noted, left
    )


def drop(session: Session, examples: Collection[int]) -> int:
    """Delete these. What waits for a decision is measured anew, and what is in force is read anew by every process."""
    if not examples:
        return 0
    holding = select(ChangeExample.change_id).where(ChangeExample.example_id.in_(examples))
    stale = update(RoutingChange).where(RoutingChange.status == PROPOSED, RoutingChange.id.in_(holding))
    session.execute(stale.values(status=MEASURING, figures=None), execution_options={"synchronize_session": False})
    gone = delete(RoutingExample).where(RoutingExample.id.in_(examples))
    session.execute(gone, execution_options={"synchronize_session": False})
    Counter.next(session, COUNTER)
    return len(examples)


# ---------------------------------------------------------------- looking


def examples_for(session: Session, staff: Staff, change: RoutingChange) -> Select[ChangeExample, RoutingExample]:
    """The examples of a change whose cases this person may see, those that moved first, the newest of each first."""
    seen = cases_for(staff).with_only_columns(Case.id)
    query = select(ChangeExample, RoutingExample).join(RoutingExample, RoutingExample.id == ChangeExample.example_id)
    query = query.where(ChangeExample.change_id == change.id, RoutingExample.case_id.in_(seen))
    return query.order_by(RoutingExample.how == STAYED, RoutingExample.settled_at.desc(), RoutingExample.id)


def counts_of(session: Session, change: RoutingChange) -> tuple[int, int, int]:
    """How many examples of a change moved and count, only stayed and count, and are struck out."""
    links = select(RoutingExample.how, func.count(), func.count(ChangeExample.struck_at)).group_by(RoutingExample.how)
    links = links.join(ChangeExample, ChangeExample.example_id == RoutingExample.id).where(
        ChangeExample.change_id == change.id
    )
    moved = stayed = out = 0
    for how, number, struck in session.execute(links):
        out += struck
        moved += number - struck if how != STAYED else 0
        stayed += number - struck if how == STAYED else 0
    return moved, stayed, out


def fresh() -> ColumnElement[bool]:
    """Which examples stand in no change yet."""
    return and_(RoutingExample.how != STAYED, ~exists().where(ChangeExample.example_id == RoutingExample.id))


def count_proposed(session: Session) -> int:
    """How many changes wait for the coordinator's word."""
    return session.scalar(select(func.count()).select_from(RoutingChange).where(RoutingChange.status == PROPOSED)) or 0


def count_fresh(session: Session) -> int:
    """How many cases have been gathered since the last change that ended elsewhere than the rules would have put them."""
    query = select(func.count()).select_from(RoutingExample).join(RoutingExample.to_department)
    as_ruled = or_(
        RoutingExample.first == Department.name, and_(RoutingExample.first == TOWNSHIP, Department.kind == OF_A_TOWN)
    )
    return session.scalar(query.where(fresh(), ~as_ruled)) or 0
