"""Reading the cells that say who and where to: number, name, telephone, township, village, bank, account."""

from __future__ import annotations

import re
from datetime import date

from intake.cleaning import NOTHING, Read, Refusal, tidy
from intake.wire import NUMBER
from knowledge.catalogue.places import town_named
from knowledge.identity import IdNumberFault, luhn_ok, parse_id_number

EXACT_DIGITS = 15  # a number cell of a workbook keeps no more
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
# Question marks and boxes, private and unassigned characters, and what wrongly decoded bytes look like.
_GARBLED = re.compile("^.某{1,2}$|[?？□�〓*＊\ue000-\uf8ff\U000f0000-\U0010ffff\x80-\xb6\xb8-\u024f]|锟斤|斤拷|烫烫|屯屯|锘縷|锘")
_OF_PROGRAM = re.compile(r"(?<=[0-9])\.0+$")  # what a program that took a number for a quantity writes behind it
_BANK_BEFORE = re.compile(r"^[\u4e00-\u9fff()（）]{2,24}[:：]?(?=[0-9]{12,24}$)")
_MASKED = re.compile("[*＊●•#]{2}")
_IN_BRACKETS = re.compile(r"(?<=[\u3400-\u9fff])[(（]([\u4e00-\u9fff]{1,8})[)）]$")
_DIED = re.compile("死|故|去世|亡")
_DOTS = re.compile(r"[•・‧∙⋅．.﹒●]")
_ODD = re.compile(r"[0-9０-９A-Za-zＡ-Ｚａ-ｚ@#$%^&+=<>{}()（）\[\]【】|\\/:;!,，.。、_\-]")
_FOREIGN = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{1,20}){1,4}")
_LONG_NAME = 6  # characters, without a dot in between
_LONGEST_NAME = 32  # characters, as in the resident's table
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{9,11}|[2-9][0-9]{6,7}")


def _destroyed(text: str) -> bool:
    """Whether a long number has gone through a number cell and lost its last digits."""
    return bool(_SCIENTIFIC.fullmatch(text.removeprefix(NUMBER))) or (
        (text.startswith(NUMBER) or _OF_PROGRAM.search(text) is not None) and sum(map(str.isdigit, text.partition(".")[0])) > EXACT_DIGITS
    )


def id_number(text: str, today: date) -> Read:
    """The 18-character ID number."""
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if _destroyed(text) or _SCIENTIFIC.fullmatch(plain):
        raise Refusal("ID_SCIENTIFIC")
    if _MASKED.search(plain):
        raise Refusal("ID_MASKED")
    try:
        number = parse_id_number(plain, today)
    except IdNumberFault as fault:
        raise Refusal(fault.code) from None
    if number.was_short:
        codes.append("ID_15_DIGIT")
    elif plain.endswith("x"):
        codes.append("ID_LOWER_X")
    if len(plain) != (15 if number.was_short else 18):
        codes.append("SEPARATORS")
    return Read(number.value, tuple(codes))


def name(text: str) -> Read:
    """A person's name."""
    codes: list[str] = []
    plain = tidy(text, codes)
    if plain in NOTHING:
        raise Refusal("NAME_MISSING")
    if len(plain) > _LONGEST_NAME:
        raise Refusal("CELL_TOO_LONG")
    if re.fullmatch(r"[0-9.,]+", plain):
        raise Refusal("NAME_IS_NUMBER")
    if remark := _IN_BRACKETS.search(plain):
        plain = plain[: remark.start()]
        codes += ["NAME_REMARK", *(["REMARK_DEATH"] if _DIED.search(remark[1]) else [])]
    if _GARBLED.search(plain):
        codes.append("NAME_GARBLED")
    elif _FOREIGN.fullmatch(plain):
        pass
    elif _ODD.search(plain):
        codes.append("NAME_ODD")
    elif len(plain) == 1 or (len(plain) > _LONG_NAME and "·" not in _DOTS.sub("·", plain)):
        codes.append("NAME_LENGTH")
    dotted = _DOTS.sub("·", plain)
    if dotted != plain:
        codes.append("NAME_DOT")
    return Read(dotted, tuple(codes))


def is_garbled(read_name: str) -> bool:
    """Whether letters of a name were lost on the way, so that it can be compared with nothing."""
    return bool(_GARBLED.search(read_name))


def town(text: str) -> Read:
    """The official name of the township; empty if none is given."""
    codes: list[str] = []
    plain = tidy(text, codes)
    if plain in NOTHING:
        return Read("", ("TOWN_MISSING",))
    found = town_named(plain)
    if found is None:
        raise Refusal("TOWN_UNKNOWN")
    if found.name != plain:
        codes.append("TOWN_ALIAS")
    if found.administered_elsewhere:
        codes.append("TOWN_ELSEWHERE")
    return Read(found.name, tuple(codes))


def village(text: str) -> Read:
    """The village or community as written; empty if none is given."""
    codes: list[str] = []
    plain = tidy(text, codes)
    if len(plain) > _LONGEST_NAME:
        raise Refusal("CELL_TOO_LONG")
    return Read("", (*codes, "VILLAGE_MISSING")) if plain in NOTHING else Read(plain, tuple(codes))


def phone(text: str) -> Read:
    """A telephone number in digits; empty if there is none, or a wrong one that must not be called."""
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if plain in NOTHING:
        return Read("", ())
    digits = re.sub(r"[-()+]", "", _OF_PROGRAM.sub("", plain))
    digits = digits.removeprefix("86") if len(digits) > 11 else digits
    if not _PHONE.fullmatch(digits):
        return Read("", (*codes, "PHONE_INVALID"))
    if digits != plain and not plain.startswith("0"):
        codes.append("SEPARATORS")
    return Read(digits, tuple(codes))


def _is_id_number(digits: str) -> bool:
    try:
        return bool(parse_id_number(digits))
    except IdNumberFault:
        return False


def account(text: str) -> Read:
    """A bank account in digits; empty if there is none, or what stands there cannot be one."""
    codes: list[str] = []
    plain = tidy(text, codes, figures=True)
    if plain in NOTHING:
        return Read("", ("ACCOUNT_MISSING",))
    if _destroyed(text) or _SCIENTIFIC.fullmatch(plain):
        raise Refusal("ACCOUNT_SCIENTIFIC")
    digits = re.sub(r"[-_.·]", "", _BANK_BEFORE.sub("", _OF_PROGRAM.sub("", plain)))
    if len(digits) == 18 and _is_id_number(digits):
        return Read("", (*codes, "ACCOUNT_IS_ID"))
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 24):
        return Read("", (*codes, "ACCOUNT_INVALID"))
    if _MOBILE.fullmatch(digits):
        return Read("", (*codes, "ACCOUNT_IS_PHONE"))
    if digits != plain:
        codes.append("SEPARATORS")
    if not luhn_ok(digits):
        codes.append("ACCOUNT_LUHN")
    return Read(digits, tuple(codes))


def words(text: str, longest: int = 200) -> Read:
    """Free text of at most so many characters: a bank, a unit, a reason, a remark."""
    codes: list[str] = []
    plain = tidy(text, codes, keep_spaces=True)
    if len(plain) > longest:
        raise Refusal("CELL_TOO_LONG")
    return Read("" if plain in NOTHING else plain, tuple(codes))
