"""Files that mean harm, or are simply broken: one clear sentence, quickly, and little memory."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.intake.containers import compound_file
from tests.intake.tables import COLUMNS, row, table, xlsx_file

_SHEET = "xl/worksheets/sheet1.xml"
_OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_CLOSE = b"</sheetData></worksheet>"


def _rebuilt(folder: Path, part: str, chunks: Iterator[bytes], level: int = 1) -> bytes:
    """A good workbook with one part replaced, or added."""
    good = zipfile.ZipFile(xlsx_file(folder, table(row())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as made:
        for name in good.namelist():
            if name != part:
                made.writestr(name, good.read(name))
        with made.open(part, "w", force_zip64=True) as content:
            for chunk in chunks:
                content.write(chunk)
    return out.getvalue()


def _part(folder: Path, part: str) -> bytes:
    """A part of a good workbook."""
    return zipfile.ZipFile(xlsx_file(folder, table(row()))).read(part)


def _bomb(folder: Path) -> bytes:
    million = b"A" * (1 << 20)
    return _rebuilt(folder, _SHEET, (million for _ in range(700)))


def _dense(folder: Path) -> bytes:
    line = b"<row>" + b"<c><v>1</v></c>" * 150 + b"</row>"
    return _rebuilt(folder, _SHEET, iter([_OPEN, *([line * 1000] * 200), _CLOSE]))


def _far(folder: Path) -> bytes:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _rebuilt(folder, _SHEET, iter([_OPEN + cells + _CLOSE]))


def _tight(folder: Path) -> bytes:
    """Good rows without end, packed a thousandfold."""
    lines = b"<row>" + b"<c><v>1</v></c>" * 18 + b"</row>"
    return _rebuilt(folder, _SHEET, iter([_OPEN, *([lines * 4000] * 400), _CLOSE]), 9)


def _laughs(folder: Path) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    return text.encode()


def _laughing_sheet(folder: Path) -> bytes:
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return _rebuilt(folder, _SHEET, iter([_laughs(folder) + _OPEN + cell + _CLOSE]))


def _laughing_xml(folder: Path) -> bytes:
    book = b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>&l9;'
    return _laughs(folder) + book


def _fetching_xml(_: Path) -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>&f;'
    )


def _large_cell(folder: Path) -> bytes:
    text = b'<c r="A1" t="inlineStr"><is><t>' + random.Random(6).randbytes(1 << 19).hex().encode() + b"</t></is></c>"
    return _rebuilt(folder, _SHEET, iter([_OPEN, b"<row>", text, b"</row>", _CLOSE]))


def _macros(folder: Path) -> bytes:
    return _rebuilt(folder, "xl/vbaProject.bin", iter([b"Attribute VB_Name"]))


def _many_parts(_: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(60_000):
            made.writestr(f"xl/worksheets/sheet{number}.xml", b"")
    return out.getvalue()


def _many_sheets(folder: Path) -> bytes:
    book = _part(folder, "xl/workbook.xml")
    start, end = book.index(b"<sheets>") + 8, book.index(b"</sheets>")
    sheets = (b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1_000_000))
    return _rebuilt(folder, "xl/workbook.xml", iter([book[:start], b"".join(sheets), book[end:]]))


def _one_sheet_a_thousand_times(folder: Path) -> bytes:
    book = _part(folder, "xl/workbook.xml")
    start, end = book.index(b"<sheets>") + 8, book.index(b"</sheets>")
    sheets = (b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1_000))
    return _rebuilt(folder, "xl/workbook.xml", iter([book[:start], b"".join(sheets), book[end:]]))


def _backwards(folder: Path) -> bytes:
    rows = b'<row r="9"><c r="A9"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    return _rebuilt(folder, _SHEET, iter([_OPEN + rows + _CLOSE]))


def _strings_that_are_not_there(folder: Path) -> bytes:
    return _rebuilt(folder, _SHEET, iter([_OPEN + b'<row r="1"><c r="A1" t="s"><v>4000000000</v></c></row>' + _CLOSE]))


def _encrypted(_: Path) -> bytes:
    noise = random.Random(7).randbytes(9_000)
    return compound_file({"EncryptionInfo": noise[:2_000], "EncryptedPackage": noise})


def _old(chains: dict[int, int]) -> bytes:
    """An old workbook whose sectors lead to each other."""
    record = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 5, 0, 0, 0, 0)
    return compound_file({"Workbook": record + bytes(9_000)}, chains)


def _wide(folder: Path) -> bytes:
    return xlsx_file(folder, [[f"列{n}" for n in range(5000)]]).read_bytes()


def _entities(folder: Path) -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    text += '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;&f;</t></si></sst>'
    return _rebuilt(folder, "xl/sharedStrings.xml", iter([text.encode()]))


def _lying(folder: Path) -> bytes:
    content = bytearray(xlsx_file(folder, table(row())).read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", content, at + 24, 10)  # the unpacked size in the directory
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _paths(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("../../../../tmp/mingbaika-was-here.csv", "x")
    return out.getvalue()


def _truncated(folder: Path) -> bytes:
    content = xlsx_file(folder, table(row())).read_bytes()
    return content[: len(content) // 2]


HEAD = ",".join(COLUMNS).encode()
FILES: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "blank": lambda _: b"\xef\xbb\xbf\r\n  \r\n",
    "zeros": lambda _: b"\0" * 100_000,
    "noise": lambda _: random.Random(1).randbytes(200_000),
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(10_000),
    "a program": lambda _: b"MZ" + random.Random(3).randbytes(10_000),
    "prose": lambda _: "今年的补贴什么时候发?\n请问一下。\n".encode() * 500,
    "5,000 columns": lambda _: b",".join(b"c%d" % n for n in range(5000)),
    "5,000 columns below a header": lambda _: HEAD + b"\n" + b"1," * 5000,
    "a cell of a megabyte": lambda _: HEAD + b"\n" + b"a" * (1 << 20) + b",1",
    "a quote that never ends": lambda _: HEAD + b'\n"' + b"a\n" * (1 << 20),
    "only quotes": lambda _: b'"' * 20_000_000,
    "a bomb": _bomb,
    "a million cells a megabyte": _dense,
    "a cell at the far end": _far,
    "a workbook of 5,000 columns": _wide,
    "entities": _entities,
    "lies about sizes": _lying,
    "paths in names": _paths,
    "half a workbook": _truncated,
    "a broken archive": lambda _: b"PK\x03\x04" + random.Random(4).randbytes(5_000),
    "a broken old workbook": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(5).randbytes(50_000),
    "a tag that never ends": lambda _: b"<table><tr><td " + b"a" * (5 << 20),
    "spans without end": lambda _: b"<table>" + (b"<tr>" + b"<td colspan=200 rowspan=9999999>x</td>" * 200) * 50,
    "XML of an empty spreadsheet": lambda _: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "good rows packed a thousandfold": _tight,
    "a billion laughs in a workbook": _laughing_sheet,
    "a billion laughs in XML": _laughing_xml,
    "XML that fetches a file": _fetching_xml,
    "a cell of a megabyte in a workbook": _large_cell,
    "macros": _macros,
    "60,000 parts": _many_parts,
    "a million sheets": _many_sheets,
    "one sheet a thousand times": _one_sheet_a_thousand_times,
    "rows that run backwards": _backwards,
    "strings that are not there": _strings_that_are_not_there,
    "a workbook with a password": _encrypted,
    "an old workbook without sheets": lambda _: _old({}),
    "an old workbook that goes round": lambda _: _old({0: 1, 1: 0}),
    "an old workbook that stands still": lambda _: _old({3: 3}),
    "an old workbook that leads out": lambda _: _old({2: 0x00FFFFFF}),
    "a directory that goes round": lambda _: _old({18: 18}),
    "nested without end": lambda _: b"<table><tr><td>" * 300_000,
    "a comment without end": lambda _: b"<html><table><tr><td>1<!--" + b"-" * (5 << 20),
    "an attribute without end": lambda _: b"<html><table><tr><td " + b"a=1 " * (2 << 20) + b">",
    "a table of a million columns": lambda _: b"<table><tr>" + b"<td>1" * 1_000_000,
    "a letter": lambda folder: _rebuilt(folder, "word/document.xml", iter([b"<w/>"])),
}
_MEMORY = 500 << 20
