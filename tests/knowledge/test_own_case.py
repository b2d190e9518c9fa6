"""One's own payments beside an answer, in a line or two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from knowledge.own_case import Mine, newest_year, own_case
from knowledge.statement import Line

TODAY = date(2026, 11, 24)
PAID = Line(
    item="耕地地力保护补贴", year=2026, period="2026年第1批", quantity=1311, unit="亩", standard_fen=8192, amount_fen=107397,
    stage="已发放", stage_date=date(2026, 9, 30), paid_date=date(2026, 9, 30), bank="信用社", account="6299990102491231234",
    fail_reason=None,
)  # fmt: skip
RETURNED = replace(PAID, period="2026年第2批", amount_fen=5000, stage="发放失败", paid_date=None)
WAITING = replace(PAID, period="2026年第3批", amount_fen=6000, stage="待发放", paid_date=None)


def told(*lines: Line, name: str | None = None) -> str:
    return own_case([Mine(name, lines)], date(2026, 11, 20), TODAY)


def test_one_payment_is_told_with_sum_day_place_and_how_far_the_data_reaches() -> None:
    assert told(PAID) == "您2026年这项领了1,073.97元，9月30日打到信用社 尾号1234。（数据到11月20日）"


def test_of_several_the_sum_and_the_last_are_told() -> None:
    later = replace(PAID, period="2026年第2批", amount_fen=10000, paid_date=date(2026, 10, 12))
    assert told(PAID, later).startswith("您2026年这项领了2笔，共1,173.97元，最近一笔10月12日打到")


def test_what_came_back_is_told_with_the_way_on() -> None:
    said = told(RETURNED)
    assert "有50元银行没打进去，钱退回来了，没丢" in said
    assert "发“没收到钱”看怎么办" in said


def test_what_is_under_way_is_told_by_its_stage() -> None:
    assert "有60元已经批了，银行还没打" in told(WAITING)


def test_only_the_newest_year_is_told() -> None:
    said = told(replace(PAID, year=2025, amount_fen=900), PAID)
    assert "2026年" in said
    assert "9元，" not in said


def test_others_are_called_by_their_masked_names_and_two_alike_by_a_number() -> None:
    said = own_case([Mine("王小兰", [PAID]), Mine("王大兰", [PAID])], date(2026, 11, 20), TODAY)
    assert "王*兰：2026年" in said
    assert "王*兰2：2026年" in said
    assert "王小兰" not in said


def test_more_than_three_people_are_left_to_the_look_up() -> None:
    said = own_case([Mine(f"{name}一二", [PAID]) for name in "赵钱孙李周"], date(2026, 11, 20), TODAY)
    assert "还有2个人的，发“查补贴”看。" in said
    assert said.endswith("（数据到11月20日）")


def test_without_payments_or_data_nothing_is_said() -> None:
    assert own_case([], date(2026, 11, 20), TODAY) == ""
    assert own_case([Mine(None, [])], date(2026, 11, 20), TODAY) == ""
    assert own_case([Mine(None, [PAID])], None, TODAY) == ""


def test_the_year_spoken_of_is_given_for_the_look_up() -> None:
    assert newest_year([Mine(None, [replace(PAID, year=2024), PAID])]) == 2026
