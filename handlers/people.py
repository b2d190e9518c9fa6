"""The persons for whom a WeChat user may look: how each is called in what is tapped, and whom a sentence means."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from handlers.turn import Turn
from knowledge.identity import mask_name
from knowledge.proving import relation_in
from models.resident import SELF, Binding, Bound


def called(people: Sequence[Bound]) -> dict[str, Bound]:
    """Masked name → person; of two who would be called the same, the later one bears a number: 王*2."""
    names: dict[str, Bound] = {}
    for person in people:
        masked = mask_name(person.name)
        alike = sum(mask_name(other.name) == masked for other in names.values())
        names[f"{masked}{alike + 1}" if alike else masked] = person
    return names


def name_of(person: Bound, people: Sequence[Bound]) -> str:
    """What one of them is called."""
    return next(name for name, each in called(people).items() if each == person)


def chosen(name: str, people: Sequence[Bound]) -> Bound | None:
    """The person called so, or with this whole name."""
    return called(people).get(name) or next((each for each in people if name and name == each.name), None)


def meant_in(turn: Turn) -> str | None:
    """What the person is called whom the message means by name or as 我妈; None if it does not say, or says of several."""
    names = called(turn.bindings)
    named = [name for name, person in names.items() if person.name in turn.text]
    relation = relation_in(turn.text)
    if not named and relation:
        query = select(Binding.id).where(Binding.follower_id == turn.follower_id, Binding.ended_at.is_(None))
        ids = set(turn.session.scalars(query.where(Binding.relation == relation)))
        named = [name for name, person in names.items() if person.binding_id in ids]
    return named[0] if len(named) == 1 else None


def speaks_of_family(text: str) -> bool:
    """Whether the message is about somebody other than the speaker."""
    return relation_in(text) not in (None, SELF)
