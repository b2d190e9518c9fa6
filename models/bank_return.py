"""Payments that the bank sent back: the working list of the townships, and the lines that fit nobody yet.

    待联系 ──► 已联系 ──► 已报新账号 ──► 已重新报送 ──► 已补发
       any open state ──a later row says paid──► 已补发;  ──the payment is withdrawn──► 已撤回
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, SmallInteger, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.errors import NotThere, Refused
from knowledge.identity import find_id_numbers, luhn_ok
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.household import Register
from models.resident import Resident
from models.staff import Permission, Staff

TO_CALL, CALLED, NEW_ACCOUNT, SENT_AGAIN, PAID_AGAIN, GONE = "待联系", "已联系", "已报新账号", "已重新报送", "已补发", "已撤回"
OPEN = (TO_CALL, CALLED, NEW_ACCOUNT, SENT_AGAIN)
BY_HAND = (TO_CALL, CALLED, NEW_ACCOUNT, SENT_AGAIN)  # what a person may set; the rest follows from the payments
UNCLAIMED, CLAIMED, NOT_OURS, MATCHED = "待认领", "已认领", "不认领", "已对上"
_LONGEST_NOTE = 500
_CARD, _CARD_LENGTHS = "62", (16, 19)  # of 银联; passbooks have other numbers, without a check digit


class ReturnedPayment(Base):
    """One payment that came back and has to be paid again. `times` it has come back; `failed_on` the last time.

    `new_account` is the number that the person gave instead, `payment_id` the row that says that it came back.
    """

    __tablename__ = "returned_payments"
    __table_args__ = (
        UniqueConstraint("resident_id", "item", "year", "period"),
        Index("ix_returned_payments_town", "town", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    item: Mapped[str] = mapped_column(String(32))
    year: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[str] = mapped_column(String(64))
    amount_fen: Mapped[int] = mapped_column(BigId)
    town: Mapped[str | None] = mapped_column(String(32))
    failed_on: Mapped[date] = mapped_column()
    reason: Mapped[str | None] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(8), default=TO_CALL)
    times: Mapped[int] = mapped_column(default=1)
    note: Mapped[str | None] = mapped_column(EncryptedText("returned_payments.note"))
    new_account: Mapped[str | None] = mapped_column(EncryptedText("returned_payments.new_account"))
    new_bank: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_by: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resident: Mapped[Resident] = relationship()

    def work_on(self, by: Staff, *, status: str, note: str, account: str, bank: str) -> None:
        """What a clerk has done about it. An empty account leaves the one that stands. Refused where it does not fit."""
        if self.status not in OPEN:
            raise Refused("这笔已经办完了，不用再改。")
        if status not in BY_HAND:
            raise Refused("请选一个状态。")
        if len(note) > _LONGEST_NOTE:
            raise Refused(f"备注太长了，最多{_LONGEST_NOTE}个字。")
        if account:
            self.new_account = _account(account)
            status = NEW_ACCOUNT if status in (TO_CALL, CALLED) else status
        if status in (NEW_ACCOUNT, SENT_AGAIN) and not self.new_account:
            raise Refused("还没有新账号。请先填新账号；原账号已经恢复能用的，把原账号再填一遍。")
        self.status, self.note, self.new_bank = status, note or None, bank[:64] or self.new_bank
        self.touched(by.username)

    def send_again(self, by: Staff) -> None:
        """It stands in a file that goes to the bank."""
        self.status, self.sent_at = SENT_AGAIN, now()
        self.touched(by.username)

    def touched(self, by: str) -> None:
        """Who changed it last, and when."""
        self.changed_at, self.changed_by = now(), by[:64]


class UnclaimedReturn(Base):
    """A failed line of a bank's file: one that fits no payment or several waits to be claimed.

    One that was matched is kept, too, so that the file can be read again with more said of it and no line acts twice.
    `facts`: what stands in the line, as text.
    """

    __tablename__ = "unclaimed_returns"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register_id: Mapped[int] = mapped_column(ForeignKey("registers.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Encrypted("unclaimed_returns.facts"))
    status: Mapped[str] = mapped_column(String(8), default=UNCLAIMED, index=True)
    reason: Mapped[str | None] = mapped_column(EncryptedText("unclaimed_returns.reason"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(64))
    register: Mapped[Register] = relationship()

    def settle(self, by: Staff, status: str, reason: str = "") -> None:
        """It belongs to a payment now, or to none of ours."""
        if self.status != UNCLAIMED:
            raise Refused("这一条已经有人处理了。")
        if status == NOT_OURS and len(reason) < 2:
            raise Refused("请写一句为什么不认领，比如“不是补贴款”。")
        self.status, self.reason, self.settled_at, self.settled_by = status, reason or None, now(), by.username


def returned_for(staff: Staff) -> Select[ReturnedPayment]:
    """The working list of this person: the own township's, or all for those who oversee; NotThere for everybody else."""
    query = select(ReturnedPayment)
    if not staff.may(Permission.RETURNS):
        raise NotThere
    if staff.department is not None and staff.department.town:
        return query.where(ReturnedPayment.town == staff.department.town)
    return query


def one_returned(session: Session, staff: Staff, returned_id: int, *, lock: bool = False) -> ReturnedPayment:
    """One line of that list, or NotThere."""
    query = returned_for(staff).where(ReturnedPayment.id == returned_id)
    found = session.scalar(query.with_for_update(of=ReturnedPayment) if lock else query)
    if found is None:
        raise NotThere("名单里没有这一笔。")
    return found


def one_unclaimed(session: Session, staff: Staff, unclaimed_id: int, *, lock: bool = False) -> UnclaimedReturn:
    """One line that fits nobody, for those who handle payment files; NotThere for everybody else."""
    query = select(UnclaimedReturn).where(UnclaimedReturn.id == unclaimed_id)
    found = session.scalar(query.with_for_update(of=UnclaimedReturn) if lock else query)
    if found is None or not staff.may(Permission.PAYMENTS):
        raise NotThere("没有这一条。")
    return found


def _account(typed: str) -> str:
    digits = "".join(typed.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 24) or find_id_numbers(digits):
        raise Refused("新账号只写卡或存折上的银行账号，8到24位数字，不是身份证号。请再看一遍。")
    if digits.startswith(_CARD) and len(digits) in _CARD_LENGTHS and not luhn_ok(digits):
        raise Refused("新账号可能写错了一位。请照着卡再对一遍。")
    return digits
