"""Payments and the batches (imported files) that brought them.

Rows are never changed: a corrected file brings new rows under a new batch, and of several rows for the same payment
the one of the newest live batch counts. So a batch becomes visible, or is withdrawn, in one flip of its status. A batch
holds the whole of its file, also the rows that an earlier one has: withdrawing that one takes nothing from this one.
"""

from __future__ import annotations

from datetime import date, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, ForeignKey, Index, LargeBinary, SmallInteger, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.statement import Line, Loaded
from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, now
from models.prepared import Prepared

STAGED, LIVE, WITHDRAWN = "staged", "live", "withdrawn"
DROPPED = "撤回"  # the stage of a row that only says: this payment, of an older file, is not shown any more


class Batch(Base):
    """One imported file. `data_as_of` is the latest date its rows speak of; `items` what it holds, with the years.

    Of its rows `new` had no standing payment before, `changed` corrected one, `unchanged` said the same again;
    `vanished` payments of the same items and periods are not in it. A batch that `follows` another holds the rows with
    the stage DROPPED that a clerk made of vanished ones. `reason` says why it was withdrawn, or why it drops.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_name: Mapped[str] = mapped_column(EncryptedText("batches.file_name"), nullable=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(16), default=STAGED, index=True)
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    data_as_of: Mapped[date | None] = mapped_column()
    items: Mapped[list[list[str | int]] | None] = mapped_column(Encrypted("batches.items"))
    new: Mapped[int] = mapped_column(default=0, server_default="0")
    changed: Mapped[int] = mapped_column(default=0, server_default="0")
    unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    vanished: Mapped[int] = mapped_column(default=0, server_default="0")
    follows: Mapped[int | None] = mapped_column(BigId, index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(EncryptedText("batches.reason"))

    def go_live(self) -> None:
        """The one flip: from the commit on every reader sees the batch."""
        self.status, self.live_at = LIVE, now()

    def withdraw(self, by: str = "", reason: str = "") -> None:
        """Hide the batch again; rows that it had corrected show as they were before."""
        self.status, self.withdrawn_at, self.withdrawn_by, self.reason = WITHDRAWN, now(), by[:64] or None, reason or None

    @classmethod
    def loaded(cls, session: Session) -> Loaded:
        """What residents can look up: the day that the data reaches, and the items with their years."""
        live = _LIVE.rows(session, {})[0]
        engine = session.get_bind().dialect
        kept = _kept.get(engine)
        if kept is not None and kept[0] == live:
            return kept[1]
        rows = _LOADED.rows(session, {})
        items = {(str(item), int(year)) for _, of_batch in rows for item, year in of_batch or []}
        loaded = Loaded(max((as_of for as_of, _ in rows if as_of), default=None), sorted(items))
        _kept[engine] = live, loaded
        return loaded


class Payment(Base):
    """One line of one batch: who, item, year, quantity × standard = amount, and the stage it has reached.

    `quantity` is in hundredths of the unit, `standard_fen` in 分 a unit, `amount_fen` in 分. `period` is the bureau's
    own label of the batch (2025年第1批, 2025年03月).
    """

    __tablename__ = "payments"
    __table_args__ = (Index("ix_payments_resident_id", "resident_id"), Index("ix_payments_batch_id", "batch_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    item: Mapped[str] = mapped_column(String(32))
    year: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[int | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column(String(16))
    standard_fen: Mapped[int | None] = mapped_column(BigId)
    amount_fen: Mapped[int] = mapped_column(BigId)
    stage: Mapped[str] = mapped_column(String(8))
    stage_date: Mapped[date] = mapped_column()
    paid_date: Mapped[date | None] = mapped_column()
    bank: Mapped[str | None] = mapped_column(String(64))
    account: Mapped[str | None] = mapped_column(EncryptedText("payments.account"))
    fail_reason: Mapped[str | None] = mapped_column(String(128))
    remarks: Mapped[dict[str, str] | None] = mapped_column(Encrypted("payments.remarks"))
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(16))

    @classmethod
    def of(cls, session: Session, resident_id: int) -> list[Line]:
        """What a resident may see: the newest live row of each payment, newest year and date first."""
        seen: dict[tuple[str, int, str], Line] = {}
        for row in _LINES.rows(session, {"resident_id": resident_id}):  # sorted by batch, newest first
            seen.setdefault(row[:3], Line(*row))
        standing = (line for line in seen.values() if line.stage != DROPPED)
        return sorted(standing, key=lambda line: (line.year, line.stage_date), reverse=True)


# In the order of knowledge.statement.Line. Built once: the look-up is among the most frequent of all reads.
_LINES = Prepared(
    select(
        Payment.item, Payment.year, Payment.period, Payment.quantity, Payment.unit, Payment.standard_fen,
        Payment.amount_fen, Payment.stage, Payment.stage_date, Payment.paid_date, Payment.bank, Payment.account,
        Payment.fail_reason,
    )
    .join(Batch, Batch.id == Payment.batch_id)
    .where(Payment.resident_id == bindparam("resident_id"), Batch.status == LIVE)
    .order_by(Payment.batch_id.desc()),
    given=("resident_id",),
)  # fmt: skip
_LIVE = Prepared(select(func.count(), func.sum(Batch.id), func.max(Batch.id)).where(Batch.status == LIVE))
_LOADED = Prepared(select(Batch.data_as_of, Batch.items).where(Batch.status == LIVE))
# Batches never change but by going live or being withdrawn: what was read of them is kept until others are live.
_kept: WeakKeyDictionary[Dialect, tuple[tuple[int, ...], Loaded]] = WeakKeyDictionary()
