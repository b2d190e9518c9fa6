"""A file → its rows, read by a child process that may use little memory and time."""

from __future__ import annotations

import errno
import os
import select
import stat
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from intake import wire
from knowledge.errors import Refused

PATIENCE = 9.0  # seconds that the child may stay silent
_ROOT = Path(__file__).resolve().parent.parent
_PIPE = 1 << 16
_DIED = "文件读不了：可能已损坏，或展开后太大。请重新导出，或另存为CSV再试。"


class FileRefused(Refused):
    """The file cannot be taken as a whole; nothing of it is stored."""

    said = "这个文件读不了。请重新导出再试。"


class Block(NamedTuple):
    """Some rows of one sheet; `first` is the number of the first, counted from 1 as a spreadsheet counts.

    `grid`: the sheet has cells with coordinates, and not lines with commas. `hidden`: whoever opens the file does not see it.
    """

    sheet: int
    name: str
    first: int
    rows: list[list[str]]
    grid: bool = False
    hidden: bool = False


def read(file: Path, *, most_rows: int | None = None, sheets: Collection[int] | None = None) -> Iterator[Block]:
    """The rows of all sheets, in order; or of some sheets (from 0), or of each only so many.

    Raises FileRefused at any point; closing the generator ends the child.
    """
    try:
        with _opened(file) as content:
            child = _start(content.fileno(), "-" if most_rows is None else str(most_rows), ",".join(map(str, sheets or ())) or "-")
    except OSError:
        raise FileRefused("文件打不开。请确认文件还在，并且有权限读它。") from None
    try:
        yield from _blocks(_Ear(child.stdout))
    finally:
        child.kill()
        child.communicate()


def _opened(file: Path) -> IO[bytes]:
    """The file, if it is one: a device or a pipe might never end. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no file")
    return os.fdopen(descriptor, "rb")


def _start(content: int, *arguments: str) -> subprocess.Popen[bytes]:
    # Nothing of our environment: it may hold secrets, and variables can load code into Python.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-E", "-s", "-B", "-m", "intake.child", *arguments],
        cwd=_ROOT, env=environment, stdin=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


class _Ear:
    """Hears the child, which has to go on talking."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._pipe = pipe.fileno() if pipe else -1
        # Not select(): it knows no descriptor beyond 1,023, and a busy server has more.
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)

    def block(self) -> tuple[str, str]:
        """The next block: its kind and its content."""
        length = wire.length_of(self._exactly(4))
        if not 1 <= length <= wire.LARGEST_BLOCK:
            raise FileRefused(_DIED)
        text = self._exactly(length).decode("utf-8")
        return text[0], text[1:]

    def _exactly(self, size: int) -> bytes:
        until = time.monotonic() + PATIENCE
        parts: list[bytes] = []
        while size:
            ready = self._poll.poll(1000 * max(0.0, until - time.monotonic()))
            part = os.read(self._pipe, min(size, _PIPE)) if ready else b""
            if not part:
                raise FileRefused(_DIED)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _blocks(ear: _Ear) -> Iterator[Block]:
    sheet, name, number, form = -1, "", 1, wire.TEXT_SHEET
    while True:
        kind, content = ear.block()
        if kind == wire.ROWS:
            rows = wire.rows_of(content)
            yield Block(sheet, name, number, rows, form != wire.TEXT_SHEET, form == wire.HIDDEN_SHEET)
            number += len(rows)
        elif kind == wire.SHEET:
            sheet, name, number, form = sheet + 1, content[1:], 1, content[:1]
        elif kind == wire.GAP:
            number += int(content)
        elif kind == wire.REFUSED:
            raise FileRefused(content)
        else:
            return
