"""What a demonstration or a test can make go wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

# How a call to the API can fail. "after" means that it took effect all the same: the outcome is unknown to the caller.
FAILURES = ("500", "500-after", "drop", "drop-after")
_NEEDS_TOKEN = {40001, 42001}


@dataclass(slots=True)
class Fault:
    """A fault for the next `left` calls whose path begins with `path`."""

    what: str | int
    left: int
    path: str


@dataclass(slots=True)
class Switches:
    """The switches as they stand. Not locked here: Platform holds its lock around every use but the gate's wait."""

    api_delay: float = 0.0
    duplicate: bool = False
    faults: list[Fault] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def add(self, what: str | int, calls: int, path: str) -> None:
        """Arm a fault: a kind of FAILURES, or an error code to answer with."""
        if isinstance(what, str) and what not in FAILURES:
            raise ValueError(f"unknown failure {what!r}")
        if calls > 0:
            self.faults.append(Fault(what, calls, path))

    def take_failure(self, path: str) -> str | None:
        """The failure for this call, used up by one; None when there is none."""
        for fault in self.faults:
            if isinstance(fault.what, str) and path.startswith(fault.path):
                self._use(fault)
                return fault.what
        return None

    def take_code(self, path: str, has_token: bool) -> int | None:
        """The error code to answer this call with, used up by one; None when there is none."""
        for fault in self.faults:
            if not isinstance(fault.what, int) or not path.startswith(fault.path):
                continue
            if has_token or fault.what not in _NEEDS_TOKEN:
                self._use(fault)
                return fault.what
        return None

    def _use(self, fault: Fault) -> None:
        fault.left -= 1
        if fault.left <= 0:
            self.faults.remove(fault)
