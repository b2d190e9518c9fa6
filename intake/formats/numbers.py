"""The numbers of a workbook: which of them are days, and how the others are written."""

from __future__ import annotations

import re
from datetime import date, timedelta

from intake import wire

# The built-in formats of days; 27 to 36 and 50 to 58 are the Chinese ones.
_DAY_FORMATS = frozenset({14, 15, 16, 17, 22, *range(27, 32), 36, 50, 51, 52, 53, 54, 57, 58})
_NO_PATTERN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_LATEST = 109_574  # the end of 2199
_PLAIN = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,4})?")


class Dates:
    """The styles of a workbook, as far as they say that a number is a day."""

    def __init__(self) -> None:
        self.from_1904 = False
        self._formats: dict[str, bool] = {}
        self._styles: list[bool] = []
        self._in_cells = False

    def take(self, name: str, attributes: dict[str, str]) -> None:
        """Hear an element of the styles part."""
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = is_day(attributes.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyleXfs"):
            self._in_cells = name == "cellXfs"
        elif name == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "0")
            self._styles.append(self._formats.get(number, number.isdigit() and int(number) in _DAY_FORMATS))

    def text_of(self, number: str, style: str | None) -> str:
        """A number cell as it goes over the wire."""
        if style and (at := int(style)) < len(self._styles) and self._styles[at]:
            serial = float(number)
            if 1 <= serial <= _LATEST:
                return wire.DAY + day_of(serial, from_1904=self.from_1904)
        return wire.NUMBER + number_text(number)


def is_day(pattern: str) -> bool:
    """Whether a number format shows a day: yyyy-mm-dd, m"月"d"日"; not 0.00 and not h:mm."""
    bare = _NO_PATTERN.sub("", pattern.split(";")[0]).lower()
    return bool(re.search("[yd年日]", bare)) and not re.search("[0#?]", bare)


def day_of(serial: float, *, from_1904: bool = False) -> str:
    """The day of a serial number, in ISO form."""
    return ((_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=int(serial))).isoformat()


def number_text(number: str) -> str:
    """A number in plain decimals: 1E3 → 1000. One that has more than its 15 digits stays as it is, to be refused."""
    if _PLAIN.fullmatch(number):
        return number
    value = float(number)
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(value)
