"""What a line of a bank's file makes of a payment: new rows in a batch of its own. And a person saying which payment it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from intake.bank_lines import Line
from intake.bulk import Bulk
from intake.comparing import content_hash
from intake.matching import standing_of
from intake.payment_row import PaymentRow
from intake.returned import settle_some
from intake.staging import PAYMENT_COLUMNS, new_batch
from knowledge.errors import NotThere, Refused
from knowledge.wording import RETURNED, beijing
from models.audit import record
from models.bank_return import CLAIMED, one_unclaimed
from models.base import keyring_of, now
from models.crypto import Keyring
from models.payment import Batch, Payment
from models.staff import Staff

PAYMENTS = Bulk(Payment, PAYMENT_COLUMNS)
Change = tuple[Payment, str, Line, str | None]  # the row that stood, the new stage, the line, another account


def begin(session: Session, batch: Batch) -> None:
    """Add a batch of which nothing is there yet."""
    session.add(batch)
    session.flush()


def make_live(session: Session, batch_id: int, changes: Sequence[Change]) -> None:
    """The batch becomes visible. It says nothing about how far the county's data reaches: `data_as_of` stays empty."""
    batch = session.get_one(Batch, batch_id)
    batch.accepted = batch.changed = len(changes)
    batch.items = [[item, year] for item, year in sorted({(one.item, one.year) for one, *_ in changes})]
    batch.go_live()


def row_of(change: Change, batch_id: int, today: date, keyring: Keyring) -> list[Any]:
    """The payment as it is from now on."""
    stood, stage, line, account = change
    day = line.day or today
    row = PaymentRow(
        "", "", "", "", stood.item, stood.year, stood.period, stood.quantity, stood.unit or "", stood.standard_fen,
        stood.amount_fen, stage, day, day if stage != RETURNED else None, stood.bank or "",
        account or stood.account or line.account, (line.reason or stood.fail_reason or "") if stage != RETURNED else line.reason,
        "", stood.remarks,
    )  # fmt: skip
    return [
        batch_id, stood.resident_id, row.item, row.year, row.batch, row.quantity_hundredths, row.unit or None,
        row.standard_fen, row.amount_fen, row.stage, row.stage_date, row.paid_date, row.bank or None, row.account or None,
        row.fail_reason or None, row.remarks, content_hash(row, keyring),
    ]  # fmt: skip


def claim(session: Session, staff: Staff, unclaimed_id: int, payment_id: int) -> int:
    """Somebody says which payment a line is about: it becomes 发放失败, in a batch of its own. Gives that batch."""
    unclaimed = one_unclaimed(session, staff, unclaimed_id, lock=True)
    line = line_of(unclaimed.facts)
    payment = session.get(Payment, payment_id)
    standing = standing_of(session, [payment.resident_id])[payment.resident_id] if payment is not None else []
    if payment is None or payment_id not in {one.id for one in standing}:
        raise NotThere("没有这一笔，或者已经更正过。请刷新再选。")
    if payment.stage == RETURNED:
        raise Refused("这一笔已经是退回的了。")
    unclaimed.settle(staff, CLAIMED)
    batch = new_batch(f"回盘认领 {unclaimed.register.file_name}"[:255], "", staff)
    begin(session, batch)
    change: Change = (payment, RETURNED, line, None)
    PAYMENTS.insert(session, [row_of(change, batch.id, beijing(now()).date(), keyring_of(session.get_bind().dialect))])
    make_live(session, batch.id, [change])
    session.flush()
    settle_some(session, [payment.resident_id])
    record(
        session, staff, "returns.claim", f"batch:{batch.id}", resident_id=payment.resident_id, unclaimed=unclaimed_id,
        reason="认领银行退回的一笔",
    )  # fmt: skip
    return batch.id


def facts_of(line: Line) -> dict[str, Any]:
    """A line as it is kept."""
    return asdict(line) | {"day": line.day.isoformat() if line.day else None}


def line_of(facts: dict[str, Any]) -> Line:
    """The line that was kept."""
    return Line(**{**facts, "day": date.fromisoformat(facts["day"]) if facts["day"] else None})
