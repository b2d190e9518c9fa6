"""回访: after an answer has arrived, whether it was done and whether the person is content; 没办好 opens the case again.

One row for each answer that was asked about. Whoever answered does not judge the second time: another clerk of the
department does, the second time the supervisor. `resolved` and `satisfied` are None where the person did not say.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, SmallInteger, String, and_, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from knowledge.deadlines import Clocks, answer_by
from knowledge.errors import NotAllowed, Refused
from knowledge.visiting import MOST_ROUNDS, question
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.case import ACCEPTED, ANSWERED, OPEN, Case
from models.case_event import CaseEvent
from models.case_loading import cases_for
from models.db import Database
from models.delivery import ARRIVED, Delivery
from models.staff import Permission, Staff

CHAT, PHONE = "chat", "phone"
_LATELY = timedelta(days=30)  # nobody remembers what was answered longer ago
_STANDS = timedelta(days=30)  # so long the question can be answered
_AT_ONCE = 100


class Visit(Base):
    """The two questions about one answer. `round` counts the answers of this case that were asked about."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_follower_id", "follower_id", "answered_at"),
        Index("ix_visits_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("case_events.id"), unique=True)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"))
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # whose answer it was
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    how: Mapped[str] = mapped_column(String(8), default=CHAT)
    resolved: Mapped[bool | None] = mapped_column()
    satisfied: Mapped[bool | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column(EncryptedText("visits.reason"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # the agent on the telephone
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    case: Mapped[Case] = relationship()
    reviewer: Mapped[Staff | None] = relationship(foreign_keys=[reviewer_id])

    @classmethod
    def open_for(cls, session: Session, follower_id: int) -> Visit | None:
        """The newest question that this WeChat user can still answer."""
        wanting = or_(cls.resolved.is_(None), and_(cls.resolved.is_(True), cls.satisfied.is_(None)))
        query = select(cls).where(cls.follower_id == follower_id, wanting, cls.asked_at > now() - _STANDS)
        return session.scalar(query.order_by(cls.id.desc()).limit(1))

    @classmethod
    def about_newest(cls, session: Session, follower_id: int) -> Visit | None:
        """The row about the newest answer to this WeChat user, whether or not it was asked about: 没办好 may come at any time."""
        query = (
            select(CaseEvent)
            .join(Case, Case.id == CaseEvent.case_id)
            .where(Case.follower_id == follower_id, Case.status == ANSWERED, CaseEvent.what == "answered")
            .where(CaseEvent.at > now() - _STANDS)
        )
        event = session.scalar(query.order_by(CaseEvent.id.desc()).limit(1))
        return cls.for_event(session, event, CHAT) if event else None

    @classmethod
    def for_event(cls, session: Session, event: CaseEvent, how: str) -> Visit:
        """The row about this answer, made on first use."""
        found = session.scalar(select(cls).where(cls.event_id == event.id).with_for_update())
        if found is None:
            case = session.get_one(Case, event.case_id)
            before = session.scalar(select(func.count()).where(cls.case_id == case.id, cls.reopened_at.is_not(None)))
            found = cls(
                case_id=case.id, event_id=event.id, follower_id=case.follower_id, replied_by_id=event.staff_id,
                round=(before or 0) + 1, how=how,
            )  # fmt: skip
            session.add(found)
            session.flush()
        return found

    def told(self, *, resolved: bool | None = None, satisfied: bool | None = None) -> None:
        """What the person says; what was not said stays open."""
        self.resolved = self.resolved if resolved is None else resolved
        self.satisfied = self.satisfied if satisfied is None else satisfied
        self.answered_at = now()

    def reopen(self, session: Session, reason: str, clocks: Clocks) -> bool:
        """没办好: the case is open again, for another than who answered; False when that has been done often enough.

        Once more at most: after the second time the supervisor has it, and the person is told so.
        """
        case = session.get_one(Case, self.case_id, with_for_update=True)
        self.told(resolved=False)
        self.reason = reason.strip() or self.reason
        if self.reopened_at is not None or case.status != ANSWERED:
            return case.status in OPEN
        if self.round > MOST_ROUNDS:
            case.happened(session, "complained", None, self.reason)
            audit.record(session, "resident", "case.complain", f"case:{case.number}")
            return False
        self.reopened_at, self.reviewer_id = now(), _reviewer(session, case, self)
        deadline = answer_by(case.kind, now(), clocks)
        case.status, case.answered_at, case.stopped = ACCEPTED, None, None
        case.accepted_at = case.counts_from = now()
        case.due_at, case.due_trail, case.provisional = deadline.due, list(deadline.trail), deadline.provisional
        case.happened(session, "reopened", None, self.reason, public=True)
        audit.record(session, "resident", "case.reopen", f"case:{case.number}", round=self.round)
        return True

    def explain(self, session: Session, reason: str) -> None:
        """Why it was not done, in the person's own words; whoever handles the case reads them."""
        self.reason = reason
        session.get_one(Case, self.case_id).add(session, reason)


def visit_due(
    database: Database, after: timedelta, *, hours: tuple[int, int] = (9, 20), at: datetime | None = None
) -> int:
    """Ask about the answers that arrived `after` ago or longer, by day only; gives how many. `after` of zero: never.

    The question goes through the outbox as an extra: nobody is telephoned for it, and no consent is used up.
    """
    moment = at or now()
    if not after or not hours[0] <= beijing(moment).hour < hours[1]:
        return 0
    with database.read() as session:
        due = session.scalars(_due(moment, after).limit(_AT_ONCE)).all()
    return sum(database.write(partial(_ask, event_id=event_id)) for event_id in due)


def _due(moment: datetime, after: timedelta) -> Select[int]:
    later = aliased(CaseEvent)
    newest = ~exists().where(later.case_id == CaseEvent.case_id, later.what == "answered", later.id > CaseEvent.id)
    return (
        select(CaseEvent.id)
        .join(Case, Case.id == CaseEvent.case_id)
        .join(Delivery, Delivery.event_id == CaseEvent.id)
        .where(CaseEvent.what == "answered", CaseEvent.at > moment - _LATELY - after, newest)
        .where(Case.status == ANSWERED, Case.follower_id.is_not(None))
        .where(Delivery.status.in_(ARRIVED), Delivery.changed_at < moment - after)
        .where(~exists().where(Visit.event_id == CaseEvent.id))
        .order_by(CaseEvent.id)
    )


def _ask(session: Session, event_id: int) -> int:
    event = session.get_one(CaseEvent, event_id, with_for_update=True)
    case = session.get_one(Case, event.case_id, with_for_update=True)
    asked_already = session.scalar(select(exists().where(Visit.event_id == event_id)))
    if asked_already or case.status != ANSWERED or case.follower_id is None:
        return 0
    Visit.for_event(session, event, CHAT)
    # Notified already, as far as the outbox is concerned: a question is not worth a consent.
    session.add(Delivery(follower_id=case.follower_id, text=question(case.number), extra=True, notified_at=now()))
    return 1


# ---------------------------------------------------------------- who judges the second time


def _reviewer(session: Session, case: Case, visit: Visit) -> int | None:
    """Another clerk of the department, with the fewest open reviews; the second time, or without one, the supervisor."""
    answered = select(Visit.replied_by_id).where(Visit.case_id == case.id, Visit.replied_by_id.is_not(None))
    free = [
        staff
        for staff in session.scalars(select(Staff).where(Staff.active, Staff.id.not_in(answered)).order_by(Staff.id))
        if _may_review(session, case, staff)
    ]
    under_review = (
        select(Visit.reviewer_id, func.count()).join(Case, Case.id == Visit.case_id)
        .where(Visit.reviewer_id.is_not(None), Case.status.in_(OPEN)).group_by(Visit.reviewer_id)
    )  # fmt: skip
    load = {reviewer: number for reviewer, number in session.execute(under_review)}
    own = [each for each in free if each.department_id == case.department_id and each.role == "clerk"]
    over = [each for each in free if each.may(Permission.ALL_CASES) and each.may(Permission.TRIAGE)]
    chosen = (own or over) if visit.round < MOST_ROUNDS else over
    return min(chosen, key=lambda each: (load.get(each.id, 0), each.id)).id if chosen else None


def _may_review(session: Session, case: Case, staff: Staff) -> bool:
    return session.scalar(cases_for(staff).where(Case.id == case.id).with_only_columns(Case.id)) is not None


def reviewer_of(session: Session, case: Case) -> Staff | None:
    """Who has to look at a case that was opened again; None where it never was, or nobody could be named."""
    visit = _last_reopened(session, case)
    return visit.reviewer if visit else None


def check_review(session: Session, case: Case, staff: Staff) -> None:
    """NotAllowed for whoever has answered before in a case that was opened again (回访: 换人复核)."""
    visit = _last_reopened(session, case)
    if visit is None or case.status not in OPEN:
        return
    before = select(Visit.replied_by_id).where(Visit.case_id == case.id, Visit.reopened_at.is_not(None))
    if staff.id in session.scalars(before).all():
        raise NotAllowed("群众说没办好，这次要换人复核。请交给同事或督办人员办。")


def is_reviewer(session: Session, case: Case, staff: Staff) -> bool:
    """Whether this person is to answer although the case is another department's: the supervisor, the second time."""
    visit = _last_reopened(session, case)
    return visit is not None and case.status in OPEN and visit.reviewer_id == staff.id


def _last_reopened(session: Session, case: Case) -> Visit | None:
    query = select(Visit).where(Visit.case_id == case.id, Visit.reopened_at.is_not(None))
    return session.scalar(query.order_by(Visit.id.desc()).limit(1))


# ---------------------------------------------------------------- by telephone, and for the supervisor


def by_telephone(
    session: Session, staff: Staff, delivery: Delivery, clocks: Clocks, *, resolved: bool | None, satisfied: bool | None, reason: str
) -> Visit:
    """The hotline has told the person an answer and asked the two questions."""
    event = session.get(CaseEvent, delivery.event_id) if delivery.event_id else None
    if event is None or event.what != "answered":
        raise Refused("这个电话告诉的不是答复，不用回访。")
    visit = Visit.for_event(session, event, PHONE)
    visit.how, visit.asked_by_id = PHONE, staff.id
    if resolved is not None or satisfied is not None:
        visit.told(resolved=resolved, satisfied=satisfied)
    if resolved is False:
        visit.reopen(session, reason, clocks)
    return visit


def not_content() -> ColumnElement[bool]:
    """The visits that the supervisor looks at: not done, or not content."""
    return or_(Visit.resolved.is_(False), Visit.satisfied.is_(False))


def rates(session: Session, *where: ColumnElement[bool]) -> dict[str, int]:
    """Counts over visits (joined with their cases): asked, and of those who said so: done, not_done, content, not_content."""
    parts = {
        "asked": func.count(), "done": func.count().filter(Visit.resolved.is_(True)), "not_done": func.count().filter(Visit.resolved.is_(False)),
        "content": func.count().filter(Visit.satisfied.is_(True)), "not_content": func.count().filter(Visit.satisfied.is_(False)),
    }  # fmt: skip
    query = select(*parts.values()).select_from(Visit).join(Case, Case.id == Visit.case_id).where(*where)
    return dict(zip(parts, session.execute(query).one(), strict=True))

