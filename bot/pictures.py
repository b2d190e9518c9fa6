"""The 明白卡 as a picture for the chat: what the page shows, drawn with letters of our own (bot/fonts)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from knowledge.card import Card, Row

_FONT = Path(__file__).with_name("fonts") / "NotoSansSC-subset.otf"
_WIDTH, _EDGE = 1080, 56  # pixels, as wide as a phone shows without loss
_BAR, _MOST_ROWS, _MOST_PAYMENTS, _MOST_OF_ONE = 26, 12, 36, 6
_PINE, _DEEP, _INK, _FAINT, _LINE, _PALE, _GOLD, _WHITE = (
    "#2f7d5f", "#12392e", "#1b2522", "#55635e", "#d8e0dc", "#eef2f0", "#f2cd6b", "#ffffff",
)  # fmt: skip
# A figure with its marks stays in one piece; no line begins with a closing mark.
_PIECES = re.compile(r"[0-9A-Za-z.,×=*+%/-]+[，。、；：）》”]*|.[，。、；：）》”]*", re.DOTALL)
_NOT_THERE = "\U0010fffd"  # no font has this one


class _Sheet:
    """A page that grows downwards. Lines are laid out first, and drawn once the height is known."""

    def __init__(self) -> None:
        self.height = 0
        self._later: list[tuple[int, int, str, int, str, bool]] = []
        self._boxes: list[tuple[tuple[int, int, int, int], str]] = []

    def text(self, said: str, size: int, colour: str = _INK, *, left: int = _EDGE, bold: bool = False) -> None:
        """A paragraph, broken where it must be."""
        for line in _lines(said, size, _WIDTH - left - _EDGE):
            self._later.append((left, self.height, line, size, colour, bold))
            self.height += round(size * 1.45)

    def right(self, said: str, size: int, colour: str = _INK) -> None:
        """One line at the right edge, beside the line above it."""
        left = _WIDTH - _EDGE - round(_font(size).getlength(said))
        self._later.append((left, self.height - round(size * 1.45), said, size, colour, True))

    def gap(self, pixels: int) -> None:
        """Nothing, so high."""
        self.height += pixels

    def box(self, box: tuple[int, int, int, int], colour: str) -> None:
        """A filled rectangle: left, top, right, bottom."""
        self._boxes.append((box, colour))

    def rule(self) -> None:
        """A thin line across."""
        self.box((_EDGE, self.height, _WIDTH - _EDGE, self.height + 2), _LINE)
        self.height += 22

    def drawn(self) -> bytes:
        """The page as a PNG."""
        picture = Image.new("RGB", (_WIDTH, self.height), _WHITE)
        draw = ImageDraw.Draw(picture)
        for box, colour in self._boxes:
            draw.rectangle(box, fill=colour)
        for left, top, line, size, colour, bold in self._later:
            draw.text((left, top), line, font=_font(size), fill=colour, stroke_width=1 if bold else 0)
        written = io.BytesIO()
        picture.save(written, "PNG", compress_level=4)
        return written.getvalue()


def card_picture(card: Card, signed: str, hotline: str) -> bytes:
    """The card as a PNG, 1080 pixels wide. `signed`: the account's name; the platform takes up to 10 MB."""
    sheet = _Sheet()
    sheet.gap(36)
    sheet.text(card.heading, 60, _WHITE, bold=True)
    sheet.text(" ".join(part for part in (readable(card.name), card.number) if part), 38, _GOLD)
    sheet.gap(18)
    sheet.box((0, 0, _WIDTH, sheet.height), _DEEP)
    sheet.gap(26)
    sheet.text(f"打到卡上{card.paid}笔，一共", 36, _FAINT)
    sheet.text(card.total, 84, _PINE, bold=True)
    sheet.gap(14)
    for row in card.rows:
        _bar(sheet, row)
    most = max(2, min(_MOST_OF_ONE, _MOST_PAYMENTS // max(1, len(card.rows))))
    for row in card.rows[:_MOST_ROWS]:
        _details(sheet, row, card.year, most)
    if len(card.rows) > _MOST_ROWS:
        sheet.text(f"还有{len(card.rows) - _MOST_ROWS}项，发“按项目看 {card.year}年”看。", 34)
    sheet.rule()
    sheet.text(card.how_far, 30, _FAINT)
    made = f"{card.made_on.year}年{card.made_on.month}月{card.made_on.day}日"
    sheet.text(f"不明白的，打{hotline}，或到村里、乡镇问。{signed}，{made}。别转给外人。", 30, _FAINT)
    sheet.gap(40)
    return sheet.drawn()


def _bar(sheet: _Sheet, row: Row) -> None:
    sheet.text(row.item, 36)
    sheet.right(row.total, 36, _PINE)
    top, whole = sheet.height + 4, _WIDTH - 2 * _EDGE
    sheet.box((_EDGE, top, _EDGE + whole, top + _BAR), _PALE)
    if row.share:
        sheet.box((_EDGE, top, _EDGE + max(6, whole * row.share // 100), top + _BAR), _PINE)
    sheet.gap(_BAR + 20)


def _details(sheet: _Sheet, row: Row, year: int, most: int) -> None:
    sheet.rule()
    sheet.text(row.item, 40, _DEEP, bold=True)
    # The newest are what one asks for; a month's payment is like the month before.
    for payment in row.payments[-most:]:
        first, *rest = payment.split("\n")
        sheet.text(first, 36)
        for line in rest:
            sheet.text(line, 32, _FAINT)
        sheet.gap(8)
    if len(row.payments) > most:
        sheet.text(f"还有更早的{len(row.payments) - most}笔，发“看{year}年{row.item}”看。", 32, _FAINT)
    if row.document:
        sheet.text(row.document, 28, _FAINT)
    sheet.text(f"有不明白的，问{row.ask}。", 30, _FAINT)
    sheet.gap(10)


def readable(name: str) -> str:
    """The name; a rare character that our letters lack stands as a star, as what is masked does."""
    return "".join(letter if _has(letter) else "*" for letter in name)


@cache
def _has(letter: str) -> bool:
    return letter.isascii() or bytes(_font(24).getmask(letter)) != bytes(_font(24).getmask(_NOT_THERE))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size, layout_engine=ImageFont.Layout.BASIC)


def _lines(said: str, size: int, width: int) -> Iterator[str]:
    font = _font(size)
    for paragraph in said.split("\n"):
        line, used = "", 0.0
        for piece in _PIECES.findall(paragraph):
            wide = font.getlength(piece)
            if line and used + wide > width:
                yield line
                line, used = "", 0.0
            line, used = line + piece, used + wide
        yield line
