"""Workbooks as programs write them: what XLSX and its XML forerunner may hold, and what of it counts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from intake.checking import Checking
from intake.formats.numbers import day_of, is_day, number_text
from intake.reading import FileRefused, read
from tests.intake.tables import COLUMNS, GUAN, SUN, TODAY, checked, codes, row, table, values, written, xlsx_file

_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def changed(folder: Path, change: Callable[[bytes], bytes], part: str = _SHEET, *lines: dict[str, str]) -> Path:
    """A good workbook, one part of it rewritten."""
    good = zipfile.ZipFile(xlsx_file(folder, table(*(lines or (row(), row(SUN))))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in good.namelist():
            made.writestr(name, change(good.read(name)) if name == part else good.read(name))
    return written(folder, out.getvalue(), "changed.xls")


def inline(lines: list[list[str]]) -> bytes:
    """A sheet without shared texts, coordinates or numbers of rows."""
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>' for cell in cells) + "</row>"
        for cells in lines
    )
    return b'<worksheet xmlns="' + _MAIN + b'"><sheetData>' + rows.encode() + b"</sheetData></worksheet>"


def test_cells_without_coordinates_follow_each_other(tmp_path: Path) -> None:
    file = changed(tmp_path, lambda _: inline(table(row(), row(SUN))))
    assert values(checked(file)) == values(checked(xlsx_file(tmp_path, table(row(), row(SUN)))))


def test_names_of_elements_may_have_a_prefix(tmp_path: Path) -> None:
    def prefixed(sheet: bytes) -> bytes:
        sheet = sheet.replace(b"</", b"</x:").replace(b'xmlns="', b'xmlns:x="')
        for name in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"dimension", b"sheetViews", b"sheetView", b"sheetFormatPr", b"pageMargins"):
            for end in (b" ", b">", b"/>"):
                sheet = sheet.replace(b"<" + name + end, b"<x:" + name + end)
        return sheet

    assert len(values(checked(changed(tmp_path, prefixed)))) == 2


def test_what_is_hidden_is_told(tmp_path: Path) -> None:
    file = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        for name, lines in (("明细", table(row(), row(SUN))), ("旧", table(row(批次="2026年第9批")))):
            sheet = book.add_worksheet(name)
            for at, cells in enumerate(lines):
                sheet.write_row(at, 0, cells)
            sheet.set_row(2, None, None, {"hidden": True})
        sheet.hide()
    checking = Checking(file, today=TODAY)
    rows = list(checking)
    assert codes(rows) == {(3, "ROW_HIDDEN")}
    assert len(values(rows)) == 2
    assert checking.notes == ["第2张表“旧”是隐藏的，没有导入。"]
    assert len(values(checked(file, 隐藏的表="导入"))) == 3


def test_a_formula_counts_by_its_last_value_and_without_one_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "formulas.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate(table(row(), row(SUN))):
            sheet.write_row(at, 0, cells)
        sheet.write_formula(1, 10, "=H2*J2", None, 1081.18)
        sheet.write_formula(2, 10, "=H3*J3", None, "")
    rows = checked(file)
    assert codes(rows) == {(3, "FORMULA_TEXT")}
    assert [payment.amount_fen for payment in values(rows)] == [108118]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "########"])
def test_a_spreadsheets_errors_are_no_data(tmp_path: Path, error: str) -> None:
    for column in ("姓名", "金额", "村"):
        assert codes(checked(xlsx_file(tmp_path, table(row(**{column: error}))))) == {(2, "CELL_ERROR")}


def test_days_are_known_by_their_format(tmp_path: Path) -> None:
    file = tmp_path / "days.xlsx"
    formats = ['yyyy"年"m"月"d"日"', "m/d/yyyy", "[$-804]yyyy/m/d;@", 31, 14, 57, "yyyy-mm-dd hh:mm:ss"]
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for at, number_format in enumerate(formats, 1):
            sheet.write_row(at, 0, table(row(批次=f"2026年第{at}批"))[1])
            sheet.write_number(at, 12, 46197.5, book.add_format({"num_format": number_format}))
    rows = checked(file)
    assert not codes(rows)
    assert {payment.stage_date for payment in values(rows)} == {date(2026, 6, 24)}


def test_the_calendar_of_1904_is_four_years_later(tmp_path: Path) -> None:
    file = tmp_path / "days.xlsx"
    with xlsxwriter.Workbook(str(file), {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate(table(row())):
            sheet.write_row(at, 0, cells)
        sheet.write_datetime(1, 12, date(2026, 6, 24), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert values(checked(file))[0].stage_date == date(2026, 6, 24)


@pytest.mark.parametrize(
    ("pattern", "is_one"),
    [("General", False), ("0.00", False), ("#,##0", False), ("h:mm", False), ('0.00"元"', False), ("yyyy", True), ("[红色]0", False),
     ("m月d日", True), ("@", False), ("dd-mmm", True), ("[h]:mm:ss", False), ('"日期"0', False)],
)  # fmt: skip
def test_a_format_shows_a_day_or_a_number(pattern: str, is_one: bool) -> None:
    assert is_day(pattern) is is_one


@given(st.dates(date(1901, 1, 1), date(2150, 1, 1)))
def test_a_serial_number_is_its_day(day: date) -> None:
    assert day_of((day - date(1899, 12, 30)).days + 0.99) == day.isoformat()


@pytest.mark.parametrize(
    ("number", "text"),
    [("2026", "2026"), ("1081.18", "1081.18"), ("1E3", "1000"), ("1.5E-2", "0.015"), ("13.110000000000001", "13.110000000000001"),
     ("2.2022119340412902E+17", "220221193404129024"), ("220221193404129360", "220221193404129360"), ("-5", "-5")],
)  # fmt: skip
def test_numbers_are_taken_as_they_are_written(number: str, text: str) -> None:
    assert number_text(number) == text


def test_how_a_name_is_pronounced_is_not_its_text(tmp_path: Path) -> None:
    strings = changed(
        tmp_path, lambda part: part.replace("<t>关玉梅</t>".encode(), "<r><t>关玉</t></r><r><t>梅</t></r><rPh><t>guan</t></rPh>".encode()),
        "xl/sharedStrings.xml",
    )  # fmt: skip
    assert values(checked(strings))[0].name == "关玉梅"


def test_escaped_characters_become_spaces_and_no_marks(tmp_path: Path) -> None:
    strings = changed(tmp_path, lambda part: part.replace("西将军村".encode(), b"_x0004_\xe6\x9d\x91_x001F_"), "xl/sharedStrings.xml")
    rows = checked(strings)
    assert {payment.village for payment in values(rows)} == {"村"}


def test_what_stands_beyond_the_header_is_a_remark(tmp_path: Path) -> None:
    lines = table(row(), row(SUN))
    lines[1].append("已核实")
    assert [payment.remarks for payment in values(checked(xlsx_file(tmp_path, lines)))] == [{"第19列": "已核实"}, None]


def test_rows_far_below_keep_their_numbers_and_need_no_time(tmp_path: Path) -> None:
    lines = table(row(), row(SUN, 金额=""))
    file = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for at, cells in zip((0, 1, 900_000), lines, strict=True):
            sheet.write_row(at, 0, cells)
    assert codes(checked(file)) == {(900_001, "AMOUNT_MISSING")}


def test_a_part_may_be_found_by_any_name(tmp_path: Path) -> None:
    """Some programs write absolute targets, backslashes, or parts in other cases."""
    good = zipfile.ZipFile(xlsx_file(tmp_path, table(row())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in good.namelist():
            content = good.read(name).replace(b'Target="worksheets/sheet1.xml"', b'Target="/xl/Worksheets/Sheet1.xml"')
            made.writestr(name, content)
    assert len(values(checked(written(tmp_path, out.getvalue(), "a.et")))) == 1


def test_only_the_first_rows_and_wanted_sheets_are_read(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, table(row(), row(SUN)), table(row()), table(row()))
    assert [(block.sheet, len(block.rows)) for block in read(file, most_rows=2)] == [(0, 2), (1, 2), (2, 2)]
    assert [block.sheet for block in read(file, sheets=[1])] == [1]


# ---------------------------------------------------------------- the XML of 2003


def xml(lines: list[list[str]], *, encoding: str = "utf-8", more: str = "") -> bytes:
    body = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells) + "</Row>" for cells in lines
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="说明"><Table><Row><Cell><Data ss:Type="String">说明</Data></Cell></Row></Table></Worksheet>'
        f'<Worksheet ss:Name="明细"><Table>{body}{more}</Table></Worksheet></Workbook>'
    )
    return text.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "gbk", "utf-16"])
def test_the_xml_of_2003_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    file = written(tmp_path, xml(table(row(), row(SUN)), encoding=encoding), "导出.xls")
    assert values(checked(file)) == values(checked(xlsx_file(tmp_path, table(row(), row(SUN)))))


def test_cells_of_the_xml_have_kinds_places_and_spans(tmp_path: Path) -> None:
    line = row(SUN)
    cells = "".join(
        f'<Cell ss:Index="{at}"><Data ss:Type="{kind}">{text}</Data></Cell>'
        for at, kind, text in [
            (2, "String", line["身份证号"]), (5, "String", line["补贴项目"]), (6, "Number", "2026"), (7, "String", line["批次"]),
            (11, "Number", "1.08118E3"), (12, "String", "已发放"), (13, "DateTime", "2026-06-24T00:00:00.000"),
            (14, "DateTime", "2026-06-23T00:00:00.000"),
        ]
    )  # fmt: skip
    first = f'<Row ss:Index="5"><Cell ss:MergeDown="1"><Data ss:Type="String">孙学生</Data></Cell>{cells}</Row>'
    second = f'<Row ss:Hidden="1">{cells.replace(line["批次"], "2026年第2批")}</Row>'
    rows = checked(written(tmp_path, xml(table(), more=first + second), "导出.xls"))
    assert [(one.name, one.amount_fen, one.year, one.stage_date) for one in values(rows)] == [
        ("孙学生", 108118, 2026, date(2026, 6, 24)), ("孙学生", 108118, 2026, date(2026, 6, 24)),
    ]  # fmt: skip
    assert (6, "ROW_HIDDEN") in codes(rows)


def test_broken_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="损坏"):
        checked(written(tmp_path, xml(table(row()))[:-200], "导出.xls"))


def test_a_person_may_stand_on_two_sheets(tmp_path: Path) -> None:
    rows = checked(xlsx_file(tmp_path, table(row()), table(row(GUAN, 姓名="关玉海", 批次="2026年第2批"))))
    assert {code for _, code in codes(rows)} == {"NAME_CONFLICT"}
