"""What a table says nothing of: a column that is not there takes nothing away from what is known of a payment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from intake import names
from intake.layout import Strip
from intake.payment_row import PaymentRow
from models.payment import Payment

_MAY_LACK = frozenset({names.QUANTITY, names.UNIT, names.STANDARD, names.BANK, names.ACCOUNT, names.REASON})
_PAID_AGAIN = "已补发"


class Lacking(NamedTuple):
    """The fields that a table has no column for, and the headers of all that it has."""

    fields: frozenset[str]
    titles: frozenset[str]

    def filled(self, row: PaymentRow, stood: Payment) -> PaymentRow:
        """The row with what it does not speak of, as the payment stands.

        Quantity and standard hold only for the same amount, a reason only for the same failure, a bank only for its account.
        """
        kept: dict[str, Any] = {}
        if row.amount_fen == stood.amount_fen and {names.QUANTITY, names.STANDARD} <= self.fields:
            kept = {"quantity_hundredths": stood.quantity, "unit": stood.unit or "", "standard_fen": stood.standard_fen}
        if names.ACCOUNT in self.fields:
            kept["account"] = stood.account or ""
        if names.BANK in self.fields and kept.get("account", row.account) == (stood.account or ""):
            kept["bank"] = stood.bank or ""
        if names.REASON in self.fields and row.stage in (stood.stage, _PAID_AGAIN):
            kept["fail_reason"] = stood.fail_reason or ""
        remarks = {title: text for title, text in (stood.remarks or {}).items() if title not in self.titles}
        return row._replace(**kept, remarks={**remarks, **(row.remarks or {})} or None)


def of(strip: Strip, given: Mapping[str, object]) -> Lacking:
    """What the rows of a strip say nothing of; `given` was said beside them."""
    have = {*strip.columns, *given, *([names.UNIT] if strip.unit else [])}
    return Lacking(_MAY_LACK - have, frozenset({*strip.extra, *(title[:40] for title in strip.titles.values())}))
