"""Codes of six digits from a phone, besides the password (RFC 6238), and recovery codes for a phone that is lost.

The step of the last code that was taken is stored: a code is good once, also for whoever looked over a shoulder.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from sqlalchemy import ForeignKey, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.errors import Refused
from models.base import Base, BigId, UtcDateTime, now
from models.staff import Staff

CODES = 8  # recovery codes of one person
_STEP = 30  # seconds
_WINDOW = (0, -1, 1)  # steps: clocks differ, and typing takes time
# Without letters and digits that look alike when written down: 0 o, 1 l i.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _OF = 4, 4  # 79 bits: nobody tries them out, so a fast hash will do
_WRONG = "验证码不对。请等手机上换了下一个码，再输一遍；手机的时间要设成自动。"


class RecoveryCode(Base):
    """One of the codes that were shown once; it lets in once, in place of a code from the phone."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def left(cls, session: Session, staff: Staff) -> int:
        """How many are still good."""
        query = select(func.count()).select_from(cls).where(cls.staff_id == staff.id, cls.used_at.is_(None))
        return session.scalar(query) or 0


def begin(staff: Staff) -> str:
    """The secret to be shown now, in base32; nothing asks for a code until one has been confirmed."""
    if staff.totp_pending is None:
        staff.totp_pending = pyotp.random_base32()
    return staff.totp_pending


def address(staff: Staff, issuer: str) -> str:
    """What the QR code says to an authenticator (otpauth://)."""
    return pyotp.TOTP(staff.totp_pending or "").provisioning_uri(name=staff.username, issuer_name=issuer)


def confirm(session: Session, staff: Staff, code: str) -> Sequence[str]:
    """From now on a code is asked for. Gives the recovery codes, which are shown once. Refused for a wrong code."""
    if staff.totp_pending is None:
        raise Refused("请先打开这一页，用手机扫一扫，再输验证码。")
    step = _step_of(staff.totp_pending, code, after=None)
    if step is None:
        raise Refused(_WRONG)
    staff.totp_secret, staff.totp_pending, staff.totp_last_step = staff.totp_pending, None, step
    return new_recovery_codes(session, staff)


def new_recovery_codes(session: Session, staff: Staff) -> Sequence[str]:
    """Fresh recovery codes; those given before are worth nothing."""
    _forget_codes(session, staff)
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(_OF)) for _ in range(_GROUPS)) for _ in range(CODES)]
    session.add_all(RecoveryCode(staff_id=staff.id, code_hash=_hashed(staff, code)) for code in codes)
    return codes


def passes(session: Session, staff: Staff, given: str) -> bool:
    """Whether this code lets the person in: one of the phone's that was not used before, or a recovery code, once.

    The row of the person must be locked: two log-ins with one code at the same moment are two tries.
    """
    if staff.totp_secret is None:
        return False
    step = _step_of(staff.totp_secret, given, after=staff.totp_last_step)
    if step is not None:
        staff.totp_last_step = step
        return True
    code = re.sub(r"[^a-z0-9]", "", given.lower())
    wanted = RecoveryCode.code_hash == _hashed(staff, "-".join(code[at : at + _OF] for at in range(0, len(code), _OF)))
    mine = (RecoveryCode.staff_id == staff.id) & RecoveryCode.used_at.is_(None)
    done = session.execute(update(RecoveryCode).where(mine, wanted).values(used_at=now()))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def switch_off(session: Session, staff: Staff) -> None:
    """No code is asked for any more, and every log-in ends; for a phone that is lost, by an administrator."""
    staff.totp_secret = staff.totp_pending = staff.totp_last_step = None
    _forget_codes(session, staff)
    staff.end_sessions()


def _step_of(secret: str, given: str, *, after: int | None) -> int | None:
    """The step whose code this is; None if it is no code of now, or one that was taken already."""
    code = re.sub(r"\s", "", given)
    if not re.fullmatch(r"[0-9]{6}", code):
        return None
    totp, at = pyotp.TOTP(secret), int(now().timestamp()) // _STEP
    matching = [at + offset for offset in _WINDOW if hmac.compare_digest(totp.generate_otp(at + offset), code)]
    return next((step for step in matching if after is None or step > after), None)


def _hashed(staff: Staff, code: str) -> bytes:
    return hashlib.sha256(f"{staff.id}:{code}".encode()).digest()


def _forget_codes(session: Session, staff: Staff) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
