"""What labelled complaints have taught: how urgent, secret or accusing a text sounds, and whether it accuses a body it names.

Linear models over neighbouring characters, beside the rules: they hear what no list has a word for.
routing_learnt_texts.tsv and routing_learnt_bodies.tsv are written by `python -m bench.routing_learning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.kinds import KINDS
from knowledge.routing_accused import BODIES, DECIDES, PERSON, PRAISE, SETTLES, SPEAKS, Actor

LEARNT: Final = {name: Path(__file__).with_name(f"routing_learnt_{name}.tsv") for name in ("texts", "bodies")}
OF_TEXT: Final = ("urgent", "confidential", "reprisal", "举报", "咨询", "建议", "信息公开申请")
OF_BODY: Final = ("accused",)
OF_RECEIVERS: Final = tuple(DEPARTMENTS)
OF_KINDS: Final = tuple(f"kind {kind}" for kind in KINDS)
SCALE: Final = 100  # a weight of 1.0 in the file
_LANE: Final = 20  # bits
_HALF: Final = 1 << (_LANE - 1)
LONGEST: Final = 3
_BEHIND, _BEFORE = 14, 8  # characters beside a body's name that tell most about it
_STEP, _LONG = 8, 80  # how long a text is counts in steps of so many characters, and from so many on no more
_IT, _OTHER = "＠", "＃"
_TOLD: Final = ((PERSON, False), (SPEAKS, False), (SETTLES, True), (DECIDES, True))  # behind its name, at once or ever


def clues_of_text(
    text: str, actors: Iterable[Actor], signs: Iterable[str], acts: Iterable[str], matters: Mapping[str, float]
) -> set[str]:  # fmt: skip
    """All that is looked at in a tidy text as a whole: who, which acts and whose `matters` by weight were found in it."""
    found = {f"=of{name}" for name in matters} | {f"=with{actor.kind}" for actor in actors}
    if matters:
        found.add(f"=most{max(matters, key=matters.__getitem__)}")
    found.add(f"=long{min(len(text), _LONG) // _STEP}")
    return _pieces(f"^{text}$") | _found(signs, acts) | found


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


def packed(weights: Iterable[int]) -> int:
    """A row of weights as one number, each in `_LANE` bits of it: little room, and rows are added up at one go."""
    number = 0
    for weight in reversed(tuple(weights)):
        number = (number << _LANE) + weight
    return number


def unpacked(number: int, size: int) -> tuple[int, ...]:
    """The row of `size` weights that was packed, or the sum of such rows."""
    number += packed((_HALF,) * size)
    return tuple((number >> _LANE * place & 2 * _HALF - 1) - _HALF for place in range(size))


@dataclass(frozen=True, slots=True)
class Leaning:
    """One model: what it tells, the constants of its outputs and the weights of each clue, packed. Built once; read only."""

    outputs: tuple[str, ...]
    always: int
    rows: Mapping[str, int]

    @classmethod
    def load(cls, name: str) -> Leaning:
        """`texts` or `bodies`, as `written` gave it: what is told of a whole text, and of a body in it."""
        with LEARNT[name].open(encoding="utf-8") as file:  # by lines: all at once would take many times the room
            outputs = tuple(file.readline().rstrip("\n").split("\t"))
            always = packed(map(int, file.readline().split()))
            rows = (line.rstrip("\n").split("\t") for line in file)
            return cls(outputs, always, {clue: packed(map(int, row.split())) for clue, row in rows})

    def written(self) -> Iterator[str]:
        """The lines of its file: the outputs, their constants, then each clue and its weights."""
        yield "\t".join(self.outputs)
        always, *rows = (
            " ".join(map(str, unpacked(row, len(self.outputs)))) for row in (self.always, *self.rows.values())
        )
        yield always
        yield from map("\t".join, zip(self.rows, rows, strict=True))

    @classmethod
    def joined(cls, one: Leaning, other: Leaning) -> Leaning:
        """Two models of the same clues as one."""
        places = _LANE * len(one.outputs)
        rows = {
            clue: one.rows.get(clue, 0) + (other.rows.get(clue, 0) << places)
            for clue in sorted({*one.rows, *other.rows})
        }
        return cls(one.outputs + other.outputs, one.always + (other.always << places), rows)

    def of(self, clues: Iterable[str]) -> dict[str, float]:
        """The log odds of each output."""
        total = unpacked(sum(filter(None, map(self.rows.get, clues)), self.always), len(self.outputs))
        return {output: odds / SCALE for output, odds in zip(self.outputs, total, strict=True)}
