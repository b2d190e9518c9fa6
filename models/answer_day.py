"""帮上了, 没帮上忙: how often each was said of a section on a day. Who said it is nowhere kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.wording import beijing
from models.base import Base, insert_for, now

ENOUGH = 10  # answers, before a share says anything of an item
_ENOUGH_OF_SECTION = 5


class AnswerDay(Base):
    """The counts of one section of an article on one day, by Beijing's clock."""

    __tablename__ = "answer_days"
    __table_args__ = (Index("ix_answer_days_day", "day"),)

    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    aspect: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    helped: Mapped[int] = mapped_column(default=0)
    unhelpful: Mapped[int] = mapped_column(default=0)

    @classmethod
    def count(cls, session: Session, item: str, aspect: str, *, helped: bool) -> None:
        """One more who said so today."""
        insert = insert_for(session)(cls).values(
            item=item, aspect=aspect, day=beijing(now()).date(), helped=int(helped), unhelpful=int(not helped)
        )
        more = {"helped": cls.helped + insert.excluded.helped, "unhelpful": cls.unhelpful + insert.excluded.unhelpful}
        session.execute(insert.on_conflict_do_update(index_elements=["item", "aspect", "day"], set_=more))


@dataclass(frozen=True, slots=True)
class Counted:
    """How often an answer helped, and how often it did not."""

    name: str
    helped: int
    unhelpful: int

    @property
    def said(self) -> int:
        """How many said either."""
        return self.helped + self.unhelpful

    @property
    def percent(self) -> int:
        """The share that it helped, in whole percent; never 100 while anybody said otherwise, nor 0 while anybody did."""
        share = self.helped * 100 // max(self.said, 1)
        return max(share, 1) if self.helped else 0


@dataclass(frozen=True, slots=True)
class Share:
    """What was said of an item; `worst` is its section that helped least, where enough was said of one."""

    of_item: Counted
    worst: Counted | None


def shares(session: Session, items: Collection[str], days: int) -> list[Share]:
    """Of these items, those of which enough was said in the last days; what helped least comes first."""
    since = beijing(now()).date() - timedelta(days=days - 1)
    query = select(AnswerDay.item, AnswerDay.aspect, func.sum(AnswerDay.helped), func.sum(AnswerDay.unhelpful))
    query = query.where(AnswerDay.day >= since).group_by(AnswerDay.item, AnswerDay.aspect)
    sections: dict[str, list[Counted]] = {}
    for item, aspect, helped, unhelpful in session.execute(query.order_by(AnswerDay.item, AnswerDay.aspect)):
        if item in items:
            sections.setdefault(item, []).append(Counted(aspect, int(helped), int(unhelpful)))
    found = [Share(_together(item, parts), _worst(parts)) for item, parts in sections.items()]
    return sorted(
        (one for one in found if one.of_item.said >= ENOUGH), key=lambda one: (one.of_item.percent, -one.of_item.said)
    )


def _together(item: str, parts: list[Counted]) -> Counted:
    return Counted(item, sum(part.helped for part in parts), sum(part.unhelpful for part in parts))


def _worst(parts: list[Counted]) -> Counted | None:
    known = [part for part in parts if part.said >= _ENOUGH_OF_SECTION and part.unhelpful]
    return min(known, key=lambda part: (part.percent, -part.said), default=None)
