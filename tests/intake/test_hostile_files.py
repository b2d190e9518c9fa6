"""Files that mean harm, or are simply broken: one clear sentence, quickly, and little memory."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake import child, wire
from intake.reading import FileRefused, read
from tests.intake.containers import compound_file
from tests.intake.tables import COLUMNS, checked, codes, csv_file, row, table, values, written, xlsx_file

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


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("empty", "空的"), ("a picture", "不是表格"), ("5,000 columns", "最多200列"), ("a cell of a megabyte", "内容过长"), ("a bomb", "太大"),
        ("entities", "不该有"), ("a billion laughs in XML", "不该有"), ("macros", "宏"), ("a workbook with a password", "密码"),
        ("a letter", "文字文档"),
        ("paths in names", "压缩包"), ("half a workbook", "损坏"), ("60,000 parts", "压缩包"), ("one sheet a thousand times", "1000张表"),
        ("a table of a million columns", "最多200列"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_is_wrong(tmp_path: Path, kind: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        checked(written(tmp_path, FILES[kind](tmp_path)))


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, int]]:
    """What was said of each hostile file, the seconds it took, and the most memory of a reading child so far."""
    folders = [tmp_path_factory.mktemp("hostile") for _ in FILES]
    files = [written(folder, FILES[kind](folder), "发放明细.xlsx") for folder, kind in zip(folders, FILES, strict=True)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.intake.weigh_me", *map(str, files)], capture_output=True, text=True, check=True
    )
    return {kind: tuple(json.loads(line)) for kind, line in zip(FILES, done.stdout.splitlines(), strict=True)}


@pytest.mark.parametrize("kind", FILES)
def test_a_hostile_file_gives_one_clear_sentence_within_ten_seconds(
    weighed: dict[str, tuple[str, float, int]], kind: str
) -> None:
    said, seconds, memory = weighed[kind]
    assert seconds < 10
    assert memory < _MEMORY
    assert said.endswith("。")
    assert "发放明细" not in said


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    with pytest.raises(FileRefused):
        list(read(written(tmp_path, _paths(tmp_path))))
    assert not Path("/tmp/mingbaika-was-here.csv").exists()  # noqa: S108


def test_sheets_that_are_not_wanted_are_not_unpacked(tmp_path: Path) -> None:
    """A picture of any size beside the sheets is never looked at."""
    million = b"A" * (1 << 20)
    file = written(tmp_path, _rebuilt(tmp_path, "xl/media/image1.png", (million for _ in range(300))), "a.xlsx")
    assert len(values(checked(file))) == 1


def test_what_a_workbook_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    sheet = _part(tmp_path, _SHEET)
    at, end = sheet.index(b"<dimension"), sheet.index(b"/>", sheet.index(b"<dimension")) + 2
    lie = sheet[:at] + b'<dimension ref="A1:XFD1048576"/>' + sheet[end:]
    assert len(values(checked(written(tmp_path, _rebuilt(tmp_path, _SHEET, iter([lie])), "a.xlsx")))) == 1


@pytest.mark.parametrize("cell", ["=1+1", "=HYPERLINK(\"http://127.0.0.1\",\"x\")", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1"])
def test_formulas_are_not_taken_for_data(tmp_path: Path, cell: str) -> None:
    for column in ("姓名", "村", "代发银行", "失败原因"):
        rows = checked(csv_file(tmp_path, row(**{column: cell})))
        assert codes(rows) == {(2, "FORMULA_TEXT")}
        assert not values(rows)


@pytest.mark.skipif(sys.platform == "win32", reason="devices are POSIX")
def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (Path("/dev/zero"), tmp_path / "link", tmp_path / "pipe", tmp_path):
        with pytest.raises(FileRefused, match="打不开"):
            list(read(path))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="打不开"):
        list(read(tmp_path / "nowhere.csv"))


def test_a_child_that_falls_silent_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.reading.PATIENCE", 0.3)
    started: list[subprocess.Popen[bytes]] = []

    def sleeper(*_: object) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.PIPE))
        return started[0]

    monkeypatch.setattr("intake.reading._start", sleeper)
    with pytest.raises(FileRefused):
        list(read(written(tmp_path, HEAD)))
    assert started[0].poll() is not None


def test_a_reader_that_is_left_early_leaves_no_child(tmp_path: Path) -> None:
    lines = HEAD + b"\n" + b"1,2,3\n" * 200_000
    blocks = read(written(tmp_path, lines))
    next(blocks)
    blocks.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
def test_the_child_cannot_write_files_or_take_much_memory(tmp_path: Path) -> None:
    probe = (
        "from intake.child import limit_myself, MEMORY\n"
        "limit_myself()\n"
        "try:\n    bytearray(MEMORY)\n    print('memory')\nexcept MemoryError:\n    pass\n"
        f"try:\n    open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')\n    print('file')\nexcept OSError:\n    pass\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False, timeout=20)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    real = subprocess.Popen

    def watched(*args: object, **kwargs: object) -> object:
        seen.append(dict(kwargs["env"]))  # type: ignore[call-overload]
        return real(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setenv("CONFIG", "secret.toml")
    monkeypatch.setattr(subprocess, "Popen", watched)
    list(read(written(tmp_path, HEAD)))
    assert set(seen[0]) <= {"PATH", "SYSTEMROOT"}


def test_control_characters_cannot_forge_cells() -> None:
    pipe = io.BytesIO()
    child.read(io.BytesIO(("姓名,身份证号,金额\na" + wire.CELL + "b" + wire.ROW + "c,1,2\n").encode()), pipe)
    pipe.seek(0)
    blocks = []
    while prefix := pipe.read(4):
        blocks.append(pipe.read(wire.length_of(prefix)).decode())
    assert [block[0] for block in blocks] == [wire.SHEET, wire.ROWS, wire.END]
    assert wire.rows_of(blocks[1][1:])[1] == ["a b c", "1", "2"]
