"""From what a person said to a complete filing: routed, kept from those complained about, with its date.

Chat and hotline both file through here, so that the same words go to the same desk by the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.catalogue.departments import DISCIPLINE
from knowledge.deadlines import Clocks, answer_by
from knowledge.kinds import REPORT
from knowledge.routing import Route, route
from models.attachment import Attachment
from models.base import now
from models.case import WITHDRAWN, Case, Filing
from models.delivery import CALLING, WAITING, Delivery
from models.item_owner import owned
from models.placing import placed
from models.prepared import Prepared
from models.resident import SELF, Binding
from models.staff import Department, Staff


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person said, and what was asked for or confirmed. None means: not said."""

    text: str
    source: str  # chat, hotline
    kind: str | None = None  # 咨询 投诉 举报 信访 信息公开申请 建议; None: told by the words
    item: str | None = None
    town: str | None = None
    village: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    confidential: bool = False
    for_whom: str | None = None  # 母亲, 邻居: filed for another
    accused: tuple[str, ...] = ()  # short names of departments that the resident says it is about, besides the words
    village_accused: bool = False
    matter: str = ""  # the text without what is said of the filing itself (不对，是去年的; 别让村里知道): it is routed by this


def prepared(
    session: Session,
    draft: Draft,
    clocks: Clocks,
    filed_at: datetime | None = None,
    *,
    guess: Callable[[str], str | None] | None = None,
    terms: Assigning | None = None,
) -> Filing:
    """The filing for a draft: first acceptable department that exists here, bars, kind, and the date of the answer.

    `guess` names the item of a text that names none. Where the routing is less sure than `terms` ask, the coordinator decides.
    """
    moment = filed_at or now()
    way = _routed(session, draft, guess, terms or Assigning())
    town = draft.town or way.town
    kind = draft.kind or way.kind
    place = placed(
        session, way, kind, town, draft.matter or draft.text, accused=draft.accused, contact_name=draft.contact_name, terms=terms
    )  # fmt: skip
    accuses = bool(way.accused or way.village_accused or draft.accused or draft.village_accused)
    deadline = answer_by(kind, moment, clocks)
    return Filing(
        text=draft.text, kind=kind, department=place.department,
        source=draft.source, item=draft.item, town=town,
        village=draft.village or way.village, contact_name=draft.contact_name, phone=draft.phone, urgent=way.urgent,
        confidential=draft.confidential or way.confidential or is_sealed(kind, place.department, accuses), why=way.why, barred=place.barred,
        due_at=deadline.due if deadline else None, due_trail=deadline.trail if deadline else (),
        provisional=deadline.provisional if deadline else False,
        village_barred=place.village_barred or draft.village_accused, for_whom=draft.for_whom,
        barred_people=place.barred_people, watched_by=place.watched_by, suggestions=place.suggestions, triage=place.triage,
    )  # fmt: skip


def _routed(session: Session, draft: Draft, guess: Callable[[str], str | None] | None, terms: Assigning) -> Route:
    """By the rules, the county's word on the item, and what earlier cases have taught; not that where anybody is complained about."""
    words = draft.matter or draft.text
    way = owned(session, route(words, item=draft.item, town=draft.town, guess=guess), draft.item)
    if draft.kind == REPORT or draft.confidential or draft.accused or draft.village_accused:
        return way
    return terms.precedents().applied(way, words, item=draft.item, town=draft.town)


def is_sealed(kind: str, department: Department, accuses: bool) -> bool:
    """Whether a case goes sealed whatever was wished: 举报 of officials, and whatever the discipline office takes as one."""
    return kind == REPORT and (accuses or department.name == DISCIPLINE)


def join_photos(session: Session, case: Case, follower_id: int, after: datetime) -> None:
    """Photos and voices that the resident sent shortly before, and that belong to no case yet, go with this one."""
    mine = (Attachment.follower_id == follower_id) & Attachment.case_id.is_(None)
    session.execute(
        update(Attachment).where(mine, Attachment.received_at > after).values(case_id=case.id),
        execution_options={"synchronize_session": False},
    )


def photos_waiting(session: Session, follower_id: int, after: datetime) -> Mapping[str, int]:
    """How many photos (image) and voices (voice) would go with a case that is filed now."""
    return dict(_WAITING.rows(session, {"of": follower_id, "after": after}))


_WAITING = Prepared(
    select(Attachment.kind, func.count())
    .where(Attachment.follower_id == bindparam("of"), Attachment.case_id.is_(None), Attachment.received_at > bindparam("after"))
    .group_by(Attachment.kind),
    given=("of", "after"),
)


def say_lost(session: Session, case_id: int, kind: str) -> bool:
    """Tell the resident that a photo or voice did not arrive, once for each case; False if that was said, or nobody is there to hear."""
    case = session.get_one(Case, case_id, with_for_update=True)
    if any(event.what == "lost" for event in case.events) or case.follower_id is None or case.status == WITHDRAWN:
        return False
    what = "照片" if kind == "image" else "录音"
    event = case.happened(session, "lost", None, public=True)
    case.tell(event, f"您的事（编号{case.number}）有{what}没收到。请再发一次：发“补充情况”，再发{what}。")
    return True


def tell_person(session: Session, case: Case, by: Staff, resident_id: int | None = None) -> bool:
    """代办: tell the person that somebody has filed for them; False where nobody can be reached.

    By WeChat where the person is bound to one and nobody else is, for then the message is sure to be theirs; else by
    the hotline's telephone where a number was left. Nothing of what was filed is in it but the number: phones are shared.
    """
    said = (
        f"{by.department.full_name if by.department else '热线'}的{by.name}替您登记了一件事，编号{case.number}，由{case.department.full_name}负责。"
        "不是您的意思，请打12345说一声。"
    )
    own = _own_wechat(session, resident_id) if resident_id is not None else None
    if own is None and not case.phone:
        return False
    status = CALLING if own is None else WAITING
    session.add(Delivery(follower_id=own, case_id=case.id, text=said, status=status))
    return True


def _own_wechat(session: Session, resident_id: int) -> int | None:
    query = select(Binding.follower_id).where(Binding.resident_id == resident_id, Binding.ended_at.is_(None))
    found = session.scalars(query.where(Binding.relation == SELF)).all()
    return found[0] if len(found) == 1 else None
