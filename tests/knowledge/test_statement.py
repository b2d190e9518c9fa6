"""What is told of payments adds up, and what does not add up is not told as if it did."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from knowledge.amounts_compared import compared
from knowledge.statement import Loaded, document_in, one_item, overview, payment_in_words
from knowledge.when_meant import When
from tests.lines import line

TODAY = date(2026, 11, 24)
LOADED = Loaded(TODAY, [("高龄津贴", 2026), ("最低生活保障", 2026)])


def test_a_sum_that_comes_out_is_written_as_one() -> None:
    said = payment_in_words(line(quantity=1311, unit="亩", standard_fen=8192, amount_fen=107397), TODAY)
    assert "13.11亩×81.92元=1,073.97元" in said


@given(some.integers(1, 10**6), some.integers(1, 10**6), some.integers(-(10**8), 10**8))
def test_no_wrong_equation_is_ever_told(quantity: int, standard: int, off: int) -> None:
    amount = max(quantity * standard // 100 + off, 0)
    said = payment_in_words(line(quantity=quantity, standard_fen=standard, amount_fen=amount), TODAY)
    assert ("=" in said) is (abs(quantity * standard - amount * 100) <= 100)


def test_money_that_came_back_stands_first() -> None:
    back = line(item="最低生活保障", period="2026年03月", stage="发放失败", paid_date=None, fail_reason="户名不符")
    said = overview("关玉梅", [line(), back], 2026, LOADED, TODAY)
    assert said.index("姓名和账号对不上") < said.index("【高龄津贴】")


def test_money_still_owed_of_another_year_is_told_on_this_years_screen() -> None:
    back = line(year=2025, period="2025年第4季度", amount_fen=12300, stage="发放失败", paid_date=None)
    said = overview("关玉梅", [line(), back], 2026, LOADED, TODAY)
    assert "2025年的高龄津贴123元退回来还没补发" in said


def test_a_year_with_nothing_shows_the_last_payment_with_its_year() -> None:
    said = overview("关玉梅", [line(year=2025, paid_date=date(2025, 10, 12))], 2026, LOADED, TODAY)
    assert "2026年还没有查到" in said
    assert "2025年10月12日" in said


def test_the_way_of_a_payment_stops_at_the_stage_that_counts() -> None:
    steps = {"2026年第3季度": (("公示", date(2026, 9, 1)), ("待发放", date(2026, 9, 20)), ("已发放", date(2026, 10, 12)))}
    said = one_item("关玉梅", "高龄津贴", [line()], 2026, steps, "", LOADED, TODAY)
    assert "9月1日公示，9月20日批下来，10月12日打到卡上" in said
    corrected = line(stage="待发放", stage_date=date(2026, 9, 20), paid_date=None)
    said = one_item("关玉梅", "高龄津贴", [corrected], 2026, steps, "", LOADED, TODAY)
    assert "10月12日" not in said
    assert "往后：下一步就是银行打钱" in said


def test_days_are_promised_only_where_a_rule_gives_them() -> None:
    shown = line(stage="公示", paid_date=None)
    assert "7天" not in one_item("关玉梅", "高龄津贴", [shown], 2026, {}, "", LOADED, TODAY)
    shown = line(item="最低生活保障", stage="公示", paid_date=None)
    assert "公示7天" in one_item("关玉梅", "最低生活保障", [shown], 2026, {}, "", LOADED, TODAY)


def test_a_document_in_the_file_itself_is_told() -> None:
    assert "吉财农〔2026〕1号" in document_in([{"文号": "吉财农〔2026〕1号"}, {"备注": "无"}])
    assert document_in([{"备注": "无"}]) == ""


def test_two_payments_are_compared_with_what_made_the_difference() -> None:
    before = line(period="2026年第2季度", paid_date=date(2026, 7, 12))
    less = line(quantity=200, amount_fen=20000)
    said = compared("高龄津贴", [before, less], LOADED, TODAY)
    assert said is not None
    assert "少了100元" in said
    assert "月数变了" in said
    assert "标准变了" not in said
    assert compared("高龄津贴", [less], LOADED, TODAY) is None
    assert compared("高龄津贴", [before, less], LOADED, TODAY, When(2026, 5)) is None
