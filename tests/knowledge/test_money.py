"""Money: read exactly, written for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.money import parse_yuan, yuan, yuan_figure

amounts = st.integers(-10**13, 10**13)


@given(amounts)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen
    assert parse_yuan(f"{fen / 100:.2f}" if abs(fen) < 10**11 else yuan_figure(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,073.97", 107397), ("1073.97元", 107397), ("１６６０．４６", 166046), ("￥80", 8000), ("80 元整", 8000),
        ("0.5", 50), ("-12.30", -1230), ("107.9700", 10797), ("1,234,567.8", 123456780), ("25块钱", 2500),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "钱", "1.234", "1,23.00", "12,34", "1e5", "NaN", "1.2.3", "9" * 60, "=1+1", "٣", "1" * 13, "--5"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_yuan(text)


def test_amounts_are_written_with_commas_and_without_needless_zeros() -> None:
    assert [yuan(fen) for fen in (107397, 8000, 5, 0, -123450, 100000000)] == [
        "1,073.97元", "80元", "0.05元", "0元", "-1,234.50元", "1,000,000元",
    ]  # fmt: skip
