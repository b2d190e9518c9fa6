"""A question in a resident's own words: the section that answers it, or a kind no."""

from __future__ import annotations

from handlers.turn import Reply, Turn

_FIRST = {"投诉举报": ("我要投诉",), "查询补贴": ("查补贴",), "信息公开申请": ("我要申请公开",)}
_MOST = 4  # choices under one answer
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
    if answer.answered:
        first = _FIRST.get(answer.item or "", ("查补贴", "我要投诉") if answer.aspect == "没收到" else ())
        choices = (*first, *(choice for choice in choices if choice not in first))[:_MOST]
    if answer.intent == "complain" and answer.item == "投诉举报":
        turn.remember_story()
    if answer.intent == "unknown":
        turn.note_gap()
    # A follow-up does not name the item: say which one is meant.
    named = f"【{answer.item}】\n" if answer.answered and answer.item and answer.item not in answer.text else ""
    return Reply(named + answer.text, choices, rest=answer.more, topic=answer.topic)
