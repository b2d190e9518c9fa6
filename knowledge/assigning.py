"""The county's rules for who gets a case, and by when whoever is asked has to say yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from knowledge.deadlines import Clocks, add_working_days
from knowledge.routing_examples import Precedents
from knowledge.wording import BEIJING, beijing

PETITION = "信访"
_PETITION_RETURN_DAYS = 5  # working days to object to a matter that was forwarded: 信访工作条例 第23条


@dataclass(frozen=True, slots=True)
class Assigning:
    """Settings of `[routing]`; days are working days. `triage_below`: less sure than that, the coordinator decides.

    `precedents` gives what was learnt from transfers, as it is in force at the moment of the call.
    """

    triage_below: float = 0.5
    receive_days: int = 1
    return_days: int = 2
    triage_days: int = 1
    most_returns: int = 2
    clocks: Clocks = field(default_factory=Clocks)
    precedents: Callable[[], Precedents] = Precedents

    def receive_by(self, moment: datetime) -> datetime:
        """By when a department says whether it takes a case that another offers."""
        return _end(moment, self.receive_days, self.clocks)

    def return_by(self, kind: str, moment: datetime) -> datetime:
        """Until when a department may give back what it got at `moment`."""
        return _end(moment, _PETITION_RETURN_DAYS if kind == PETITION else self.return_days, self.clocks)

    def triage_by(self, moment: datetime) -> datetime:
        """By when the coordinator says who answers a case."""
        return _end(moment, self.triage_days, self.clocks)


def _end(moment: datetime, days: int, clocks: Clocks) -> datetime:
    last = add_working_days(beijing(moment).date(), days, clocks)
    return datetime.combine(last, time(23, 59, 59), BEIJING).astimezone(UTC)
