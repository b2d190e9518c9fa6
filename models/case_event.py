"""What happened to a case, step by step."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.delivery import Delivery
from models.staff import Department, Staff

if TYPE_CHECKING:
    from models.case import Case


class CaseEvent(Base):
    """One thing that happened to a case. Only public ones are ever shown to the resident."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    what: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str | None] = mapped_column(EncryptedText("case_events.text"))
    public: Mapped[bool] = mapped_column(default=False)
    from_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    to_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    case: Mapped[Case] = relationship(back_populates="events")
    staff: Mapped[Staff | None] = relationship()
    to_department: Mapped[Department | None] = relationship(foreign_keys=[to_department_id])
    deliveries: Mapped[list[Delivery]] = relationship(order_by=Delivery.id)
