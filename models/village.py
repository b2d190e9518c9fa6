"""The QR codes of the villages, and the village that somebody's code has told us."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.catalogue.places import Place
from knowledge.publicity import scene_of
from models.base import Base, UtcDateTime, insert_for, locked_row, now
from models.prepared import Prepared


class FollowerPlace(Base):
    """The village whose code a WeChat user scanned: a guess where a village is asked for, and nothing else."""

    __tablename__ = "follower_places"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    town: Mapped[str] = mapped_column(String(32))
    village: Mapped[str] = mapped_column(String(32))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def remember(cls, session: Session, follower_id: int, town: str, village: str) -> None:
        """This village from now on."""
        row = locked_row(session, cls, {"follower_id": follower_id}, town=town, village=village)
        row.town, row.village, row.set_at = town, village, now()

    @classmethod
    def of(cls, session: Session, follower_id: int) -> Place | None:
        """The village, or None."""
        rows = _OF.rows(session, {"of": follower_id})
        return Place(*rows[0]) if rows else None


_OF = Prepared(
    select(FollowerPlace.town, FollowerPlace.village).where(FollowerPlace.follower_id == bindparam("of")), given=("of",)
)


class VillageCode(Base):
    """The code of one village: asked for at a desk, made by the platform, drawn on the poster from `url`."""

    __tablename__ = "village_codes"

    scene: Mapped[str] = mapped_column(String(16), primary_key=True)
    town: Mapped[str] = mapped_column(String(32), index=True)
    village: Mapped[str] = mapped_column(String(32))
    url: Mapped[str | None] = mapped_column(String(255))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def ask(cls, session: Session, town: str, village: str) -> None:
        """Have the code made, unless it is asked for already."""
        row = {"scene": scene_of(town, village), "town": town, "village": village, "asked_at": now(), "next_at": now()}
        session.execute(insert_for(session)(cls).values(**row).on_conflict_do_nothing())

    @classmethod
    def claim(cls, session: Session, limit: int, back_off: timedelta) -> list[str]:
        """Scenes that wait for the platform; nobody else takes them before the back-off is over."""
        due = select(cls).where(cls.url.is_(None), cls.next_at <= now()).order_by(cls.asked_at)
        rows = session.scalars(due.limit(limit).with_for_update(skip_locked=True)).all()
        for row in rows:
            row.next_at = now() + back_off
        return [row.scene for row in rows]

    @classmethod
    def made(cls, session: Session, scene: str, url: str) -> None:
        """The platform has made the code. A permanent code of one scene is always the same: made twice does no harm."""
        session.get_one(cls, scene).url = url

    @classmethod
    def of_town(cls, session: Session, town: str) -> dict[str, VillageCode]:
        """The codes of a township by village."""
        return {row.village: row for row in session.scalars(select(cls).where(cls.town == town))}

    @classmethod
    def url_of(cls, session: Session, town: str, village: str) -> str | None:
        """What the village's code holds, once it is made."""
        return session.scalar(select(cls.url).where(cls.scene == scene_of(town, village)))
