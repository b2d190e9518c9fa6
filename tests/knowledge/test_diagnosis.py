"""Why one item has not come: each case by itself, with a next step, and never 没有 for 没查到."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge import diagnosis
from knowledge.catalogue.items import ITEMS
from knowledge.diagnosis import Known, diagnose
from knowledge.payment_report import Report, report_in, report_in_words, story
from knowledge.routing import route
from knowledge.statement import Line, Loaded
from knowledge.when_meant import When
from knowledge.wording import STAGES
from tests.lines import line

TODAY = date(2026, 11, 24)
LOW, LAND, OLD = "最低生活保障", "耕地地力保护补贴", "高龄津贴"
LOADED = Loaded(TODAY, [(LOW, 2026), (LAND, 2026), (OLD, 2026), (LAND, 2025)])


def back(**more: object) -> Line:
    return line(**({"stage": "发放失败", "paid_date": None, "fail_reason": "账户状态异常"} | more))


def month(number: int, **more: object) -> Line:
    day = date(2026, number, 10)
    values = {"item": LOW, "period": f"2026年{number:02}月", "stage_date": day, "paid_date": day, "amount_fen": 63000}
    return line(**(values | more))


@pytest.mark.parametrize(
    ("lines", "item", "kind", "told"),
    [
        ([back()], OLD, diagnosis.RETURNED, "没丢"),
        ([line(stage="公示", paid_date=None)], OLD, diagnosis.WAITING, "正在公示"),
        ([line()], OLD, diagnosis.PAID_ALREADY, "尾号9086"),
        ([], OLD, diagnosis.NOT_LISTED, "没查到不等于没有"),
        ([], LAND, diagnosis.NOT_LISTED, "问问家里的户主"),
        ([], "育儿补贴", diagnosis.NOT_LOADED, "没查到不等于没有"),
    ],
)
def test_each_case_is_told_apart(lines: list[Line], item: str, kind: str, told: str) -> None:
    found = diagnose(item, lines, LOADED, TODAY)
    assert found.kind == kind
    assert told in found.text


def test_the_month_asked_for_is_answered() -> None:
    lines = [month(3, stage="发放失败", paid_date=None), month(10), month(11)]
    assert diagnose(LOW, lines, LOADED, TODAY, When(2026, 10)).line == lines[1]
    assert diagnose(LOW, lines, LOADED, TODAY, When(2026, 3)).kind == diagnosis.RETURNED
    missing = diagnose(LOW, lines[1:], LOADED, TODAY, When(2026, 5))
    assert "2026年5月的最低生活保障，这里还没有" in missing.text


def test_the_year_asked_for_is_answered() -> None:
    paid = line(item=LAND, year=2025, period="2025年第1批", stage_date=date(2025, 6, 1), paid_date=date(2025, 6, 1))
    lines = [paid, back(item=LAND, period="2026年第1批")]
    assert diagnose(LAND, lines, LOADED, TODAY, When(2025)).line == paid
    assert diagnose(LAND, lines, LOADED, TODAY).kind == diagnosis.RETURNED


def test_all_that_came_back_is_told_with_each_reason_once() -> None:
    found = diagnose(LOW, [month(n, stage="发放失败", paid_date=None, fail_reason="户名不符") for n in (1, 2, 3)], LOADED, TODAY)
    assert "有3笔" in found.text
    assert "1,890元" in found.text
    assert found.text.count("原因：") == 1


def test_what_is_paid_to_the_head_of_the_household_is_told() -> None:
    found = diagnose(LAND, [], LOADED, TODAY, known=Known(head="关*山"))
    assert found.kind == diagnosis.TO_THE_HEAD
    assert "关*山" in found.text
    assert "关*山" not in diagnose(OLD, [], LOADED, TODAY, known=Known(head="关*山")).text


def test_who_was_paid_before_in_their_own_name_is_not_sent_to_the_head() -> None:
    before = line(item=LAND, year=2025, paid_date=date(2025, 6, 1))
    found = diagnose(LAND, [before], LOADED, TODAY, known=Known(head="关*山"))
    assert found.kind == diagnosis.NOT_LISTED
    assert "复核后停了" in found.text


def test_a_stop_that_the_file_remarks_is_told() -> None:
    held = month(9, stage="审核", paid_date=None)
    found = diagnose(LOW, [held], LOADED, TODAY, known=Known(remarks={"2026年09月": {"备注": "复核后停发"}}))
    assert found.kind == diagnosis.STOPPED
    assert "复核后停发" in found.text
    assert "再申请" in found.text


def test_an_ended_programme_is_said_to_have_ended() -> None:
    resettled = "大中型水库移民后期扶持"
    assert "期满" in diagnose(resettled, [], LOADED, TODAY).text
    assert "期满" not in diagnose(resettled, [], LOADED, date(2026, 5, 1)).text


@given(
    some.sampled_from(list(ITEMS)), some.lists(some.tuples(some.integers(2024, 2026), some.sampled_from(list(STAGES)), some.integers(1, 12))),
    some.booleans(), some.sampled_from([When(), When(2025), When(2026, 3), When(2025, 12)]),
)  # fmt: skip
def test_every_answer_says_how_far_the_data_reaches_or_what_to_do(
    item: str, rows: list[tuple[int, str, int]], loaded: bool, when: When
) -> None:
    lines = [line(item=item, year=year, stage=stage, period=f"{year}年{month:02}月") for year, stage, month in rows]
    found = diagnose(item, lines, Loaded(TODAY, [(item, 2026)] if loaded else []), TODAY, when)
    assert "怎么办：" in found.text or "可以问" in found.text
    assert found.kind == diagnosis.RETURNED or "数据到11月24日" in found.text


def test_a_wish_to_have_it_looked_after_reads_back() -> None:
    for report in (Report(OLD, 2026), Report(LAND, 2025, "关*梅")):
        assert report_in(report_in_words(report)) == report
    assert report_in("我要反映：2026年工资没到账") is None


def test_the_facts_of_a_payment_go_to_the_department_of_its_item() -> None:
    told = story(Report(OLD, 2026), "关玉梅", "936X", [line(stage="公示", paid_date=None)], TODAY)
    assert route(told, item=OLD, town="万昌镇").departments[:2] == ("民政局", "乡镇人民政府")
