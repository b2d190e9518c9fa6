"""Text for cells of files that we write: nothing in it may be run as a formula by the program that opens the file."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST = 32_000  # characters; a spreadsheet's cell takes 32,767


def neutral(text: str) -> str:
    """The text with an apostrophe before it where its first character, spaces aside, could begin a formula.

    Control characters become spaces: no spreadsheet takes them. Reading our files back drops the apostrophe.
    """
    plain = "".join(letter if letter.isprintable() or letter in "\t\r\n" else " " for letter in text[:_LONGEST])
    return "'" + plain if plain.startswith(_STARTS) or plain.lstrip(" \u3000\xa0").startswith(_STARTS) else plain
