"""并单不并人 (国办函〔2025〕66号): similar cases handled together. Each keeps its own number, clock, reply and privacy.

One case leads; the others follow it (MergedCase). Suggestions come from the loader, so that nobody is ever shown a case
that complains about them. Ten cases of one item in a week are a hot topic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from knowledge.identity import find_id_numbers, find_phones, redact
from knowledge.search import index
from models import audit
from models.base import Base, BigId, UtcDateTime, now
from models.case import OPEN, Case
from models.case_loading import cases_for, own_cases_for
from models.desk import case_to_handle
from models.staff import Staff
from models.views import names_in

_WEEKS = timedelta(weeks=6)
_LOOKED_AT = 80  # cases whose words are compared
_SHOWN = 5
_ALIKE = 0.25  # of the score that a text has with itself
_NAME = 2  # characters; a shorter one would be found in any text
HOT_FROM, HOT_WITHIN = 10, timedelta(days=7)


class MergedCase(Base):
    """A case that is handled together with a leading one. It stays a case of its own."""

    __tablename__ = "merged_cases"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    case: Mapped[Case] = relationship(foreign_keys=[case_id])
    lead: Mapped[Case] = relationship(foreign_keys=[lead_id])


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that may be about the same, and why in words for staff."""

    case: Case
    why: str


def similar_to(session: Session, staff: Staff, case: Case) -> Sequence[Similar]:
    """At most five open cases of the same item and place from the last weeks, the most alike first; those merged already are left out."""
    if case.item is None and case.town is None:
        return ()
    near = or_(Case.item == case.item, Case.item.is_(None)) if case.item else Case.item.is_(None)
    merged = exists().where(MergedCase.case_id == Case.id)
    query = own_cases_for(staff).where(
        near, Case.id != case.id, Case.status.in_(OPEN), Case.department_id == case.department_id, ~merged,
        Case.filed_at > case.filed_at - _WEEKS, Case.filed_at < case.filed_at + _WEEKS,
    )  # fmt: skip
    query = query.where(Case.town == case.town) if case.town else query
    found = {each.id: each for each in session.scalars(query.order_by(Case.id.desc()).limit(_LOOKED_AT))}
    if not found:
        return ()
    texts = [(case.id, case.text), *((each.id, each.text) for each in found.values())]
    scores = dict(index(texts).top(case.text, k=len(texts)))
    itself = scores.get(case.id) or 1.0
    ranked = sorted(found.values(), key=lambda each: -_weight(case, each, scores.get(each.id, 0.0) / itself))
    alike = [each for each in ranked if _is_alike(case, each, scores.get(each.id, 0.0) / itself)]
    return [Similar(each, _why(case, each)) for each in alike[:_SHOWN]]


def _weight(case: Case, other: Case, likeness: float) -> float:
    return likeness + (0.3 if _same_village(case, other) else 0.0) + (0.3 if other.item and other.item == case.item else 0.0)


def _is_alike(case: Case, other: Case, likeness: float) -> bool:
    same_item = other.item is not None and other.item == case.item
    return (same_item and _same_village(case, other)) or likeness >= _ALIKE


def _same_village(case: Case, other: Case) -> bool:
    return case.village is not None and (case.town, case.village) == (other.town, other.village)


def _why(case: Case, other: Case) -> str:
    place = "同村" if _same_village(case, other) else "同乡镇" if case.town and case.town == other.town else ""
    item = "同一项补贴" if other.item and other.item == case.item else ""
    return "、".join([*filter(None, (place, item)), "说的相近"])


# ---------------------------------------------------------------- together and apart


def lead_of(session: Session, case: Case) -> Case | None:
    """The case that this one follows."""
    return session.scalar(select(Case).join(MergedCase, MergedCase.lead_id == Case.id).where(MergedCase.case_id == case.id))


def members_of(session: Session, staff: Staff, case: Case) -> Sequence[Case]:
    """The cases that follow this one, as far as this person may see them."""
    following = select(MergedCase.case_id).where(MergedCase.lead_id == case.id)
    return session.scalars(cases_for(staff).where(Case.id.in_(following)).order_by(Case.id)).all()


def merge(session: Session, staff: Staff, lead_number: str, numbers: Collection[str]) -> int:
    """Handle these cases together with a leading one, which the same department answers; gives how many. All or none."""
    lead = case_to_handle(session, staff, lead_number)
    if lead.status not in OPEN:
        raise Refused("这件已经办结，不能再并了。")
    if lead_of(session, lead) is not None:
        raise Refused("这件已经并到别的办件里了。请到那一件上并。")
    if not numbers:
        raise Refused("请先勾上要并在一起办的。")
    for number in sorted(numbers):
        case = case_to_handle(session, staff, number)
        followed = session.scalar(select(exists().where(MergedCase.lead_id == case.id)))
        if case.id == lead.id or case.status not in OPEN or followed or session.get(MergedCase, case.id):
            raise Refused(f"{number}不能并：已经办结，或者已经并过了。")
        session.add(MergedCase(case_id=case.id, lead_id=lead.id, staff_id=staff.id))
        case.happened(session, "merged", staff)
        audit.record(session, staff, "case.merge", f"case:{number}", lead=lead.number)
    session.flush()
    return len(numbers)


def unmerge(session: Session, staff: Staff, number: str) -> None:
    """The case goes its own way again."""
    case = case_to_handle(session, staff, number)
    row = session.get(MergedCase, case.id)
    if row is None:
        raise Refused("这件没有和别的并在一起。")
    session.delete(row)
    case.happened(session, "unmerged", staff)
    audit.record(session, staff, "case.unmerge", f"case:{number}")


def answer_members(session: Session, staff: Staff, lead_number: str, text: str) -> int:
    """Answer each open case that follows, with its own number and to its own resident; gives how many.

    Refused where the words hold anything of one of the residents, or a number: they go to all.
    """
    lead = case_to_handle(session, staff, lead_number)
    following = session.scalars(select(Case.number).join(MergedCase, MergedCase.case_id == Case.id).where(MergedCase.lead_id == lead.id))
    cases = [case_to_handle(session, staff, number) for number in following.all()]
    waiting = [case for case in cases if case.status in OPEN]
    if not waiting:
        raise Refused("并在一起的都已经答复过了。")
    check_for_all(session, [lead, *cases], text)
    for case in waiting:
        case.answer(session, staff, text)
    return len(waiting)


def check_for_all(session: Session, cases: Sequence[Case], text: str) -> None:
    """Refused where an answer to several residents names one of them, a case's number or a telephone."""
    names = {name for found in names_in(session, cases).values() for name in found if len(name) >= _NAME}
    if any(name in text for name in names) or find_phones(text) or find_id_numbers(text) or redact(text) != text:
        raise Refused("这段话要发给好几个人，里面不能有谁的姓名、电话、号码。请改成对谁都合适的话。")
    if any(case.number in text for case in cases):
        raise Refused("这段话要发给好几个人，里面别写编号：每个人会看到自己的编号。")


# ---------------------------------------------------------------- hot topics


class HotTopic(Base):
    """Ten cases of one item within a week, in one township or (without one) in the whole county; the supervisor sees it."""

    __tablename__ = "hot_topics"
    __table_args__ = (Index("ix_hot_topics_topic", "item", "town", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item: Mapped[str] = mapped_column(String(32))
    town: Mapped[str | None] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    cases: Mapped[int] = mapped_column()
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


def notice_hot_topics(session: Session, at: datetime | None = None) -> int:
    """Raise a notice for each topic that has become hot, once a week; gives how many are new. A growing one is counted on."""
    moment = at or now()
    since = moment - HOT_WITHIN
    week = (Case.filed_at > since, Case.filed_at <= moment, Case.item.is_not(None))
    by_town = select(Case.item, Case.town, func.count()).where(*week, Case.town.is_not(None)).group_by(Case.item, Case.town)
    everywhere = select(Case.item, func.count()).where(*week).group_by(Case.item)
    hot = [(item, town, number) for item, town, number in session.execute(by_town) if number >= HOT_FROM]
    in_a_town = {item for item, _, _ in hot}
    hot += [(item, None, number) for item, number in session.execute(everywhere) if number >= HOT_FROM and item not in in_a_town]
    return sum(_notice(session, str(item), town, number, since, moment) for item, town, number in hot)


def _notice(session: Session, item: str, town: str | None, number: int, since: datetime, moment: datetime) -> int:
    query = select(HotTopic).where(HotTopic.item == item, HotTopic.town.is_(None) if town is None else HotTopic.town == town)
    found = session.scalar(query.where(HotTopic.noticed_at > since).order_by(HotTopic.id.desc()).limit(1).with_for_update())
    if found is None:
        session.add(HotTopic(item=item, town=town, since=since, cases=number, noticed_at=moment, changed_at=moment))
        return 1
    if number > found.cases:
        found.cases, found.changed_at = number, moment
    return 0


def hot_topics_for(session: Session, staff: Staff, limit: int = 50) -> Sequence[tuple[HotTopic, int]]:
    """The notices, newest first, with the number of cases that this person may see; a topic is only shown where those are enough.

    What the county complains about in one's own office shows itself to nobody there.
    """
    shown = []
    for topic in session.scalars(select(HotTopic).order_by(HotTopic.seen_at.is_not(None), HotTopic.id.desc()).limit(limit)):
        query = cases_for(staff).where(Case.item == topic.item, Case.filed_at > topic.since, Case.filed_at <= topic.changed_at)
        query = query.where(Case.town == topic.town) if topic.town else query
        number = session.scalar(query.with_only_columns(func.count())) or 0
        if number >= HOT_FROM:
            shown.append((topic, number))
    return shown


def see_hot_topic(session: Session, staff: Staff, topic_id: int) -> None:
    """The supervisor has taken note."""
    found = next((topic for topic, _ in hot_topics_for(session, staff) if topic.id == topic_id), None)
    if found is None:
        raise NotThere("没有这个热点，或者不归您看。")
    found.seen_at, found.seen_by_id = found.seen_at or now(), found.seen_by_id or staff.id
    audit.record(session, staff, "hot.seen", f"hot:{topic_id}")
