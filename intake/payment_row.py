"""A payment as a file gives it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class PaymentRow(NamedTuple):
    """A payment as it will be stored. A tuple, for a file may bring a million. Text that is not there is empty.

    Money in 分; `quantity_hundredths` in hundredths of `unit`. The fields stand in the order of `names.COLUMNS`.
    """

    name: str
    id_number: str
    town: str
    village: str
    item: str
    year: int
    batch: str
    quantity_hundredths: int | None
    unit: str
    standard_fen: int | None
    amount_fen: int
    stage: str
    stage_date: date
    paid_date: date | None
    bank: str
    account: str
    fail_reason: str
    phone: str
    remarks: dict[str, str] | None = None
