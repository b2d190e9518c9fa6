"""Single cells: dates and amounts in all the ways they are written, names and numbers that are something else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import amounts, days, people
from intake.cleaning import Refusal
from intake.findings import CODES
from knowledge.identity import id_check_digit
from tests.intake.tables import GUAN, checked, codes, csv_file, row, values

FIFTH_OF_MARCH = date(2026, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05", "2026-3-5", "2026/3/5", "2026/03/05 00:00:00", "2026.3.5", "2026.03.05.", "2026年3月5日", "2026年03月05号", "26年3月5日",
        "２０２６年３月５日", "20260305", "20260305143000", "202603051430", "2026-03-05T08:30:00", "2026-03-05 下午 3:20", "2026年3月5日 8时30分",
        "2026年3月5日星期四", "2026-3-5（周四）", "二〇二六年三月五日", "二零二六年三月五日", "5-Mar-2026", "5-Mar-26", "Mar 5, 2026", "March 5 2026",
        "2026、3、5", "2026 - 3 - 5", "2026-03-04T16:00:00.000Z", "2026-03-05T00:00:00+08:00", "'2026-03-05", "46086", "46086.5",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert days.day(text).value == FIFTH_OF_MARCH


@pytest.mark.parametrize(
    "text", ["3/5/2026", "05-03-26", "2026-03", "2026年3月", "2026-02-30", "2026-13-01", "3月5日", "去年", "1726-03-05", "2026-3-5-6", "5-Foo-2026"]
)
def test_a_day_that_could_be_another_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="DATE_INVALID"):
        days.day(text)


@pytest.mark.parametrize("text", ["", "-", "—", "/", "无", "0000-00-00", "1900-01-00", "1900/1/0"])
def test_no_day_is_no_day(text: str) -> None:
    assert days.day(text).value is None


@given(st.dates(date(1981, 1, 1), date(2099, 12, 31)))
def test_every_day_has_one_meaning(day: date) -> None:
    for text in (f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}", day.isoformat()):
        assert days.day(text).value == day


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1081.18", 108118), ("1,081.18", 108118), ("1，081.18元", 108118), ("¥1081.18", 108118), ("人民币1081.18元整", 108118),
        ("１０８１．１８", 108118), ("壹仟零捌拾壹元壹角捌分", 108118), ("人民币贰佰元整", 20000), ("伍拾圆正", 5000), ("壹万贰仟叁佰元", 1230000),
        ("拾元", 1000), ("叁角", 30), ("壹佰元零伍分", 10005), ("1 081.18", 108118), ('="1081"', 108100),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(text: str, fen: int) -> None:
    assert amounts.amount(text).value == fen


@pytest.mark.parametrize("text", ["约1000", "一千元", "1,08.18", "壹贰叁", "元整", "10万", "1081.185", "1e3", "见附表"])
def test_an_amount_that_could_be_another_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="AMOUNT_INVALID"):
        amounts.amount(text)


def capitals(fen: int) -> str:
    """As banks write it."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"]
    text, whole = "", fen // 100
    for group, name in ((whole // 10_000, "万"), (whole % 10_000, "")):
        part, gap = "", False
        for at in (3, 2, 1, 0):
            digit = group // 10**at % 10
            if digit:
                part += ("零" if gap and (part or text) else "") + digits[digit] + units[at]
            gap = not digit
        if part:
            text += ("零" if text and group < 1000 and not part.startswith("零") else "") + part + name
    jiao, rest = fen // 10 % 10, fen % 10
    text += "元" if text else ""
    text += f"{digits[jiao]}角" if jiao else ("零" if rest and text else "")
    return text + (f"{digits[rest]}分" if rest else "整")


@given(st.integers(1, 9_999_999_99))
def test_capital_numerals_are_their_amount(fen: int) -> None:
    assert amounts.amount(capitals(fen)).value == fen


@given(st.integers(0, 10**8))
def test_ten_thousands_are_exact(fen: int) -> None:
    text = format((Decimal(fen) / 1_000_000).normalize(), "f")
    assert amounts.amount_in("万元")(text).value == fen


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("关玉梅", ""), ("欧阳娜娜", ""), ("巴特尔·阿古拉", ""), ("Ivan Petrov", ""), ("王𫖯", ""), ("关玉梅A", "NAME_ODD"),
        ("关玉梅（代）", "NAME_REMARK"),
        ("关玉\ue123", "NAME_GARBLED"), ("锟斤拷梅", "NAME_GARBLED"), ("å…³çŽ‰", "NAME_GARBLED"), ("关", "NAME_LENGTH"),
        ("关玉梅孙学生陈霞", "NAME_LENGTH"),
    ],
)  # fmt: skip
def test_a_name_that_looks_wrong_is_warned_of(name: str, code: str) -> None:
    assert people.name(name).codes == ((code,) if code else ())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"姓名": "12345"}, "NAME_IS_NUMBER"), ({"社保卡账号": GUAN["身份证号"]}, "ACCOUNT_IS_ID"),
        ({"社保卡账号": GUAN["手机号"]}, "ACCOUNT_IS_PHONE"),
        ({"社保卡账号": "62999"}, "ACCOUNT_INVALID"), ({"补贴项目": "高龄津贴", "身份证号": "220221195807209531"}, "AGE_UNFIT"),
        ({"身份证号": "22022119120412901" + id_check_digit("22022119120412901")}, "AGE_UNLIKELY"),
        ({"年度": "2023", "批次": "2023年第1批"}, "DATE_FAR"), ({"金额": "壹仟零捌拾壹元壹角捌分"}, "AMOUNT_CAPITALS"),
        ({"乡镇": "岔路河镇", "村": ""}, "TOWN_ELSEWHERE"), ({"姓名": "#N/A"}, "CELL_ERROR"),
        ({"社保卡账号": '="6299990102491369086"'}, "TEXT_FORMULA"),
        ({"补贴项目": "1、耕地地力保护补贴（中央）"}, "ITEM_ALIAS"), ({"村": "无"}, "VILLAGE_MISSING"),
    ],
)  # fmt: skip
def test_more_faults_are_found(tmp_path: Path, changed: dict[str, str], code: str) -> None:
    rows = checked(csv_file(tmp_path, row(**changed)))
    assert (2, code) in codes(rows)
    assert bool(values(rows)) == (CODES[code][0] != "error")


@pytest.mark.parametrize("nothing", ["无", "-", "/", "—"])
def test_what_stands_for_nothing_is_nothing(tmp_path: Path, nothing: str) -> None:
    (payment,) = values(checked(csv_file(tmp_path, row(手机号=nothing, 失败原因=nothing, 代发银行=nothing))))
    assert (payment.phone, payment.fail_reason, payment.bank) == ("", "", "")


def test_an_account_that_is_something_else_is_not_stored(tmp_path: Path) -> None:
    for wrong in (GUAN["身份证号"], GUAN["手机号"]):
        assert values(checked(csv_file(tmp_path, row(社保卡账号=wrong))))[0].account == ""


def test_every_code_says_what_it_is_and_every_error_what_to_do() -> None:
    for code, (handling, meaning) in CODES.items():
        assert not meaning.endswith("。"), code
        assert handling != "warn" or "请" in meaning, code
        assert handling != "fix" or "已" in meaning, code
