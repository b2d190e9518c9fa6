"""What a cell's text goes through before its meaning is read: spaces, line breaks, apostrophes, full-width figures."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from intake.wire import DAY, NUMBER
from knowledge.identity import half_width

NOTHING = frozenset({
    "", "-", "--", "---", "—", "——", "/", "//", "\\", "无", "空", "暂无", "null", "Null", "NULL", "none", "None", "N/A", "nan", "NaN", "NaT", "<NA>",
})  # fmt: skip
"""What stands in a cell that has nothing to say."""

_LONGEST = 500  # characters that a cell of a payment table may have
_SPACES = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\xad]+")
_APOSTROPHES = "'’‘`"
_BETWEEN_LATIN = re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])")
# How some programs keep a spreadsheet from making a number of a number: ="220221…"
_KEPT_AS_TEXT = re.compile(r'="([0-9Xx ]*)"')
_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|#{3,}")


class Read(NamedTuple):
    """A cell's value, and the codes of what was found on the way. The value is None where there is none to trust."""

    value: Any
    codes: tuple[str, ...] = ()


class Refusal(Exception):
    """The cell holds no usable value; the argument is the code."""


def tidy(text: str, codes: list[str], *, figures: bool = False, keep_spaces: bool = False) -> str:
    """The text without what does not belong to it; `codes` takes what was found. Raises Refusal.

    `figures`: full-width digits and letters are made half-width. `keep_spaces`: only those around the text go.
    """
    if text[:1] in (NUMBER, DAY):
        return text[1:]
    if len(text) > _LONGEST:
        raise Refusal("CELL_TOO_LONG")
    text = _without_breaks(text, codes)
    bare = text.strip() if keep_spaces else _without_spaces(text)
    if bare != text:
        codes.append("WHITESPACE")
    if bare[:1] in _APOSTROPHES and bare[:1]:
        codes.append("LEADING_APOSTROPHE")
        bare = bare.lstrip(_APOSTROPHES).rstrip(_APOSTROPHES).strip()
    if bare[:1] in ("=", "@", "＝", "#"):
        bare = _of_spreadsheet(bare, codes)
    if figures and (half := half_width(bare)) != bare:
        codes.append("FULLWIDTH")
        bare = half
    return bare


def _of_spreadsheet(bare: str, codes: list[str]) -> str:
    """What a spreadsheet left: a number kept as text by a formula, an error, or a formula that is no data."""
    if kept := _KEPT_AS_TEXT.fullmatch(bare):
        codes.append("TEXT_FORMULA")
        return kept[1].strip()
    if _SPREADSHEET_ERROR.fullmatch(bare):
        raise Refusal("CELL_ERROR")
    if bare[0] != "#":
        raise Refusal("FORMULA_TEXT")
    return bare


def _without_breaks(text: str, codes: list[str]) -> str:
    if "\n" not in text and "\r" not in text:
        return text
    codes.append("CELL_NEWLINE")
    return re.sub(r"[\r\n]+", "", text)


def _without_spaces(text: str) -> str:
    """Without any space; a single one between Latin letters belongs to a foreign name."""
    if not _SPACES.search(text):
        return text
    kept = _BETWEEN_LATIN.sub("\0", text.strip())
    return _SPACES.sub("", kept).replace("\0", " ")
