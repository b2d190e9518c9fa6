"""Numbers that name a person: identity numbers, card accounts, telephones; reading, finding, masking them.

An identity number follows GB 11643-1999: six digits of region, eight of birth date, three of sequence (odd for
men), one check character by ISO 7064 MOD 11-2. Numbers issued before 1999 have 15 digits: a two-digit year and no
check character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from knowledge.errors import Refused

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_LONGEST_ANSWER = 200  # characters; nobody types a number longer than this
_EARLIEST_YEAR = 1900

# Every printable ASCII character has a full-width twin at a fixed distance.
_HALF_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)} | {0x3000: " "}
_SPOKEN_WORDS = ("零〇○洞", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
_SPOKEN = {ord(word): str(digit) for digit, words in enumerate(_SPOKEN_WORDS) for word in words}
# Spaces of all kinds, hyphens, dots, quotes and invisible marks that people and programs put into numbers.
_NOISE = re.compile(r"[\s\-‐‑‒–—−_.,·•、'’‘`´\"“”\u200b-\u200f\u2060\ufeff\xad]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")

_SAID = {
    "ID_MISSING": "没看到身份证号。请把身份证上的号码发来，一般是18位。",
    "ID_SCIENTIFIC": "身份证号被表格变成了科学计数法，后几位已经丢了。请把这一列改成文本格式，重新填一遍号码。",
    "ID_CHARACTERS": "身份证号里只有数字，最后一位有时是X。请照着身份证再发一次。",
    "ID_LENGTH": "身份证号一般是18位，您发来的是{length}位，再看看？",
    "ID_CHECK_DIGIT": "这个身份证号可能有一位写错了，或者两位写颠倒了。请照着身份证再对一遍。",
    "ID_BIRTHDATE_INVALID": "身份证号第7到14位是出生日期，这里对不上日历。请照着身份证再对一遍。",
}


class IdNumberFault(Refused):
    """A text is no valid identity number. `code` says why; `said` helps and never repeats the number."""

    def __init__(self, code: str, length: int = 0) -> None:
        self.code = code
        super().__init__(_SAID[code].format(length=length))


@dataclass(frozen=True, slots=True, repr=False)
class IdNumber:
    """A valid identity number in its 18-character form; `was_short` if it was given with 15 digits."""

    value: str
    birth_date: date
    sex: Literal["男", "女"]
    was_short: bool = False

    def age_on(self, day: date) -> int:
        """Full years of age on a day (周岁)."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)

    def __repr__(self) -> str:
        return f"IdNumber({mask_id_number(self.value)})"

    __str__ = __repr__


def half_width(text: str) -> str:
    """Full-width digits, letters, signs and spaces made half-width; everything else as it was."""
    return text.translate(_HALF_WIDTH)


def normal_digits(text: str) -> str:
    """An answer that should be digits: full-width made half-width, spoken ones ("六二二", "幺") made digits."""
    return half_width(text).translate(_SPOKEN)


def id_check_digit(first17: str) -> str:
    """The check character for the first 17 digits (GB 11643)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def parse_id_number(text: str, today: date | None = None) -> IdNumber:
    """The number in `text`, which should hold nothing else. Raises IdNumberFault.

    Takes full-width digits, a small x, spaces, hyphens, a leading apostrophe, and the old form of 15 digits.
    """
    plain = half_width(text[:_LONGEST_ANSWER]).strip()
    if _SCIENTIFIC.fullmatch(plain.strip("'")):
        raise IdNumberFault("ID_SCIENTIFIC")
    number = _NOISE.sub("", plain).upper().replace("×", "X").replace("╳", "X")
    if not number:
        raise IdNumberFault("ID_MISSING")
    if not _is_written_like_one(number):
        raise IdNumberFault("ID_CHARACTERS")
    if len(number) not in (15, 18):
        raise IdNumberFault("ID_LENGTH", len(number))
    return _judged(number, today or datetime.now(ZoneInfo("Asia/Shanghai")).date())


def _is_written_like_one(number: str) -> bool:
    digits = number[:-1] if number.endswith("X") and len(number) != 15 else number
    return digits.isascii() and digits.isdigit()


def _judged(number: str, today: date) -> IdNumber:
    was_short = len(number) == 15
    if was_short:
        first17 = number[:6] + "19" + number[6:]
        number = first17 + id_check_digit(first17)
    elif id_check_digit(number[:17]) != number[17]:
        raise IdNumberFault("ID_CHECK_DIGIT")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdNumberFault("ID_BIRTHDATE_INVALID") from None
    if born.year < _EARLIEST_YEAR or born > today:
        raise IdNumberFault("ID_BIRTHDATE_INVALID")
    return IdNumber(number, born, "男" if int(number[16]) % 2 else "女", was_short)


# A digit and what may stand between two digits of one number. Each text matches in one way: no runaway.
_DIGIT = "[0-9０-９]"
_GAP = r"[ \u3000\xa0\-]{0,2}"
_WORDS = "零〇一二三四五六七八九幺"
_COMPACT_ID = re.compile(rf"(?<!{_DIGIT})(?:{_DIGIT}{{17}}[0-9０-９xXｘＸ×]|{_DIGIT}{{15}})(?!{_DIGIT})")
_LONG_NUMBER = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:{_GAP}{_DIGIT}){{13,}}(?:{_GAP}[0-9０-９xXｘＸ×])?")
_PHONE = re.compile(
    rf"(?<!{_DIGIT})(?:(?:\+|＋|00)?86[ \-]?)?([1１][3-9３-９](?:[ \-]?{_DIGIT}){{9}})(?!{_DIGIT})"
)
_LANDLINE = re.compile(rf"(?<!{_DIGIT})[0０]{_DIGIT}{{2,3}}[ \-]?{_DIGIT}{{7,8}}(?!{_DIGIT})")
_SPOKEN_NUMBER = re.compile(rf"[{_WORDS}](?:[ \-]?[{_WORDS}]){{10,}}")


def find_id_numbers(text: str, today: date | None = None) -> list[IdNumber]:
    """The valid identity numbers in free text, in their order, each once."""
    found: dict[str, IdNumber] = {}
    for stretch in _LONG_NUMBER.finditer(text):
        # Two numbers with a space between them look like one: those written without spaces go first.
        for candidate in _COMPACT_ID.findall(stretch.group()) or [stretch.group()]:
            try:
                number = parse_id_number(candidate, today)
            except IdNumberFault:
                continue
            found.setdefault(number.value, number)
    return list(found.values())


def find_phones(text: str) -> list[str]:
    """The mobile numbers in free text, as 11 digits, in their order, each once."""
    digits = (re.sub(r"\D", "", half_width(match.group(1))) for match in _PHONE.finditer(text))
    return list(dict.fromkeys(digits))


def redact(text: str) -> str:
    """The text without identity, card and telephone numbers, for logs and internal notes.

    Hides rather too much: any 14 digits or more in a row go, valid or not, also when spelt out in words.
    """
    text = _LONG_NUMBER.sub("〔号码〕", text)
    text = _PHONE.sub("〔电话〕", text)
    text = _LANDLINE.sub("〔电话〕", text)
    return _SPOKEN_NUMBER.sub("〔号码〕", text)


def masked_numbers(text: str) -> str:
    """The text with its identity and account numbers hidden but for their ends, for whoever wrote it: 220****936X."""
    return _LONG_NUMBER.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", text)


def unnamed(text: str, names: Iterable[str]) -> str:
    """The text without these names of persons."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "〔姓名〕")
    return text


def luhn_ok(account: str) -> bool:
    """Whether a card number's last digit is right (Luhn, ISO/IEC 7812). Passbooks need not obey it."""
    if len(account) < 2 or not (account.isascii() and account.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(account)]
    doubled = (2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def mask_id_number(number: str) -> str:
    """The first three and the last four characters; the birth date is hidden."""
    return _masked(number, 3, 4)


def mask_phone(number: str) -> str:
    """The first three and the last four digits."""
    return _masked(number, 3, 4)


def mask_account(account: str) -> str:
    """The last four digits, as it stands on bank slips: ****1780."""
    return "****" + account[-4:] if len(account) > 4 else "****"


def mask_name(name: str) -> str:
    """关玉梅 → 关*梅, 刘刚 → 刘*, 巴特尔·阿古拉 → 巴*****拉."""
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" if len(name) == 2 else _masked(name, 1, 1)


def _masked(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]
