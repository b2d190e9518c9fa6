"""A cheap load client for one machine: it shares the cores with what it measures.

Requests are prepared in advance; sockets are raw and non-blocking; of a response only status and length are read.
"""

from __future__ import annotations

import gc
import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LONGEST_WAIT = 15.0  # seconds for the last answers after the end of a round
_RECEIVE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer kept to be checked afterwards: which request of which connection got it."""

    connection: int
    position: int
    body: bytes


@dataclass(slots=True)
class Result:
    """What one round gave. Latencies in seconds, by connection, in the order of the answers."""

    latencies: list[list[float]]
    samples: list[Sample] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def answers(self) -> int:
        """How many answers came, errors among them."""
        return sum(map(len, self.latencies))

    @property
    def rate(self) -> float:
        """Answers without error in a second."""
        return (self.answers - self.errors) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency, in milliseconds, that `share` of the answers did not exceed."""
        return percentile([each for line in self.latencies for each in line], share)


def percentile(latencies: Sequence[float], share: float) -> float:
    """The latency, in milliseconds, that `share` of these (in seconds) did not exceed."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


class _Line:
    """One keep-alive connection that works through its own requests in order."""

    __slots__ = ("buffer", "index", "position", "queue", "sent_at", "socket", "wanted")

    def __init__(self, address: tuple[str, int], index: int, queue: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(address, timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.index, self.queue, self.position = index, queue, 0
        self.sent_at, self.buffer, self.wanted = 0.0, b"", 0

    def send(self, moment: float) -> None:
        self.sent_at, self.buffer, self.wanted = moment, b"", 0
        self.socket.sendall(self.queue[self.position])
        self.position += 1

    def receive(self) -> bool:
        """Whether the answer is complete. ConnectionError if the server hung up."""
        data = self.socket.recv(_RECEIVE)
        if not data:
            raise ConnectionError("the server hung up")
        self.buffer = self.buffer + data if self.buffer else data
        if not self.wanted:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            found = _LENGTH.search(self.buffer, 0, end + 2)
            self.wanted = end + 4 + (int(found[1]) if found else 0)
        return len(self.buffer) >= self.wanted

    @property
    def body(self) -> bytes:
        return self.buffer[self.buffer.index(b"\r\n\r\n") + 4 :]


def run(
    address: tuple[str, int], queues: Sequence[Sequence[bytes]], seconds: float, *,
    every: int = 50, least: int = 200, rate: float | None = None, to_the_end: bool = False,
) -> Result:  # fmt: skip
    """Send each queue over a connection of its own until the time is up or the first of them is empty.

    With `to_the_end` the others go on until they are empty, too.

    Every `every`-th answer is kept as a sample. An answer is an error unless its status is 200 and it has at least
    `least` bytes in all. With `rate` (requests a second over all connections) requests are sent by the clock, and
    their latency counts from the moment at which they were due, so that a stall is not hidden.
    """
    lines = [_Line(address, index, queue) for index, queue in enumerate(queues)]
    gc.collect()
    gc.disable()
    try:
        return _Round(lines, every, least, rate, to_the_end).run(seconds)
    finally:
        gc.enable()
        for line in lines:
            line.socket.close()


class _Round:
    def __init__(
        self, lines: Sequence[_Line], every: int, least: int, rate: float | None, to_the_end: bool
    ) -> None:
        self._lines, self._every, self._least, self._to_the_end = lines, every, least, to_the_end
        self._step = len(lines) / rate if rate else 0.0
        self._result = Result([[] for _ in lines])
        self._selector = selectors.DefaultSelector()

    def run(self, seconds: float) -> Result:
        result, clock = self._result, time.perf_counter
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        start = clock()
        end = start + seconds
        # When each connection's next request is due; without a rate, at once.
        waiting = {line: start + self._step * line.index / len(self._lines) for line in self._lines}
        busy, last, sending = 0, start, all(line.queue for line in self._lines)
        while busy or (sending and waiting):
            moment = clock()
            for line in [line for line, due in waiting.items() if due <= moment] if sending else ():
                due = waiting.pop(line)
                line.send(due if self._step else moment)
                busy += 1
            pause = min(waiting.values(), default=moment + 1) - moment if sending else 1.0
            for key, _events in self._selector.select(max(pause, 0)):
                line = key.data
                if not line.receive():
                    continue
                last = clock()
                self._note(line, last)
                busy -= 1
                more = line.position < len(line.queue)
                sending = sending and last < end and (more or self._to_the_end)
                if sending and more and self._step:
                    waiting[line] = line.sent_at + self._step
                elif sending and more:
                    line.send(last)
                    busy += 1
            if clock() > end + _LONGEST_WAIT:
                result.errors += busy
                break
        result.seconds = last - start
        return result

    def _note(self, line: _Line, moment: float) -> None:
        result, answer = self._result, line.buffer
        result.latencies[line.index].append(moment - line.sent_at)
        if answer[9:12] != b"200" or len(answer) < self._least:
            result.errors += 1
        elif line.position % self._every == 0:
            result.samples.append(Sample(line.index, line.position - 1, line.body))
