"""The people of a village who get something in a year, for those who may print their 明白卡."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from knowledge.catalogue.departments import TOWNSHIPS
from knowledge.errors import NotThere
from knowledge.publicity import bare_village
from models.payment import LIVE, Batch, Payment
from models.resident import Binding, Resident
from models.staff import Staff


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose cards: of a village and a year; `without_phone`: only whom no WeChat user may look for."""

    town: str
    village: str
    year: int
    without_phone: bool = True


def towns_for(staff: Staff) -> list[str]:
    """The township of who works in one; all of them for the county's people."""
    home = staff.department.town if staff.department is not None else None
    return [home] if home else list(TOWNSHIPS)


def villages_of(session: Session, staff: Staff, town: str) -> Mapping[str, Sequence[str]]:
    """The villages of a township as the data has them, by the catalogue's name, with the ways they are written."""
    if town not in towns_for(staff):
        raise NotThere("没有这个乡镇，或者不归您管。")
    written = session.scalars(select(Resident.village).where(Resident.town == town, Resident.village.is_not(None)).distinct())
    found: dict[str, list[str]] = {}
    for name in sorted(name for name in written if name):
        found.setdefault(bare_village(town, name), []).append(name)
    return found


def villagers(session: Session, staff: Staff, wanted: Wanted, page: int, each: int) -> tuple[Sequence[Resident], int]:
    """One page of them, and how many there are. NotThere for a village that is not this person's."""
    written = villages_of(session, staff, wanted.town).get(wanted.village)
    if not written:
        raise NotThere("这个村还没有发放数据。请再选一次。")
    conditions: list[ColumnElement[bool]] = [
        Resident.town == wanted.town, Resident.village.in_(written),
        exists().where(
            Payment.resident_id == Resident.id, Payment.year == wanted.year, Batch.id == Payment.batch_id, Batch.status == LIVE
        ),
    ]  # fmt: skip
    if wanted.without_phone:
        conditions.append(~exists().where(Binding.resident_id == Resident.id, Binding.ended_at.is_(None)))
    count = session.scalar(select(func.count()).select_from(Resident).where(*conditions)) or 0
    rows = select(Resident).where(*conditions).order_by(Resident.village, Resident.id)
    return session.scalars(rows.limit(each).offset((page - 1) * each)).all(), count
