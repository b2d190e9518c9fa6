"""How a payment came along: the earlier rows of the same payment hold the earlier stages with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from knowledge.wording import PAID
from models.payment import DROPPED, LIVE, Batch, Payment
from models.prepared import Prepared

Steps = tuple[tuple[str, date], ...]

_OF_ITEM = (
    Payment.resident_id == bindparam("resident_id"), Payment.item == bindparam("of_item"),
    Payment.year == bindparam("of_year"), Batch.status == LIVE,
)  # fmt: skip
_GIVEN = ("resident_id", "of_item", "of_year")
_STEPS = Prepared(
    select(Payment.period, Payment.stage, Payment.stage_date, Payment.paid_date)
    .join(Batch, Batch.id == Payment.batch_id)
    .where(*_OF_ITEM)
    .order_by(Payment.batch_id, Payment.id),
    given=_GIVEN,
)
_REMARKS = Prepared(
    select(Payment.period, Payment.remarks)
    .join(Batch, Batch.id == Payment.batch_id)
    .where(*_OF_ITEM)
    .order_by(Payment.batch_id, Payment.id),
    given=_GIVEN,
)


def history(session: Session, resident_id: int, item: str, year: int) -> Mapping[str, Steps]:
    """By period, the stages that live batches have told, each with the date it was last told with, in that order.

    The day of a paid stage is the day of the payment, where it is told. A payment that was taken out has no history.
    """
    steps: dict[str, dict[str, date]] = {}
    given = {"resident_id": resident_id, "of_item": item, "of_year": year}
    for period, stage, day, paid in _STEPS.rows(session, given):
        of_period = steps.setdefault(period, {})
        of_period.pop(stage, None)  # told again: it stands where it was told last
        of_period[stage] = paid if paid and stage in PAID else day
    return {period: tuple(found.items()) for period, found in steps.items() if DROPPED not in list(found)[-1:]}


def remarks(session: Session, resident_id: int, item: str, year: int) -> Mapping[str, Mapping[str, str]]:
    """By period, what the bureau's newest file says beside the known columns, by the file's own header."""
    given = {"resident_id": resident_id, "of_item": item, "of_year": year}
    return {period: found or {} for period, found in _REMARKS.rows(session, given)}
