"""How a payment came along: the earlier rows of the same payment hold the earlier stages with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.payment import LIVE, Batch, Payment
from models.prepared import Prepared

Steps = tuple[tuple[str, date], ...]

_STEPS = Prepared(
    select(Payment.period, Payment.stage, Payment.stage_date)
    .join(Batch, Batch.id == Payment.batch_id)
    .where(
        Payment.resident_id == bindparam("resident_id"), Payment.item == bindparam("of_item"),
        Payment.year == bindparam("of_year"), Batch.status == LIVE,
    )
    .order_by(Payment.batch_id, Payment.id),
    given=("resident_id", "of_item", "of_year"),
)  # fmt: skip


def history(session: Session, resident_id: int, item: str, year: int) -> Mapping[str, Steps]:
    """By period, the stages that live batches have told, each with the date it was last told with, in that order."""
    steps: dict[str, dict[str, date]] = {}
    for period, stage, day in _STEPS.rows(session, {"resident_id": resident_id, "of_item": item, "of_year": year}):
        of_period = steps.setdefault(period, {})
        of_period.pop(stage, None)  # told again: it stands where it was told last
        of_period[stage] = day
    return {period: tuple(found.items()) for period, found in steps.items()}
