"""What shows only when several cells of one row are held against each other: one check, one function.

A check sees the row as far as it could be read: `failed` names the columns whose cell was refused, and nothing is
concluded from those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache

from intake import names
from intake.findings import Finding
from intake.payment_row import PaymentRow
from intake.progress import PAID_STAGES, year_in
from knowledge.catalogue.places import village_in_town

_is_in_town = lru_cache(4096)(village_in_town)

Check = Callable[[PaymentRow, Collection[str], date], Finding | None]


def dates_fit_stage(row: PaymentRow, failed: Collection[str], today: date) -> Finding | None:
    """Only what was paid has a paying date; no date lies in the future; the stage is not older than the payment."""
    if names.STATUS in failed or names.PAID_DATE in failed:
        return None
    if row.paid_date is not None and row.paid_date > today:
        return Finding("PAID_IN_FUTURE", names.PAID_DATE)
    if (row.stage in PAID_STAGES) != (row.paid_date is not None):
        return Finding("STATUS_DATE_CONFLICT", names.PAID_DATE)
    return None if names.STATUS_DATE in failed else _stage_date_fits(row, today)


def _stage_date_fits(row: PaymentRow, today: date) -> Finding | None:
    if row.stage_date is None:
        return Finding("DATE_MISSING", names.STATUS_DATE)
    if row.stage_date > today or (row.paid_date is not None and row.stage_date < row.paid_date):
        return Finding("STATUS_DATE_CONFLICT", names.STATUS_DATE)
    return None


def year_fits(row: PaymentRow, failed: Collection[str], today: date) -> Finding | None:
    """The year is the one that the batch's label names, and nothing was paid before it began."""
    if names.YEAR in failed or names.BATCH in failed:
        return None
    if year_in(row.batch) not in (None, row.year) or (row.paid_date and row.paid_date.year < row.year):
        return Finding("YEAR_CONFLICT", names.YEAR)
    return None


def amount_is_product(row: PaymentRow, failed: Collection[str], today: date) -> Finding | None:
    """The amount is quantity × standard, rounded half up to the 分; one 分 off is bad rounding."""
    quantity, standard = row.quantity_hundredths, row.standard_fen
    if quantity is None or standard is None or names.AMOUNT in failed:
        return None
    off = abs(row.amount_fen - (quantity * standard + 50) // 100)
    return Finding("AMOUNT_ROUNDING" if off == 1 else "AMOUNT_MISMATCH", names.AMOUNT) if off else None


def village_is_there(row: PaymentRow, failed: Collection[str], today: date) -> Finding | None:
    """The village belongs to the township."""
    if row.town and row.village and not _is_in_town(row.village, row.town):
        return Finding("VILLAGE_TOWN_MISMATCH", names.VILLAGE)
    return None


def failure_has_reason(row: PaymentRow, failed: Collection[str], today: date) -> Finding | None:
    """A returned payment says why, so that the resident can be told what to do."""
    if row.stage == "发放失败" and not row.fail_reason and names.REASON not in failed:
        return Finding("FAIL_REASON_MISSING", names.REASON)
    return None


CHECKS: tuple[Check, ...] = (
    dates_fit_stage,
    year_fits,
    amount_is_product,
    village_is_there,
    failure_has_reason,
)
