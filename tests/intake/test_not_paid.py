"""Lists that say somewhere that money did not go out: nobody takes them for paid, whatever was said of the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.reading import FileRefused
from tests.intake.tables import HEAD, ROWS, SAID, checked, codes, refusal, taken, values, xlsx_file

PAID = {**SAID, "状态": "已发放", "发放日期": "2026-03-05"}
WITHOUT_STAGE = {name: value for name, value in SAID.items() if not name.startswith("状态")}


def workbook(folder: Path) -> Path:
    return xlsx_file(folder, [["发放成功名单"], HEAD, *ROWS[:2]], [["发放失败名单"], HEAD, ROWS[2]])


def test_a_sheet_of_failures_is_not_paid_with_the_others(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="状态@表2=发放失败"):
        checked(workbook(tmp_path), **PAID)
    said = {"状态@表2": "发放失败", "状态日期@表2": "2026-03-06"}
    assert [(one.stage, str(one.paid_date)) for one in values(checked(workbook(tmp_path), **PAID, **said))] == [
        ("已发放", "2026-03-05"), ("已发放", "2026-03-05"), ("发放失败", "None"),
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["2026年地补发放失败人员名单", "暂缓发放名单", "拟发放花名册", "银行退票清单"])
def test_a_title_that_says_unpaid_is_believed(tmp_path: Path, title: str) -> None:
    assert "与指定的“已发放”不同" in refusal(tmp_path, [[title], HEAD, *ROWS], PAID)
    assert len(values(taken(tmp_path, [[title], HEAD, *ROWS]))) == 3


@pytest.mark.parametrize("title", ["2026年地补补发名单（上年退回）", "地补发放名册", "地补公示表"])
def test_other_titles_do_not_stand_in_the_way(tmp_path: Path, title: str) -> None:
    assert len(values(taken(tmp_path, [[title], HEAD, *ROWS], **PAID))) == 3


def test_the_stage_is_suggested_and_not_taken(tmp_path: Path) -> None:
    assert "状态=发放失败" in refusal(tmp_path, [["退票名单"], HEAD, *ROWS], WITHOUT_STAGE)


@pytest.mark.parametrize("line", ["二、未发放人员", "以下人员因账户异常退回", "暂缓发放："])
def test_rows_under_a_heading_of_unpaid_go_back(tmp_path: Path, line: str) -> None:
    rows = taken(tmp_path, [HEAD, ROWS[0], [line], *ROWS[1:]], **PAID)
    assert [one.name for one in values(rows)] == [ROWS[0][0]]
    assert {(number, code) for number, code in codes(rows) if number > 3} == {(4, "SECTION_DIFFERS"), (5, "SECTION_DIFFERS")}


@pytest.mark.parametrize(("title", "cell"), [("退回金额", "100"), ("是否退回", "是"), ("退票", "√")])
def test_a_column_of_returns_contradicts_paid(tmp_path: Path, title: str, cell: str) -> None:
    lines = [[*HEAD, title], [*ROWS[0], cell], [*ROWS[1], "0"], [*ROWS[2], "否"]]
    assert codes(taken(tmp_path, lines, **PAID)) == {(2, "REMARK_UNPAID")}


def test_the_sum_is_not_passed_over_for_a_part(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "发放金额", "补发金额", "合计金额"], *([*row[:2], "100", "50", "150"] for row in ROWS)]
    assert "可选：发放金额、合计金额" in refusal(tmp_path, lines, SAID)
    same = [["姓名", "身份证号", "发放金额", "合计金额"], *([*row[:2], "100", "100"] for row in ROWS)]
    assert len(values(taken(tmp_path, same))) == 3
    really = [["姓名", "身份证号", "实发金额", "合计金额"], *([*row[:2], "100", "150"] for row in ROWS)]
    assert {one.amount_fen for one in values(taken(tmp_path, really))} == {10000}


@pytest.mark.parametrize(
    ("title", "counted", "asked"), [("月补助金额", "补发月数", True), ("月补助金额", "人数", False), ("人均金额", "人口数", False)]
)
def test_the_amount_of_one_month_is_asked_about_where_months_are_counted(
    tmp_path: Path, title: str, counted: str, asked: bool
) -> None:
    lines = [["姓名", "身份证号", title, counted], *([*row, "3"] for row in ROWS)]
    if asked:
        assert "哪列:金额" in refusal(tmp_path, lines, SAID)
        lines = [lines[0], *([*row, "1"] for row in ROWS)]
    assert {one.amount_fen for one in values(taken(tmp_path, lines))} == {10000}


@pytest.mark.parametrize(
    "line", [["1", "2", "3"], ["(1)", "(2)", "(3)=(1)*(2)"], ["A", "B", "C=A×B"], ["", "", "元"], ["", "亩", "元/亩"], ["甲", "1", "2"]]
)
def test_a_line_of_numbers_or_units_under_the_header_is_no_row(tmp_path: Path, line: list[str]) -> None:
    rows = taken(tmp_path, [HEAD, line, *ROWS])
    assert len(values(rows)) == 3
    assert {one.findings[0].handling for one in rows if one.findings} <= {"skip"}


def test_a_number_that_a_program_took_for_a_quantity_is_not_believed(tmp_path: Path) -> None:
    account, phone = "6299990102491369086.0", "15426258136.0"
    rows = taken(tmp_path, [[*HEAD, "账号", "电话"], [*ROWS[0], account, ""], [*ROWS[1], "", phone], [ROWS[2][0], ROWS[2][1] + ".0", "1", "", ""]])
    assert {(2, "ACCOUNT_SCIENTIFIC"), (4, "ID_SCIENTIFIC")} <= codes(rows)
    assert [one.phone for one in values(rows)] == [phone[:-2]]


def test_what_stands_in_brackets_behind_a_name_is_no_part_of_it(tmp_path: Path) -> None:
    rows = taken(tmp_path, [HEAD, [ROWS[0][0] + "（户主）", *ROWS[0][1:]], [ROWS[1][0] + "(已故)", *ROWS[1][1:]]])
    assert [one.name for one in values(rows)] == [ROWS[0][0], ROWS[1][0]]
    assert codes(rows) == {(2, "NAME_REMARK"), (3, "NAME_REMARK"), (3, "REMARK_DEATH")}


def test_lists_of_two_items_side_by_side_keep_their_own_persons(tmp_path: Path) -> None:
    said = {name: value for name, value in SAID.items() if name != "补贴项目"}
    lines = [["玉米生产者补贴", "", "", "大豆生产者补贴"], [*HEAD, *HEAD], [*ROWS[0], *ROWS[1]], ["", "", "", *ROWS[2]]]
    rows = values(checked(xlsx_file(tmp_path, lines), **said))
    assert [(one.name, one.item) for one in rows] == [
        (ROWS[0][0], "玉米生产者补贴"), (ROWS[1][0], "大豆生产者补贴"), (ROWS[2][0], "大豆生产者补贴"),
    ]  # fmt: skip


def test_a_village_of_title_or_sheet_is_offered(tmp_path: Path) -> None:
    lines = [["玉华村地补名册"], HEAD, *ROWS]
    assert {one.village for one in values(taken(tmp_path, lines))} == {""}
    assert {one.village for one in values(taken(tmp_path, lines, 村="玉华村"))} == {"玉华村"}


def test_the_name_of_the_bank_before_an_account_is_taken_off(tmp_path: Path) -> None:
    rows = taken(tmp_path, [[*HEAD, "开户行及账号"], [*ROWS[0], "吉林农信6299990102491369086"], [*ROWS[1], "吉林农信"]])
    assert [one.account for one in values(rows)] == ["6299990102491369086", ""]
