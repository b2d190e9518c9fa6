"""Files that mean harm, or are simply broken: one clear sentence, quickly, and little memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from intake import child, wire
from intake.reading import FileRefused, read
from tests.intake.hostile_files import (
    _MEMORY,
    _SHEET,
    FILES,
    HEAD,
    _part,
    _paths,
    _rebuilt,
)
from tests.intake.tables import checked, codes, csv_file, row, values, written


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
