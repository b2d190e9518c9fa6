"""Work orders of 12345: each with its number from outside, the case it became, and whether it was handed back.

One number is one row, however often it comes. Where somebody of the same telephone has said much the same days before,
no second case is made: a person says whether it is the same (`perhaps_case_id`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, String, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from models import audit
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, insert_for, now
from models.case import ANSWERED, WITHDRAWN, Case
from models.case_event import CaseEvent
from models.case_loading import hidden_from
from models.staff import Permission, Staff

SOURCE = "12345"


class WorkOrder(Base):
    """One work order. `content` is what the file said: text, name, phone, kind and so on, by name."""

    __tablename__ = "work_orders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(Encrypted("work_orders.content"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    perhaps_case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    ordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(EncryptedText("work_orders.file_name"), nullable=True)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    imported_by: Mapped[str] = mapped_column(String(64))
    handed_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_back_by: Mapped[str | None] = mapped_column(String(64))
    case: Mapped[Case | None] = relationship(foreign_keys=[case_id])
    perhaps: Mapped[Case | None] = relationship(foreign_keys=[perhaps_case_id])

    @classmethod
    def take_in(cls, session: Session, number: str, **fields: Any) -> WorkOrder | None:
        """A new row, or None if this number is here already, also by somebody at this very moment."""
        row = {"number": number, "imported_at": now(), **fields}
        insert = insert_for(session)(cls).values(**row).on_conflict_do_nothing(index_elements=["number"])
        made = session.scalar(insert.returning(cls.id))
        return session.get_one(cls, made) if made is not None else None

    @classmethod
    def known(cls, session: Session, numbers: Sequence[str]) -> Mapping[str, WorkOrder]:
        """Those of these numbers that are here, by number."""
        return {one.number: one for one in session.scalars(select(cls).where(cls.number.in_(numbers)))}

    def is_same(self, session: Session, by: Staff) -> None:
        """A person says: it is the case that was thought of. That case's answer goes back under this number."""
        self._decide()
        if (case := session.get(Case, self.perhaps_case_id)) is not None:
            self.goes_with(session, case, by, f"12345工单{self.number}说的是同一件事，一起办、一起答复。")
        audit.record(session, by, "order.same", f"order:{self.number}"[:64])

    def goes_with(self, session: Session, case: Case, by: Staff | None, said: str) -> None:
        """Handled and answered with a case that is here already; sealed from now on where 12345 keeps it confidential."""
        self.case_id = case.id
        case.confidential = case.confidential or bool(self.content.get("sealed"))
        case.happened(session, "work_order", by, said)

    def is_another(self) -> None:
        """A person says: it is a matter of its own. The caller files it."""
        self._decide()
        self.perhaps_case_id = None

    def _decide(self) -> None:
        if self.case_id is not None or self.perhaps_case_id is None:
            raise Refused("这张工单已经有人定了。刷新一下就能看到。")


def orders_for(staff: Staff) -> Select[WorkOrder]:
    """The work orders that this person may see, newest first; none whose case complains about the person or the own office."""
    if not staff.may(Permission.WORK_ORDERS):
        raise NotThere
    barred = select(Case.id).where(hidden_from(staff))
    open_to_me = [or_(column.is_(None), column.not_in(barred)) for column in (WorkOrder.case_id, WorkOrder.perhaps_case_id)]
    return select(WorkOrder).where(*open_to_me).order_by(WorkOrder.id.desc())


def order_for(session: Session, staff: Staff, order_id: int) -> WorkOrder:
    """One of them, locked, or NotThere."""
    found = session.scalar(orders_for(staff).where(WorkOrder.id == order_id).with_for_update(of=WorkOrder))
    if found is None:
        raise NotThere("没有这张工单，或者不归您看。")
    return found


def waits_for_a_word() -> ColumnElement[bool]:
    """Nobody has said yet whether it is the case that was thought of."""
    return and_(WorkOrder.case_id.is_(None), WorkOrder.perhaps_case_id.is_not(None))


def to_hand_back(staff: Staff | None, *, again_since: datetime | None = None) -> Select[WorkOrder]:
    """Those answered (or withdrawn by the resident) since they were last handed back; or all of a time, once more.

    `staff` is who may see them; None: whoever runs the county's own machine, who reads nothing of them on a screen.
    """
    done = exists().where(Case.id == WorkOrder.case_id, Case.status.in_((ANSWERED, WITHDRAWN)))
    query = (orders_for(staff) if staff is not None else select(WorkOrder)).where(done)
    if again_since is not None:
        return query.where(WorkOrder.imported_at >= again_since)
    answered = exists().where(Case.id == WorkOrder.case_id, Case.answered_at > WorkOrder.handed_back_at)
    return query.where(or_(WorkOrder.handed_back_at.is_(None), answered))


def answers_of(session: Session, case_ids: Sequence[int]) -> Mapping[int, CaseEvent]:
    """By case, the event of its newest answer."""
    later = aliased(CaseEvent)
    newest = ~exists().where(later.case_id == CaseEvent.case_id, later.what == "answered", later.id > CaseEvent.id)
    query = select(CaseEvent).where(CaseEvent.case_id.in_(case_ids), CaseEvent.what == "answered", newest)
    return {event.case_id: event for event in session.scalars(query)}
