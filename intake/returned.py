"""The working list of payments that came back follows the payments: whatever file says 发放失败 opens a line, whatever
says 已补发 closes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.wording import PAID, RETURNED
from models.bank_return import GONE, OPEN, PAID_AGAIN, SENT_AGAIN, TO_CALL, ReturnedPayment
from models.db import Database
from models.payment import DROPPED, LIVE, Batch, Payment
from models.resident import Resident

_AT_ONCE = 200  # persons of one transaction
_READ_AT_ONCE = 20_000
_PATIENCE = 60.0
_WAITING = "待发放"
_ROWS = select(
    Payment.id, Payment.batch_id, Payment.resident_id, Payment.item, Payment.year, Payment.period, Payment.stage,
    Payment.stage_date, Payment.paid_date, Payment.amount_fen, Payment.fail_reason,
)  # fmt: skip

Key = tuple[int, str, int, str]  # resident, item, year, period


def settle(database: Database, batch_id: int | None = None) -> int:
    """Bring the list up to date for the persons of a batch, or for all. Gives how many lines changed."""
    persons = sorted(set(_persons(database, batch_id)))
    changed = 0
    for start in range(0, len(persons), _AT_ONCE):
        changed += database.write(partial(settle_some, persons=persons[start : start + _AT_ONCE]), wait=_PATIENCE)
    return changed


def _persons(database: Database, batch_id: int | None) -> Iterator[int]:
    """Those who have, or may get, a line in the list."""
    rows = select(Payment.id, Payment.resident_id)
    listed = select(ReturnedPayment.resident_id).distinct()
    if batch_id is not None:
        rows = rows.where(Payment.batch_id == batch_id)
        listed = listed.where(ReturnedPayment.resident_id.in_(select(Payment.resident_id).where(Payment.batch_id == batch_id)))
    with database.read() as session:
        yield from session.scalars(listed)
        live = session.scalars(select(Batch.id).where(Batch.status == LIVE)).all()
    after = 0
    while True:
        failed = rows.where(Payment.stage == RETURNED, Payment.batch_id.in_(live), Payment.id > after)
        with database.read() as session:
            found = session.execute(failed.order_by(Payment.id).limit(_READ_AT_ONCE)).all()
        yield from (row.resident_id for row in found)
        if len(found) < _READ_AT_ONCE:
            return
        after = found[-1].id


def settle_some(session: Session, persons: Sequence[int]) -> int:
    """The same for some persons, in a transaction that is open."""
    standing = _standing(session, persons)
    listed = session.scalars(select(ReturnedPayment).where(ReturnedPayment.resident_id.in_(persons)).with_for_update())
    lines = {(one.resident_id, one.item, one.year, one.period): one for one in listed}
    towns = {row.id: row.town for row in session.execute(select(Resident.id, Resident.town).where(Resident.id.in_(persons)))}
    said = _still_said(session, [line.payment_id for line in lines.values()])
    changed = 0
    for key, line in lines.items():
        line.town = towns.get(line.resident_id) or line.town
        changed += _follow(line, standing.get(key), still_said=line.payment_id in said)
    for key, payment in standing.items():
        if payment.stage == RETURNED and key not in lines:
            session.add(_new_line(payment, towns.get(payment.resident_id)))
            changed += 1
    return changed


def _standing(session: Session, persons: Sequence[int]) -> dict[Key, Any]:
    """The rows that count for these persons, without what is encrypted: nobody's account is wanted here."""
    live = frozenset(session.scalars(select(Batch.id).where(Batch.status == LIVE)))
    rows = session.execute(_ROWS.where(Payment.resident_id.in_(persons)).order_by(Payment.batch_id, Payment.id))
    newest = {(row.resident_id, row.item, row.year, row.period): row for row in rows if row.batch_id in live}
    return {key: row for key, row in newest.items() if row.stage != DROPPED}


def _new_line(payment: Any, town: str | None) -> ReturnedPayment:
    return ReturnedPayment(
        resident_id=payment.resident_id, payment_id=payment.id, item=payment.item, year=payment.year, period=payment.period,
        amount_fen=payment.amount_fen, town=town, failed_on=payment.stage_date, reason=payment.fail_reason,
    )  # fmt: skip


def _still_said(session: Session, payment_ids: Sequence[int]) -> set[int]:
    """Those of these rows whose files are live."""
    rows = select(Payment.id).join(Batch, Batch.id == Payment.batch_id)
    return set(session.scalars(rows.where(Payment.id.in_(payment_ids), Batch.status == LIVE)))


def _follow(line: ReturnedPayment, payment: Any, *, still_said: bool) -> bool:
    """Make the line say what the payment's newest row says; whether that changes it.

    A row that is older than the return, though its file came later, does not close the line.
    """
    if payment is not None and payment.stage == RETURNED:
        return _came_back(line, payment)
    if line.status not in OPEN:
        return False
    is_later = payment is not None and (payment.paid_date or payment.stage_date) >= line.failed_on
    if payment is not None and is_later and payment.stage in PAID:
        return _become(line, PAID_AGAIN)
    if payment is not None and payment.stage == _WAITING and payment.stage_date > line.failed_on:
        return _become(line, SENT_AGAIN) if line.status != SENT_AGAIN else False
    return _become(line, GONE) if payment is None or not still_said else False


def _came_back(line: ReturnedPayment, payment: Any) -> bool:
    is_later = payment.stage_date > line.failed_on
    is_again = is_later and line.status in (SENT_AGAIN, PAID_AGAIN)
    if is_again or line.status in (GONE, PAID_AGAIN):
        _become(line, TO_CALL)
    line.times += is_again
    changed: bool = line.payment_id != payment.id
    line.payment_id, line.amount_fen = payment.id, payment.amount_fen
    line.failed_on, line.reason = payment.stage_date, payment.fail_reason
    return changed


def _become(line: ReturnedPayment, status: str) -> bool:
    line.status = status
    line.touched("数据")
    return True
