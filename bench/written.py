"""The sayings that were written one by one, which `bench.learning` learns from: the folders of tests/knowledge/sayings.

Each has followups.jsonl (turns, expect) and most have questions.jsonl (q, item, aspect) and out_of_scope.jsonl (q).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from knowledge.understanding_items import CARD
from knowledge.understanding_learnt import ASPECTS, OF_CARD

SAYINGS: Final = Path(__file__).parents[1] / "tests" / "knowledge" / "sayings"
_BEFORE: Final = (*ASPECTS, *OF_CARD)  # what a talk may have been about
_IN_TALKS: Final = 1  # in how many talks what is not ours comes up

Expected = Mapping[str, Sequence[str]]  # item and aspect that a message of a talk should get


class Saying(NamedTuple):
    """A message with all that is right of it: no items when it is not ours, no aspects when any would do."""

    text: str
    items: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    ours: bool | None = None
    alone: bool | None = None  # whether it says itself what it is about; None when that tells nothing
    before: str = ""  # the aspect talked of before, one of the card as the model calls it
    later: bool = False
    card: bool = False  # the aspects are those of the card
    even: bool = False  # one of the items is as right as another
    weight: float = 1.0
    written: bool = False  # a message of a written talk


def folders() -> list[Path]:
    """Every folder of written sayings."""
    return sorted(file.parent for file in SAYINGS.rglob("followups.jsonl"))


def written(folder: Path) -> Iterator[Saying]:
    """The sayings of a folder."""
    for row in rows(folder / "questions.jsonl"):
        yield opening(row["q"], row["item"], row["aspect"])
    chance = random.Random(folder.name)
    for row in rows(folder / "out_of_scope.jsonl"):
        yield Saying(row["q"], ours=False)
        for before in chance.sample(_BEFORE, _IN_TALKS):
            yield Saying(row["q"], ours=False, before=before, later=True)
    for row in rows(folder / "followups.jsonl"):
        yield from _talk(row["turns"], row["expect"])


def _talk(turns: Sequence[str], expected: Sequence[Expected]) -> Iterator[Saying]:
    """The messages of a written talk; what it was about stands through a message that is not ours."""
    talked = expected[0]
    if talked["item"]:
        yield opening(turns[0], talked["item"], talked["aspect"])
    for text, asked in zip(turns[1:], expected[1:], strict=True):
        if talked["item"]:
            yield _turn(text, talked, asked)
        if asked["item"]:
            talked = asked


def _turn(text: str, talked: Expected, asked: Expected) -> Saying:
    before = ("卡" if talked["item"][0] == CARD else "") + talked["aspect"][0]
    if not asked["item"]:
        return Saying(text, ours=False, before=before, later=True, written=True)
    moved = not set(talked["item"]) & set(asked["item"])
    same = talked["item"][0] == asked["item"][0]
    return Saying(
        text,
        tuple(asked["item"]) if moved else (),
        tuple(asked["aspect"]),
        ours=True,
        alone=True if moved else False if same else None,
        before=before,
        later=True,
        card=asked["item"][0] == CARD,
        written=True,
    )


def rows(file: Path) -> list[dict[str, Any]]:
    """The lines of a file of JSON lines; none where there is no such file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def opening(text: str, items: Sequence[str], aspects: Sequence[str]) -> Saying:
    """A message that opens a talk, with the items and aspects that are right of it."""
    return Saying(text, tuple(items), tuple(aspects), ours=True, alone=True, card=items[0] == CARD)
