"""Numbers and days as they are read aloud."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.aloud import day_aloud, groups, spoken


def test_a_cases_number_is_read_in_its_parts() -> None:
    assert groups("YJ20261124-0007") == ["YJ", "2026", "1124", "0007"]
    assert spoken("YJ20261124-0007") == "Y J，二零二六，幺幺二四，零零零七"


@given(st.integers(100_000, 999_999))
def test_a_code_is_read_in_threes_and_nothing_is_lost(code: int) -> None:
    assert "".join(groups(str(code))) == str(code)
    assert [len(group) for group in groups(str(code))] == [3, 3]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 12, 3), "十二月三日，星期四"), (date(2026, 10, 10), "十月十日，星期六"), (date(2027, 1, 31), "一月三十一日，星期日"),
        (date(2026, 11, 20), "十一月二十日，星期五"),
    ],
)  # fmt: skip
def test_a_day_is_said_in_words(day: date, said: str) -> None:
    assert day_aloud(day) == said
