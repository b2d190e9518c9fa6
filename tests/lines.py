"""One payment as plain data, for tests that need no database."""

from __future__ import annotations

from datetime import date

from knowledge.statement import Line


def line(**more: object) -> Line:
    """300 yuan of 高龄津贴, paid; change what the test is about."""
    values = {
        "item": "高龄津贴", "year": 2026, "period": "2026年第3季度", "quantity": 300, "unit": "月", "standard_fen": 10000,
        "amount_fen": 30000, "stage": "已发放", "stage_date": date(2026, 10, 12), "paid_date": date(2026, 10, 12),
        "bank": "吉林农信", "account": "6217000000009086", "fail_reason": None,
    } | more  # fmt: skip
    return Line(**values)  # type: ignore[arg-type]
