"""What a resident can do here, as one ordered table: the first handler that takes the message answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from handlers import (
    add,
    card,
    case,
    diagnosis,
    feedback,
    lookup,
    menu,
    policy,
    privacy,
    progress,
    publicity,
    reminder,
    views,
    visit,
)
from handlers.turn import Flow, Turn


def _always(_turn: Turn) -> bool:
    return True


def _never(_turn: Turn) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Handler:
    """`takes` says whether the message is its own; `changes` whether answering it writes what must not be lost."""

    name: str
    takes: Callable[[Turn], bool]
    run: Flow
    changes: Callable[[Turn], bool] = _always


HANDLERS = (
    Handler("place", publicity.takes_scan, publicity.on_scan),
    Handler("event", menu.takes_event, menu.on_event),
    Handler("more", menu.takes_more, menu.more, _never),
    Handler("wordless", menu.takes_wordless, menu.wordless),
    Handler("objection", publicity.takes_objection, publicity.objection),
    Handler("case", case.takes, case.case),
    Handler("visit", visit.takes, visit.visit),
    Handler("add", add.takes, add.add),
    Handler("progress", progress.takes, progress.progress),
    Handler("views", views.takes, views.views, _never),
    Handler("feedback", feedback.takes, feedback.feedback, _never),
    Handler("reminder", reminder.takes, reminder.reminder),
    Handler("card", card.takes, card.yearly),
    Handler("privacy", privacy.takes, privacy.privacy),
    Handler("sheet", publicity.takes_sheet, publicity.sheet, _never),
    Handler("publicity", publicity.takes, publicity.publicity, _never),
    Handler("person", menu.takes_person, menu.person, _never),
    Handler("left over", menu.takes_left_over, menu.left_over, _never),
    Handler("start", menu.takes_start, menu.start, _never),
    Handler("bank", diagnosis.takes_bank_text, diagnosis.bank_message, _never),
    Handler("lookup", lookup.takes, lookup.lookup, lookup.changes),
    Handler("diagnosis", diagnosis.takes, diagnosis.diagnosis, _never),
    Handler("policy", policy.takes, policy.policy, _never),
)

FLOWS: Mapping[str, Flow] = {handler.name: handler.run for handler in HANDLERS}


def handler_for(turn: Turn) -> Handler | None:
    """The first handler that takes the message."""
    return next((handler for handler in HANDLERS if handler.takes(turn)), None)


# What is said in words of its own, so that no open question can mean it.
_COMMANDS = ("objection", "views", "reminder", "card", "sheet", "publicity", "bank", "visit")


def means_something_else(turn: Turn) -> bool:
    """Whether a message that the open question cannot take is plainly meant for another handler."""
    return turn.word in menu.WORDS or any(each.takes(turn) for each in HANDLERS if each.name in _COMMANDS)
