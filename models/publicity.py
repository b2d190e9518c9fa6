"""公示: how widely the county shows each item's lists, and the lists that hang, one for each village and batch.

A list is a snapshot of masked lines, made when it is hung. It goes when its time is over, when it is taken down, when
a file that it was made from is withdrawn, and when the county decides to show less of the item.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Exists, ForeignKey, Index, Select, SmallInteger, String, exists, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.catalogue.departments import COORDINATOR
from knowledge.catalogue.items import ITEMS
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.publicity import BOARD, EXPOSURES, NEVER, Listed, code_of, narrower, needs_second_look, rule_of
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, Encrypted, UtcDateTime, now
from models.payment import LIVE, Batch
from models.staff import TOWNSHIP, Permission, Staff


class ItemExposure(Base):
    """How widely the county shows the lists of one item, where it has decided otherwise than the catalogue."""

    __tablename__ = "item_exposures"

    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    exposure: Mapped[str] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    @classmethod
    def of(cls, session: Session, item: str) -> str:
        """never, board or web."""
        return session.scalar(select(cls.exposure).where(cls.item == item)) or rule_of(item).exposure

    @classmethod
    def all(cls, session: Session) -> dict[str, str]:
        """The exposure of every item, in the order of the county's list."""
        decided = {row.item: row.exposure for row in session.scalars(select(cls))}
        return {item: decided.get(item) or rule_of(item).exposure for item in ITEMS}

    @classmethod
    def decide(cls, session: Session, staff: Staff, item: str, exposure: str, reason: str, *, sure: bool) -> None:
        """Show an item's lists so widely from now on. Refused without a reason, or unconfirmed where that is asked."""
        if not staff.may(Permission.EXPOSURE):
            raise NotAllowed
        if item not in ITEMS or exposure not in EXPOSURES:
            raise NotThere
        if len(reason.strip()) < 4:
            raise Refused("请写明为什么这样定，至少4个字。")
        if needs_second_look(item, exposure) and not sure:
            raise Refused("这一项涉及敏感信息，要再确认一次。")
        was = cls.of(session, item)
        session.merge(cls(item=item, exposure=exposure, changed_at=now(), changed_by_id=staff.id))
        audit.record(session, staff, "exposure.decide", f"item:{item}", was=was, now=exposure, reason=reason.strip())


class PublicationBatch(Base):
    """A file from which a list was made."""

    __tablename__ = "publication_batches"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True, index=True)


class Publication(Base):
    """One list of one village. `lines` are masked before they are kept, and deleted when the list is gone."""

    __tablename__ = "publications"
    __table_args__ = (Index("ix_publications_place", "town", "village", "ends_on"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    item: Mapped[str] = mapped_column(String(32), index=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[str] = mapped_column(String(64))
    town: Mapped[str] = mapped_column(String(32))
    village: Mapped[str] = mapped_column(String(32))
    exposure: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column(index=True)
    persons: Mapped[int] = mapped_column()
    total_fen: Mapped[int] = mapped_column(BigId)
    lines: Mapped[list[list[str | int | None]] | None] = mapped_column(Encrypted("publications.lines"), deferred=True)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def code(self) -> str:
        """GS-1024, by which an objection names the list."""
        return code_of(self.number)

    @property
    def listed(self) -> list[Listed]:
        """The masked lines; none once the list is gone."""
        return [Listed(*line) for line in self.lines or ()]  # type: ignore[arg-type]

    def hangs(self, today: date) -> bool:
        """Whether this is a day of its period; a list that was taken down hangs no more."""
        return self.ended_at is None and self.starts_on <= today <= self.ends_on

    def is_coming(self, today: date) -> bool:
        """Whether its period has yet to begin."""
        return self.ended_at is None and today < self.starts_on

    def take_down(self, session: Session, staff: Staff, reason: str) -> None:
        """Off the web at once, before its time."""
        if self.ended_at is not None or self.ends_on < beijing(now()).date():
            raise Refused("这份名单已经不在公示了。")
        if len(reason.strip()) < 2:
            raise Refused("请写明为什么撤下。")
        self.ended_at, self.lines = now(), None
        audit.record(session, staff, "publicity.down", f"publicity:{self.code}", reason=reason.strip())

    @classmethod
    def by_code(cls, session: Session, code: str) -> Publication | None:
        """The list with this code, whatever has become of it."""
        digits = code.upper().removeprefix("GS-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            return None
        return session.scalar(select(cls).where(cls.number == int(digits)))

    @classmethod
    def hanging(
        cls, session: Session, today: date, town: str | None = None, village: str | None = None, item: str | None = None
    ) -> Sequence[Publication]:
        """The lists that hang today, by village and item; none whose file was withdrawn or whose item is not shown."""
        query = select(cls).where(cls.ended_at.is_(None), cls.starts_on <= today, cls.ends_on >= today, ~_rests_on_sand())
        for column, wanted in ((cls.town, town), (cls.village, village), (cls.item, item)):
            if wanted is not None:
                query = query.where(column == wanted)
        shown = ItemExposure.all(session)
        found = session.scalars(query.order_by(cls.town, cls.village, cls.ends_on, cls.id))
        return [one for one in found if shown.get(one.item, BOARD) != NEVER]

    def exposure_now(self, session: Session) -> str:
        """How widely it is shown at this moment: never wider than when it was hung, nor than the item is shown now."""
        if session.scalar(select(_rests_on_sand()).select_from(Publication).where(Publication.id == self.id)):
            return NEVER
        return narrower(self.exposure, ItemExposure.of(session, self.item))

    @classmethod
    def clear_gone(cls, session: Session) -> int:
        """Delete the lines of every list that is gone; what it was about, and how long it hung, stays."""
        today = beijing(now()).date()
        gone = or_(cls.ended_at.is_not(None), cls.ends_on < today, _rests_on_sand())
        done = session.execute(
            update(cls).where(gone, cls.lines.is_not(None)).values(lines=None).execution_options(synchronize_session=False)
        )
        return int(done.rowcount)  # type: ignore[attr-defined]


def _rests_on_sand() -> Exists:
    """Whether a file that the list was made from does not count any more."""
    return exists().where(
        PublicationBatch.publication_id == Publication.id, Batch.id == PublicationBatch.batch_id, Batch.status != LIVE
    )


# ---------------------------------------------------------------- who may do what


def issues_allowed(staff: Staff, item: str, town: str | None) -> bool:
    """Whether this person hangs lists of the item in the township: a township its own, a bureau its items, the county all."""
    if not staff.may(Permission.PUBLISH):
        return False
    home = staff.department
    if home is None or home.name == COORDINATOR:
        return True
    if home.kind == TOWNSHIP:
        return town is None or town == home.town
    return item in ITEMS and ITEMS[item].department == home.name


def lists_for(staff: Staff) -> Select[Publication]:
    """The lists that this person may print and take down, the newest first."""
    query = select(Publication).order_by(Publication.id.desc())
    home = staff.department
    if not staff.may(Permission.PUBLISH):
        raise NotThere
    if home is None or home.name == COORDINATOR:
        return query
    if home.kind == TOWNSHIP:
        return query.where(Publication.town == home.town)
    return query.where(Publication.item.in_([item for item in ITEMS if ITEMS[item].department == home.name]))


def list_for(session: Session, staff: Staff, code: str) -> Publication:
    """One of those lists, or NotThere."""
    found = Publication.by_code(session, code)
    if found is None or not issues_allowed(staff, found.item, found.town):
        raise NotThere("没有这份名单，或者不归您管。")
    return found
