"""A notice as a DOCX, in the usual form of an office's letter: title, number, addressee, text, signer, date."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from knowledge.notices import Letter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TITLE, _BODY = "方正小标宋简体", "仿宋"  # GB/T 9704 asks for these; where they are missing, the program takes another
_WHEN = datetime(2000, 1, 1)  # noqa: DTZ001  (python-docx takes a bare one; when it was saved says nothing to the reader)


def written(letter: Letter, *, void: bool = False) -> bytes:
    """The document's bytes. `void` marks one that was withdrawn."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = Cm(2.8), Cm(2.6), Cm(3.7), Cm(3.5)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = letter.signer, letter.title, ""
    properties.created = properties.modified = _WHEN

    def add(text: str, size: float = 16, align: WD_ALIGN_PARAGRAPH | None = None, indent: float = 0, font: str = _BODY) -> None:
        _line(document.add_paragraph(), text, size, align, indent, font)

    if void:
        add("（已作废）", align=WD_ALIGN_PARAGRAPH.CENTER)
    add(letter.title, 22, WD_ALIGN_PARAGRAPH.CENTER, font=_TITLE)
    add(letter.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    add(f"{letter.addressee}：")
    for paragraph in letter.paragraphs:
        add(paragraph, indent=32)
    if letter.articles:
        add(f"依据：{'；'.join(letter.articles)}。", indent=32)
    add("")
    add(f"{letter.signer}（盖章）", align=WD_ALIGN_PARAGRAPH.RIGHT)
    add(letter.day, align=WD_ALIGN_PARAGRAPH.RIGHT)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _line(paragraph: Paragraph, text: str, size: float, align: WD_ALIGN_PARAGRAPH | None, indent: float, font: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    paragraph.paragraph_format.line_spacing = Pt(28)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.first_line_indent = Pt(indent)
    if align is not None:
        paragraph.alignment = align
