"""The child process that reads a file: `python -m intake.child < file`, blocks of `intake.wire` on its output.

It may use little memory and time, and may not start processes or write files, so whatever a file does to the reader
stays in here. It trusts the content, never a name.
"""

from __future__ import annotations

import io
import sys
import zipfile
from typing import BinaryIO

from intake import wire
from intake.formats import Unreadable

MEMORY = 480 << 20  # bytes of address space
CPU_SECONDS = 60
LARGEST_FILE = 400 << 20  # bytes; a million rows are about 200 MB

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF")


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


def read(file: BinaryIO, pipe: BinaryIO) -> None:
    """Recognise the format by its first bytes and send every sheet."""
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
    if head.startswith((_ZIP, _OLD_OFFICE)):
        from intake.formats import workbook as reader
    elif head.startswith(b"PK"):
        raise Unreadable("文件是空的压缩包。请确认导出成功后再试。")
    elif _looks_like_markup(head):
        from intake.formats import markup as reader  # type: ignore[no-redef]
    else:
        from intake.formats import delimited as reader  # type: ignore[no-redef]
    for name, rows in reader.sheets(file):
        wire.send(pipe, wire.SHEET, wire.plain(name)[:100])
        wire.send_rows(pipe, rows)
    wire.send(pipe, wire.END)


def _looks_like_markup(head: bytes) -> bool:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<!--"))


def main() -> None:
    """Read standard input; always say something on standard output, unless the process is killed."""
    pipe = sys.stdout.buffer
    limit_myself()
    try:
        read(sys.stdin.buffer, pipe)
    except Unreadable as why:
        wire.send(pipe, wire.REFUSED, str(why))
    except (MemoryError, RecursionError):
        wire.send(pipe, wire.REFUSED, "文件展开后太大，读不了。请另存为CSV，或分成几个文件。")
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        wire.send(pipe, wire.REFUSED, "文件打不开，可能已损坏或没有传完。请重新导出再试。")
    pipe.flush()


if __name__ == "__main__":
    main()
