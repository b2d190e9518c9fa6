"""What a story tells by itself; nothing is made up, and nothing is mistaken for what it is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.money import yuan_figure
from knowledge.said import for_whom, own_phone, said_in, wants_no_name
from knowledge.said_numbers import amounts_in, chinese_number, day_in, years_in

TODAY = date(2026, 11, 24)
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))


def in_chinese(number: int) -> str:
    """A number up to 99,999,999 as it is written."""
    if number >= 10_000:
        rest = number % 10_000
        zero = "零" if 0 < rest < 1000 else ""
        return in_chinese(number // 10_000) + "万" + zero + (in_chinese(rest) if rest else "")
    said, zero = "", False
    for unit, word in (*_UNITS, (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += ("零" if zero else "") + "零一二三四五六七八九"[digit] + word
            zero = False
        elif said and number:
            zero = True
    return said


@given(st.integers(1, 99_999_999))
def test_every_number_in_chinese_is_read(number: int) -> None:
    assert chinese_number(in_chinese(number)) == number


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(["百", "千", "万"]))
def test_the_last_digit_said_alone_stands_for_the_next_lower_unit(first: int, second: int, unit: str) -> None:
    worth = {"百": 100, "千": 1000, "万": 10_000}[unit]
    said = f"{'零一二三四五六七八九'[first]}{unit}{'零一二三四五六七八九'[second]}"
    assert chinese_number(said) == first * worth + second * worth // 10


@given(st.integers(1, 99_999_999), st.sampled_from(["元", "块", "块钱"]), st.booleans())
def test_an_amount_in_digits_is_read_with_and_without_commas(fen: int, unit: str, full_width: bool) -> None:
    figure = yuan_figure(fen)
    for written in (figure, figure.replace(",", "")):
        text = f"卡里少了{written}{unit}，问问咋回事"
        if full_width:
            text = text.translate({ord(char): chr(ord(char) + 0xFEE0) for char in "0123456789,."})
        assert amounts_in(text) == (fen,)


@given(st.integers(100, 99_999))
def test_an_amount_in_words_is_read(number: int) -> None:
    assert amounts_in(f"一共给了{in_chinese(number)}块钱，说好的不是这个数") == (number * 100,)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("少给我一千二", 1200), ("扣了三百五", 350), ("发了3万", 30_000), ("给了1.2万元", 12_000), ("每回扣三块五", 3.5),
        ("一亩少八块五毛", 8.5), ("收我200，说是手续费", 200), ("打卡上1073.97", 1073.97), ("1200块5", 1200.5), ("欠我们两千五的钱", 2500),
        ("领了三千多", 3000), ("要我拿五百块钱", 500),
    ],
)  # fmt: skip
def test_money_as_people_say_it(text: str, yuan: float) -> None:
    assert amounts_in(text) == (round(yuan * 100),)


@pytest.mark.parametrize(
    "text",
    [
        "家里十二亩地", "三百二十个人都没有", "补了三个月", "二百多户", "三块地都种了", "一块儿去的", "身份证220221195209279370",
        "电话15400123456", "号码 154 0012 3456", "2025年10月12日", "2023元旦那天", "一千多亩地", "干了三十年", "万昌镇三千多人", "1234567890123",
        "跑了5趟", "住3楼2单元", "七十九岁",
    ],
)  # fmt: skip
def test_what_is_no_money(text: str) -> None:
    assert amounts_in(text) == ()


@given(st.integers(2001, 2026), st.sampled_from(["年", "年的地补", "年10月"]))
def test_a_year_in_digits_is_read_and_in_chinese_too(year: int, ending: str) -> None:
    assert years_in(f"我家{year}{ending}没发", TODAY) == (year,)
    spelled = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))
    assert years_in(f"我家{spelled}{ending}没发", TODAY) == (year,)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("去年的没给", (2025,)), ("前年就没有", (2024,)), ("大前年", (2023,)), ("今年和去年都没发", (2026, 2025)), ("23年的地补", (2023,)),
        ("2021年到2023年三年没发", (2021, 2023)), ("干了23年护林员", ()), ("等了10年了", ()), ("上年纪了", ()), ("2035年", ()), ("2012块钱", ()),
        ("1998年", ()), ("以前年度", ()), ("三年没发", ()),
    ],
)  # fmt: skip
def test_years_are_told_from_lengths(text: str, years: tuple[int, ...]) -> None:
    assert years_in(text, TODAY) == years


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("去年九月录的", "2025年9月"), ("2025年10月12号发的", "2025年10月12日"), ("上个月没发", "2026年10月"), ("去年摔的，十月份递的申请", "2025年"),
        ("低保没发", ""), ("2022年、2023年都没发", "2022年、2023年"), ("前年三季度", "2024年第3季度"),
    ],
)  # fmt: skip
def test_the_time_is_said_back(text: str, when: str) -> None:
    assert said_in(text, TODAY).when == when


def test_a_day_that_is_none_is_left_out() -> None:
    assert day_in("2月31号") is None
    assert day_in("12月3日") == (12, 3)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["我电话{}", "{}", "，{}。", "联系我 {}", "手机号：{}"]))
def test_ones_own_number_is_taken(number: str, around: str) -> None:
    assert own_phone("低保没发" + around.format(number)) == number
    spaced = f"{number[:3]} {number[3:7]} {number[7:]}"
    assert own_phone("低保没发" + around.format(spaced)) == number


@pytest.mark.parametrize(
    "text",
    [
        "接到15400123456打来的电话让我转钱", "村会计电话15400123456不接", "有人自称社保局，号码是15400123456，骗我", "1540012345678",
        "身份证220221195209279370", "卡号6228450000000001780",
    ],
)  # fmt: skip
def test_anothers_number_is_not_taken_nor_is_what_is_none(text: str) -> None:
    assert own_phone(text) is None


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("替我妈问一下养老金", "母亲"), ("我爹八十四了，高龄津贴没领过", "父亲"), ("帮邻居反映一下", "邻居"), ("我奶奶的低保停了", "奶奶"),
        ("我家低保没发", None), ("我和我妈都没有", None), ("村主任他妈吃低保", None), ("我媳妇身体不好，我家低保停了", None), ("我娘家的地", None),
    ],
)  # fmt: skip
def test_for_whom_somebody_speaks(text: str, whom: str | None) -> None:
    assert for_whom(text) == whom


@pytest.mark.parametrize(
    ("text", "wish"),
    [("匿名反映", True), ("别留我名", True), ("不留姓名", True), ("我要实名举报，不匿名", False), ("名单上没我的名", False)],
)
def test_a_wish_for_no_name(text: str, wish: bool) -> None:
    assert wants_no_name(text) is wish


def test_one_message_tells_it_all() -> None:
    said = said_in("我是双河镇苇子沟村的，去年低保停了三个月，少了一千二，村会计把卡收走了，我电话154 0012 3456", TODAY)
    assert (said.place.town, said.place.village) == ("双河镇", "苇子沟")
    assert (said.years, said.amounts, said.phone, said.accused) == ((2025,), (120_000,), "15400123456", ("村会计",))
    assert said.clear


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    said = said_in(text, TODAY)
    assert all(amount > 0 for amount in said.amounts)
    assert all(2000 < year <= TODAY.year for year in said.years)
