"""What is found in a file, row by row and between the rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from intake.checking import Checking
from intake.findings import CODES
from intake.payment_row import PaymentRow
from intake.reading import FileRefused
from intake.report import Report
from knowledge.catalogue.items import ITEMS
from tests.intake.tables import (
    COLUMNS,
    GUAN,
    SUN,
    TODAY,
    checked,
    codes,
    csv_bytes,
    csv_file,
    row,
    table,
    values,
    written,
)

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "dirty-200.expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dirty() -> list[Any]:
    return list(Checking(DATA / "dirty-200.csv", today=TODAY))


def test_every_planted_fault_is_found_and_nothing_else(dirty: list[Any]) -> None:
    report = Report()
    for one in dirty:
        report.add(one)
    found = {(one["row"], one["code"], one["handling"]) for one in report.as_json()["rows"]}
    assert found == {(one["row"], one["code"], one["handling"]) for one in EXPECTED["faults"]}


def test_related_rows_and_columns_are_named(dirty: list[Any]) -> None:
    found = {(one.row_number, finding.code): finding for one in dirty for finding in one.findings}
    for fault in EXPECTED["faults"]:
        finding = found[fault["row"], fault["code"]]
        assert list(finding.related_rows) == fault.get("related_rows", [])
        if fault["code"] != "COLUMN_SHIFT":
            assert finding.column == fault.get("column")


def test_what_can_be_put_right_is_put_right(dirty: list[Any]) -> None:
    stored = {one.row_number: one.values for one in dirty if one.values is not None}
    for fault in EXPECTED["faults"]:
        if "fixed" in fault:
            assert _as_written(stored[fault["row"]], fault["column"]) == fault["fixed"]


def _as_written(payment: PaymentRow, column: str) -> str:
    value = payment[COLUMNS.index(column)]
    return f"{value / 100:.2f}" if column in ("数量", "补贴标准", "金额") else str(value)


def test_the_codes_are_handled_as_agreed() -> None:
    for code, agreed in EXPECTED["codes"].items():
        assert CODES[code][0] == agreed["handling"], code


def test_refused_rows_are_not_stored_and_others_are(dirty: list[Any]) -> None:
    refused = {fault["row"] for fault in EXPECTED["faults"] if fault["handling"] in ("error", "skip")}
    stored = {one.row_number for one in dirty if one.values is not None}
    assert stored == set(range(4, EXPECTED["rows_in_file"] + 1)) - refused


def test_a_row_without_faults_says_what_it_says(tmp_path: Path) -> None:
    (payment,) = values(checked(csv_file(tmp_path, row())))
    assert payment == PaymentRow(
        "关玉梅", "22022119340412936X", "万昌镇", "西将军村", "耕地地力保护补贴", 2026, "2026年第1批", 1311, "亩", 8247, 108118,
        "已发放", date(2026, 6, 24), date(2026, 6, 23), "吉林农信", "6299990102491369086", "", "15426258136", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"姓名": ""}, "NAME_MISSING"), ({"姓名": "关玉梅2"}, "NAME_ODD"), ({"姓名": "关�梅"}, "NAME_GARBLED"),
        ({"身份证号": "2202211934041293"}, "ID_LENGTH"), ({"身份证号": "22022119340412936Y"}, "ID_CHARACTERS"),
        ({"身份证号": "220221-19340412-936X"}, "SEPARATORS"), ({"乡镇": ""}, "TOWN_MISSING"),
        ({"补贴项目": ""}, "ITEM_MISSING"), ({"年度": ""}, "YEAR_MISSING"), ({"年度": "26"}, "YEAR_INVALID"),
        ({"年度": "2025"}, "YEAR_CONFLICT"), ({"批次": ""}, "BATCH_MISSING"), ({"批次": "x" * 60}, "BATCH_INVALID"),
        ({"批次": "2026年一批"}, "BATCH_FORMAT"), ({"金额": "一千"}, "AMOUNT_INVALID"), ({"金额": "1081.184"}, "AMOUNT_INVALID"),
        ({"金额": "(1081.18)"}, "AMOUNT_NEGATIVE"), ({"金额": "0", "数量": "0"}, "AMOUNT_ZERO"),
        ({"金额": "600000", "数量": "1", "补贴标准": "600000"}, "AMOUNT_LARGE"), ({"数量": "13.1.5"}, "QUANTITY_INVALID"),
        ({"数量": "1公顷"}, "QUANTITY_INVALID"), ({"补贴标准": "八十"}, "STANDARD_INVALID"), ({"状态": ""}, "STATUS_MISSING"),
        ({"状态": "公示中", "发放日期": ""}, "STATUS_ALIAS"), ({"状态": "公示", "发放日期": "", "状态日期": ""}, "DATE_MISSING"),
        ({"状态日期": "2026-06"}, "DATE_INVALID"), ({"状态日期": "2026-12-01"}, "STATUS_DATE_CONFLICT"),
        ({"状态日期": "2026-06-24 08:30:00"}, "DATE_OTHER"), ({"社保卡账号": ""}, "ACCOUNT_MISSING"),
        ({"社保卡账号": "见存折"}, "ACCOUNT_INVALID"), ({"社保卡账号": "6299990102491369085"}, "ACCOUNT_LUHN"),
        ({"村": "x" * 600}, "CELL_TOO_LONG"), ({"村": "@SUM(1)"}, "FORMULA_TEXT"), ({"代发银行": "=1+1"}, "FORMULA_TEXT"),
        ({"手机号": "12345"}, "PHONE_INVALID"), ({"手机号": "154-2625-8136"}, "SEPARATORS"),
    ],
)  # fmt: skip
def test_faults_beyond_the_list_are_found(tmp_path: Path, changed: dict[str, str], code: str) -> None:
    rows = checked(csv_file(tmp_path, row(**changed)))
    assert codes(rows) == {(2, code)}
    assert bool(values(rows)) == (CODES[code][0] != "error")


def test_words_that_claim_a_payment_are_not_guessed(tmp_path: Path) -> None:
    for claim in ("打款成功", "发放成功", "已支付", "已到账", "完成"):
        assert codes(checked(csv_file(tmp_path, row(状态=claim)))) == {(2, "STATUS_UNKNOWN")}


def test_a_wrong_telephone_or_account_is_not_stored(tmp_path: Path) -> None:
    (payment,) = values(checked(csv_file(tmp_path, row(手机号="1549884957", 社保卡账号="不知道"))))
    assert (payment.phone, payment.account) == ("", "")


@pytest.mark.parametrize(
    ("written_as", "label"),
    [
        ("2026年3月", "2026年03月"), ("3月份", "2026年03月"), ("2026-03", "2026年03月"), ("202603", "2026年03月"),
        ("2026年第一季度", "2026年第1季度"), ("1季度", "2026年第1季度"), ("第2批次", "2026年第2批"), ("2026年度第2批", "2026年第2批"),
        ("上半年", "2026年上半年"), ("春季", "2026年春季学期"), ("2026年度", "2026年全年"), ("2026年第1批", "2026年第1批"),
        ("春耕专项", "2026年春耕专项"),
    ],
)  # fmt: skip
def test_a_batch_has_one_name_however_it_is_written(tmp_path: Path, written_as: str, label: str) -> None:
    (payment,) = values(checked(csv_file(tmp_path, row(批次=written_as))))
    assert payment.batch == label


def test_the_same_batch_written_twice_is_a_duplicate(tmp_path: Path) -> None:
    rows = checked(csv_file(tmp_path, row(批次="2026年03月"), row(批次="3月")))
    assert (3, "DUPLICATE_ROW") in codes(rows)


def test_a_refused_row_does_not_make_its_correction_a_duplicate(tmp_path: Path) -> None:
    rows = checked(csv_file(tmp_path, row(金额=""), row()))
    assert codes(rows) == {(2, "AMOUNT_MISSING")}


def test_names_are_compared_with_most_rows_of_the_person(tmp_path: Path) -> None:
    rows = [row(批次=f"2026年{month:02d}月", 姓名="关玉海" if month == 1 else "关玉梅") for month in range(1, 5)]
    assert codes(checked(csv_file(tmp_path, *rows))) == {(2, "NAME_CONFLICT")}
    assert codes(checked(csv_file(tmp_path, *rows[:2]))) == {(2, "NAME_CONFLICT"), (3, "NAME_CONFLICT")}


def test_fifteen_digits_and_eighteen_are_one_person(tmp_path: Path) -> None:
    short = {**SUN, "身份证号": "220221580720953"}
    rows = checked(csv_file(tmp_path, row(SUN), row(short, 批次="2026年第2批"), row(short)))
    assert codes(rows) == {(3, "ID_15_DIGIT"), (4, "ID_15_DIGIT"), (4, "DUPLICATE_ROW")}


def test_one_account_for_two_people_is_said_of_both(tmp_path: Path) -> None:
    rows = checked(csv_file(tmp_path, row(), row({**SUN, "社保卡账号": GUAN["社保卡账号"]}), row(批次="2026年第2批")))
    assert codes(rows) == {(2, "ACCOUNT_SHARED"), (3, "ACCOUNT_SHARED"), (4, "ACCOUNT_SHARED")}
    assert len(values(rows)) == 3


def test_a_month_within_a_quarter_is_the_same_time(tmp_path: Path) -> None:
    first, second = next((name, item.exclusions[0]) for name, item in ITEMS.items() if item.exclusions)
    rows = [row(补贴项目=first, 批次="2026年02月"), row(补贴项目=second, 批次="2026年第1季度"), row(补贴项目=second, 批次="2026年第2季度")]
    assert codes(checked(csv_file(tmp_path, *rows))) == {(2, "ITEM_EXCLUSIVE"), (3, "ITEM_EXCLUSIVE")}


def test_a_comma_too_many_is_noticed_even_when_the_last_cell_is_empty(tmp_path: Path) -> None:
    lines = table(row(手机号=""), row(SUN))
    lines[1].insert(4, "三组")
    rows = checked(written(tmp_path, csv_bytes(lines)))
    assert codes(rows) == {(2, "COLUMN_SHIFT")}
    lines[1].pop()  # the row is then as long as the others
    assert codes(checked(written(tmp_path, csv_bytes(lines)))) == {(2, "COLUMN_SHIFT")}


def test_a_row_torn_in_two_is_refused(tmp_path: Path) -> None:
    lines = table(row())
    lines[1:] = [lines[1][:4], lines[1][4:]]
    rows = checked(written(tmp_path, csv_bytes(lines)))
    assert (2, "ROW_SHORT") in codes(rows)
    assert not values(rows)


def test_lines_that_hold_no_payment_are_told_apart(tmp_path: Path) -> None:
    def line(*cells: str) -> list[str]:
        return [*cells, *[""] * (len(COLUMNS) - len(cells))]

    body = [
        ([str(n) for n in range(1, len(COLUMNS) + 1)], "COLUMN_NUMBERS"), (line("西将军村："), "GROUP_HEADER"),
        (line("本页 小 计", "", "", "", "", "", "", "", "", "", "1081.18"), "SUBTOTAL_LINE"),
        (line("总 计：1 人", "", "", "", "", "", "", "", "", "", "1081.18"), "TOTAL_LINE"),
        (line("审核：张三", "", "制表：李四"), "FOOTER_LINE"), (line("永吉县2026年补贴发放明细表"), "TITLE_LINE"),
        (line("以上名单已经村民代表会议讨论通过"), "FOOTER_LINE"), (line(" ", "　"), "EMPTY_LINE"), (COLUMNS, "HEADER_REPEATED"),
    ]  # fmt: skip
    rows = checked(written(tmp_path, csv_bytes([*table(row()), *(cells for cells, _ in body)])))
    assert codes(rows) == {(number, code) for number, (_, code) in enumerate(body, 3)}


def test_a_person_without_a_number_is_a_fault_and_no_footer(tmp_path: Path) -> None:
    assert codes(checked(csv_file(tmp_path, row(身份证号="")))) == {(2, "ID_MISSING")}


def test_what_is_said_for_the_whole_file_is_read_like_a_cell(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name not in ("补贴项目", "年度", "状态", "发放日期")]
    file = csv_file(tmp_path, row(), columns=columns)
    (payment,) = values(checked(file, 项目="低保", 年度="2026年", 状态="待发放"))
    assert (payment.item, payment.year, payment.stage, payment.paid_date) == ("最低生活保障", 2026, "待发放", None)


def test_nothing_is_ever_assumed_paid(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "状态"]
    with pytest.raises(FileRefused, match="状态=待发放"):
        checked(csv_file(tmp_path, row(), columns=columns))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"年度": "明年"}, "指定的“年度”不对"), ({"金额": "100"}, "不能统一指定"), ({"状态": "发了"}, "指定的“状态”不对"),
        ({"天气": "晴"}, "不能统一指定"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_for_a_whole_file_is_refused(tmp_path: Path, given: dict[str, str], said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        checked(csv_file(tmp_path, row()), **given)


def test_what_is_said_fills_blank_cells_and_overrules_none(tmp_path: Path) -> None:
    file = csv_file(tmp_path, row(乡镇="", 状态=""), row(SUN))
    checking = Checking(file, today=TODAY, given={"乡镇": "口前镇", "状态": "已发放"})
    rows = list(checking)
    assert [(payment.town, payment.stage) for payment in values(rows)] == [("口前镇", "已发放"), ("万昌镇", "已发放")]
    assert (2, "FILLED_IN") in codes(rows)
    assert checking.notes == ["文件里有“乡镇”列，指定的值只填在空着的格里。", "文件里有“状态”列，指定的值只填在空着的格里。"]


def test_a_missing_item_is_suggested_from_the_title_and_not_taken(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "补贴项目"]
    lines = [["永吉县2026年高龄津贴发放表"], *table(row(), columns=columns)]
    with pytest.raises(FileRefused, match="补贴项目=高龄津贴"):
        checked(written(tmp_path, csv_bytes(lines)))


def test_amounts_in_ten_thousands_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="万元"):
        checked(written(tmp_path, csv_bytes([["单位：万元"], *table(row())])))


def test_no_message_to_the_clerk_holds_a_number_of_a_person(dirty: list[Any]) -> None:
    report = Report()
    for one in dirty:
        report.add(one)
    said = "\n".join(report.in_words()) + json.dumps(report.as_json(), ensure_ascii=False)
    stored = [one.values for one in dirty if one.values is not None]
    assert not any(text in said for payment in stored for text in (payment.name, payment.id_number, payment.account))
