"""Short rounds in turn (A B A B …), so that a noisy machine is noisy for everybody; medians over the rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench import talks
from bench.client import Result, run
from bench.messages import Account
from bench.servers import Server
from bench.talks import Script, Talk

_FIRST_GUESS, _WITH_OPENINGS = 2_000.0, 300.0  # requests a second, until a round has shown better
_SPARE = 1.4  # how many more requests are prepared than the last round would have used
_EVERY = 7  # answers of a connection, of which one is read; no divisor of the steps of a talk
_LONGEST = 120.0  # seconds for the openings
_PAUSE = 0.4  # seconds after a round, for what is written behind to be written


class WrongAnswers(Exception):
    """The answers do not say what they should: nothing was measured."""


@dataclass(slots=True)
class Contender:
    """One row of the table: a talk with a server. `openings` are said before the clock runs."""

    name: str
    engine: str
    server: Server
    account: Account
    talk: Talk
    against: str = ""  # the row by whose rate this one's is divided
    aim: float = 0.0  # for the ratio
    slowest: float = 0.0  # aim for p99, milliseconds
    openings: Talk | None = None
    results: list[Result] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    _rate: float = 0.0

    def measure(self, number: int, seconds: float) -> Result:
        """One round. WrongAnswers if a sampled answer is not the expected one."""
        rate = self._rate or (_WITH_OPENINGS if self.openings else _FIRST_GUESS)
        wanted = max(talks.CONNECTIONS * 8, int(rate * seconds * _SPARE))
        if self.openings:
            exchange(self.server, self.account, self.openings(number, wanted), _LONGEST, to_the_end=True)
            time.sleep(_PAUSE)
        result = exchange(self.server, self.account, self.talk(number, wanted), seconds)
        self._rate = result.rate
        time.sleep(_PAUSE)
        return result

    def median(self, of: Callable[[Result], float]) -> float:
        """The median over the rounds."""
        return statistics.median(map(of, self.results)) if self.results else float("nan")

    @property
    def errors(self) -> int:
        """Answers that were not 200 with a reply, over all rounds."""
        return sum(result.errors for result in self.results)


def exchange(
    server: Server, account: Account, script: Script, seconds: float, *,
    rate: float | None = None, to_the_end: bool = False,
) -> Result:  # fmt: skip
    """Say a script to a server (see `client.run`) and check a sample of what it answers."""
    every = max(1, min(_EVERY, min(map(len, script)) // 4))
    requests = talks.sealed(account, script)
    result = run(server.address, requests, seconds, every=every, rate=rate, to_the_end=to_the_end)
    wrong = talks.wrong(account, script, result.samples)
    if wrong or not result.samples:
        shown = "\n  ".join(wrong[:5]) or "no good answer at all"
        raise WrongAnswers(f"{len(wrong)} of {len(result.samples)} sampled answers, {result.errors} errors:\n  {shown}")
    return result


def take_turns(groups: Sequence[Sequence[Contender]], rounds: int, seconds: float) -> Iterator[str]:
    """Measure everybody in turn, after one short round to warm up. Yields what is about to be done."""
    number = 0
    for turn in range(rounds + 1):
        for group in groups:
            rates: dict[str, float] = {}
            for contender in group:
                number += 1
                yield f"{f'round {turn} of {rounds}' if turn else 'warming up'}: {contender.name} {contender.engine}"
                result = contender.measure(number, seconds if turn else seconds / 4)
                rates[contender.name] = result.rate
                if turn:
                    contender.results.append(result)
                    if contender.against:
                        contender.ratios.append(result.rate / rates[contender.against])
