"""Reading the cells that hold a date, in all the ways that people and programs write one. None is guessed: 3/5/2025 is refused."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from intake.cleaning import NOTHING, Read, Refusal, tidy
from intake.wire import DAY

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_NEVER = {"0000-00-00", "0000/0/0", "1900-01-00", "1900/1/0", "1899-12-30", "1899-12-31", "1900-01-01", "0"}
_FORMS = (
    (re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"), "DATE_SLASH"),
    (re.compile(r"([0-9]{4}|[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})[日号]?"), "DATE_CN"),
    (re.compile(r"([0-9]{4})[-.,，、_]([0-9]{1,2})[-.,，、_]([0-9]{1,2})[.日]?"), "DATE_OTHER"),
    (re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?"), "DATE_OTHER"),
)
_WITH_MONTH = re.compile(r"([0-9]{1,2})[- ]?([A-Za-z]{3,9})[- ,]{0,2}([0-9]{4}|[0-9]{2})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9}) ?([0-9]{1,2}),? ?([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"[T\s]*(?:上午|下午|AM|PM)?\s*[0-9]{1,2}[:：时][0-9]{1,2}分?(?:[:：]?[0-9]{1,2}秒?(?:\.[0-9]+)?)?\s*(?:上午|下午|AM|PM)?$", re.I)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_SERIAL = re.compile(r"([34567][0-9]{4})(?:\.[0-9]+)?")
_SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of a workbook's calendar
_BEIJING = timezone(timedelta(hours=8))
_DIGITS = {ord(word): str(digit) for digit, word in enumerate("〇一二三四五六七八九")} | {ord("零"): "0", ord("○"): "0"}
_CHINESE = re.compile(r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?")
_EARLIEST = 1980


def day(text: str) -> Read:
    """A date; None if the cell is empty."""
    if _ISO.fullmatch(text) or text.startswith(DAY):
        plain = text.removeprefix(DAY)[:10]
        return Read(None) if plain in _NEVER else Read(_date(*plain.split("-")))
    codes: list[str] = []
    plain = tidy(text, codes, figures=True, keep_spaces=True)
    if plain in NOTHING or plain in _NEVER:
        return Read(None, tuple(codes))
    if serial := _SERIAL.fullmatch(plain):
        return Read(_SERIAL_EPOCH + timedelta(days=int(serial[1])), (*codes, "DATE_SERIAL"))
    if _STAMP.fullmatch(plain):
        return Read(_of_stamp(plain), (*codes, "DATE_OTHER"))
    bare = _CLOCK.sub("", _WEEKDAY.sub("", plain)).strip()
    found, code = _by_form(bare.replace(" ", "")) or _in_words(bare)
    iso_without_clock = bare == found.isoformat() and bare == plain
    return Read(found, tuple(codes) if iso_without_clock else (*codes, code))


def _by_form(bare: str) -> tuple[date, str] | None:
    for form, code in _FORMS:
        if match := form.fullmatch(bare):
            year, month, day = match.groups()
            return _date("20" + year if len(year) == 2 else year, month, day), code
    return None


def _in_words(bare: str) -> tuple[date, str]:
    """二〇二五年三月五日, 5-Mar-2025, March 5, 2025."""
    if match := _CHINESE.fullmatch(bare.replace(" ", "")):
        return _date(match[1].translate(_DIGITS), str(_up_to_31(match[2])), str(_up_to_31(match[3]))), "DATE_CN"
    if match := _WITH_MONTH.fullmatch(bare):
        day, month, year = match.groups()
    elif match := _MONTH_FIRST.fullmatch(bare):
        month, day, year = match.groups()
    else:
        raise Refusal("DATE_INVALID")
    if month[:3].lower() not in _MONTHS:
        raise Refusal("DATE_INVALID")
    return _date("20" + year if len(year) == 2 else year, str(_MONTHS.index(month[:3].lower()) + 1), day), "DATE_OTHER"


def _up_to_31(words: str) -> int:
    tens, ten, ones = words.rpartition("十")
    return (int(tens.translate(_DIGITS) or 1) * 10 if ten else 0) + int(ones.translate(_DIGITS) or 0)


def _of_stamp(plain: str) -> date:
    """A time with its zone: midnight in Beijing is the evening before in UTC, which is how browsers export a date."""
    try:
        return datetime.fromisoformat(plain).astimezone(_BEIJING).date()
    except ValueError:
        raise Refusal("DATE_INVALID") from None


def _date(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise Refusal("DATE_INVALID") from None
    if found.year < _EARLIEST:
        raise Refusal("DATE_INVALID")
    return found
