"""How well complaints are routed: python -m bench.routing FILE.jsonl …

Each line: id, text, and the accepted `department` (best first), `avoid`, `kind`, `town`, `urgent`, `confidential`.
Items are guessed as `flask route` does it. Prints the shares, the milliseconds a complaint, and every wrong one by class.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.routing import Route, route

Guess = Callable[[str], str | None]


def cases(paths: list[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def faults(case: dict[str, Any], got: Route) -> Iterator[tuple[str, object, object]]:
    """Each class in which the route is wrong, with what was got and what was wanted."""
    if got.departments[0] not in case["department"]:
        yield "department first", got.departments, case["department"]
    if not set(got.departments) & set(case["department"]):
        yield "department among three", got.departments, case["department"]
    if got.departments[0] in case["avoid"]:
        yield "avoided first", got.departments, case["avoid"]
    if set(got.departments) & set(case["avoid"]):
        yield "avoided among three", got.departments, case["avoid"]
    if set(got.accused) - set(case["avoid"]):
        yield "accused without ground", got.accused, case["avoid"]
    if got.kind not in case["kind"]:
        yield "kind", got.kind, case["kind"]
    if got.town != case["town"]:
        yield "town", got.town, case["town"]
    for flag in ("urgent", "confidential"):
        if getattr(got, flag) != case[flag]:
            yield f"{flag} {'missed' if case[flag] else 'false'}", getattr(got, flag), case[flag]


CLASSES = (
    "department first",
    "department among three",
    "avoided first",
    "avoided among three",
    "accused without ground",
    "kind",
    "town",
    "urgent missed",
    "urgent false",
    "confidential missed",
    "confidential false",
)


def score(
    all_cases: list[dict[str, Any]], guess: Guess | None = None
) -> dict[str, list[tuple[str, str, object, object]]]:
    """Every fault by class: id, text, got, wanted."""
    wrong: dict[str, list[tuple[str, str, object, object]]] = {name: [] for name in CLASSES}
    for case in all_cases:
        for name, got, wanted in faults(case, route(case["text"], guess=guess)):
            wrong[name].append((case["id"], case["text"], got, wanted))
    return wrong


def whole(name: str, all_cases: list[dict[str, Any]]) -> int:
    """How many cases a class is counted on."""
    flag, _, sort = name.partition(" ")
    if flag in ("urgent", "confidential"):
        return sum(case[flag] is (sort == "missed") for case in all_cases)
    if flag == "avoided":
        return sum(bool(case["avoid"]) for case in all_cases)
    return len(all_cases)


def main() -> None:
    all_cases = list(cases(sys.argv[1:]))
    guess = Answerer(load_folder()).guess_item
    wrong = score(all_cases, guess)
    for name, rows in wrong.items():
        of = whole(name, all_cases)
        print(f"{name:24} wrong {len(rows):3} of {of:3}  right {1 - len(rows) / max(of, 1):.1%}")
    start = time.process_time()
    for case in all_cases:
        route(case["text"], guess=guess)
    print(f"{(time.process_time() - start) / len(all_cases) * 1000:.3f} ms a complaint")
    for name, rows in wrong.items():
        for ident, text, got, wanted in rows:
            print(f"[{name}] {ident} {text}\n    got {got}  wanted {wanted}")


if __name__ == "__main__":
    main()
