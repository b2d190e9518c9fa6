"""What a change of the routing would have done to cases that are settled: the figures by which the coordinator decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from knowledge.catalogue.departments import TOWNSHIP
from knowledge.routing import Route
from knowledge.routing_examples import Precedents

FEWEST: Final = 20  # of fewer cases nothing can be told


@dataclass(frozen=True, slots=True)
class Settled:
    """A case of which it is known who was right. `way`: as the rules have it; `right`: as `Route.departments` names it."""

    case: int
    way: Route
    text: str
    item: str | None
    town: str | None
    right: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A case whose first department would be another one: before, after, and which was right."""

    case: int
    before: str
    after: str
    right: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of cases held back from learning, as it is now and with the change. `taught`: examples that it was measured with.

    `better` was wrong and came right, `worse` was right and came wrong; `others` were wrong both times.
    """

    held_back: int = 0
    taught: int = 0
    first_before: int = 0
    first_after: int = 0
    three_before: int = 0
    three_after: int = 0
    better: tuple[Moved, ...] = ()
    worse: tuple[Moved, ...] = ()
    others: int = 0

    @property
    def tells(self) -> bool:
        """Whether there were enough cases to say anything."""
        return self.held_back >= FEWEST

    @property
    def improves(self) -> bool:
        """Whether the held-back cases went better: more of them first right, and none lost among the three."""
        return self.tells and self.first_after > self.first_before and self.three_after >= self.three_before

    def as_dict(self) -> dict[str, Any]:
        """To be kept."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Figures:
        """As it was kept."""
        moved = {name: tuple(Moved(**one) for one in kept[name]) for name in ("better", "worse")}
        return cls(**{**kept, **moved})


def measured(held: Precedents, precedents: Precedents, cases: Iterable[Settled], here: Collection[str]) -> Figures:
    """The figures for cases that the examples have not seen: with what is `held` now, and with the change's `precedents`.

    `here`: the departments that take cases in this county.
    """
    counts = dict.fromkeys(("held_back", "first_before", "first_after", "three_before", "three_after", "others"), 0)
    better: list[Moved] = []
    worse: list[Moved] = []
    for case in cases:
        before, after = (
            _receivers(each.applied(case.way, case.text, item=case.item, town=case.town), case, here)
            for each in (held, precedents)
        )
        was, now = case.right == before[0], case.right == after[0]
        counts["held_back"] += 1
        counts["first_before"] += was
        counts["first_after"] += now
        counts["three_before"] += case.right in before
        counts["three_after"] += case.right in after
        if before[0] != after[0]:
            moved = Moved(case.case, before[0], after[0], case.right)
            if was or now:
                (better if now else worse).append(moved)
            else:
                counts["others"] += 1
    return Figures(taught=len(precedents), better=tuple(better), worse=tuple(worse), **counts)


def _receivers(way: Route, case: Settled, here: Collection[str]) -> tuple[str, ...]:
    """Who can be given the case; the name of nobody where none of them is here."""
    place = case.town or way.town
    found = tuple(name for name in way.departments if name in here and not (name == TOWNSHIP and place is None))
    return found or ("",)
