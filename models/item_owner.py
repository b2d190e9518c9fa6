"""Which department answers for an item in this county, where that is another than the catalogue says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.catalogue.items import ITEMS
from knowledge.errors import NotThere, Refused
from knowledge.routing import Route
from models.base import Base, UtcDateTime, now
from models.prepared import Prepared
from models.staff import Department, Staff


class ItemOwner(Base):
    """The county's word on one item; without a row the catalogue's holds."""

    __tablename__ = "item_owners"

    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    @classmethod
    def changed(cls, session: Session) -> Mapping[str, str]:
        """By item, the short name of the department, of those items alone where the county says otherwise."""
        return dict(_CHANGED.rows(session, {}))

    @classmethod
    def give(cls, session: Session, staff: Staff, item: str, department: Department | None) -> None:
        """This department answers for the item from now on; None: the catalogue's again. Cases underway stay where they are."""
        if item not in ITEMS:
            raise NotThere("项目目录里没有这一项。")
        if department is not None and not department.active:
            raise Refused("这个部门不再接办件了，请另选一个。")
        session.execute(delete(cls).where(cls.item == item))
        if department is not None and department.name != ITEMS[item].department:
            session.add(cls(item=item, department_id=department.id, changed_by_id=staff.id))


_CHANGED = Prepared(
    select(ItemOwner.item, Department.name).join(Department, Department.id == ItemOwner.department_id).where(Department.active)
)


def owned(session: Session, way: Route, item: str | None) -> Route:
    """The way of a case about this item, with the county's department in the place of the catalogue's."""
    return in_county(ItemOwner.changed(session), way, item)


def in_county(changed: Mapping[str, str], way: Route, item: str | None) -> Route:
    """The same with what the county has changed at hand, for many cases."""
    owner = changed.get(item or "")
    if owner is None or item is None:
        return way
    sure: dict[str, float] = {}
    for place, name in enumerate(way.departments):
        called = owner if name == ITEMS[item].department else name
        sure.setdefault(called, way.confidence[place] if place < len(way.confidence) else 0.0)
    return replace(way, departments=tuple(sure), confidence=tuple(sure.values()))
