"""Shares over batches of complaints, each written and labelled before the routing had seen it, measured once, then mended for.

The last test learns anew without a batch and routes it: what was learnt must help with texts that it never saw.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.routing import score, whole
from bench.routing_learning import SETS, learn_from
from knowledge import routing
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.routing_learnt import OUTPUTS, Leaning

BATCHES = Path(__file__).parent / "complaints"
NAMES = ("first", "second", "third", "fourth", "fifth")
GUESS = Answerer(load_folder()).guess_item


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (BATCHES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


CASES = [case for name in NAMES for case in read(name)]
WRONG = score(CASES, GUESS)
LEAST = [
    ("department first", 0.95),
    ("department among three", 0.985),
    ("avoided among three", 0.96),
    ("accused without ground", 0.97),
    ("kind", 0.95),
    ("town", 1.0),
    ("urgent missed", 0.97),
    ("urgent false", 0.97),
    ("confidential missed", 0.98),
    ("confidential false", 0.97),
]


def test_the_batches_hold_what_is_hard() -> None:
    """A third accuses an office, and each kind, urgency and wish for confidence is there often enough to count."""
    kinds = Counter(kind for case in CASES for kind in case["kind"])
    assert len(CASES) > 500
    assert min(kinds.values()) > 15
    assert sum(bool(case["avoid"]) for case in CASES) > len(CASES) / 4
    assert min(sum(case[flag] for case in CASES) for flag in ("urgent", "confidential")) > 30


def test_no_accused_department_comes_first() -> None:
    assert WRONG["avoided first"] == []


@pytest.mark.parametrize(("name", "least"), LEAST)
def test_the_shares_hold(name: str, least: float) -> None:
    assert 1 - len(WRONG[name]) / whole(name, CASES) >= least, WRONG[name]


def test_what_was_learnt_helps_with_a_batch_that_it_never_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = read("fourth")
    flags = ("urgent missed", "confidential missed")
    always, weights, _ = learn_from([file for file in SETS if file.stem != "fourth"])
    monkeypatch.setattr(routing, "_LEANING", Leaning(always, weights))
    with_it = score(cases, GUESS)
    monkeypatch.setattr(routing, "_LEANING", Leaning((-900,) * len(OUTPUTS), {}))
    without = score(cases, GUESS)
    assert sum(len(with_it[flag]) for flag in flags) <= sum(len(without[flag]) for flag in flags)
    assert len(with_it["kind"]) < len(without["kind"])
    assert len(with_it["urgent false"]) <= 0.06 * whole("urgent false", cases)
