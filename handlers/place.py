"""Where a resident is at home, as far as the words or a village's QR code tell."""

from __future__ import annotations

from handlers.turn import Turn
from knowledge.catalogue.places import Place, find_place
from models.village import FollowerPlace


def place_of(turn: Turn, text: str) -> Place | None:
    """The place that the text names; where it names none, or a village of several townships, the scanned village helps."""
    named = find_place(text)
    if named is not None and named.town is not None:
        return named
    scanned = FollowerPlace.of(turn.session, turn.follower_id)
    if named is None or (scanned is not None and scanned.village == named.village):
        return scanned or named
    return named
