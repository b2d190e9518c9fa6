"""The archive that a workbook is: only the parts that are needed, and of each no more than a payment table has."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from intake.formats import Unreadable

BROKEN = "文件打不开，可能已损坏或没有传完。请重新导出再试。"
_TOO_LARGE = "文件展开后太大，读不了。请另存为CSV，或分成几个文件。"
LOCKED = "文件有密码。请去掉密码再试。"
LETTER = "这是文字文档，不是表格文件。请把里面的表格另存为XLSX再试。"
_MACROS = "表格里带宏。请另存为不带宏的XLSX再试。"
_MOST_PARTS = 2_000
_CHUNK = 1 << 18
_END_RECORD, _TAIL = b"PK\x05\x06", 66_000
_FREELY_PACKED = 64 << 20  # bytes, below which it does not matter how well a part is packed
_FOR_OTHERS = 200 << 20  # bytes of a part for readers that hold all of it
_TIGHTEST = 100  # a million alike rows are packed 1 : 40, a bomb 1 : 1000


class Archive:
    """The parts of a workbook, found whatever case and slashes their names are written with."""

    def __init__(self, file: BinaryIO) -> None:
        _refuse_too_many(file)
        self._zip = zipfile.ZipFile(file)
        parts = self._zip.infolist()
        if len(parts) > _MOST_PARTS:
            raise Unreadable("这是压缩包，不是表格文件。请解压后上传里面的表格。")
        self._parts = {_plain(part.filename): part for part in parts}
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable(LOCKED)
        if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in self._parts):
            raise Unreadable(_MACROS)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def chunks(self, name: str, most: int) -> Iterator[bytes]:
        """The content of a part. Raises Unreadable where it is more than `most` bytes, or packed as a bomb is."""
        part = self._parts.get(_plain(name))
        if part is None:
            raise Unreadable(BROKEN)
        size = 0
        with self._zip.open(part) as content:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > most or size > max(_FREELY_PACKED, _TIGHTEST * part.compress_size):
                    raise Unreadable(_TOO_LARGE)
                yield chunk


    def unpack_for_trial(self) -> None:
        """Go through all parts, for readers that would trust the sizes that the archive states."""
        for name in self._parts:
            for _ in self.chunks(name, _FOR_OTHERS):
                pass


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_too_many(file: BinaryIO) -> None:
    """Look at the end record before the directory is read, which for a million parts takes long and much memory."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL))
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0:
        raise Unreadable(BROKEN)
    if int.from_bytes(tail[at + 10 : at + 12], "little") > _MOST_PARTS or int.from_bytes(tail[at + 12 : at + 16], "little") > 4 << 20:
        raise Unreadable("这是压缩包，不是表格文件。请解压后上传里面的表格。")
    file.seek(0)


Attributes = dict[str, str]


def parser(
    start: Callable[[str, Attributes], None], end: Callable[[str], None], text: Callable[[str], None] | None = None,
    encoding: str | None = None,
) -> expat.XMLParserType:  # fmt: skip
    """An XML parser that takes no document type, and so no entities, from within or from outside."""
    made = expat.ParserCreate(encoding)
    made.buffer_text = True
    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = text
    made.StartDoctypeDeclHandler = _refuse_doctype
    return made


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("文件里有不该有的内容，读不了。请用表格软件打开，另存为XLSX再试。")


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]
