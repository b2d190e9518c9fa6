"""Payment files on their way in: uploaded in pieces, checked, confirmed, imported; and what an import leaves to decide.

    receiving ──all pieces──► waiting ──lease──► checking ──► ready ──confirmed──► confirmed ──lease──► importing ──► done
                                 ▲                              │ other answers
                                 └──────────────────────────────┘
    refused: the file cannot be taken as a whole. dropped: the clerk gave up, or nobody came back for a day.

The pieces are encrypted, and so is everything that was read from them. They are deleted with the file's end, the report
after thirty days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from models.base import Base, BigId, Encrypted, EncryptedBytes, EncryptedText, UtcDateTime, now
from models.staff import Permission, Staff

RECEIVING, WAITING, CHECKING, READY = "receiving", "waiting", "checking", "ready"
CONFIRMED, IMPORTING, DONE, REFUSED, GIVEN_UP = "confirmed", "importing", "done", "refused", "given_up"
UNDERWAY = (WAITING, CHECKING, CONFIRMED, IMPORTING)
_OPEN = (RECEIVING, READY, *UNDERWAY)
PIECE = 1 << 20  # bytes of one piece
LARGEST = 200 << 20  # bytes of a file; what is larger comes in by the command line
FILE_KEPT = timedelta(days=1)
REPORT_KEPT = timedelta(days=30)
_LEASE = timedelta(seconds=60)
_DELETED_AT_ONCE = 20  # pieces
FILE, REPORT = "file", "report"


class Upload(Base):
    """One file that somebody handed in at the console.

    `answers` is what the clerk said beside the file, `findings` what the check or the import found (for the page),
    `said` the words of a refusal. `rows` counts how far the work is.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_status", "status", "changed_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    file_name: Mapped[str] = mapped_column(EncryptedText("uploads.file_name"))
    size: Mapped[int] = mapped_column(BigId)
    status: Mapped[str] = mapped_column(String(12), default=RECEIVING)
    answers: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("uploads.answers"))
    findings: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("uploads.findings"))
    said: Mapped[str | None] = mapped_column(EncryptedText("uploads.said"))
    rows: Mapped[int] = mapped_column(default=0)
    rows_expected: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])

    # ---------------------------------------------------------------- the clerk's side

    @classmethod
    def begin(cls, session: Session, staff: Staff, file_name: str, size: int) -> Upload:
        """A new file, of which nothing has come yet. Refused for an empty or too large one."""
        if size <= 0:
            raise Refused("这个文件是空的。请看看是不是选错了。")
        if size > LARGEST:
            raise Refused(f"文件超过{LARGEST >> 20}兆，网页上传不了。请分成几个文件，或请管理员在服务器上导入。")
        upload = cls(staff_id=staff.id, file_name=_plain(file_name), size=size)
        session.add(upload)
        session.flush()
        return upload

    @classmethod
    def by_id(cls, session: Session, staff: Staff, upload_id: int, *, lock: bool = False) -> Upload:
        """The file for somebody who may see payment files; NotThere for everybody else."""
        query = select(cls).where(cls.id == upload_id)
        found = session.scalar(query.with_for_update(of=cls) if lock else query)
        if found is None or not staff.may(Permission.PAYMENTS):
            raise NotThere("没有这个文件，或者已经清理了。")
        return found

    @classmethod
    def open_ones(cls, session: Session) -> list[Upload]:
        """Files that somebody still has to do something with, newest first."""
        return list(session.scalars(select(cls).where(cls.status.in_(_OPEN)).order_by(cls.id.desc())))

    @property
    def progress(self) -> int:
        """How much of the check or the import is done, in percent; as far as it can be told."""
        return min(99, self.rows * 100 // self.rows_expected) if self.rows_expected else 0

    def take_piece(self, session: Session, number: int, content: bytes) -> None:
        """One piece of the file; a piece that comes twice is kept once. Refused unless it is the next one."""
        if self.status != RECEIVING:
            raise Refused("这个文件已经传完了。")
        have = UploadPart.count(session, self.id, FILE)
        whole = -(-self.size // PIECE)
        expected = PIECE if number < whole - 1 else self.size - PIECE * (whole - 1)
        if not 0 <= number < whole or number > have or len(content) != expected:
            raise Refused("文件没有传好。请重新选一次。")
        if number == have:
            session.add(UploadPart(upload_id=self.id, kind=FILE, number=number, content=content))
            self.changed_at = now()

    def received(self, session: Session) -> None:
        """All pieces are here: let it be checked."""
        if self.status != RECEIVING or UploadPart.count(session, self.id, FILE) != -(-self.size // PIECE):
            raise Refused("文件没有传完。请重新选一次。")
        self._wait(WAITING)

    def check_again(self, answers: dict[str, Any]) -> None:
        """The clerk answers what was asked, or says what a column is."""
        if self.status != READY:
            raise Refused("现在不能改。请刷新看看这个文件到哪一步了。")
        self.answers = answers
        self._wait(WAITING)

    def confirm(self, staff: Staff) -> None:
        """The clerk has seen what it holds: import it, in this clerk's name."""
        if self.status != READY or not (self.findings or {}).get("can_import"):
            raise Refused("现在不能入库。请先把问到的补上，等检查完再来。")
        self.confirmed_by_id = staff.id
        self._wait(CONFIRMED)

    def give_up(self) -> None:
        """The clerk does not want it; its pieces are deleted by the next sweep."""
        if self.status not in (RECEIVING, WAITING, CHECKING, READY):
            raise Refused("现在不能放弃：正在入库，或已经办完。入库以后要撤，请到“发放数据”里撤下。")
        self._end(GIVEN_UP)

    # ---------------------------------------------------------------- the worker's side

    @classmethod
    def lease(cls, session: Session, owner: str) -> Upload | None:
        """The next file to work on, now checking or importing; also one whose worker died. Never taken by two."""
        died = and_(cls.status.in_((CHECKING, IMPORTING)), cls.leased_until < now())
        due = or_(cls.status.in_((WAITING, CONFIRMED)), died)
        found = session.scalar(select(cls).where(due).order_by(cls.changed_at).limit(1).with_for_update(skip_locked=True))
        if found is not None:
            found.status = IMPORTING if found.status in (CONFIRMED, IMPORTING) else CHECKING
            found.leased_by, found.leased_until, found.rows = owner, now() + _LEASE, 0
            found.tries += 1
        return found

    @classmethod
    def ours(cls, session: Session, upload_id: int, owner: str) -> Upload | None:
        """The file, locked and leased for longer; None if another worker has it, or it was given up."""
        found = session.get(cls, upload_id, with_for_update=True)
        if found is None or found.leased_by != owner or found.status not in (CHECKING, IMPORTING):
            return None
        found.leased_until = now() + _LEASE
        return found

    def checked(self, findings: dict[str, Any], rows: int) -> None:
        """The check is over: the clerk looks at it."""
        self.status, self.findings, self.rows_expected = READY, findings, rows
        self._let_go()

    def imported(self, findings: dict[str, Any], batch_id: int | None) -> None:
        """The payments are in."""
        self.findings, self.batch_id = findings, batch_id
        self._end(DONE)

    def refuse(self, said: str) -> None:
        """The file cannot be taken, and why."""
        self.said = said
        self._end(REFUSED)

    def put_back(self) -> None:
        """The worker was told to stop: another one takes the file up again."""
        self._wait(CONFIRMED if self.status == IMPORTING else WAITING)

    def _wait(self, status: str) -> None:
        self.status, self.said, self.tries = status, None, 0
        self._let_go()

    def _end(self, status: str) -> None:
        self.status = status
        self._let_go()

    def _let_go(self) -> None:
        self.changed_at, self.leased_by, self.leased_until = now(), None, None

    # ---------------------------------------------------------------- what is kept, and how long

    @classmethod
    def sweep(cls, session: Session) -> bool:
        """Delete some of what is not needed any more; gives whether there may be more. Nobody's file stays longer.

        Files that are in or refused or given up go at once, those that nobody came back to after a day. Reports, and
        what the page showed, go after thirty days.
        """
        late = and_(cls.status.in_((RECEIVING, READY)), cls.changed_at < now() - FILE_KEPT)
        for upload in session.scalars(select(cls).where(late).with_for_update(skip_locked=True)):
            upload._end(GIVEN_UP)
        session.flush()
        over = cls.status.in_((DONE, REFUSED, GIVEN_UP))
        old = and_(over, cls.changed_at < now() - REPORT_KEPT)
        useless = or_(and_(UploadPart.kind == FILE, over), and_(UploadPart.kind == REPORT, old))
        parts = select(UploadPart.id).join(cls, cls.id == UploadPart.upload_id).where(useless).limit(_DELETED_AT_ONCE)
        ids = list(session.scalars(parts))
        session.execute(delete(UploadPart).where(UploadPart.id.in_(ids)))
        if not ids:
            session.execute(delete(cls).where(old))
        return bool(ids)


class UploadPart(Base):
    """A piece of an uploaded file, or of the report about it."""

    __tablename__ = "upload_parts"
    __table_args__ = (Index("ix_upload_parts_upload_id", "upload_id", "kind", "number", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"))
    kind: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column()
    content: Mapped[bytes] = mapped_column(EncryptedBytes("upload_parts.content"))

    @classmethod
    def count(cls, session: Session, upload_id: int, kind: str) -> int:
        """How many pieces there are."""
        mine = select(func.count()).select_from(cls).where(cls.upload_id == upload_id, cls.kind == kind)
        return session.scalar(mine) or 0

    @classmethod
    def of(cls, session: Session, upload_id: int, kind: str) -> Iterator[bytes]:
        """The pieces in order, one at a time in memory."""
        for number in range(cls.count(session, upload_id, kind)):
            yield session.scalars(
                select(cls.content).where(cls.upload_id == upload_id, cls.kind == kind, cls.number == number)
            ).one()

    @classmethod
    def drop(cls, session: Session, upload_id: int, kind: str) -> None:
        """Delete them all."""
        session.execute(delete(cls).where(cls.upload_id == upload_id, cls.kind == kind))


class Vanished(Base):
    """A payment of an older file that a newer file of the same item and period does not hold; a clerk decides."""

    __tablename__ = "vanished"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, index=True)


class DetailChange(Base):
    """What a batch says about somebody who was known already: name, phone, account, bank, township, village.

    `details` is what the file says until it is applied, and from then on what stood there before, so that a batch that
    is withdrawn can give it back.
    """

    __tablename__ = "detail_changes"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True, index=True)
    applied: Mapped[bool] = mapped_column(default=False, index=True)
    details: Mapped[list[str]] = mapped_column(Encrypted("detail_changes.details"))


def _plain(file_name: str) -> str:
    """A file's name without folders and control characters."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[-120:].strip() or "没有名字的文件"
