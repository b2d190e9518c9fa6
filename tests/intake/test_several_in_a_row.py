"""Rows that name several persons, or hold the money of several items: nobody's money is taken for another's."""

from __future__ import annotations

from pathlib import Path

import pytest

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

WITHOUT_ITEM = {name: value for name, value in SAID.items() if name != "补贴项目"}
HE, SHE = [GUAN["姓名"], GUAN["身份证号"]], [SUN["姓名"], SUN["身份证号"]]
HIM = [PEOPLE[2]["姓名"], PEOPLE[2]["身份证号"]]


@pytest.mark.parametrize(
    "titles",
    [
        ("户主姓名", "户主身份证号", "家庭成员", "成员身份证号"), ("学生姓名", "学生身份证号", "家长姓名", "家长身份证号"),
        ("监护人姓名", "监护人身份证号", "儿童姓名", "儿童身份证号"),
    ],
)  # fmt: skip
def test_whose_number_counts_is_asked_and_the_name_is_of_the_same_person(tmp_path: Path, titles: tuple[str, ...]) -> None:
    lines = [[*titles, "金额"], [*HE, *SHE, "100"], [*HE, *HIM, "120"]]
    said = refusal(tmp_path, lines, SAID)
    assert "哪一列是身份证号" in said
    assert titles[1] in said
    assert titles[3] in said
    rows = values(taken(tmp_path, lines, **{"哪列:身份证号": titles[3]}))
    assert [[one.name, one.id_number, one.amount_fen] for one in rows] == [[*SHE, 10000], [*HIM, 12000]]


def test_groups_of_two_storeys_tell_persons_apart(tmp_path: Path) -> None:
    lines = [["序号", "学生", "", "家长", "", "金额"], ["", "姓名", "身份证号", "姓名", "身份证号", ""], [1, *SHE, *HE, 100]]
    file = xlsx_file(tmp_path, lines)
    with pytest.raises(FileRefused, match="哪一列是身份证号"):
        checked(file, **SAID)
    (row,) = values(checked(file, **SAID, **{"哪列:身份证号": "身份证号#2"}))
    assert [row.name, row.id_number] == HE


@pytest.mark.parametrize(
    ("titles", "at"),
    [
        (("姓名", "身份证号", "配偶姓名", "配偶身份证号"), 0), (("户主姓名", "户主身份证号", "配偶姓名", "配偶身份证号"), 0),
        (("户主姓名", "户主身份证号", "姓名", "身份证号"), 2), (("户主姓名", "户主身份证号", "补贴对象姓名", "补贴对象身份证号"), 2),
        (("姓名", "身份证号", "联系人姓名", "联系人身份证号"), 0),
    ],
)  # fmt: skip
def test_where_the_headers_say_who_is_meant_nobody_is_asked(tmp_path: Path, titles: tuple[str, ...], at: int) -> None:
    (row,) = values(taken(tmp_path, [[*titles, "金额"], [*HE, *SHE, "100"]]))
    assert [row.name, row.id_number] == [*HE, *SHE][at : at + 2]


def test_the_name_of_an_account_is_not_the_name_of_the_number(tmp_path: Path) -> None:
    lines = [["户主姓名", "老人姓名", "身份证号", "金额", "开户名"], [HE[0], *SHE, "100", HE[0]]]
    assert "哪一列是姓名" in refusal(tmp_path, lines, SAID)
    (row,) = values(taken(tmp_path, lines, **{"哪列:姓名": "老人姓名"}))
    assert [row.name, row.id_number] == SHE


def test_the_account_holders_name_may_stand_beside_the_same_name(tmp_path: Path) -> None:
    lines = [["户主姓名", "身份证号", "金额", "开户名"], [*HE, "100", HE[0]]]
    assert len(values(taken(tmp_path, lines))) == 1


def test_a_household_of_several_may_share_the_heads_account(tmp_path: Path) -> None:
    account = GUAN["社保卡账号"]
    rows = taken(tmp_path, [[*HEAD, "账号"], *([*row, account] for row in ROWS)])
    assert len(values(rows)) == 3
    assert {code for _, code in codes(rows)} == {"ACCOUNT_SHARED"}


# ---------------------------------------------------------------- several items


WIDE = [["姓名", "身份证号", "低保金", "残疾人两项补贴", "取暖补贴", "合计"], [*HE, "500", "99", "200", "799"], [*SHE, "400", "", "200", "600"]]


def test_the_sum_of_several_items_is_no_payment_of_one(tmp_path: Path) -> None:
    said = refusal(tmp_path, WIDE, SAID)
    assert "列:残疾人两项补贴=" in said
    assert "列:取暖补贴=" in said


def test_each_column_of_money_is_the_item_that_somebody_says(tmp_path: Path) -> None:
    said = {"列:低保金": "低保", "列:残疾人两项补贴": "困难残疾人生活补贴", "列:取暖补贴": "备注"}
    rows = checked(written(tmp_path, csv_bytes(WIDE)), **WITHOUT_ITEM, **said)
    assert [(one.item, one.amount_fen) for one in values(rows)] == [
        ("最低生活保障", 50000), ("困难残疾人生活补贴", 9900), ("最低生活保障", 40000),
    ]  # fmt: skip
    assert {one.remarks["取暖补贴"] for one in values(rows) if one.remarks} == {"200"}


def test_parts_of_one_payment_may_stay_remarks(tmp_path: Path) -> None:
    said = {f"列:{title}": "备注" for title in WIDE[0][2:5]}
    assert [one.amount_fen for one in values(taken(tmp_path, WIDE, **said))] == [79900, 60000]


def test_one_column_of_money_beside_the_amount_is_a_remark(tmp_path: Path) -> None:
    lines = [[*HEAD, "其中：取暖补贴", "护理补贴"], [*ROWS[0], "20", "30"]]
    assert [one.amount_fen for one in values(taken(tmp_path, lines))] == [10000]


@pytest.mark.parametrize("nothing", ["0", "0.00", "-", "无", ""])
def test_who_does_not_get_an_item_has_no_payment_of_it(tmp_path: Path, nothing: str) -> None:
    lines = [["姓名", "身份证号", "低保金", "高龄津贴", "合计"], [*HE, nothing, "100", "100"], [*SHE, "400", nothing, "400"]]
    rows = checked(written(tmp_path, csv_bytes(lines)), **WITHOUT_ITEM)
    assert [(one.item, one.amount_fen) for one in values(rows)] == [("高龄津贴", 10000), ("最低生活保障", 40000)]


def test_a_standard_in_every_row_makes_no_payment(tmp_path: Path) -> None:
    lines = [
        ["", "", "玉米", "", "", "大豆", "", ""], ["姓名", "身份证号", "面积", "标准", "金额", "面积", "标准", "金额"],
        [*HE, "10", "60", "600", "", "390", ""], [*SHE, "0", "60", "0", "2", "390", "780"],
    ]  # fmt: skip
    checking = Checking(written(tmp_path, csv_bytes(lines)), today=TODAY, given=WITHOUT_ITEM)
    assert [(one.item, one.amount_fen) for one in values(list(checking))] == [("玉米生产者补贴", 60000), ("大豆生产者补贴", 78000)]
