"""The figures as tables of plain text."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from bench.client import percentile
from bench.rounds import Contender

_HEADS = ("", "engine", "requests/s", "p50 ms", "p99 ms", "errors", "ratio", "aim", "")
_NUMBERS = {"requests/s", "p50 ms", "p99 ms", "errors", "messages", "max ms"}


def table(contenders: Sequence[Contender]) -> str:
    """Medians over the rounds; a ratio is that of two rounds next to each other, and again the median."""
    return _aligned([_HEADS, *map(_row, contenders)])


def _row(contender: Contender) -> tuple[str, ...]:
    p99 = contender.median(lambda result: result.percentile(0.99))
    ratio = statistics.median(contender.ratios) if contender.ratios else 0.0
    aims = [f"≥ {contender.aim}"] if contender.aim else []
    aims += [f"p99 < {contender.slowest:.0f} ms"] if contender.slowest else []
    reached = ratio >= contender.aim and (not contender.slowest or p99 < contender.slowest)
    return (
        contender.name,
        contender.engine,
        f"{contender.median(lambda result: result.rate):,.0f}",
        f"{contender.median(lambda result: result.percentile(0.5)):.1f}",
        f"{p99:.1f}",
        str(contender.errors),
        f"{ratio:.2f} of {contender.against}" if ratio else "",
        ", ".join(aims),
        ("reached" if reached else "missed") if aims else "",
    )


def process(engine: str, seconds: float, memory: Sequence[tuple[float, float]]) -> str:
    """Start-up and memory of one service; RSS and PSS of each web worker in MB."""
    workers = "; ".join(f"RSS {rss:.0f}, PSS {pss:.0f} MB" for rss, pss in memory) or "not told by this system"
    return f"{engine}: {seconds:.2f} s from start to first answer (aim < 3); web workers: {workers} (aim 200)"


def chat(
    engine: str, what: str, rate: float, calm: Mapping[str, Sequence[float]], busy: Mapping[str, Sequence[float]]
) -> str:
    """Latencies of chat by kind, in seconds, before and during something."""
    rows: list[Sequence[str]] = [("", "when", "messages", "p50 ms", "p99 ms", "max ms")]
    for kind in calm:
        for when, latencies in (("before", calm[kind]), ("during", busy[kind])):
            figures = (f"{percentile(latencies, share):.1f}" for share in (0.5, 0.99, 1))
            rows.append((kind, when, str(len(latencies)), *figures))
    return f"\n{engine}: {what}, chat meanwhile at {rate:.0f} messages/s\n{_aligned(rows)}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    columns = [
        [cell.rjust(width) if cells[0] in _NUMBERS else cell.ljust(width) for cell in cells]
        for cells in zip(*rows, strict=True)
        for width in [max(map(len, cells))]
    ]
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))
