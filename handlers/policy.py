"""A question in a resident's own words: the section that answers it and one's own case beside it, or a kind no."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.feedback import ASKED
from handlers.turn import Reply, Turn
from knowledge.answers import Answer, Topic, chosen
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import find_place
from knowledge.filing_wish import tells_a_grievance
from knowledge.own_case import newest_year, own_case
from knowledge.wording import beijing
from models.gap import Asked
from models.own_case import mine

_FIRST = {"投诉举报": ("我要投诉",), "查询补贴": ("查补贴",), "信息公开申请": ("我要申请公开",)}
_MOST = 4  # choices under one answer
_LONGEST = 200  # characters of a question that are kept with the topic
_AFTER = {
    "lookup": ("查补贴",),
    "complain": ("我要投诉",),
    "greeting": ("查补贴", "我要投诉", "问政策"),
    "unknown": ("我要咨询", "热线电话"),
}
_NOTED = "您问的我记下了，有人会看。要部门给您回话，点“我要咨询”。"
_WORDS = re.compile(r"[a-z\u3400-\u9fff]", re.IGNORECASE)
_TO_A_DEPARTMENT = "要交给部门办，点“我要投诉”，刚才说的不用再说。"
_AMISS = re.compile("没[给发到有收打下见着人]|不给|不让|不管|少[了给发]|扣|停了|占|凭|说理|公平|才给|就给|退回")
_A_PLACE = 14  # characters of a message that only says where
_A_STORY = 12  # characters
_A_QUESTION = 5  # letters or characters of what 我要咨询 may go on from
_LEAST = 3  # letters or characters of what may be a question


def takes(turn: Turn) -> bool:
    """Everything in words that nobody else has taken."""
    return bool(turn.text)


def policy(turn: Turn) -> Reply:
    """Answer from the articles. Never beyond them."""
    answer = turn.understood
    choices = tuple(choice.label for choice in answer.choices) or _AFTER.get(answer.intent, ())
    told = answer.aspect == "没收到" and len(turn.text) >= _A_STORY  # more than a question: 我要投诉 need not ask again
    grieved = len(turn.text) >= _A_STORY and tells_a_grievance(turn.text)
    if turn.said_before and _only_says_where(turn):
        turn.later.story = f"{turn.said_before}\n{turn.text}"
        return Reply(f"{turn.text}，记下了。{_TO_A_DEPARTMENT}", ("我要投诉", "查补贴"))
    if told or grieved or (answer.intent == "complain" and answer.item == "投诉举报") or _tells(turn):
        turn.remember_story()
    elif turn.said_before:
        turn.later.story = turn.said_before  # a question in between does not make it unsaid
    noted = _note(turn, answer)
    topic = replace(answer.topic, words=_words(turn, answer)) if answer.topic else None
    if grieved and "我要投诉" not in choices:
        choices = ("我要投诉", *choices)
    if not answer.answered:
        return Reply(answer.text + (f"\n{_NOTED}" if noted else ""), choices, topic=topic)
    own, look = _own_case(turn, answer)
    first = _FIRST.get(answer.item or "", ("查补贴", "我要投诉") if answer.aspect == "没收到" else look)
    choices = (*first, *(choice for choice in choices if choice not in first))[:_MOST]
    # A follow-up does not name the item: say which one is meant.
    if "我要投诉" in choices and (told or grieved):
        own += f"\n\n{_TO_A_DEPARTMENT}"
    named = f"【{answer.item}】\n" if answer.item and answer.item not in answer.text else ""
    return Reply(named + answer.text + own, choices, rest=_rest(turn, answer), topic=topic)


def _tells(turn: Turn) -> bool:
    """Whether a message tells something that 我要投诉 may go on from, and is no plain question."""
    long_enough = len(turn.text) >= _A_STORY
    return long_enough and (not turn.answerer.is_question(turn.text) or _AMISS.search(turn.text) is not None)


def _only_says_where(turn: Turn) -> bool:
    place = find_place(turn.text) if len(turn.text) <= _A_PLACE else None
    return place is not None and place.town is not None and turn.answerer.guess_item(turn.text) is None


def _note(turn: Turn, answer: Answer) -> bool:
    """Note what the articles lack; True where the message was not answered at all."""
    if not answer.gap or len(_WORDS.findall(turn.text)) < _LEAST:
        return False
    turn.note_gap(Asked(turn.text, item=answer.item, aspect=answer.aspect, asker=turn.follower_id))
    if not answer.answered and len(_WORDS.findall(turn.text)) >= _A_QUESTION:
        turn.remember_story()  # 我要咨询 goes on from here
    return not answer.answered


def _words(turn: Turn, answer: Answer) -> str:
    """In which words this was asked. One of several items that were offered was asked for by the message before."""
    before: Topic | None = turn.topic
    tapped = chosen(turn.text, before) if before else None
    if before and tapped and before.words and tapped.item != before.item:
        return before.words
    return turn.text[:_LONGEST]


def _own_case(turn: Turn, answer: Answer) -> tuple[str, tuple[str, ...]]:
    """What the asker was paid of this item, and the choice that shows all of it; never kept with the answer."""
    if answer.item is None or answer.item not in ITEMS or turn.unbound:
        return "", ()
    today = beijing(turn.now).date()
    people, as_of = mine(turn.session, turn.follower_id, answer.item, today)
    said = own_case(people, as_of, today)
    if not said:
        return "", ()
    alone = len(people) == 1 and people[0].name is None
    look = (f"看{newest_year(people)}年{answer.item}",) if alone else ("查补贴",)
    return f"\n\n{said}", look


def _rest(turn: Turn, answer: Answer) -> str:
    """What 更多 brings: the rest of the section, the page, and the question whether it helped."""
    slug = turn.answerer.slug(answer.item or "") if turn.values.public_url else ""
    page = f"整篇在这里，能放大、能打印：\n{turn.values.public_url}/a/{slug}" if slug else ""
    parts = [part for part in (answer.more, page) if part]
    return "\n\n".join([*parts, ASKED]) if parts else ""
