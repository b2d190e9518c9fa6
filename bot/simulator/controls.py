"""The switches of a demonstration or a test, as verbs."""

from __future__ import annotations

from bot.simulator.state import State


class Controls:
    """What can be made to go wrong, and put right again."""

    state: State

    def age(self, openid: str, hours: float) -> None:
        """Make the record of a resident's last interaction older, e.g. past the 48 hours."""
        with self.state.lock:
            self.state.resident(openid).age(hours)
            self.state.touch()

    def delay_api(self, seconds: float) -> None:
        """Wait that long (at most two minutes) before every answer of the API."""
        with self.state.lock:
            self.state.switches.api_delay = max(0.0, min(seconds, 120.0))
            self.state.touch()

    def fail_next(self, calls: int = 1, how: str = "500", path: str = "") -> None:
        """Let the next calls fail in a way of switches.FAILURES; `path`: only paths that begin so."""
        self._arm(how, calls, path)

    def answer_next(self, code: int = 40001, calls: int = 1, path: str = "") -> None:
        """Answer the next calls with an error code; 40001 and 42001 only where a token is used."""
        self._arm(code, calls, path)

    def clear_faults(self) -> None:
        """Disarm every fault that is still armed."""
        with self.state.lock:
            self.state.switches.faults.clear()
            self.state.touch()

    def take_token_away(self) -> None:
        """As if another program had refreshed the token by force: 40001 until a new one is fetched."""
        with self.state.lock:
            self.state.tokens.take_away(self.state.now())
            self.state.touch()

    def hold(self) -> None:
        """Hold back what goes to the service, until `release`."""
        self.state.switches.gate.clear()
        self.state.touch()

    def release(self) -> None:
        """Let everything go that was held back."""
        self.state.switches.gate.set()
        self.state.touch()

    def always_duplicate(self, on: bool) -> None:
        """Send every message of a resident twice at once."""
        with self.state.lock:
            self.state.switches.duplicate = on
            self.state.touch()

    def _arm(self, what: str | int, calls: int, path: str) -> None:
        with self.state.lock:
            self.state.switches.add(what, calls, path)
            self.state.touch()
