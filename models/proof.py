"""Codes that must come back: one sent to the phone in the file, or one shown to a clerk of the township.

A code by SMS is written here and sent by the worker, never while somebody waits for a page or a reply. Where there is
nobody to send it to, the row is written all the same, and the worker passes over it: from outside the two look alike.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, EncryptedText, UtcDateTime, keyring_of, now
from models.resident import SELF

SMS, IN_PERSON = "sms", "in_person"
TRIES = 5
LASTS = {SMS: timedelta(minutes=5), IN_PERSON: timedelta(minutes=30)}
WAITING, SENDING, SENT, REFUSED, UNCERTAIN = "waiting", "sending", "sent", "refused", "uncertain"


class Proof(Base):
    """One code, for one WeChat user and one ID number. The code itself is kept only until it is sent.

    `resident_id` is empty where there is nobody, or where name or card did not fit: then no code is ever right. It is
    no foreign key, as checking it would take longer for a person who exists.
    """

    __tablename__ = "proofs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(EncryptedText("proofs.number"))
    resident_id: Mapped[int | None] = mapped_column(BigId)
    relation: Mapped[str] = mapped_column(String(8), default=SELF)
    guardian: Mapped[bool] = mapped_column(default=False, server_default=false())
    code_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    code: Mapped[str | None] = mapped_column(EncryptedText("proofs.code"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("proofs.phone"))
    status: Mapped[str | None] = mapped_column(String(12))
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def issue(
        cls, session: Session, kind: str, follower_id: int, number: str, resident_id: int | None, *, relation: str = SELF,
        guardian: bool = False, phone: str = "",
    ) -> str:  # fmt: skip
        """A new code of six digits; an earlier one of this WeChat user is worth nothing any more."""
        session.execute(delete(cls).where(cls.follower_id == follower_id))
        code = _unused(session, kind)
        proof = cls(
            kind=kind, follower_id=follower_id, number=number, resident_id=resident_id, relation=relation,
            guardian=guardian, code_index=_indexes(session, kind, code)[0], expires_at=now() + LASTS[kind],
        )  # fmt: skip
        if kind == SMS:
            proof.code, proof.phone, proof.status = code, phone, WAITING
        session.add(proof)
        session.flush()
        return code

    @classmethod
    def open_for(cls, session: Session, kind: str, follower_id: int, *, lock: bool = False) -> Proof | None:
        """The code for which this WeChat user is being waited for, if it is still good."""
        query = select(cls).where(cls.follower_id == follower_id, cls.kind == kind, cls.expires_at > now())
        query = query.order_by(cls.id.desc()).limit(1)
        return session.scalar(query.with_for_update() if lock else query)

    @classmethod
    def shown(cls, session: Session, code: str, number: str) -> Proof | None:
        """The code that a phone shows at the township's counter, if it was given for this ID number; locked."""
        shown = cls.code_index.in_(_indexes(session, IN_PERSON, code))
        query = select(cls).where(shown, cls.kind == IN_PERSON, cls.expires_at > now())
        found = session.scalar(query.limit(1).with_for_update())
        return found if found and hmac.compare_digest(found.number.encode(), number.encode()) else None

    def fits(self, session: Session, typed: str) -> bool:
        """Whether the code typed is the right one, and there is somebody whom it proves. Counts the try."""
        self.tries += 1
        same = [hmac.compare_digest(self.code_index, each) for each in _indexes(session, self.kind, typed)]
        return any(same) and self.resident_id is not None

    @classmethod
    def drop_old(cls, session: Session) -> None:
        """Delete what can no longer be used."""
        session.execute(delete(cls).where(cls.expires_at < now() - timedelta(hours=1)))

    # ------------------------------------------------------------ sending

    @classmethod
    def lease(cls, session: Session, owner: str, length: timedelta) -> list[Proof]:
        """Take codes that wait to be sent; two workers never take the same one."""
        free = (cls.leased_until.is_(None)) | (cls.leased_until < now())
        due = select(cls).where(cls.status == WAITING, cls.expires_at > now(), free).order_by(cls.id).limit(10)
        rows = list(session.scalars(due.with_for_update(skip_locked=True)))
        for row in rows:
            row.leased_by, row.leased_until = owner, now() + length
        return rows

    def sending(self) -> tuple[str, str]:
        """A sending is about to be made, and is committed before it is. Gives phone and code, which go from here."""
        phone, code = self.phone or "", self.code or ""
        self.status, self.phone, self.code = SENDING, None, None
        return phone, code

    def put_off(self, phone: str, code: str, wait: timedelta) -> None:
        """Nothing went out: it is tried again while the code is still good."""
        self.status, self.phone, self.code, self.leased_until = WAITING, phone, code, now() + wait


def _indexes(session: Session, kind: str, code: str) -> list[bytes]:
    keyring = keyring_of(session.get_bind().dialect)
    return [keyring.blind_index(code, f"proof:{kind}", key) for key in keyring.index]


def _unused(session: Session, kind: str) -> str:
    # At the counter a code alone leads to its row: no two phones show the same one at a time.
    while True:
        code = f"{secrets.randbelow(10**6):06d}"
        taken = select(Proof.id).where(Proof.code_index.in_(_indexes(session, kind, code)), Proof.expires_at > now())
        if session.scalar(taken.limit(1)) is None:
            return code
