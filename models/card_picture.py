"""Pictures of the 明白卡 that were asked for in the chat: drawn by the worker, then delivered like everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, UtcDateTime, insert_for, now
from models.delivery import Delivery
from models.resident import Binding

_BACK_OFF = timedelta(seconds=30)  # until somebody else draws what one worker did not get done
_PATIENCE = timedelta(minutes=10)  # somebody waits with the phone in the hand


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to be drawn: of whom, and which year."""

    picture_id: int
    resident_id: int
    year: int


class CardPicture(Base):
    """One picture asked for and not yet handed to the outbox. The picture itself is nowhere in this database.

    Drawing and uploading it does nothing that anybody sees, so it may happen twice; the row and the one delivery that
    comes of it change places in one transaction.
    """

    __tablename__ = "card_pictures"
    __table_args__ = (Index("ix_card_pictures_whose", "follower_id", "resident_id", "year", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)

    @classmethod
    def ask(cls, session: Session, follower_id: int, resident_id: int, year: int) -> None:
        """Have it drawn, unless it is about to be."""
        row = {"follower_id": follower_id, "resident_id": resident_id, "year": year, "asked_at": now(), "next_at": now()}
        session.execute(insert_for(session)(cls).values(**row).on_conflict_do_nothing())

    @classmethod
    def any_due(cls, session: Session) -> bool:
        """Whether one waits to be drawn."""
        return session.scalar(select(cls.id).where(cls.next_at <= now()).limit(1)) is not None

    @classmethod
    def claim(cls, session: Session, limit: int) -> list[Order]:
        """Some to draw; nobody else takes them for a while. What was asked for too long ago is told and forgotten."""
        due = select(cls).where(cls.next_at <= now()).order_by(cls.id).limit(limit).with_for_update(skip_locked=True)
        orders = []
        for row in session.scalars(due).all():
            row.next_at = now() + _BACK_OFF
            if row.asked_at < now() - _PATIENCE:
                row._hand_over(session, None)
            elif row._is_still_wanted(session):
                orders.append(Order(row.id, row.resident_id, row.year))
            else:
                session.delete(row)
        return orders

    @classmethod
    def uploaded(cls, session: Session, picture_id: int, media_id: str) -> None:
        """The platform has the picture: it goes into the outbox, unless it is there already or not wanted any more."""
        row = session.get(cls, picture_id, with_for_update=True)
        if row is None:
            return
        if row._is_still_wanted(session):
            row._hand_over(session, media_id)
        else:
            session.delete(row)

    def _is_still_wanted(self, session: Session) -> bool:
        return any(each.resident_id == self.resident_id for each in Binding.of(session, self.follower_id))

    def _hand_over(self, session: Session, media_id: str | None) -> None:
        said = f"{self.year}年明白卡的图没能发给您。还想要，就再发一次“{self.year}年明白卡”。"
        # The platform's notices speak of answers: none goes ahead of a picture.
        session.add(
            Delivery(follower_id=self.follower_id, text=said, media_id=media_id, notified_at=now(), extra=True)
        )
        session.delete(self)
