"""Access tokens by the rules of stable_token.

Source: "获取稳定版接口调用凭据": 7,200 seconds; the same token until five minutes before its end, then a new one while
the old one lives out its time; a forced refresh ends the old one at once, at most once in 30 seconds and 20 times
a day.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.simulator.errors import ApiRefusal

LIFETIME, OVERLAP = 7200, 300
FORCED_PAUSE, FORCED_A_DAY = 30, 20
_DAY = 24 * 3600


@dataclass(slots=True)
class Tokens:
    """The tokens of one account, with the time at which each ends (epoch seconds)."""

    _ends: dict[str, float] = field(default_factory=dict)
    _current: str = ""
    _forced: list[float] = field(default_factory=list)

    def stable(self, now: float, force: bool = False) -> tuple[str, int]:
        """The token and its remaining seconds; 45009 when the forced refreshes of the day are used up."""
        if force:
            self._force(now)
        if self._ends.get(self._current, 0.0) - now <= OVERLAP:
            self._issue(now)
        return self._current, int(self._ends[self._current] - now)

    def check(self, token: str, now: float) -> None:
        """41001 without a token, 42001 for one that has run out, 40001 for any other that is not in force."""
        if not token:
            raise ApiRefusal(41001)
        if token not in self._ends:
            raise ApiRefusal(40001)
        if self._ends[token] <= now:
            raise ApiRefusal(42001)

    def take_away(self, now: float) -> None:
        """As if another program had forced a refresh: what the service holds is no longer valid (40001)."""
        self._ends.clear()
        self._issue(now)

    def _force(self, now: float) -> None:
        self._forced = [at for at in self._forced if now - at < _DAY]
        if self._forced and now - self._forced[-1] < FORCED_PAUSE:
            return
        if len(self._forced) >= FORCED_A_DAY:
            raise ApiRefusal(45009)
        self._forced.append(now)
        self.take_away(now)

    def _issue(self, now: float) -> None:
        self._current = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
        self._ends[self._current] = now + LIFETIME
        for token in list(self._ends)[:-50]:
            del self._ends[token]
