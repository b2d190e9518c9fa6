"""What files of offices and banks leave open or contradict: units of money, headings, remarks, pages, decimals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import amounts, guesses
from intake.checking import Checking
from intake.cleaning import Refusal
from intake.formats.delimited import encoding_of
from intake.progress import stage
from intake.reading import FileRefused
from tests.intake.tables import (
    HEAD,
    PEOPLE,
    ROWS,
    SAID,
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

PAID = {"状态": "已发放", "发放日期": "2026-03-05"}


def errors(rows: list[Any]) -> set[tuple[int, str]]:
    """The refused rows, each with why."""
    return {(one.row_number, found.code) for one in rows for found in one.findings if found.handling == "error"}


# ---------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("line", "unit", "fen"),
    [
        ("单位：千元", "千元", 1_250_000), ("单位：亩、万元", "万元", 12_500_000), ("计量单位:百元", "百元", 125_000),
        ("金额单位：角", "角", 125), ("金额（分）", "分", None), ("单位：亩、元", "", 1_250),
    ],
)  # fmt: skip
def test_every_unit_of_money_is_asked_about_and_none_is_taken_for_yuan(
    tmp_path: Path, line: str, unit: str, fen: int | None
) -> None:
    lines = [[line], HEAD, *([*row[:2], "12.50"] for row in ROWS)]
    if not unit:
        assert {one.amount_fen for one in values(taken(tmp_path, lines))} == {fen}
        return
    assert f"金额单位={unit}" in refusal(tmp_path, lines, SAID)
    assert {one.amount_fen for one in values(taken(tmp_path, lines, 金额单位=unit))} == ({fen} if fen else set())


def test_the_header_of_the_amounts_may_name_the_unit(tmp_path: Path) -> None:
    assert "金额单位=千元" in refusal(tmp_path, [["姓名", "身份证号", "补贴金额（千元）"], *ROWS], SAID)


def test_a_total_is_read_in_the_unit_of_its_table(tmp_path: Path) -> None:
    lines = [["单位：万元"], HEAD, *([*row[:2], "0.5"] for row in ROWS), ["合计", "", "1.5"]]
    assert codes(taken(tmp_path, lines, 金额单位="万元")) == {(1, "TITLE_LINE"), (6, "TOTAL_LINE")}


@pytest.mark.parametrize("text", ["300 00", "100元/月", "12 5", "1 23.00", "叁佰元整300"])
def test_what_may_be_another_amount_is_none(text: str) -> None:
    with pytest.raises(Refusal):
        amounts.amount(text)


@given(st.integers(1, 999), st.integers(0, 999))
def test_thousands_may_be_parted_by_a_space(thousands: int, rest: int) -> None:
    assert amounts.amount(f"{thousands} {rest:03d}.00").value == (thousands * 1000 + rest) * 100


def test_decimals_beyond_two_are_checked_and_kept_as_a_remark(tmp_path: Path) -> None:
    head = ["姓名", "身份证号", "面积", "标准", "金额"]
    ids = [row[:2] for row in ROWS]
    lines = [head, [*ids[0], "13.1145", "82.47", "1081.55"], [*ids[1], "12.34", "86.5023", "1067.44"], [*ids[2], "7.005", "80", "560"]]
    rows = taken(tmp_path, lines)
    assert errors(rows) == {(4, "AMOUNT_MISMATCH")}
    assert [(one.amount_fen, one.remarks) for one in values(rows)] == [(108155, {"面积": "13.1145"}), (106744, {"标准": "86.5023"})]
    assert [(one.quantity_hundredths, one.standard_fen) for one in values(rows)] == [(None, 8247), (1234, None)]


def test_the_area_that_the_amounts_come_from_is_found_in_spite_of_a_total_line(tmp_path: Path) -> None:
    head = ["姓名", "身份证号", "计税面积", "种植面积", "标准", "金额"]
    lines = [head, *([*row[:2], "9", "2", "50", "100"] for row in ROWS), ["合计", "", "27", "6", "", "300"]]
    rows = taken(tmp_path, lines)
    assert {one.quantity_hundredths for one in values(rows)} == {200}
    assert not errors(rows)


# ---------------------------------------------------------------- never assumed paid


@pytest.mark.parametrize("remark", ["退回", "账户销户未发", "暂缓发放", "银行退票", "本月没发", "打款不成功"])
def test_what_a_remark_says_is_not_paid_is_not_taken_for_paid(tmp_path: Path, remark: str) -> None:
    lines = [[*HEAD, "备注"], [*ROWS[0], remark], [*ROWS[1], "上次退回，已补发"], [*ROWS[2], "面积未发生变化"]]
    assert errors(taken(tmp_path, lines, **PAID)) == {(2, "REMARK_UNPAID")}
    assert not errors(taken(tmp_path, lines))  # who waits may have any remark


def test_a_reason_for_failure_contradicts_what_is_said_of_all(tmp_path: Path) -> None:
    for reason in ("户名不符", "交易不成功", "户名校验未通过", "账户状态不正常"):
        lines = [[*HEAD, "退回原因"], [*ROWS[0], reason], [*ROWS[1], ""], [*ROWS[2], "交易成功"]]
        assert errors(taken(tmp_path, lines, **PAID)) == {(2, "REMARK_UNPAID")}


@pytest.mark.parametrize("said", ["交易成功", "0000", "账户正常", "无", "-", "已入账"])
def test_a_bank_may_say_that_all_went_well(tmp_path: Path, said: str) -> None:
    assert not errors(taken(tmp_path, [[*HEAD, "返回信息"], *([*row, said] for row in ROWS)], **PAID))


def test_a_day_of_payment_said_for_all_is_that_of_the_paid_ones_only(tmp_path: Path) -> None:
    lines = [[*HEAD, "发放状态", "失败原因"], [*ROWS[0], "已发放", ""], [*ROWS[1], "发放失败", "已销户"], [*ROWS[2], "待发放", ""]]
    said = {name: value for name, value in SAID.items() if name != "状态"} | {"发放日期": "2026-03-04"}
    rows = checked(written(tmp_path, csv_bytes(lines)), **said)
    assert not errors(rows)
    assert [(one.stage, str(one.paid_date)) for one in values(rows)] == [
        ("已发放", "2026-03-04"), ("发放失败", "None"), ("待发放", "None"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [("账户异常退回", "发放失败"), ("银行退汇", "发放失败"), ("转账未成功", "发放失败"), ("待打款", "待发放"), ("未支付", "待发放")],
)
def test_money_that_came_back_is_known_in_any_words(text: str, meant: str) -> None:
    assert stage(text).value == meant


@pytest.mark.parametrize("text", ["审核退回", "退回后已补发", "成功", "打款成功", "停发", "未退回", "退回重新打款", "没有退回"])
def test_words_that_say_less_or_more_are_not_guessed(text: str) -> None:
    with pytest.raises(Refusal, match="STATUS_UNKNOWN"):
        stage(text)


def test_unknown_words_are_named_with_how_to_say_what_they_mean(tmp_path: Path) -> None:
    lines = [[*HEAD, "发放状态"], *([*row, word] for row, word in zip(ROWS, ["成功", "王五", "停发"], strict=True))]
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY, given={**SAID})
    list(checking)
    (note,) = [one for one in checking.notes if "认不出" in one]
    assert "成功、停发" in note
    assert "王五" not in note


@pytest.mark.parametrize("remark", ["已去世", "3月15日死亡", "户口注销", "因病亡故"])
def test_a_death_in_a_remark_is_warned_of(tmp_path: Path, remark: str) -> None:
    rows = taken(tmp_path, [[*HEAD, "备注"], [*ROWS[0], remark], [*ROWS[1], ""]])
    assert codes(rows) == {(2, "REMARK_DEATH")}
    assert len(values(rows)) == 2


# ---------------------------------------------------------------- lines between the rows


def test_rows_under_the_heading_of_another_item_go_back(tmp_path: Path) -> None:
    lines = [HEAD, ["一、耕地地力保护补贴"], ROWS[0], ["二、稻谷补贴"], ROWS[1], HEAD, ["2026年"], ROWS[2]]
    assert errors(taken(tmp_path, lines)) == {(5, "SECTION_DIFFERS"), (8, "SECTION_DIFFERS")}


def test_rows_under_the_heading_of_another_month_go_back(tmp_path: Path) -> None:
    lines = [HEAD, ["2026年1月"], ROWS[0], ["2026年2月"], ROWS[1]]
    assert errors(taken(tmp_path, lines, 批次="2026年01月")) == {(5, "SECTION_DIFFERS")}


def test_the_months_of_a_quarter_are_no_other_time(tmp_path: Path) -> None:
    lines = [HEAD, ["1月"], ROWS[0], ["2026年2月份"], ROWS[1], ["4月"], ROWS[2]]
    assert errors(taken(tmp_path, lines, 批次="2026年第1季度")) == {(7, "SECTION_DIFFERS")}


def test_a_title_that_comes_again_on_every_page_contradicts_nothing(tmp_path: Path) -> None:
    title = ["2026年第一季度稻谷补贴名册"]
    lines = [title, HEAD, ROWS[0], ["打印日期：2025年12月1日"], title, HEAD, ROWS[1], ["注：不含高龄津贴"], ROWS[2]]
    assert not errors(taken(tmp_path, lines))


def test_a_village_that_heads_its_rows_is_theirs(tmp_path: Path) -> None:
    lines = [HEAD, ["一、歪头村"], ROWS[0], ["小计", "", "100"], ROWS[1], ["（二）四间村"], ROWS[2]]
    assert [one.village for one in values(taken(tmp_path, lines))] == ["歪头村", "", "四间村"]
    assert {one.village for one in values(taken(tmp_path, lines, 村="玉华村"))} == {"玉华村"}


def test_sums_carried_from_page_to_page_are_no_rows(tmp_path: Path) -> None:
    lines = [HEAD, ROWS[0], ["本页小计", "", "100"], ["过次页", "", "100"], HEAD, ["承前页", "", "100"], *ROWS[1:], ["累计", "", "300"]]
    found = codes(taken(tmp_path, lines))
    assert {code for _, code in found} == {"SUBTOTAL_LINE", "HEADER_REPEATED", "TOTAL_LINE"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (["记录数：3", "", "300"], set()), (["人数：4人", "金额：300元", ""], {"COUNT_MISMATCH"}),
        (["笔数：3", "", "金额：310元"], {"TOTAL_MISMATCH"}),
    ],
)  # fmt: skip
def test_the_last_line_of_a_program_states_sum_and_count(tmp_path: Path, line: list[str], found: set[str]) -> None:
    assert {code for _, code in codes(taken(tmp_path, [HEAD, *ROWS, line]))} == {"TOTAL_LINE", *found}


# ---------------------------------------------------------------- the file as a whole


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    assert "没有一行明细" in refusal(tmp_path, [HEAD, ["合计", "", "0"]], SAID)


def test_a_banks_return_file_is_sent_where_it_belongs(tmp_path: Path) -> None:
    lines = [["账号", "户名", "金额", "处理结果", "失败原因"], *([one["社保卡账号"], one["姓名"], "100", "成功", ""] for one in PEOPLE)]
    assert "回盘" in refusal(tmp_path, lines, SAID)


def test_a_number_with_stars_says_so(tmp_path: Path) -> None:
    lines = [HEAD, *([row[0], row[1][:6] + "********" + row[1][-4:], row[2]] for row in ROWS)]
    assert {code for _, code in errors(taken(tmp_path, lines))} == {"ID_MASKED"}


@pytest.mark.parametrize("place", [1, 8, 40])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_lost_byte_does_not_change_the_encoding(tmp_path: Path, encoding: str, place: int) -> None:
    content = csv_bytes([HEAD, *ROWS], encoding)
    with written(tmp_path, content[:place] + content[place + 1 :]).open("rb") as file:
        assert encoding_of(file).startswith(encoding)


@pytest.mark.parametrize("title", ["2026年大中型水库移民后期扶持直补资金发放表", "移民后扶直补资金（大中型水库移民后期扶持）"])
def test_a_whole_name_in_a_title_goes_before_a_short_one(title: str) -> None:
    assert guesses.item_in_text(title) == "大中型水库移民后期扶持"


def test_what_is_missing_on_all_sheets_is_said_once(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, *([[f"2026年{month}月低保金"], HEAD, *ROWS] for month in (1, 2)))
    with pytest.raises(FileRefused) as fault:
        checked(file, 状态="待发放", 状态日期="2026-03-05")
    assert fault.value.said.count("年度=2026") == 1
    assert "批次@表1=2026年01月、批次@表2=2026年02月" in fault.value.said


def test_a_title_of_another_year_is_noted(tmp_path: Path) -> None:
    checking = Checking(written(tmp_path, csv_bytes([["2025年耕地地力保护补贴"], HEAD, *ROWS])), today=TODAY, given=SAID)
    list(checking)
    assert any("像是 年度=2025，指定的是2026" in note for note in checking.notes)
