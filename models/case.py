"""Cases: what a resident files, which department answers for it, and everything that happened to it since."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, select, update
from sqlalchemy import false as sql_false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import Refused
from knowledge.wording import BEING_PLACED
from models import audit
from models.attachment import Attachment
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, keyring_of, now
from models.case_bar import CaseBar, StaffBar
from models.case_event import CaseEvent
from models.delivery import CALLING, WAITING, Delivery
from models.follower import Follower
from models.handover import ASKED, Handover
from models.platform import Counter
from models.staff import Department, Staff

FILED, ACCEPTED, ANSWERED, WITHDRAWN = "filed", "accepted", "answered", "withdrawn"
OPEN = (FILED, ACCEPTED)
DOUBT, ELSEWHERE, BARRED, RETURNED, UNANSWERED = "doubt", "elsewhere", "barred", "returned", "unanswered"
UNPLACED = (DOUBT, ELSEWHERE, BARRED)  # at the coordinator's desk; what was returned stays with who has it meanwhile
_BEIJING = ZoneInfo("Asia/Shanghai")
_BY_TELEPHONE = ("answered", "to_correct", "not_corrected")


Suggestion = Mapping[str, Any]
"""A department that a case may belong to: `department` (short name), `confidence` (0 to 1), `why` (for staff)."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed, complete: the words, where and what about, whom to call back, and where it goes by when."""

    text: str
    kind: str
    department: Department
    source: str  # chat, hotline
    item: str | None = None
    town: str | None = None
    village: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    urgent: bool = False
    confidential: bool = False
    why: str = ""
    barred: Sequence[Department] = ()
    due_at: datetime | None = None
    due_trail: Sequence[str] = ()
    provisional: bool = False
    village_barred: bool = False
    barred_people: Sequence[Staff] = ()
    watched_by: Department | None = None  # under whose supervision a decision of the department itself is answered
    suggestions: Sequence[Suggestion] = ()
    triage: str | None = None  # why the coordinator decides first; None: the department has it
    for_whom: str | None = None  # what the person is to whoever filed it (母亲, 邻居), or whom staff filed it for


class Case(Base):
    """One case. `code` is known to the resident alone and stored as a keyed hash; it opens the progress to others' phones."""

    __tablename__ = "cases"
    __table_args__ = (
        # Queues and their counts are read from these alone.
        Index("ix_cases_queue", "department_id", "status", "due_at", "urgent", "id"),
        Index("ix_cases_status", "status", "due_at", "urgent", "id"),
        Index("ix_cases_triage", "triage", "triage_since"),
        Index("ix_cases_due", "status", "due_at"),
        Index("ix_cases_follower_id", "follower_id"),
        Index("ix_cases_item", "item", "town", "filed_at"),
        Index("ix_cases_village", "town", "village", "status", "due_at", "id"),
        Index("ix_cases_assigned_at", "assigned_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16), default=FILED)
    source: Mapped[str] = mapped_column(String(16))
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    item: Mapped[str | None] = mapped_column(String(32))
    town: Mapped[str | None] = mapped_column(String(32))
    village: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(EncryptedText("cases.text"))
    contact_name: Mapped[str | None] = mapped_column(EncryptedText("cases.contact_name"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("cases.phone"))
    urgent: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(EncryptedText("cases.why"))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_trail: Mapped[list[str] | None] = mapped_column(Encrypted("cases.due_trail"))
    provisional: Mapped[bool] = mapped_column(default=False)
    counts_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # where not from filing
    stopped: Mapped[str | None] = mapped_column(String(12))  # why the clock stands still
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now)
    triage: Mapped[str | None] = mapped_column(String(12))
    triage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suggestions: Mapped[list[Suggestion] | None] = mapped_column(Encrypted("cases.suggestions"))
    returns: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    village_barred: Mapped[bool] = mapped_column(default=False, server_default=sql_false())
    watched_by_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)  # who took it on
    for_whom: Mapped[str | None] = mapped_column(EncryptedText("cases.for_whom"))
    department: Mapped[Department] = relationship(foreign_keys=[department_id])
    watched_by: Mapped[Department | None] = relationship(foreign_keys=[watched_by_id])
    handler: Mapped[Staff | None] = relationship(foreign_keys=[handler_id])
    handovers: Mapped[list[Handover]] = relationship(order_by="Handover.id", back_populates="case")
    events: Mapped[list[CaseEvent]] = relationship(order_by="CaseEvent.id", back_populates="case")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")

    @classmethod
    def file(
        cls, session: Session, filing: Filing, *, follower: Follower | None = None, staff: Staff | None = None
    ) -> tuple[Case, str]:
        """File a case. Gives it and the six-digit code that is shown to the resident once and never stored in clear."""
        if filing.department in filing.barred:
            raise Refused("被反映的单位不能办这件事，请另选一个部门。")
        number = _next_number(session)
        code = f"{secrets.randbelow(900_000) + 100_000}"
        case = cls(
            number=number, code_hash=_code_hash(session, number, code), kind=filing.kind, source=filing.source,
            follower_id=follower.id if follower else None, department=filing.department, item=filing.item,
            town=filing.town, village=filing.village, text=filing.text, contact_name=filing.contact_name,
            phone=filing.phone, urgent=filing.urgent, confidential=filing.confidential, why=filing.why,
            due_at=filing.due_at, due_trail=list(filing.due_trail), provisional=filing.provisional,
            triage=filing.triage, triage_since=now() if filing.triage else None, suggestions=list(filing.suggestions) or None,
            village_barred=filing.village_barred, watched_by=filing.watched_by, for_whom=filing.for_whom,
        )  # fmt: skip
        session.add(case)
        session.flush()
        session.add_all(CaseBar(case_id=case.id, department_id=one.id) for one in filing.barred)
        session.add_all(StaffBar(case_id=case.id, staff_id=one.id) for one in filing.barred_people)
        case.happened(session, "filed", staff, public=True)
        audit.record(session, staff or "resident", "case.file", f"case:{number}", kind=filing.kind)
        return case, code

    def opens_with(self, session: Session, code: str) -> bool:
        """Whether this is the code that was given at filing."""
        keys = keyring_of(session.get_bind().dialect).index
        hashes = [_code_hash(session, self.number, code, key) for key in keys]  # filed before a change of keys, or after
        return any([secrets.compare_digest(self.code_hash, each) for each in hashes])

    def accept(self, session: Session, staff: Staff) -> None:
        """The department takes the case on."""
        if self.status != FILED:
            raise Refused("这件事已经有人接办了。刷新一下就能看到。")
        if self.is_unplaced:
            raise Refused("这件事还在分派，定了由谁办才能接办。")
        last = self.events[-1] if self.events else None
        told_already = last is not None and last.what == "assigned" and last.public  # by whom it will be answered
        self.settle()
        self.status, self.accepted_at, self.handler_id = ACCEPTED, now(), staff.id
        event = self.happened(session, "accepted", staff, public=True)
        if not told_already:
            self.tell(event, f"您的事（编号{self.number}）已由{self.department.full_name}接办。")
        audit.record(session, staff, "case.accept", f"case:{self.number}")

    def answer(self, session: Session, staff: Staff, text: str) -> None:
        """The department's answer: event, audit row and delivery in the caller's one commit."""
        if self.status == WITHDRAWN:
            raise Refused("这件事群众已经撤回，不用再答复。")
        if not text.strip():
            raise Refused("请写上答复内容。")
        self.settle()
        self.accepted_at, self.handler_id = self.accepted_at or now(), self.handler_id or staff.id
        self.status, self.answered_at = ANSWERED, now()
        event = self.happened(session, "answered", staff, text.strip(), public=True)
        self.tell(event, f"{self.department.full_name}答复了您的事（编号{self.number}）：\n{text.strip()}")
        audit.record(session, staff, "case.answer", f"case:{self.number}")

    @property
    def is_unplaced(self) -> bool:
        """Whether nobody but the coordinator's desk has it: the resident is told 正在分派."""
        return self.triage in UNPLACED

    @property
    def answered_by(self) -> str:
        """Who answers, as the resident is told."""
        return BEING_PLACED if self.is_unplaced else f"由{self.department.full_name}负责答复。"

    @property
    def offered(self) -> Handover | None:
        """The offer to another department that still waits for its yes or no."""
        return next((one for one in self.handovers if one.state == ASKED), None)

    def settle(self) -> None:
        """It is clear who answers: no longer at the coordinator's desk, and offered to nobody."""
        self.triage = self.triage_since = None
        if offered := self.offered:
            offered.lapse()

    def note(self, session: Session, staff: Staff, text: str) -> None:
        """An internal note; it never reaches the resident."""
        if not text.strip():
            raise Refused("请写上内容。")
        self.happened(session, "noted", staff, text.strip())
        audit.record(session, staff, "case.note", f"case:{self.number}")

    def telephoned(self, session: Session, staff: Staff, delivery: Delivery, reached: bool) -> None:
        """The hotline rang the person with what could not be delivered: told, or nobody answered."""
        if delivery.status != CALLING:
            raise Refused("这个电话已经有人打过了。刷新一下就能看到。")
        delivery.called() if reached else delivery.nobody_answered()
        self.happened(session, "called" if reached else "rang", staff)
        audit.record(session, staff, "call.done" if reached else "call.missed", f"case:{self.number}")

    def add(self, session: Session, text: str) -> None:
        """The resident adds to the case; whom the new words accuse sees no more of it, and what they make urgent is."""
        from models.avoidance import keep_from_accused
        from models.duty_text import is_urgent_now

        if self.status == WITHDRAWN:
            raise Refused("这件事已经撤回了。要重新反映，请发“我要投诉”。")
        self.happened(session, "added", None, text, public=True)
        way = keep_from_accused(session, self, text)
        if way.urgent and not self.urgent and self.status in OPEN:
            self.urgent = True
            self.happened(session, "urgent", None)
            is_urgent_now(session, self)
        audit.record(session, "resident", "case.add", f"case:{self.number}")

    def withdraw(self, session: Session) -> None:
        """The resident takes the case back."""
        if self.status not in OPEN:
            raise Refused("这件事已经办结，不用撤回了。")
        self.settle()
        self.status = WITHDRAWN
        self.happened(session, "withdrawn", None, public=True)
        audit.record(session, "resident", "case.withdraw", f"case:{self.number}")

    @classmethod
    def by_number(cls, session: Session, number: str) -> Case | None:
        """A case by its number alone: only for somebody who also proves the code."""
        return session.scalar(select(cls).where(cls.number == number))

    @classmethod
    def of_follower(cls, session: Session, follower_id: int, limit: int = 10) -> list[Case]:
        """A resident's own cases, newest first."""
        return list(
            session.scalars(select(cls).where(cls.follower_id == follower_id).order_by(cls.id.desc()).limit(limit))
        )

    @classmethod
    def awaited_by(cls, session: Session, follower_id: int) -> bool:
        """Whether a resident waits for the answer to a case."""
        waits = select(cls.id).where(cls.follower_id == follower_id, cls.status.in_(OPEN))
        return session.scalar(waits.limit(1)) is not None

    @classmethod
    def detach(cls, session: Session, follower: Follower) -> None:
        """The person unfollowed: the cases stay, without the way back to the WeChat user."""
        session.execute(update(cls).where(cls.follower_id == follower.id).values(follower_id=None))

    def happened(
        self, session: Session, what: str, staff: Staff | None, text: str | None = None, *, public: bool = False,
        moved: tuple[Department, Department] | None = None,
    ) -> CaseEvent:  # fmt: skip
        """Add to the story. Not `public`: the resident never sees it, nor its text."""
        event = CaseEvent(case_id=self.id, what=what, staff_id=staff.id if staff else None, text=text, public=public)
        if moved:
            event.from_department_id, event.to_department_id = moved[0].id, moved[1].id
        session.add(event)
        return event

    def tell(self, event: CaseEvent, text: str) -> None:
        """Send the resident what happened."""
        # Whoever came without WeChat is telephoned with the answer, and with what they have to do for it, not for every step
        # on the way; 12345 tells its callers itself, from what is handed back to it.
        if self.source == "12345":
            return
        if self.follower_id is not None or event.what in _BY_TELEPHONE:
            status = CALLING if self.follower_id is None else WAITING
            event.deliveries.append(
                Delivery(follower_id=self.follower_id, case_id=self.id, text=text, status=status)
            )


def _next_number(session: Session) -> str:
    day = now().astimezone(_BEIJING).strftime("%Y%m%d")
    return f"YJ{day}-{Counter.next(session, f'case:{day}'):04d}"


def _code_hash(session: Session, number: str, code: str, key: str | None = None) -> bytes:
    return keyring_of(session.get_bind().dialect).blind_index(f"{number}:{code}", "case_code", key)
