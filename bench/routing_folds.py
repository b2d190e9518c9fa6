"""How routing does on complaints that its learning never saw: `python -m bench.routing_folds [FILE...]`.

For each labelled file (those named, or all) it learns from the other ones, routes that file, and counts what is wrong; half a
minute each. By these shares thresholds are set: what was learnt from a text always knows that text.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench.routing import CLASSES, Guess, score, whole
from bench.routing_learning import HELD_BACK, SETS, learn_from, lines_of
from knowledge import routing, routing_heard
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.routing_learnt import Leaning


def routed_with(
    learnt: dict[str, Leaning], cases: list[dict[str, Any]], guess: Guess
) -> dict[str, list[tuple[str, str, object, object]]]:
    """Every fault by class where routing had learnt only this."""
    held = routing._LEANING, routing_heard._LEANING
    routing._LEANING, routing_heard._LEANING = learnt["texts"], learnt["bodies"]  # type: ignore[misc]
    routing.route.cache_clear()
    try:
        return score(cases, guess)
    finally:
        routing._LEANING, routing_heard._LEANING = held  # type: ignore[misc]
        routing.route.cache_clear()


def main() -> None:
    guess = Answerer(load_folder()).guess_item
    wrong, of = Counter[str](), Counter[str]()
    for file in [Path(name).resolve() for name in sys.argv[1:]] or (*SETS, HELD_BACK):
        cases = [line for line in lines_of([file]) if "department" in line]
        if not cases:
            continue
        faults = routed_with(learn_from(lines_of([other for other in SETS if other != file])), cases, guess)
        wrong.update({name: len(faults[name]) for name in CLASSES})
        of.update({name: whole(name, cases) for name in CLASSES})
        print(file.stem, *(f"{name} {len(faults[name])}/{whole(name, cases)}" for name in CLASSES), sep="  ")
    for name in CLASSES:
        print(f"{name:24} wrong {wrong[name]:3} of {of[name]:4}  right {1 - wrong[name] / max(of[name], 1):.1%}")


if __name__ == "__main__":
    main()
