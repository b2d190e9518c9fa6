"""Old office containers (compound files), whole and broken, as bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def compound_file(streams: Mapping[str, bytes], chains: Mapping[int, int] | None = None) -> bytes:
    """A container with these streams (padded to 4,096 bytes). `chains` overwrites entries of its allocation table."""
    directory = [_entry("Root Entry", 5, _END, 0, child=1 if streams else _FREE)]
    sectors: list[bytes] = []
    table: list[int] = []
    for number, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(max(4096, -(-len(content) // _SECTOR) * _SECTOR), b"\0")
        first = len(table)
        count = len(padded) // _SECTOR
        table += [*range(first + 1, first + count), _END]
        sectors += [padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR)]
        directory.append(_entry(name, 2, first, len(padded), right=number + 1 if number < len(streams) else _FREE))
    directory += [_entry("", 0, 0, 0)] * (-len(directory) % 4)
    directory_at = len(table)
    blocks = len(directory) // 4
    table += [*range(directory_at + 1, directory_at + blocks), _END]
    sectors += [b"".join(directory[at * 4 : at * 4 + 4]) for at in range(blocks)]
    fat_at = len(table)
    table.append(_FAT)
    for at, to in (chains or {}).items():
        table[at] = to
    sectors.append(struct.pack("<128I", *table, *[_FREE] * (128 - len(table))))
    return _header(directory_at, [fat_at]) + b"".join(sectors)


def _header(directory_at: int, fats: Sequence[int], difat: int = _END) -> bytes:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    start += struct.pack("<HHHHH6xIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, len(fats), directory_at, 0, 4096, _END, 0, difat, 0)
    return start + struct.pack("<109I", *fats, *[_FREE] * (109 - len(fats)))


def _entry(name: str, kind: int, first: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2 if name else 0, kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
