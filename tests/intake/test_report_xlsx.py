"""The report as a workbook: what a clerk finds in it, and that nothing in it can be run."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from intake.checking import Checking
from intake.comparing import Comparison, GoneRow
from intake.neutral import neutral
from intake.preview import Column, Sheet
from intake.report import Report
from intake.report_xlsx import faults, workbook
from intake.standing import Change
from intake.store import Outcome, check_file
from tests.intake.tables import COLUMNS, GUAN, SUN, TODAY, csv_bytes, csv_file, row, table, written

SHEETS = [Sheet(0, "", "", columns=tuple(Column(at, name, name, True, f"列:{name}") for at, name in enumerate(COLUMNS)))]
_FORMULA = tuple("=+-@\t\r")


def report_of(file: Path, found: Comparison | None = None) -> bytes:
    outcome = check_file(file, today=TODAY, given={}, progress=lambda rows: None)
    outcome.found = found or outcome.found
    return workbook(file, SHEETS, outcome, "发放明细.csv")


def read(book: bytes) -> dict[str, list[list[str]]]:
    opened = CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: [[str(cell) for cell in line] for line in opened.get_sheet_by_name(name).to_python()] for name in opened.sheet_names}


def test_refused_rows_stand_as_they_were_with_the_reason(tmp_path: Path) -> None:
    bad = row(SUN, 金额="很多", 村="没有的村")
    book = read(report_of(csv_file(tmp_path, row(), bad)))
    head, line = book["退回的行"]
    assert head == ["行号", *COLUMNS, "系统提示"]
    assert line[0] == "3"
    assert line[1:-1] == [bad[name] for name in COLUMNS]
    assert "金额看不懂" in line[-1]
    assert ["退回，改好再导入", "金额看不懂。请写成数字，最多两位小数", "1", "3"] in book["结果"]


def test_the_bad_cell_is_coloured_and_says_in_a_comment_what_to_do(tmp_path: Path) -> None:
    book = report_of(csv_file(tmp_path, row(SUN, 金额="很多")))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        comments = parts.read("xl/comments1.xml").decode()
        sheet = next(parts.read(name).decode() for name in parts.namelist() if name.endswith("sheet2.xml"))
        styles = parts.read("xl/styles.xml").decode()
    amount = f"{chr(ord('A') + 1 + COLUMNS.index('金额'))}2"
    assert re.search(rf'<comment ref="{amount}".*金额看不懂', comments)
    fills = re.findall(r'<cellXfs.*?</cellXfs>', styles, re.DOTALL)[0]
    style = int(re.search(rf'<c r="{amount}" s="(\d+)"', sheet)[1])  # type: ignore[index]
    fill = int(re.findall(r'fillId="(\d+)"', fills)[style])
    assert "F8C9C2" in re.findall(r"<fill>.*?</fill>", styles)[fill]


def test_a_report_that_was_put_right_can_be_handed_in_again(tmp_path: Path) -> None:
    book = read(report_of(csv_file(tmp_path, row(), row(SUN, 金额="很多"))))
    head, line = book["退回的行"]
    line[head.index("金额")] = "1081.18"
    line[head.index("系统提示")] = ""
    again = written(tmp_path, csv_bytes([head, line]), "again.csv")
    (one,) = [checked.values for checked in Checking(again, today=TODAY) if checked.values]
    assert (one.name, one.amount_fen, one.remarks) == ("孙学生", 108118, None)


def test_what_was_corrected_and_what_is_gone_have_their_sheets(tmp_path: Path) -> None:
    found = Comparison(
        changed=1, vanished=1, changes=[Change(0, 2, "关*梅", (("金额", "1元", "2元"),))],
        gone=[GoneRow(7, "孙*生", "万昌镇", "西将军村", "稻谷补贴", "2026年第1批", 100, "已发放")],
    )  # fmt: skip
    book = read(report_of(csv_file(tmp_path, row()), found))
    assert book["更正的行"][1] == ["2", "关*梅", "金额", "1元", "2元"]
    assert book["不见了的"][1] == ["孙*生", "万昌镇", "西将军村", "稻谷补贴", "2026年第1批", "1", "已发放"]


def test_faults_are_grouped_the_gravest_first(tmp_path: Path) -> None:
    report = Report()
    rows = [row(SUN, 金额="很多", 批次=f"2026年{m:02d}月") for m in range(1, 5)]
    for checked in Checking(csv_file(tmp_path, row({**GUAN, "手机号": "1"}), *rows), today=TODAY):
        report.add(checked)
    found = faults(report, 3)
    assert [(fault.code, fault.rows, fault.places) for fault in found] == [
        ("AMOUNT_INVALID", 4, ["3", "4", "5"]), ("PHONE_INVALID", 1, ["2"]),
    ]  # fmt: skip


# ---------------------------------------------------------------- nothing that could be run

tricky = st.text(min_size=1, max_size=12).map(lambda text: text) | st.builds(
    lambda start, rest: start + rest, st.sampled_from([*_FORMULA, " =", "＝", "\n=", "\x00=", "'="]), st.text(max_size=8)
)


@given(tricky)
@example("=cmd|' /C calc'!A0")
@example("-5")
def test_no_text_that_we_write_begins_like_a_formula(text: str) -> None:
    assert not neutral(text).startswith(_FORMULA)
    assert not neutral(text).lstrip(" \u3000\xa0").startswith(_FORMULA)
    assert text in neutral(text) or not text.isprintable()


@settings(deadline=None, max_examples=40)
@given(cells=st.lists(tricky, min_size=4, max_size=4))
@example(cells=["=1+1", "+8613912345678", "@SUM(A1)", "\t=2"])
def test_no_cell_of_a_report_is_a_formula(cells: list[str], tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("report")
    name, village, bank, remark = (cell.replace("\x00", "") or "x" for cell in cells)
    bad = row({**SUN, "姓名": name}, 村=village, 代发银行=bank, 失败原因=remark, 金额="=A1*2")
    file = written(folder, csv_bytes(table(row(), bad), "gb18030" if _fits(cells) else "utf-8"))
    outcome = check_file(file, today=TODAY, given={}, progress=lambda rows: None)
    outcome.found = Comparison(1, 1, changes=[Change(0, 2, name, ((village, bank, remark),))])
    book = workbook(file, SHEETS, outcome, name)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any(b"<f>" in parts.read(part) for part in parts.namelist() if "worksheets" in part)
    for lines in read(book).values():
        for line in lines:
            assert not any(cell.startswith(_FORMULA) for cell in line), line


def _fits(cells: list[str]) -> bool:
    try:
        "".join(cells).encode("gb18030")
    except UnicodeEncodeError:
        return False
    return True


def test_writing_a_report_leaves_no_temporary_file(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    outcome = Outcome(Report(), [])
    assert workbook(csv_file(tmp_path, row()), SHEETS, outcome, "x")
    assert not list((tmp_path / "temporary").iterdir())
