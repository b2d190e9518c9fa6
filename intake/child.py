"""The child process that reads a file: `python -m intake.child ROWS SHEETS < file`, blocks of `intake.wire` on its output.

ROWS is how many rows of each sheet are wanted, SHEETS the numbers of those that are, `-` all.

It may use little memory and time, and may not start processes or write files, so whatever a file does to the reader
stays in here. It trusts the content, never a name.
"""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from intake import wire
from intake.formats import Form, Row, Unreadable

MEMORY = 480 << 20  # bytes of address space
CPU_SECONDS = 120
LARGEST_FILE = 400 << 20  # bytes; a million rows are about 200 MB

PACKED = "这是压缩包，不是表格文件。请解压后上传里面的表格。"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MZ", b"\x7fELF")
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def limit_myself() -> None:
    """Give up what a reader does not need, where the system knows such limits (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def read(file: BinaryIO, pipe: BinaryIO, most_rows: int | None = None, wanted: Container[int] | None = None) -> None:
    """Recognise the format by its first bytes and send the sheets."""
    head = file.read(8192)
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    if not head.strip(b"\0\xff\xfe\xef\xbb\xbf \t\r\n"):
        raise Unreadable("文件是空的。请确认导出成功后再试。")
    if size > LARGEST_FILE:
        raise Unreadable("文件太大（超过400兆）。请分成几个文件。")
    if head.startswith(_NO_TABLES):
        raise Unreadable("这不是表格文件。请用CSV、XLS或XLSX文件。")
    if head.startswith(_PACKED):
        raise Unreadable(PACKED)
    if head.startswith(b"PK") and not head.startswith(_ZIP):
        raise Unreadable("文件是空的压缩包。请确认导出成功后再试。")
    for number, (name, form, rows) in enumerate(_reader_of(head, file)(file)):
        wire.send(pipe, wire.SHEET, form + wire.plain(name)[:100])
        if wanted is None or number in wanted:
            wire.send_rows(pipe, islice(rows, most_rows))
    wire.send(pipe, wire.END)


def _reader_of(head: bytes, file: BinaryIO) -> Callable[[BinaryIO], Iterator[tuple[str, Form, Iterable[Row]]]]:
    """What reads a file that begins so. Only that is loaded: each takes its time."""
    if head.startswith(_ZIP) and _is_xlsx(file):
        from intake.formats import xlsx as reader
    elif head.startswith((_ZIP, _OLD_OFFICE)):
        from intake.formats import workbook as reader  # type: ignore[no-redef]
    elif _looks_like_markup(head):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in head.replace(b"\0", b""):
            from intake.formats import spreadsheetml as reader  # type: ignore[no-redef]
        else:
            from intake.formats import markup as reader  # type: ignore[no-redef]
    else:
        from intake.formats import delimited as reader  # type: ignore[no-redef]
    return reader.sheets


def _is_xlsx(file: BinaryIO) -> bool:
    """Whether an archive is an XLSX; else it is XLSB or ODS. Raises Unreadable if it is no workbook."""
    from intake.formats.archive import LETTER, Archive

    archive = Archive(file)
    file.seek(0)
    if "word/document.xml" in archive:
        raise Unreadable(LETTER)
    if "xl/workbook.bin" in archive or "content.xml" in archive:
        archive.unpack_for_trial()
        file.seek(0)
        return False
    if "[Content_Types].xml" not in archive and "xl/workbook.xml" not in archive:
        raise Unreadable(PACKED)
    return True


def _looks_like_markup(head: bytes) -> bool:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<!--"))


def _wanted(arguments: list[str]) -> tuple[int | None, Container[int] | None]:
    rows, sheets = (*arguments, "-", "-")[:2]
    return None if rows == "-" else int(rows), None if sheets == "-" else set(map(int, sheets.split(",")))


def main() -> None:
    """Read standard input; always say something on standard output, unless the process is killed."""
    pipe = sys.stdout.buffer
    limit_myself()
    try:
        read(sys.stdin.buffer, pipe, *_wanted(sys.argv[1:]))
    except Unreadable as why:
        wire.send(pipe, wire.REFUSED, str(why))
    except (MemoryError, RecursionError):
        wire.send(pipe, wire.REFUSED, "文件展开后太大，读不了。请另存为CSV，或分成几个文件。")
    except (OSError, ValueError, EOFError, LookupError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        wire.send(pipe, wire.REFUSED, "文件打不开，可能已损坏或没有传完。请重新导出再试。")
    pipe.flush()


if __name__ == "__main__":
    main()
