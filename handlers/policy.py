"""A question in a resident's own words: the section that answers it, or a kind no."""

from __future__ import annotations

from handlers.turn import Reply, Turn

_AFTER = {
    "lookup": ("查补贴",),
    "complain": ("我要投诉",),
    "greeting": ("查补贴", "我要投诉", "问政策"),
    "unknown": ("我要投诉", "热线电话"),
}


def takes(turn: Turn) -> bool:
    """Everything in words that nobody else has taken."""
    return bool(turn.text)


def policy(turn: Turn) -> Reply:
    """Answer from the articles. Never beyond them."""
    answer = turn.understood
    choices = tuple(choice.label for choice in answer.choices) or _AFTER.get(answer.intent, ())
    if not answer.choices and answer.aspect == "没收到":
        choices = ("查补贴", "我要投诉")
    if answer.intent == "complain" and answer.item == "投诉举报":
        turn.remember_story()
    if answer.intent == "unknown":
        turn.note_gap()
    return Reply(answer.text, choices, rest=answer.more, topic=answer.topic)
