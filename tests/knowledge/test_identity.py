"""Numbers that name a person: read as people write them, found in free text, hidden where they must not stand."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.identity import (
    IdNumber,
    IdNumberFault,
    find_id_numbers,
    find_phones,
    half_width,
    id_check_digit,
    luhn_ok,
    mask_account,
    mask_id_number,
    mask_name,
    mask_phone,
    normal_digits,
    parse_id_number,
    redact,
)

TODAY = date(2026, 11, 24)
OLD_WOMAN = "22022119340412936X"
MAN = "220221195807209531"
ACCOUNT = "6299990102491369086"

births = st.dates(date(1900, 1, 1), TODAY)
regions = st.integers(110000, 659999).map(str)
sequences = st.integers(0, 999).map("{:03d}".format)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first17 = draw(regions) + f"{draw(births):%Y%m%d}" + draw(sequences)
    return first17 + id_check_digit(first17)


def code_of(text: str) -> str:
    with pytest.raises(IdNumberFault) as fault:
        parse_id_number(text, TODAY)
    return fault.value.code


def widen(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@given(numbers())
def test_every_right_number_is_read_with_its_birth_and_sex(number: str) -> None:
    read = parse_id_number(number, TODAY)
    assert read.value == number
    assert f"{read.birth_date:%Y%m%d}" == number[6:14]
    assert read.sex == ("男" if int(number[16]) % 2 else "女")


@given(numbers(), st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(number: str, at: int, off: int) -> None:
    wrong = "0123456789"[(int(number[at].replace("X", "5")) + off) % 10]
    changed = number[:at] + wrong + number[at + 1 :]
    if changed != number:
        with pytest.raises(IdNumberFault):
            parse_id_number(changed, TODAY)


@given(numbers(), st.integers(0, 15))
def test_two_neighbouring_digits_changed_about_are_noticed(number: str, at: int) -> None:
    changed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if changed != number:
        with pytest.raises(IdNumberFault):
            parse_id_number(changed, TODAY)


@given(numbers(), st.sampled_from([" ", "-", "\u3000", "\xa0", "\u200b", "　"]), st.integers(1, 17))
def test_a_number_is_read_however_it_is_spaced(number: str, gap: str, at: int) -> None:
    assert parse_id_number(number[:at] + gap + number[at:], TODAY).value == number


@given(numbers())
def test_full_width_figures_a_small_x_and_an_apostrophe_are_read(number: str) -> None:
    for written in (widen(number), number.lower(), widen(number.lower()), "'" + number, f"\u2018{number} "):
        assert parse_id_number(written, TODAY).value == number


def test_a_number_of_15_digits_becomes_one_of_18() -> None:
    read = parse_id_number("220221560121978", TODAY)
    assert (read.value, read.was_short) == ("220221195601219785", True)
    assert not parse_id_number(MAN, TODAY).was_short


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ID_MISSING"),
        ("  　", "ID_MISSING"),
        (MAN[:17], "ID_LENGTH"),
        (MAN + "0", "ID_LENGTH"),
        ("我叫孙学生", "ID_CHARACTERS"),
        ("2202211958X7209531", "ID_CHARACTERS"),
        ("22022156012197X", "ID_CHARACTERS"),
        ("٢٢٠٢٢١١٩٥٨٠٧٢٠٩٥٣١", "ID_CHARACTERS"),
        ("2.20221E+17", "ID_SCIENTIFIC"),
        ("2.20221e17", "ID_SCIENTIFIC"),
        (MAN[:17] + "2", "ID_CHECK_DIGIT"),
        ("220221195402309569", "ID_BIRTHDATE_INVALID"),
        ("220221" + "291231901" + "00", "ID_LENGTH"),
    ],
)
def test_what_is_wrong_with_a_number_is_named(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize("born", ["20261125", "18991231", "20230229", "19581301"])
def test_a_birth_that_cannot_be_is_refused(born: str) -> None:
    first17 = f"220221{born}953"
    assert code_of(first17 + id_check_digit(first17)) == "ID_BIRTHDATE_INVALID"


def test_the_words_help_and_never_repeat_the_number() -> None:
    for text in (MAN[:17], MAN[:17] + "2", "220221195402309569", "2.20221E+17", "孙学生" + MAN):
        with pytest.raises(IdNumberFault) as fault:
            parse_id_number(text, TODAY)
        assert not re.search(r"\d{6}", fault.value.said + str(fault.value))
        assert fault.value.said.endswith(("。", "？"))
    with pytest.raises(IdNumberFault, match="您发来的是17位"):
        parse_id_number(MAN[:17], TODAY)


def test_a_number_does_not_print_itself() -> None:
    read = parse_id_number(MAN, TODAY)
    assert MAN not in f"{read} {read!r} {[read]}"


def test_age_is_counted_in_full_years() -> None:
    read = IdNumber(OLD_WOMAN, date(1934, 4, 12), "女")
    assert read.age_on(date(2026, 4, 11)) == 91
    assert read.age_on(date(2026, 4, 12)) == 92


def test_numbers_are_found_in_free_text() -> None:
    text = f"我叫关玉梅,号是{OLD_WOMAN},老头的{widen(MAN)}。再说一遍{OLD_WOMAN.lower()}"
    assert [found.value for found in find_id_numbers(text, TODAY)] == [OLD_WOMAN, MAN]


def test_numbers_that_stand_side_by_side_are_both_found() -> None:
    assert [found.value for found in find_id_numbers(f"{MAN} {ACCOUNT} {OLD_WOMAN} 15426258136", TODAY)] == [MAN, OLD_WOMAN]
    assert [found.value for found in find_id_numbers("220221 19580720 9531", TODAY)] == [MAN]


def test_accounts_and_wrong_numbers_are_not_taken_for_identity_numbers() -> None:
    assert find_id_numbers(f"卡号{ACCOUNT} 金额1073.97 {MAN[:17]}2", TODAY) == []


def test_telephones_are_found_and_made_plain() -> None:
    text = "打154-2625-8136或者+86 15467551212,座机0432-64221234,身份证220221195807209531"
    assert find_phones(text) == ["15426258136", "15467551212"]
    assert find_phones("１５４２６２５８１３６") == ["15426258136"]


@given(numbers(), st.text(alphabet="我在万昌镇，。abc 钱", max_size=20), st.text(alphabet="你好，。xyz", max_size=20))
def test_no_number_survives_redaction(number: str, before: str, after: str) -> None:
    for written in (number, widen(number), number[:6] + " " + number[6:14] + " " + number[14:], ACCOUNT, "15426258136"):
        left = redact(before + written + after)
        assert not re.search(r"\d{7}", half_width(left).replace(" ", ""))


def test_redaction_leaves_the_rest() -> None:
    text = "案号YJ20261124-0007,2025年第1批,13.11亩,金额1,073.97元,一拉溪镇三组"
    assert redact(text) == text
    assert redact("号是二二零二二一一九五八零七二零九五三一") == "号是〔号码〕"
    assert redact("家里0432-64221234,手机15426258136") == "家里〔电话〕,手机〔电话〕"


def test_long_hostile_text_takes_no_time() -> None:
    started = time.perf_counter()
    for text in ("1" * 200_000, "1 " * 100_000, "1-" * 100_000, "一" * 200_000, "0432-" * 40_000, "86" * 100_000):
        redact(text)
        find_id_numbers(text, TODAY)
        find_phones(text)
        code_of(text)
    assert time.perf_counter() - started < 5


@given(st.text(max_size=300))
def test_no_text_breaks_the_readers(text: str) -> None:
    redact(text)
    find_phones(text)
    find_id_numbers(text, TODAY)
    with suppress(IdNumberFault):
        assert len(parse_id_number(text, TODAY).value) == 18


def test_spoken_digits_become_digits() -> None:
    assert normal_digits("六二二幺") == "6221"
    assert normal_digits("９０８６") == "9086"
    assert normal_digits("洞拐两勾") == "0729"


def test_luhn_knows_right_from_wrong() -> None:
    assert luhn_ok(ACCOUNT)
    assert not luhn_ok(ACCOUNT[:-1] + "7")
    assert not luhn_ok("")
    assert not luhn_ok("62299x")


def test_masks_hide_what_names_a_person() -> None:
    assert mask_id_number(OLD_WOMAN) == "220***********936X"
    assert mask_phone("15426258136") == "154****8136"
    assert mask_account(ACCOUNT) == "****9086"
    assert [mask_name(name) for name in ("关玉梅", "刘刚", "巴特尔·阿古拉", "王", "")] == ["关*梅", "刘*", "巴*****拉", "*", ""]


@given(st.text(st.characters(exclude_characters="*"), max_size=30))
def test_a_mask_never_shows_a_whole_text(text: str) -> None:
    for masked in (mask_id_number(text), mask_phone(text), mask_name(text)):
        assert len(masked) == len(text)
        assert not text or masked != text
