"""What the database shows already: which row counts for each payment, how a corrected one differs, which ones a file
no longer holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import names
from intake.payment_row import PaymentRow
from knowledge.identity import mask_account, mask_name
from knowledge.money import yuan
from knowledge.wording import PAID, PAID_AGAIN, RETURNED
from models.payment import DROPPED, LIVE, Batch, Payment
from models.resident import Resident

Key = tuple[int, str, int, str]  # resident, item, year, period
Issue = tuple[str, int, str]  # item, year, period
Corrected = tuple[int, int, PaymentRow, int]  # sheet, row number, the row, the payment that it corrects
_AT_ONCE = 2_000


class Stored(NamedTuple):
    """The row that counts for a payment."""

    payment_id: int
    content: bytes
    batch_id: int
    stage: str
    stage_date: date
    paid_date: date | None
    fail_reason: str | None

    def is_ahead_of(self, row: PaymentRow) -> bool:
        """Whether the row tells of a day before the one on which the money went out or came back.

        A list written before the bank's answer may be handed in after it. Money that came back is believed over money
        that went out, and on the day of a return only 已补发 follows it.
        """
        if row.stage == self.stage or self.stage not in (RETURNED, *PAID):
            return False
        if row.stage == RETURNED and self.stage != PAID_AGAIN:
            return False
        same_day = self.stage == RETURNED and row.stage_date == self.stage_date and row.stage != PAID_AGAIN
        return row.stage_date < self.stage_date or same_day

    def kept_in(self, row: PaymentRow) -> PaymentRow:
        """The row, with the stage that the payment has reached already."""
        return row._replace(
            stage=self.stage, stage_date=self.stage_date, paid_date=self.paid_date, fail_reason=self.fail_reason or ""
        )


class Change(NamedTuple):
    """A row of a file that corrects a payment: the person masked, and column by column what stood there and what comes."""

    sheet: int
    row: int
    name: str
    fields: tuple[tuple[str, str, str], ...]


class Gone(NamedTuple):
    """A payment that counts and that the newer file does not hold."""

    payment_id: int
    town: str
    issue: Issue


class Standing:
    """The live batches at one moment, and their rows."""

    def __init__(self, session: Session) -> None:
        live = session.execute(select(Batch.id, Batch.items, Batch.follows).where(Batch.status == LIVE)).all()
        self.live = frozenset(row.id for row in live)
        self._items = {row.id: {(str(item), int(year)) for item, year in row.items or ()} for row in live}
        self._drops = frozenset(row.id for row in live if row.follows is not None)
        self.held = frozenset(one for items in self._items.values() for one in items)

    def of(self, session: Session, keys: Collection[Key]) -> dict[Key, Stored]:
        """The row that counts for each of these payments that has one; others of the same people may be among them."""
        ids = {key[0] for key in keys}
        if not ids:
            return {}
        # No join with the batches: the planner would start from them and walk through a million rows.
        found = session.execute(
            select(
                Payment.batch_id, Payment.id, Payment.resident_id, Payment.item, Payment.year, Payment.period,
                Payment.content_hash, Payment.stage, Payment.stage_date, Payment.paid_date, Payment.fail_reason,
            ).where(
                Payment.resident_id.in_(ids), Payment.item.in_({key[1] for key in keys}),
                Payment.year.in_({key[2] for key in keys}),
            )
        )  # fmt: skip
        live = sorted((row for row in found if row.batch_id in self.live), key=lambda row: row.batch_id)
        return {(row[2], row[3], row[4], row[5]): Stored(row[1], bytes(row[6]), row[0], *row[7:]) for row in live}

    def is_dropped(self, stored: Stored) -> bool:
        """Whether the row only says that the payment is not shown any more."""
        return stored.batch_id in self._drops

    def vanished(
        self, session: Session, held: Mapping[Issue, Collection[int]], besides: Collection[int]
    ) -> Iterator[list[Gone]]:
        """The payments of the same items and periods that count now and that the file does not hold, some at a time.

        `held`: the residents of each item and period in the file; `besides`: residents with whom a row of it is at fault.
        """
        items = {(item, year) for item, year, _ in held}
        seen: defaultdict[Issue, set[int]] = defaultdict(set)
        for batch_id in sorted(self.live, reverse=True):
            if batch_id in self._drops or not items.isdisjoint(self._items[batch_id]):
                for some in _rows_of(session, batch_id, items):
                    gone = [row for row in some if _is_gone(row, held, seen) and row.resident_id not in besides]
                    yield _with_towns(session, gone)


def _is_gone(row: Any, held: Mapping[Issue, Collection[int]], seen: dict[Issue, set[int]]) -> bool:
    issue = (row.item, row.year, row.period)
    if issue not in held or row.resident_id in held[issue] or row.resident_id in seen[issue]:
        return False
    seen[issue].add(row.resident_id)
    return row.stage != DROPPED  # type: ignore[no-any-return]


def _rows_of(session: Session, batch_id: int, items: Collection[tuple[str, int]]) -> Iterator[Sequence[Any]]:
    query = select(
        Payment.id, Payment.resident_id, Payment.item, Payment.year, Payment.period, Payment.stage
    ).where(
        Payment.batch_id == batch_id,
        Payment.item.in_({item for item, _ in items}),
        Payment.year.in_({year for _, year in items}),
    )  # fmt: skip
    return session.execute(query.execution_options(yield_per=_AT_ONCE)).partitions()


def _with_towns(session: Session, gone: Sequence[Any]) -> list[Gone]:
    ids = {row.resident_id for row in gone}
    found = session.execute(select(Resident.id, Resident.town).where(Resident.id.in_(ids))) if ids else ()
    towns = {row.id: row.town or "" for row in found}
    return [Gone(row.id, towns[row.resident_id], (row.item, row.year, row.period)) for row in gone]


def changes(session: Session, corrected: Sequence[Corrected]) -> Iterator[Change]:
    """What rows change, masked."""
    ids = [payment_id for *_, payment_id in corrected]
    before = {one.id: one for one in session.scalars(select(Payment).where(Payment.id.in_(ids)))}
    for sheet, number, row, payment_id in corrected:
        stood = before[payment_id]
        pairs = zip(_LABELS, _shown(_of_payment(stood)), _shown(_of_row(row)), _of_payment(stood), _of_row(row), strict=True)
        fields = tuple((label, was, comes) for label, was, comes, old, new in pairs if (old or None) != (new or None))
        yield Change(sheet, number, mask_name(row.name), fields)


_LABELS = (
    names.QUANTITY, names.UNIT, names.STANDARD, names.AMOUNT, names.STATUS, names.STATUS_DATE, names.PAID_DATE,
    names.BANK, names.ACCOUNT, names.REASON, "备注",
)  # fmt: skip


def _of_payment(one: Payment) -> tuple[Any, ...]:
    return (
        one.quantity, one.unit, one.standard_fen, one.amount_fen, one.stage, one.stage_date, one.paid_date, one.bank,
        one.account, one.fail_reason, one.remarks,
    )  # fmt: skip


def _of_row(row: PaymentRow) -> tuple[Any, ...]:
    return (
        row.quantity_hundredths, row.unit, row.standard_fen, row.amount_fen, row.stage, row.stage_date, row.paid_date,
        row.bank, row.account, row.fail_reason, row.remarks,
    )  # fmt: skip


def _shown(values: tuple[Any, ...]) -> list[str]:
    quantity, unit, standard, amount, stage, stage_date, paid_date, bank, account, reason, remarks = values
    return [
        f"{quantity / 100:g}" if quantity is not None else "空", unit or "空",
        yuan(standard) if standard is not None else "空", yuan(amount), stage, _day(stage_date), _day(paid_date),
        bank or "空", mask_account(account) if account else "空", reason or "空",
        f"{len(remarks)}项" if remarks else "空",
    ]  # fmt: skip


def _day(value: date | None) -> str:
    return value.isoformat() if value else "空"
