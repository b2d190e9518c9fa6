"""From the payments of an issue to the lists of its villages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks
from knowledge.errors import Refused
from knowledge.publicity import (
    BOARD,
    FEWEST_ON_WEB,
    LONGEST,
    NEVER,
    WEB,
    Listed,
    bare_village,
    earliest_end,
    in_order,
    shown_name,
)
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.payment import DROPPED, LIVE, Batch, Payment
from models.platform import Counter
from models.publicity import ItemExposure, Publication, PublicationBatch, issues_allowed
from models.resident import Resident
from models.staff import Staff

_FIRST_NUMBER = 1000
_AT_ONCE = 5000  # rows read from the database at a time


@dataclass(frozen=True, slots=True)
class Issue:
    """What one set of lists is about: an item, its year, and the bureau's own label of the batch."""

    item: str
    year: int
    period: str


@dataclass(slots=True)
class Extent:
    """How much something holds: an issue in a file, or a village in an issue. `total_fen` in 分."""

    persons: int = 0
    total_fen: int = 0

    def count(self, amount_fen: int) -> None:
        """One person more."""
        self.persons, self.total_fen = self.persons + 1, self.total_fen + amount_fen


def issues_in(session: Session, staff: Staff, batch_id: int) -> Mapping[Issue, Extent]:
    """What a file holds for this person to hang, with persons and total."""
    counted = (
        select(Payment.item, Payment.year, Payment.period, func.count(), func.sum(Payment.amount_fen))
        .join(Batch, Batch.id == Payment.batch_id)
        .where(Payment.batch_id == batch_id, Batch.status == LIVE)
        .group_by(Payment.item, Payment.year, Payment.period)
        .order_by(Payment.item, Payment.year, Payment.period)
    )
    return {
        Issue(item, year, period): Extent(persons, int(total))
        for item, year, period, persons, total in session.execute(counted)
        if issues_allowed(staff, item, None)
    }


@dataclass(slots=True)
class Villages:
    """An issue by township and village, as far as one person may hang it; `homeless`: rows that name no village."""

    extents: dict[tuple[str, str], Extent] = field(default_factory=lambda: defaultdict(Extent))
    homeless: int = 0


def villages_of(session: Session, staff: Staff, issue: Issue) -> Villages:
    """Where the people of an issue live, with how many and how much."""
    found = Villages()
    for row in _rows(session, issue):
        if not row.town or not row.village:
            found.homeless += 1
        elif issues_allowed(staff, issue.item, row.town):
            found.extents[row.town, bare_village(row.town, row.village)].count(row.amount_fen)
    found.extents = dict(sorted(found.extents.items()))
    return found


@dataclass(frozen=True, slots=True)
class Ready:
    """A list that was read and masked, and only has to be hung."""

    issue: Issue
    town: str
    village: str
    lines: list[Listed]
    batches: frozenset[int]
    exposure: str
    starts_on: date
    ends_on: date

    def hang(self, session: Session, staff: Staff) -> Publication:
        """Hang it; one that hangs there for the same issue is replaced. Short: the long reading is done."""
        _replace(session, self)
        made = Publication(
            number=_FIRST_NUMBER + Counter.next(session, "publication"), item=self.issue.item, year=self.issue.year,
            period=self.issue.period, town=self.town, village=self.village, exposure=self.exposure,
            starts_on=self.starts_on, ends_on=self.ends_on, persons=len(self.lines),
            total_fen=sum(line.amount_fen for line in self.lines), published_by_id=staff.id,
            lines=[[line.name, line.quantity, line.unit, line.amount_fen] for line in self.lines],
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all(PublicationBatch(publication_id=made.id, batch_id=each) for each in sorted(self.batches))
        audit.record(
            session, staff, "publicity.hang", f"publicity:{made.code}", item=made.item, village=self.town + self.village,
            exposure=made.exposure, until=made.ends_on.isoformat(),
        )  # fmt: skip
        return made


def ready(
    session: Session, staff: Staff, issue: Issue, places: Collection[tuple[str, str]], days: tuple[date, date], clocks: Clocks
) -> list[Ready]:
    """The lists of these villages, to hang from the first to the last of `days`. Refused against a rule."""
    exposure = ItemExposure.of(session, issue.item)
    if exposure == NEVER:
        raise Refused(f"“{issue.item}”定的是不公示名单。确需公示，先请县里改“公示范围”。")
    if not places:
        raise Refused("请至少选一个村。")
    _check_days(issue.item, days, clocks)
    lists = _lists(session, issue, places)
    if set(lists) != set(places) or not all(issues_allowed(staff, issue.item, town) for town, _ in places):
        raise Refused("选的村里有的没有这一批的名单。请刷新后再选。")
    return [
        Ready(issue, *place, in_order(found.lines), frozenset(found.batches), _width(exposure, found), *days)
        for place, found in sorted(lists.items(), key=lambda each: each[0])
    ]


def _width(exposure: str, found: _List) -> str:
    return BOARD if exposure == WEB and len(found.lines) < FEWEST_ON_WEB else exposure


def _check_days(item: str, days: tuple[date, date], clocks: Clocks) -> None:
    starts_on, ends_on = days
    least = earliest_end(item, starts_on, clocks)
    if ends_on < least:
        raise Refused(f"公示的日子不够：{starts_on.isoformat()}开始的，最早到{least.isoformat()}结束。")
    if (ends_on - starts_on).days > LONGEST or ends_on < beijing(now()).date():
        raise Refused(f"公示的日子不对：最长{LONGEST}天，结束那天不能已经过去。")


@dataclass(slots=True)
class _List:
    lines: list[Listed] = field(default_factory=list)
    batches: set[int] = field(default_factory=set)


def _lists(session: Session, issue: Issue, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], _List]:
    lists: dict[tuple[str, str], _List] = defaultdict(_List)
    for row in _rows(session, issue, {town for town, _ in places}):
        place = (row.town, bare_village(row.town, row.village or ""))
        if place in places:
            lists[place].lines.append(Listed(shown_name(row.name), row.quantity, row.unit, row.amount_fen))
            lists[place].batches.add(row.batch_id)
    return dict(lists)


_PLAIN = (
    Payment.resident_id, Payment.batch_id, Payment.quantity, Payment.unit, Payment.amount_fen, Resident.town,
    Resident.village, Payment.stage,
)  # fmt: skip


def _rows(session: Session, issue: Issue, towns: Collection[str] = ()) -> Iterator[Row]:  # type: ignore[type-arg]
    """The row of each person of the issue, from the newest file that has one; with the name where towns are given."""
    live = session.execute(select(Batch.id, Batch.items).where(Batch.status == LIVE))
    # A batch without items only takes payments back.
    holds = [batch_id for batch_id, items in live if not items or [issue.item, issue.year] in [list(one) for one in items]]
    query = (
        select(*_PLAIN, *((Resident.name,) if towns else ()))
        .join(Resident, Resident.id == Payment.resident_id)
        .where(
            Payment.batch_id.in_(holds), Payment.item == issue.item, Payment.year == issue.year,
            Payment.period == issue.period, *((Resident.town.in_(towns),) if towns else ()),
        )
        .order_by(Payment.batch_id.desc(), Payment.id)
    )  # fmt: skip
    seen: set[int] = set()
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        if row.resident_id not in seen:
            seen.add(row.resident_id)
            if row.stage != DROPPED:
                yield row


def _replace(session: Session, new: Ready) -> None:
    same = (
        Publication.item == new.issue.item, Publication.year == new.issue.year, Publication.period == new.issue.period,
        Publication.town == new.town, Publication.village == new.village, Publication.ended_at.is_(None),
    )  # fmt: skip
    session.execute(update(Publication).where(*same).values(ended_at=now(), lines=None))
