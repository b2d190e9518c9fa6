"""Cases: what a resident files, which department answers for it, and everything that happened to it since."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, LargeBinary, Select, String, exists, false, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from models import audit
from models.base import Base, BigId, Encrypted, EncryptedBytes, EncryptedText, UtcDateTime, keyring_of, now
from models.delivery import CALLING, WAITING, Delivery
from models.follower import Follower
from models.platform import Counter
from models.staff import Department, Permission, Staff

FILED, ACCEPTED, ANSWERED, WITHDRAWN = "filed", "accepted", "answered", "withdrawn"
OPEN = (FILED, ACCEPTED)
_BEIJING = ZoneInfo("Asia/Shanghai")


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


class CaseBar(Base):
    """A department that is complained about in a case never sees it (回避, 信访工作条例 第28、30、46条)."""

    __tablename__ = "case_bars"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)


class Case(Base):
    """One case. `code` is known to the resident alone and stored as a keyed hash; it opens the progress to others' phones."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_queue", "department_id", "status", "due_at"),
        Index("ix_cases_follower_id", "follower_id"),
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
    department: Mapped[Department] = relationship()
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
        )  # fmt: skip
        session.add(case)
        session.flush()
        for department in filing.barred:
            session.add(CaseBar(case_id=case.id, department_id=department.id))
        case._happened(session, "filed", staff, public=True)
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
        self.status, self.accepted_at = ACCEPTED, now()
        event = self._happened(session, "accepted", staff, public=True)
        self._tell(event, f"您的事（编号{self.number}）已由{self.department.full_name}接办。")
        audit.record(session, staff, "case.accept", f"case:{self.number}")

    def answer(self, session: Session, staff: Staff, text: str) -> None:
        """The department's answer: event, audit row and delivery in the caller's one commit."""
        if self.status == WITHDRAWN:
            raise Refused("这件事群众已经撤回，不用再答复。")
        if not text.strip():
            raise Refused("请写上答复内容。")
        self.accepted_at = self.accepted_at or now()
        self.status, self.answered_at = ANSWERED, now()
        event = self._happened(session, "answered", staff, text.strip(), public=True)
        self._tell(event, f"{self.department.full_name}答复了您的事（编号{self.number}）：\n{text.strip()}")
        audit.record(session, staff, "case.answer", f"case:{self.number}")

    def transfer(self, session: Session, staff: Staff, department: Department, reason: str) -> None:
        """Hand the case to another department, with a reason; never to one that it complains about."""
        if self.status not in OPEN:
            raise Refused("这件事已经办结，不能再转了。")
        if not reason.strip():
            raise Refused("请写明为什么转办。")
        if department.id == self.department_id or not department.active:
            raise Refused("请另选一个部门。")
        if self.is_barred(session, department.id):
            raise Refused("按回避规定，这件事不能转给这个部门。请另选一个。")
        came_from, self.department, self.status, self.accepted_at = self.department, department, FILED, None
        event = self._happened(session, "transferred", staff, reason.strip(), moved=(came_from, department), public=True)
        self._tell(event, f"您的事（编号{self.number}）已转到{department.full_name}办理。答复时间不变。")
        audit.record(session, staff, "case.transfer", f"case:{self.number}", to=department.name)

    def note(self, session: Session, staff: Staff, text: str) -> None:
        """An internal note; it never reaches the resident."""
        if not text.strip():
            raise Refused("请写上内容。")
        self._happened(session, "noted", staff, text.strip())
        audit.record(session, staff, "case.note", f"case:{self.number}")

    def telephoned(self, session: Session, staff: Staff, delivery: Delivery, reached: bool) -> None:
        """The hotline rang the person with what could not be delivered: told, or nobody answered."""
        if delivery.status != CALLING:
            raise Refused("这个电话已经有人打过了。刷新一下就能看到。")
        delivery.called() if reached else delivery.nobody_answered()
        self._happened(session, "called" if reached else "rang", staff)
        audit.record(session, staff, "call.done" if reached else "call.missed", f"case:{self.number}")

    def add(self, session: Session, text: str) -> None:
        """The resident adds to the case."""
        if self.status == WITHDRAWN:
            raise Refused("这件事已经撤回了。要重新反映，请发“我要投诉”。")
        self._happened(session, "added", None, text, public=True)
        audit.record(session, "resident", "case.add", f"case:{self.number}")

    def withdraw(self, session: Session) -> None:
        """The resident takes the case back."""
        if self.status not in OPEN:
            raise Refused("这件事已经办结，不用撤回了。")
        self.status = WITHDRAWN
        self._happened(session, "withdrawn", None, public=True)
        audit.record(session, "resident", "case.withdraw", f"case:{self.number}")

    def is_barred(self, session: Session, department_id: int | None) -> bool:
        """Whether this department must not see the case."""
        bar = (CaseBar.case_id == self.id) & (CaseBar.department_id == department_id)
        return session.scalar(select(exists().where(bar))) or False

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

    def _happened(
        self, session: Session, what: str, staff: Staff | None, text: str | None = None, *, public: bool = False,
        moved: tuple[Department, Department] | None = None,
    ) -> CaseEvent:  # fmt: skip
        event = CaseEvent(case_id=self.id, what=what, staff_id=staff.id if staff else None, text=text, public=public)
        if moved:
            event.from_department_id, event.to_department_id = moved[0].id, moved[1].id
        session.add(event)
        return event

    def _tell(self, event: CaseEvent, text: str) -> None:
        # Whoever came without WeChat is telephoned with the answer, not for every step on the way to it.
        if self.follower_id is not None or event.what == "answered":
            status = CALLING if self.follower_id is None else WAITING
            event.deliveries.append(
                Delivery(follower_id=self.follower_id, case_id=self.id, text=text, status=status)
            )


class CaseEvent(Base):
    """One thing that happened to a case. Only public ones are ever shown to the resident."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    what: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str | None] = mapped_column(EncryptedText("case_events.text"))
    public: Mapped[bool] = mapped_column(default=False)
    from_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    to_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    case: Mapped[Case] = relationship(back_populates="events")
    staff: Mapped[Staff | None] = relationship()
    to_department: Mapped[Department | None] = relationship(foreign_keys=[to_department_id])
    deliveries: Mapped[list[Delivery]] = relationship(order_by=Delivery.id)


FETCHED, LOST = "fetched", "lost"


class Attachment(Base):
    """A photo or voice. The worker fetches it from the platform, which keeps it for three days only."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_waiting", "status", "next_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    media_id: Mapped[str] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(8), default=WAITING)
    media_type: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("attachments.content"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)

    @classmethod
    def keep(
        cls, session: Session, follower_id: int, kind: str, media_id: str, *, case_id: int | None = None
    ) -> Attachment:
        """Note a photo or voice for the worker to fetch, once; with a case it belongs to that case from now on."""
        found = session.scalar(select(cls).where(cls.follower_id == follower_id, cls.media_id == media_id))
        if found is None:
            found = cls(follower_id=follower_id, kind=kind, media_id=media_id)
            session.add(found)
        found.case_id = case_id or found.case_id
        session.flush()
        return found


    @classmethod
    def claim(cls, session: Session, limit: int, back_off: timedelta) -> list[tuple[int, str, str]]:
        """Take due ones for fetching: id, kind and media id. Nobody else takes them before the back-off is over."""
        rows = session.scalars(
            select(cls).where(cls.status == WAITING, cls.next_at <= now())
            .order_by(cls.id).limit(limit).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        for row in rows:
            row.attempts, row.next_at = row.attempts + 1, now() + back_off
        return [(row.id, row.kind, row.media_id) for row in rows]

    def fetched(self, content: bytes, media_type: str) -> None:
        """The content is here."""
        self.status, self.content, self.media_type = FETCHED, content, media_type

    def lost(self) -> None:
        """It cannot be had any more; the console says so."""
        self.status = LOST


def cases_for(staff: Staff) -> Select[Case]:
    """The cases this person may see: the department's own, or all with the permission; never one barred to the department."""
    query = select(Case)
    if staff.department_id is not None:
        barred = exists().where(CaseBar.case_id == Case.id, CaseBar.department_id == staff.department_id)
        query = query.where(~barred)
    if staff.may(Permission.ALL_CASES):
        return query
    if staff.may(Permission.CASES) and staff.department_id is not None:
        return query.where(Case.department_id == staff.department_id)
    return query.where(false())


def case_for(session: Session, staff: Staff, number: str) -> Case:
    """The case for this person, or NotThere whether it does not exist or is not for this person."""
    found = session.scalar(cases_for(staff).where(Case.number == number))
    if found is None:
        raise NotThere
    return found


def _next_number(session: Session) -> str:
    day = now().astimezone(_BEIJING).strftime("%Y%m%d")
    return f"YJ{day}-{Counter.next(session, f'case:{day}'):04d}"


def _code_hash(session: Session, number: str, code: str, key: str | None = None) -> bytes:
    return keyring_of(session.get_bind().dialect).blind_index(f"{number}:{code}", "case_code", key)
