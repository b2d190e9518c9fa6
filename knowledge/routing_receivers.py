"""Who of those that the rules list receives a case first: the list, weighed against whom cases that sound alike went to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE

RECEIVERS: Final = 3
_LEADERS: Final = (COORDINATOR, DISCIPLINE)
# Log odds that the first place in the list is worth: by a rule that saw something, by the last one that saw nothing, by one
# that is not put in question; of that one the second place is worth something too.
WORTH, WORTH_UNSEEN, WORTH_MOST = 3.5, 0.0, 99.0
_LEADER = -1.0


def chosen(
    odds: Mapping[str, float],
    listed: Sequence[str],
    first_worth: float,
    *,
    accused: Collection[str],
    doubted: Collection[str],
    kept_out: Collection[str],
) -> tuple[str, ...]:
    """The three receivers, best first. `odds`: how much each sounds like the right one, as log odds; `listed` are the rule's.

    `first_worth`: one of the above. A department that is `doubted` is never first, one that is
    `kept_out` not among the three, one that is `accused` nowhere.
    """
    worth = {listed[0]: first_worth, listed[1]: WORTH if first_worth == WORTH_MOST else 0.0}
    for name in _LEADERS:
        worth.setdefault(name, _LEADER)
    ranked = sorted(DEPARTMENTS, key=lambda name: odds[name] + worth.get(name, 0.0), reverse=True)
    open_to = [name for name in ranked if name not in accused and not (name in doubted and name in kept_out)]
    first = next(name for name in open_to if name not in doubted)
    return (first, *[name for name in open_to if name != first][: RECEIVERS - 1])
