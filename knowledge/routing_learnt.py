"""What labelled complaints have taught: how urgent, secret or accusing a text sounds, and whether it accuses a body it names.

Linear models over neighbouring characters, beside the rules: they hear what no list has a word for.
routing_learnt.json is written by `python -m bench.routing_learning`.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.kinds import KINDS
from knowledge.routing_accused import BODIES, DECIDES, PERSON, PRAISE, SETTLES, SPEAKS, Actor

LEARNT: Final = Path(__file__).with_name("routing_learnt.json")
OF_TEXT: Final = ("urgent", "confidential", "reprisal", "举报", "咨询", "建议", "信息公开申请")
OF_BODY: Final = ("accused",)
OF_RECEIVERS: Final = tuple(DEPARTMENTS)
OF_KINDS: Final = tuple(f"kind {kind}" for kind in KINDS)
SCALE: Final = 100  # a weight of 1.0 in the file
LONGEST: Final = 3
_BEHIND, _BEFORE = 14, 8  # characters beside a body's name that tell most about it
_IT, _OTHER = "＠", "＃"
_TOLD: Final = ((PERSON, False), (SPEAKS, False), (SETTLES, True), (DECIDES, True))  # behind its name, at once or ever


def clues_of_text(text: str, actors: Iterable[Actor], signs: Iterable[str], acts: Iterable[str]) -> set[str]:
    """All that is looked at in a tidy text as a whole, and who, what and which acts were found in it."""
    return _pieces(f"^{text}$") | _found(signs, acts) | {f"=with{actor.kind}" for actor in actors}


def _found(signs: Iterable[str], acts: Iterable[str]) -> set[str]:
    return {f"=sign{one}" for one in signs} | {f"=act{one}" for one in acts}


def clues_of_body(
    text: str, name: str, actors: Sequence[Actor], signs: Iterable[str], acts: Iterable[str]
) -> set[str]:  # fmt: skip
    """All that is looked at for one department that a tidy text speaks of: where it stands, and what else is spoken of.

    `actors`, `signs` and the names of `acts` are what was found in the text.
    """
    bodies = [actor for actor in actors if actor.kind in BODIES]
    masked = _masked(text, name, bodies)
    found = _pieces(masked) | _found(signs, acts)
    for at in (at for at, sign in enumerate(masked) if sign == _IT):
        behind, before = masked[at + 1 : at + 1 + _BEHIND], masked[max(0, at - _BEFORE) : at]
        found |= {f"R{piece}" for piece in _pieces(behind)} | {f"L{piece}" for piece in _pieces(before)}
        found |= {f"S{behind[:size]}" for size in range(1, 5)} | {f"P{before[-size:]}" for size in range(1, 5)}
    for actor in bodies:
        if actor.name == name:
            found |= {f"=kind{actor.kind}", f"=name{name}", *_manners(text, actor)}
    found.add(f"=bodies{min(3, len({actor.name for actor in bodies}))}")
    found.add(f"=first{bodies[0].name == name}")
    if PRAISE.search(text):
        found.add("=praise")
    return found | {f"=with{actor.kind}" for actor in actors if actor.kind not in BODIES}


def _pieces(text: str) -> set[str]:
    return {text[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(text) - size + 1)}


def _masked(text: str, name: str, bodies: Iterable[Actor]) -> str:
    """The text with one sign for the body that is judged and another for the rest: what counts is what is told of it."""
    parts, position = ["^"], 0
    for actor in bodies:
        parts += [text[position : actor.start], _IT if actor.name == name else _OTHER]
        position = actor.end
    return "".join((*parts, text[position:], "$"))


def _manners(text: str, actor: Actor) -> Iterable[str]:
    """How it is spoken of."""
    rest = text[actor.end :]
    yield from (f"={flag}" for flag in ("asked", "contact", "place") if getattr(actor, flag))
    yield from (f"=told{at}" for at, (told, ever) in enumerate(_TOLD) if (told.search if ever else told.match)(rest))


@dataclass(frozen=True, slots=True)
class Leaning:
    """One model: what it tells, the constant of each output, the weights of each clue. Built once; read only."""

    outputs: tuple[str, ...]
    always: tuple[int, ...]
    weights: Mapping[str, Sequence[int]]

    @classmethod
    def load(cls, name: str) -> Leaning:
        """`texts` or `bodies`, as routing_learnt.json holds it: what is told of a whole text, and of a body in it.

        A row of weights is kept as one text, for a list of numbers would take many times the room while it is read.
        """
        kept = json.loads(LEARNT.read_text(encoding="utf-8"))[name]
        weights = {clue: array("h", map(int, row.split())) for clue, row in kept["weights"].items()}
        return cls(tuple(kept["outputs"]), tuple(kept["always"]), weights)

    @classmethod
    def joined(cls, models: Sequence[Leaning]) -> Leaning:
        """Several models of the same clues as one."""
        nothing = [(0,) * len(one.outputs) for one in models]
        clues = sorted({clue for one in models for clue in one.weights})
        rows = {
            clue: tuple(w for one, none in zip(models, nothing, strict=True) for w in one.weights.get(clue, none))
            for clue in clues
        }
        outputs = tuple(output for one in models for output in one.outputs)
        return cls(outputs, tuple(constant for one in models for constant in one.always), rows)

    def of(self, clues: Iterable[str]) -> dict[str, float]:
        """The log odds of each output."""
        known = self.weights.get
        rows = [self.always, *(row for clue in clues if (row := known(clue)))]
        return {
            output: total / SCALE for output, total in zip(self.outputs, map(sum, zip(*rows, strict=True)), strict=True)
        }
