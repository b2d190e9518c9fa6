"""Whether a department is accused, doubted or only named: the charges that words make, weighed against how it sounds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from knowledge.catalogue.departments import DISCIPLINE
from knowledge.routing_accused import BODIES, DEALING, DOUBT, Actor, Charge
from knowledge.routing_learnt import Leaning, clues_of_body
from knowledge.routing_reading import Found, Sign

_LEANING: Final = Leaning.load("bodies")
_SHARE: Final = 0.3  # of what is heard from the whole text
# From which log odds on a department is accused, and from which on in doubt: the better the words, the less it must sound.
_BY_WORDS: Final = (-4.0, -8.0)  # a word for conduct is laid to it
_BY_DEALING: Final = (0.5, -0.5)  # someone of it did what no word of ours names
_BY_SILENCE: Final = (4.0, 0.5)  # nothing is told of what it decides
_BY_SOUND: Final = (3.0, -2.5)  # nothing but how it sounds
_GRAFT: Final = Sign("heard", "经办人员的做法", re.compile(""), grade="graft")
_MANNER: Final = Sign("heard", "经办人员的做法", re.compile(""), grade="manner")
_PERHAPS: Final = Sign("heard", "经办人员的做法", re.compile(""), grade=DOUBT)


def heard_of(
    text: str, actors: Sequence[Actor], signs: frozenset[str], acts: Sequence[Found[Sign]], of_all: float
) -> dict[str, float]:  # fmt: skip
    """How much each department spoken of in a tidy text sounds complained about for conduct, near log odds.

    `of_all`: how much the text as a whole sounds like a case of the discipline office.
    """
    names = dict.fromkeys(actor.name for actor in actors if actor.kind in BODIES)
    done = {act.what.name for act in acts}
    return {
        name: _LEANING.of(clues_of_body(text, name, actors, signs, done))["accused"] + _SHARE * of_all for name in names
    }


def weighed(
    charges: Sequence[Charge], heard: Mapping[str, float], actors: Sequence[Actor], *, reports: bool, exposed: bool
) -> tuple[Charge, ...]:  # fmt: skip
    """The charges that hold, dropped or doubted where it sounds like none, and those that are only heard.

    `reports`: the text sounds like a report of graft rather than of manners. `exposed`: a letter to the discipline office
    came into the hands of the accused; then that office itself is in doubt.
    """
    kept = [held for charge in charges if (held := _held(charge, heard.get(charge.actor.name), reports))]
    named = {charge.actor.name for charge in kept}
    first = {actor.name: actor for actor in reversed(actors) if _silent(actor, named)}
    silent = (Charge(actor, _PERHAPS) for name, actor in first.items() if name != DISCIPLINE)
    if exposed and DISCIPLINE in first:
        kept.append(Charge(first[DISCIPLINE], _PERHAPS))
    return (
        *kept,
        *(one for charge in silent if (one := _judged(charge, heard[charge.actor.name], _BY_SOUND, reports))),
    )


def _silent(actor: Actor, named: set[str]) -> bool:
    return actor.kind in BODIES and actor.name not in named and not actor.asked


def _held(charge: Charge, odds: float | None, reports: bool) -> Charge | None:
    if odds is None:  # its station may be another office's
        return charge
    if charge.act.grade == DOUBT:
        return _judged(charge, odds, _BY_SILENCE, reports)
    return _judged(charge, odds, _BY_DEALING if charge.act is DEALING else _BY_WORDS, reports)


def _judged(charge: Charge, odds: float, by: tuple[float, float], reports: bool) -> Charge | None:
    accused, doubted = by
    if odds > accused:
        return charge if charge.act.grade != DOUBT else replace(charge, act=_GRAFT if reports else _MANNER)
    return replace(charge, act=_PERHAPS) if odds > doubted else None
