"""回避: who must not see a case because it complains about them (信访工作条例 第28、30、46条). The village's bar is Case.village_barred."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class CaseBar(Base):
    """A department that is complained about in a case never sees it."""

    __tablename__ = "case_bars"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)


class StaffBar(Base):
    """One person who is complained about, whatever department they work for."""

    __tablename__ = "case_staff_bars"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)
