"""Lists as bureaus make them: titles, units, totals, signatures, several items or persons in a row, columns by any name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.checking import Checking
from intake.reading import FileRefused
from tests.intake.tables import (
    GUAN,
    HEAD,
    PEOPLE,
    ROWS,
    SAID,
    SUN,
    TODAY,
    checked,
    codes,
    csv_bytes,
    refusal,
    taken,
    values,
    written,
    xlsx_file,
)

# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("户主\n姓名", "姓名"), ("领款人（姓名）", "姓名"), ("姓名/单位名称", "姓名"), ("公民身份证号码（18位）", "身份证号"),
        ("有效证件号", "身份证号"),
        ("银行帐号", "社保卡账号"), ("一折通账号", "社保卡账号"), ("社保卡（折）号", "社保卡账号"), ("实发金额(元)", "金额"),
        ("本季补助金额/元", "金额"),
        ("补贴额 元", "金额"), ("乡（镇）", "乡镇"), ("村（居）委会名称", "村"), ("惠农项目", "补贴项目"), ("资金所属年度", "年度"),
        ("发放季度", "批次"),
        ("核实面积（亩）", "数量"), ("补贴标准元/亩", "补贴标准"), ("打卡日期", "发放日期"), ("开户行名称", "代发银行"), ("退汇原因", "失败原因"),
        ("本人手机号码", "手机号"), ("发放结果", "状态"),
    ],
)  # fmt: skip
def test_a_column_is_known_by_what_bureaus_call_it(title: str, column: str) -> None:
    from intake import names

    assert names.field_of(title) == column


@pytest.mark.parametrize(
    "title", ["配偶姓名", "监护人身份证号", "领取人签字", "保障标准", "家庭收入金额", "上年补贴金额", "残疾证号", "医保卡号", "金额大写", "缴费标准"]
)
def test_what_only_sounds_like_a_column_is_not_taken(title: str) -> None:
    from intake import names

    assert names.field_of(title) is None


def test_columns_without_a_known_name_are_told_by_their_cells(tmp_path: Path) -> None:
    lines = [["谁", "证", "哪儿", "钱数", "折子"], *([one["姓名"], one["身份证号"], "万昌镇", "100", one["社保卡账号"]] for one in PEOPLE)]
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY, given=SAID)
    payments = values(list(checking))
    assert [(one.name, one.town, one.amount_fen, one.account) for one in payments] == [
        (one["姓名"], "万昌镇", 10000, one["社保卡账号"]) for one in PEOPLE
    ]
    assert "“证”列当作“身份证号”。如果不对，请另外指定。" in checking.notes


def test_a_table_without_header_is_taken_when_its_columns_are_said(tmp_path: Path) -> None:
    assert "哪一列是金额" in refusal(tmp_path, ROWS, SAID)
    assert [one.amount_fen for one in values(taken(tmp_path, ROWS, **{"哪列:金额": "第3列"}))] == [10000] * 3


def test_an_empty_column_does_not_stand_for_a_filled_one(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "证件号码", "实发金额", "应发金额"], *([one[0], "", one[1], "", "100"] for one in ROWS)]
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY, given=SAID)
    assert [one.amount_fen for one in values(list(checking))] == [10000] * 3
    assert "两列都像“金额”：用了“应发金额”，“实发金额”记入备注。" in checking.notes


def test_of_two_amounts_none_is_guessed(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "中央补贴金额", "省级补贴金额"], *([*row, "20"] for row in ROWS)]
    said = refusal(tmp_path, lines, SAID)
    assert "哪一列是金额" in said
    assert "中央补贴金额、省级补贴金额" in said
    payments = values(taken(tmp_path, lines, **{"列:省级补贴金额": "金额"}))
    assert [(one.amount_fen, one.remarks) for one in payments] == [(2000, {"中央补贴金额": "100"})] * 3


def test_what_was_said_of_a_column_goes_before_its_name(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "补贴金额", "补助标准", "数量"], *([*row, "650", "1"] for row in ROWS)]
    assert {code for _, code in codes(taken(tmp_path, lines))} == {"AMOUNT_MISMATCH"}
    assert len(values(taken(tmp_path, lines, **{"列:补助标准": "备注"}))) == 3
    assert values(taken(tmp_path, lines, **{"列:补助标准": "不要"}))[0].remarks is None
    with pytest.raises(FileRefused, match="没有“天气”这一项"):
        taken(tmp_path, lines, **{"列:补助标准": "天气"})


def test_amounts_that_are_no_product_are_noted(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "补贴金额", "补助标准", "数量"], *([*row, "650", "1"] for row in ROWS)]
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY, given=SAID)
    list(checking)
    assert any("金额都不等于“数量”乘“补助标准”" in note for note in checking.notes)


def test_persons_times_months_times_standard_is_recognised(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "人数", "月数", "补贴标准", "金额"], *([*row[:2], "3", "12", "50", "1800"] for row in ROWS)]
    rows = taken(tmp_path, lines)
    assert not codes(rows)
    assert {(one.quantity_hundredths, one.standard_fen, one.unit) for one in values(rows)} == {(3600, 5000, "月·人")}


def test_unknown_columns_are_kept_also_without_a_name(tmp_path: Path) -> None:
    lines = [["序号", *HEAD, "低保证号", ""], *([at, *row, f"A{at}", "已核"] for at, row in enumerate(ROWS, 1))]
    assert values(taken(tmp_path, lines))[0].remarks == {"低保证号": "A1", "第6列": "已核"}


@given(st.permutations(["姓名", "身份证号码", "补贴面积(亩)", "标准", "补贴金额", "银行帐号", "联系电话", "所在村"]))
def test_the_order_of_columns_does_not_matter(columns: list[str]) -> None:
    from intake import layout
    from intake.headers import find

    header = find([["某某补贴发放表"], columns])
    assert header is not None
    fields = layout.of(header, []).columns
    assert {columns[at] for at in fields.values()} == set(columns)


# ---------------------------------------------------------------- lines


def test_a_list_with_all_that_paper_has(tmp_path: Path) -> None:
    lines = [
        ["万昌镇2026年耕地地力保护补贴资金发放花名册"], ["填报单位：万昌镇人民政府（盖章）", "", "", "单位：元"], ["序号", *HEAD, "领款人签字"],
        ["一、西将军村"], [1, *ROWS[0], ""], [2, *ROWS[1], ""], ["", "小计", "", "200"], ["第1页 共2页"],
        ["万昌镇2026年耕地地力保护补贴资金发放花名册"], ["序号", *HEAD, "领款人签字"], [3, *ROWS[2], ""], [4], [5, "", "", "0"],
        ["合  计", "", "", "300"], ["镇长：", "张三", "财政所长：", "李四", "经办人：", "王五"], ["以上情况属实"],
    ]  # fmt: skip
    rows = taken(tmp_path, lines)
    assert len(values(rows)) == 3
    assert codes(rows) == {
        (1, "TITLE_LINE"), (2, "TITLE_LINE"), (4, "GROUP_HEADER"), (7, "SUBTOTAL_LINE"), (8, "FOOTER_LINE"), (9, "TITLE_LINE"),
        (10, "HEADER_REPEATED"), (12, "BLANK_ROW"), (13, "BLANK_ROW"), (14, "TOTAL_LINE"), (15, "FOOTER_LINE"), (16, "FOOTER_LINE"),
        (5, "VILLAGE_OF_SECTION"), (6, "VILLAGE_OF_SECTION"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([*ROWS, ["合计", "", "300"]], set()),
        ([*ROWS, ["合计", "", "301"]], {(5, "TOTAL_MISMATCH")}),
        ([["合计", "", "300"], *ROWS], set()),
        ([["合计", "", "250"], *ROWS], {(2, "TOTAL_MISMATCH")}),
        ([ROWS[0], ["小计", "", "100"], *ROWS[1:], ["小计", "", "200"], ["总计", "", "300"]], set()),
        ([ROWS[0], ["小计", "", "100"], *ROWS[1:], ["小计", "", "100"], ["总计", "", "300"]], {(6, "TOTAL_MISMATCH")}),
        ([["小计", "", "100"], ROWS[0], ["小计", "", "200"], *ROWS[1:]], set()),
        ([*ROWS, ["合计", "2人", "300"]], {(5, "COUNT_MISMATCH")}),
        ([*ROWS, ["合计：3人", "", "300"]], set()),
        ([*ROWS[:2], [*ROWS[2][:2], "很多"], ["合计", "", "300"]], {(4, "AMOUNT_INVALID")}),
        ([*ROWS, ["", "", "300"]], set()),
    ],
)
def test_totals_are_those_of_the_rows_or_it_is_said(tmp_path: Path, lines: list[list[str]], found: set[tuple[int, str]]) -> None:
    rows = taken(tmp_path, [HEAD, *lines])
    assert {one for one in codes(rows) if not one[1].endswith("_LINE")} == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("2026年名册（共3户，合计金额300元）", set()), ("2026年名册（共35户）", {"COUNT_MISMATCH"}),
        ("2026年名册，资金合计350.00元", {"TOTAL_MISMATCH"}), ("2026年第1批名册", set()),
    ],
)  # fmt: skip
def test_what_the_title_states_is_compared_with_the_rows(tmp_path: Path, title: str, found: set[str]) -> None:
    assert {code for _, code in codes(taken(tmp_path, [[title], HEAD, *ROWS]))} == {"TITLE_LINE", *found}


def test_a_warning_about_a_total_is_no_row_to_be_looked_at(tmp_path: Path) -> None:
    from intake.report import Report

    report = Report()
    for one in taken(tmp_path, [HEAD, *ROWS, ["合计", "", "301"]]):
        report.add(one)
    assert (report.accepted, report.warned, report.refused) == (3, 0, 0)
    assert any("合计或小计的金额" in line for line in report.in_words())


# ---------------------------------------------------------------- wide tables

WIDE = [
    ["", "", "玉米生产者补贴", "", "", "大豆", "", "", ""],
    ["户主", "身份证号", "面积", "标准", "金额", "面积", "标准", "金额", "合计金额"],
    [GUAN["姓名"], GUAN["身份证号"], "10", "60", "600", "2", "390", "780", "1380"],
    [SUN["姓名"], SUN["身份证号"], "5.5", "60", "330", "", "", "", "330"],
    ["合计", "", "15.5", "", "930", "2", "", "780", "1710"],
]  # fmt: skip
NO_ITEM = {name: value for name, value in SAID.items() if name != "补贴项目"}


def test_several_items_in_a_row_become_a_payment_each(tmp_path: Path) -> None:
    rows = checked(written(tmp_path, csv_bytes(WIDE)), **NO_ITEM)
    assert codes(rows) == {(1, "GROUP_HEADER"), (5, "TOTAL_LINE")}
    assert [(one.name, one.item, one.quantity_hundredths, one.amount_fen) for one in values(rows)] == [
        ("关玉梅", "玉米生产者补贴", 1000, 60000), ("关玉梅", "大豆生产者补贴", 200, 78000), ("孙学生", "玉米生产者补贴", 550, 33000),
    ]  # fmt: skip


def test_the_items_of_a_row_must_add_up_to_its_sum(tmp_path: Path) -> None:
    wrong = [*WIDE[:3], [*WIDE[3][:8], "333"], WIDE[4]]
    assert (4, "ROW_SUM_MISMATCH") in codes(checked(written(tmp_path, csv_bytes(wrong)), **NO_ITEM))


def test_items_may_stand_in_the_headers_themselves(tmp_path: Path) -> None:
    lines = [["姓名", "身份证号", "玉米面积", "玉米补贴金额", "大豆面积", "大豆补贴金额"], [*ROWS[0][:2], "1", "60", "2", "780"]]
    assert [(one.item, one.amount_fen) for one in values(checked(written(tmp_path, csv_bytes(lines)), **NO_ITEM))] == [
        ("玉米生产者补贴", 6000), ("大豆生产者补贴", 78000),
    ]  # fmt: skip


def test_persons_side_by_side_are_all_taken(tmp_path: Path) -> None:
    rows = taken(tmp_path, [HEAD * 2, [*ROWS[0], *ROWS[1]], [*ROWS[2], "", "", ""]])
    assert [one.name for one in values(rows)] == ["关玉梅", "孙学生", "陈霞"]
    assert not codes(rows)


# ---------------------------------------------------------------- what is said and asked


def test_all_that_is_missing_is_asked_at_once_with_what_the_title_suggests(tmp_path: Path) -> None:
    said = refusal(tmp_path, [["永吉县二〇二六年第一季度高龄津贴发放表"], HEAD, *ROWS], {})
    for part in ("补贴项目=高龄津贴", "年度=2026", "批次=2026年第1季度", "状态=待发放", "状态日期="):
        assert part in said


@pytest.mark.parametrize(("name", "item"), [("2026年低保金3月.csv", "最低生活保障"), ("残疾人护理补贴名单.csv", ""), ("a.csv", "")])
def test_the_file_name_may_suggest_the_item(tmp_path: Path, name: str, item: str) -> None:
    said = refusal(tmp_path, [HEAD, *ROWS], {name: value for name, value in SAID.items() if name != "补贴项目"}, name)
    assert f"补贴项目={item}" in said


def test_paid_needs_the_day_of_payment(tmp_path: Path) -> None:
    assert "发放日期=" in refusal(tmp_path, [HEAD, *ROWS], {**NO_ITEM, "补贴项目": "低保", "状态": "已发放"})
    paid = taken(tmp_path, [HEAD, *ROWS], 状态="已发放", 发放日期="2026-03-05")
    assert {(one.stage, str(one.paid_date)) for one in values(paid)} == {("已发放", "2026-03-05")}


def test_a_word_that_claims_a_payment_counts_when_somebody_says_so(tmp_path: Path) -> None:
    lines = [[*HEAD, "发放结果", "到账日期"], *([*row, "发放成功", "20260305"] for row in ROWS)]
    known = {name: value for name, value in SAID.items() if not name.startswith("状态")}
    file = written(tmp_path, csv_bytes(lines))
    checking = Checking(file, today=TODAY, given=known)
    assert not values(list(checking))
    assert checking.unknown_words["状态"] == ["发放成功"]
    assert {one.stage for one in values(checked(file, **known, **{"状态:发放成功": "已发放"}))} == {"已发放"}


def test_amounts_in_ten_thousands_are_asked_about(tmp_path: Path) -> None:
    lines = [["单位：万元"], HEAD, *([*row[:2], "0.0123"] for row in ROWS)]
    assert "金额单位=万元" in refusal(tmp_path, lines, SAID)
    assert [one.amount_fen for one in values(taken(tmp_path, lines, 金额单位="万元"))] == [12300] * 3
    assert {code for _, code in codes(taken(tmp_path, lines, 金额单位="元"))} == {"TITLE_LINE", "AMOUNT_INVALID"}


def test_a_unit_line_gives_quantities_their_unit(tmp_path: Path) -> None:
    lines = [["单位：亩、元"], ["姓名", "身份证号", "数量", "金额"], *([*row[:2], "3", "100"] for row in ROWS)]
    assert values(taken(tmp_path, lines))[0].unit == "亩"


def test_each_sheet_may_be_another_item(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, [["2026年高龄津贴"], HEAD, *ROWS], [["2026年低保金"], HEAD, *ROWS])
    with pytest.raises(FileRefused, match=r"补贴项目@表1=高龄津贴.*补贴项目@表2=最低生活保障"):
        checked(file, **NO_ITEM)
    with pytest.raises(FileRefused, match="像是“最低生活保障”，与统一指定的项目不同"):
        checked(file, **{**SAID, "补贴项目": "高龄津贴"})
    payments = values(checked(file, **NO_ITEM, **{"补贴项目@表1": "高龄津贴", "补贴项目@表2": "低保"}))
    assert [one.item for one in payments] == ["高龄津贴"] * 3 + ["最低生活保障"] * 3


def test_a_duplicate_on_another_sheet_says_on_which(tmp_path: Path) -> None:
    rows = checked(xlsx_file(tmp_path, [HEAD, *ROWS], [HEAD, ROWS[1]]), **SAID)
    (double,) = [finding for one in rows for finding in one.findings]
    assert (double.code, double.related_rows, double.related_sheets) == ("DUPLICATE_ROW", (3,), (0,))
