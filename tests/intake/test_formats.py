"""The files that bureaus make: encodings, workbooks, pages, and headers by many names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import layout, names
from intake.checking import Checking
from intake.headers import find
from intake.reading import FileRefused
from tests.intake.tables import (
    COLUMNS,
    GUAN,
    SUN,
    TODAY,
    checked,
    codes,
    csv_bytes,
    row,
    table,
    values,
    written,
    xlsx_file,
)

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_text_tables_are_read_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = written(tmp_path, csv_bytes(table(row(姓名="王𫖯"), row(SUN)), encoding, delimiter), "明细.txt")
    rows = checked(file)
    assert [payment.name for payment in values(rows)] == ["王𫖯", "孙学生"]
    assert not codes(rows)


def test_a_workbook_gives_the_same_as_a_text_table(tmp_path: Path) -> None:
    lines = table(row(), row(SUN))
    kinds = [[_typed(name, cell) for name, cell in zip(COLUMNS, cells, strict=True)] for cells in lines[1:]]
    rows = checked(xlsx_file(tmp_path, [lines[0], *kinds]))
    assert values(rows) == values(checked(written(tmp_path, csv_bytes(lines))))
    assert not codes(rows)


def _typed(column: str, cell: str) -> object:
    if column in (names.QUANTITY, names.STANDARD, names.AMOUNT):
        return float(cell)
    if column == names.YEAR:
        return int(cell)
    return date.fromisoformat(cell) if cell and column in (names.STATUS_DATE, names.PAID_DATE) else cell


def test_an_old_workbook_is_read() -> None:
    rows = list(Checking(DATA / "sample-12.xls", today=TODAY))
    assert codes(rows) == {(1, "TITLE_LINE")}
    assert sum(payment.amount_fen for payment in values(rows)) == 1068827


def test_numbers_that_a_workbook_has_destroyed_are_refused(tmp_path: Path) -> None:
    lines: list[list[object]] = [list(cells) for cells in table(row(), row(SUN), row(SUN, 批次="2026年第2批"))]
    lines[1][1], lines[2][15] = 220221193404129360, 6299990361301610416
    lines[3][1] = 220221580720953  # fifteen digits fit into a number cell
    rows = checked(xlsx_file(tmp_path, lines))
    assert codes(rows) == {(2, "ID_SCIENTIFIC"), (3, "ACCOUNT_SCIENTIFIC"), (4, "ID_15_DIGIT")}


def test_fractions_of_a_fen_in_a_workbook_are_rounded_and_told(tmp_path: Path) -> None:
    lines: list[list[object]] = [list(cells) for cells in table(row(), row(SUN), row(批次="2026年第2批"))]
    lines[1][10] = 13.11 * 82.47  # what a formula leaves; the screen shows two decimals
    lines[2][10] = 1081.1800000000003  # a binary fraction is no fault of anybody's
    lines[3][7] = 13.115
    rows = checked(xlsx_file(tmp_path, lines))
    assert codes(rows) == {(2, "AMOUNT_DECIMALS"), (4, "QUANTITY_DECIMALS"), (4, "AMOUNT_MISMATCH")}
    assert [payment.amount_fen for payment in values(rows)] == [108118, 108118]


def test_a_day_that_lost_its_format_is_put_right(tmp_path: Path) -> None:
    lines: list[list[object]] = [list(cells) for cells in table(row())]
    lines[1][12] = 46197
    assert values(checked(xlsx_file(tmp_path, lines)))[0].stage_date == date(2026, 6, 24)


def test_cells_merged_downwards_hold_for_every_row_but_amounts_do_not(tmp_path: Path) -> None:
    lines = table(row(), row(批次="2026年第2批", 金额="", 身份证号="", 姓名="", 村=""))
    merged = [(1, column, 2, column, lines[1][column]) for column in (0, 1, 3, 10)]
    rows = checked(xlsx_file(tmp_path, lines, merged=merged))
    assert codes(rows) == {(3, "AMOUNT_MISSING")}


def test_every_sheet_is_read_and_those_without_header_are_told(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, table(row()), [["说明"], ["本表仅供内部使用"]], table(row(SUN), row(SUN, 金额="")))
    checking = Checking(file, today=TODAY)
    rows = list(checking)
    assert {(one.sheet, one.row_number) for one in rows if one.values} == {(0, 2), (2, 2)}
    assert [(one.sheet, one.row_number) for one in rows if one.findings] == [(2, 3)]
    assert checking.notes == ["第2张表“表2”没有找到表头，这张表没有导入。"]


def test_the_same_row_on_two_sheets_is_a_duplicate(tmp_path: Path) -> None:
    assert len(values(checked(xlsx_file(tmp_path, table(row()), table(row()))))) == 1


def test_a_sheet_that_begins_further_down_keeps_its_row_numbers(tmp_path: Path) -> None:
    lines = [[], [], *([["", *cells] for cells in table(row(), row(SUN, 金额=""))])]
    assert (5, "AMOUNT_MISSING") in codes(checked(xlsx_file(tmp_path, lines)))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_named_as_a_workbook_is_read(tmp_path: Path, encoding: str) -> None:
    head, *body = table(row(代发银行="a&b"), row(批次="2026年第2批"))
    cells = "".join(f"<td>{cell.replace('&', '&amp;')}</td>" for cell in body[0])
    second = "".join(f"<td>{cell}" for cell in body[1][1:])  # the name comes from above, end tags are left out
    page = (
        "<html><head><style>td {}</style></head><body><table><tr><td colspan=18>发放明细表</td></tr><tr>"
        + "".join(f"<th>{cell}</th>" for cell in head)
        + f"</tr><tr>{cells.replace('<td>', '<td rowspan=2>', 1)}</tr><tr>{second}</table></body></html>"
    )
    rows = checked(written(tmp_path, page.encode(encoding), "导出.xls"))
    assert codes(rows) == {(1, "TITLE_LINE")}
    assert [(payment.name, payment.bank) for payment in values(rows)] == [("关玉梅", "a&b"), ("关玉梅", "吉林农信")]


def test_columns_are_known_by_their_many_names_in_any_order(tmp_path: Path) -> None:
    other = {
        "序号": "序号", "身份证号": "证件号码", "姓名": "补贴对象姓名", "乡镇": "乡(镇)", "村": "村(居)委会", "补贴项目": "项目名称",
        "年度": "补贴年度", "批次": "发放批次", "数量": "补贴面积（亩）", "补贴标准": "补贴标准\n(元/亩)", "金额": " 实发金额（元） ",
        "状态": "发放状态", "状态日期": "状态更新时间", "发放日期": "到账日期", "代发银行": "开户银行", "社保卡账号": "一卡通账号",
        "手机号": "联系电话", "组别": "组别",
    }  # fmt: skip
    lines = table({**row(), "序号": "1", "组别": "三组"}, columns=list(other))
    lines[0] = list(other.values())
    rows = checked(written(tmp_path, csv_bytes(lines)))
    assert not codes(rows)
    (payment,) = values(rows)
    assert payment[:18] == values(checked(written(tmp_path, csv_bytes(table(row())))))[0][:18]
    assert payment.remarks == {"组别": "三组"}


def test_of_two_columns_for_one_thing_the_better_is_taken_and_told(tmp_path: Path) -> None:
    lines = table({**row(), "应发金额": "2000", "户主姓名": "关大山"}, columns=["户主姓名", "应发金额", *COLUMNS])
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY)
    (payment,) = values(list(checking))
    assert (payment.name, payment.amount_fen) == ("关玉梅", 108118)
    assert payment.remarks == {"户主姓名": "关大山", "应发金额": "2000"}
    assert len(checking.notes) == 2


def test_somebody_elses_columns_are_not_taken(tmp_path: Path) -> None:
    columns = ["配偶姓名", "监护人身份证号", *COLUMNS[2:]]
    with pytest.raises(FileRefused, match="没有身份证号列"):
        checked(written(tmp_path, csv_bytes(table(row(), columns=columns))))


def test_a_header_of_two_storeys_is_put_together(tmp_path: Path) -> None:
    upper = [name if name not in ("数量", "单位", "补贴标准", "金额") else "" for name in COLUMNS]
    upper[7] = "补贴情况"
    lower = [name if name in ("数量", "单位", "补贴标准", "金额") else "" for name in COLUMNS]
    rows = checked(written(tmp_path, csv_bytes([["发放表"], upper, lower, *table(row())[1:]])))
    assert codes(rows) == {(1, "TITLE_LINE"), (2, "GROUP_HEADER")}
    assert values(rows)[0].amount_fen == 108118


def test_a_second_table_below_may_have_other_columns(tmp_path: Path) -> None:
    turned = COLUMNS[::-1]
    lines = [*table(row()), *table(row(SUN), columns=turned)]
    rows = checked(written(tmp_path, csv_bytes(lines)))
    assert codes(rows) == {(3, "HEADER_REPEATED")}
    assert [payment.name for payment in values(rows)] == ["关玉梅", "孙学生"]


@given(st.permutations(COLUMNS), st.integers(0, 12))
def test_the_header_is_found_wherever_it_stands(columns: list[str], above: int) -> None:
    header = find([*[["标题", ""] for _ in range(above)], columns, table(row(GUAN), columns=columns)[1]])
    assert header is not None
    assert header.rows == above + 1
    assert layout.of(header, []).columns == {name: at for at, name in enumerate(columns)}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_byte_spoils_one_cell_and_not_the_file(tmp_path: Path, encoding: str) -> None:
    labels = [(str(year), f"{year}年{month:02d}月") for year in range(2020, 2025) for month in range(1, 13)]
    lines = [row(SUN, 年度=year, 批次=label, 状态日期=f"{year}-12-30", 发放日期=f"{year}-12-30") for year, label in labels]
    content = csv_bytes(table(*lines), encoding)
    at = content.rindex("孙学生".encode(encoding))
    rows = checked(written(tmp_path, content[:at] + b"\xff" + content[at + 1 :]))
    assert codes(rows) == {(61, "NAME_GARBLED")}
    assert len(values(rows)) == 60
