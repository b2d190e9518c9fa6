"""Which time a sentence means, and which batches are of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge.when_meant import ANY_TIME, When, when_meant

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("去年的地补没收到", When(2025)), ("前年领了多少", When(2024)), ("24年的补贴", When(2024)), ("2025年", When(2025)),
        ("3月份的低保没到", When(2026, 3)), ("十一月低保", When(2026, 11)), ("12月的没发", When(2025, 12)),
        ("2025年3月的", When(2025, 3)), ("2025年03月", When(2025, 3)), ("上个月低保", When(2026, 10)),
        ("这个月的没到", When(2026, 11)), ("三季度高龄津贴", When(None, None, 3)),
        ("等了3个月了", ANY_TIME), ("补贴没到", ANY_TIME), ("20亩地", ANY_TIME), ("2099年", ANY_TIME),
    ],
)  # fmt: skip
def test_the_time_that_is_said_is_understood(text: str, when: When) -> None:
    assert when_meant(text, TODAY) == when


def test_last_month_in_january_is_of_the_year_before() -> None:
    assert when_meant("上个月的低保", date(2026, 1, 5)) == When(2025, 12)


@pytest.mark.parametrize(
    ("when", "period", "fits"),
    [
        (When(2026, 3), "2026年03月", True), (When(2026, 3), "2026年13批", False), (When(2026, 3), "2026年1-3月", True),
        (When(2026, 3), "2026年第1季度", True), (When(2026, 4), "2026年一季度", False), (When(2026, 1), "2026年11月", False),
        (When(2026, None, 3), "2026年7-9月", True), (When(2026, None, 3), "2026年第3季度", True), (When(2026, 3), "2026年第1批", False),
    ],
)  # fmt: skip
def test_a_batch_is_of_the_month_its_label_says(when: When, period: str, fits: bool) -> None:
    assert when.fits(period) is fits


@given(some.text(alphabet="0123456789年月季度上个这第一二三十去-至 ", max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    when = when_meant(text, TODAY)
    assert when.year is None or when.year <= TODAY.year
    assert when.month is None or 1 <= when.month <= 12
    when.fits(text)
