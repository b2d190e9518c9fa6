"""What a WeChat user has agreed to, with the wording's version and the moment (个人信息保护法 第14、15条)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, locked_row, now

LOOKUP, PAID_NOTICES = "lookup", "paid_notices"


class Agreement(Base):
    """One agreement of one WeChat user: to the use of the ID number, or to notices of money paid."""

    __tablename__ = "agreements"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, default=0)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def stands(cls, session: Session, follower_id: int, kind: str, version: int = 1) -> bool:
        """Whether this user has agreed to this wording, or a newer one, and not taken it back."""
        found = session.scalar(select(cls).where(cls.follower_id == follower_id, cls.kind == kind))
        return found is not None and found.version >= version and found.ended_at is None

    @classmethod
    def given(cls, session: Session, follower_id: int, kind: str, version: int = 1) -> None:
        """The user agrees now."""
        found = locked_row(session, cls, {"follower_id": follower_id, "kind": kind}, version=version)
        found.version, found.agreed_at, found.ended_at = version, now(), None

    @classmethod
    def taken_back(cls, session: Session, follower_id: int, kind: str) -> None:
        """The user no longer agrees."""
        found = locked_row(session, cls, {"follower_id": follower_id, "kind": kind})
        found.ended_at = now()
