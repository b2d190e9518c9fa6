"""How much of something a sentence names."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.quantities import CHILD, LAND, MONTHS, PERSON, SERVED, number_of, quantities_in

_DIGITS = "零一二三四五六七八九"


def in_words(number: int) -> str:
    """A whole number below 10,000 as one says it."""
    said, zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            said += ("零" if zero and said else "") + _DIGITS[digit] + unit
            zero = False
        else:
            zero = True
    return said.removeprefix("一") if said.startswith("一十") else said or "零"


def land(text: str) -> list[str]:
    return [each.words for each in quantities_in(text) if each.kind == LAND and not each.unclear]


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("我家12亩地", "12亩"), ("十二亩半玉米", "12.5亩"), ("八亩四分地", "8.4亩"), ("三亩六", "3.6亩"), ("3亩2分5厘地", "3.25亩"),
        ("半亩地", "0.5亩"), ("四分地", "0.4亩"), ("2公顷", "30亩"), ("两垧半地", "37.5亩"), ("一垧零三亩", "18亩"), ("一晌地", "15亩"),
        ("１２．５亩", "12.5亩"), ("1,200亩", "1,200亩"), ("1.5万亩", "15,000亩"), ("一百二亩", "120亩"), ("两千零五亩", "2,005亩"),
        ("七八亩", "7到8亩"), ("三四十亩", "30到40亩"), ("十七八亩", "17到18亩"), ("十几亩", "11到19亩"), ("10-12亩", "10到12亩"),
        ("十到十二亩", "10到12亩"), ("10亩到12亩", "10到12亩"), ("二十来亩", "20亩"), ("0亩", "0亩"), ("-5亩", "-5亩"), ("负3亩", "-3亩"),
    ],
)  # fmt: skip
def test_land_is_read_as_people_say_it(said: str, amount: str) -> None:
    assert land(said) == [amount]


@pytest.mark.parametrize("said", ["一垧二", "五五亩", "三分之一亩地"])
def test_what_may_mean_two_amounts_is_unclear(said: str) -> None:
    assert [each.unclear for each in quantities_in(said)] == [True]


@pytest.mark.parametrize("said", ["亩产500斤", "每亩补多少", "2024年低保", "口前镇", "第三个孩子", "我今年65岁", "打八分", "人民政府"])
def test_what_is_no_amount_is_none(said: str) -> None:
    assert quantities_in(said) == []


@pytest.mark.parametrize(
    ("said", "kind", "amount"),
    [
        ("三口人", PERSON, 3), ("一家四口", PERSON, 4), ("老两口", PERSON, 2), ("2个老人", PERSON, 2), ("俩孩子", CHILD, 2),
        ("双胞胎", CHILD, 2), ("3个娃", CHILD, 3), ("一年能领多少", MONTHS, 12), ("半年", MONTHS, 6), ("3个月", MONTHS, 3),
        ("每季度", MONTHS, 3), ("我当了5年义务兵", SERVED, 5), ("当过三年兵", SERVED, 3),
    ],
)  # fmt: skip
def test_heads_and_times_are_read(said: str, kind: str, amount: int) -> None:
    assert [(each.kind, each.low) for each in quantities_in(said)] == [(kind, amount)]


def test_two_fields_are_two_amounts() -> None:
    assert land("12亩玉米5亩大豆") == ["12亩", "5亩"]


@given(st.integers(1, 9999))
def test_a_number_in_words_is_the_number(number: int) -> None:
    assert number_of(in_words(number)) == number


@given(st.integers(1, 9999), st.integers(0, 9))
def test_mu_and_fen_add_up_in_words_and_in_figures(whole: int, fen: int) -> None:
    amount = Decimal(whole) + Decimal(fen) / 10
    for said in (f"{in_words(whole)}亩{_DIGITS[fen]}分地", f"{whole}亩{fen}分", f"{amount}亩"):
        found = [each for each in quantities_in(f"俺家有{said}，能领多少") if each.kind == LAND]
        assert [(each.low, each.high) for each in found] == [(amount, amount)], said


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    for each in quantities_in(text):
        assert each.low <= each.high
        assert each.words


@given(st.text(alphabet="0123456789一二三十百千万半几多来到-~零点亩分厘垧公顷地个口人孩子年月,. ", max_size=300))
def test_texts_full_of_numbers_are_read_too(text: str) -> None:
    for each in quantities_in(text):
        assert each.low <= each.high
