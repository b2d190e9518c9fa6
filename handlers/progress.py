"""查进度: where one's case stands and what comes next; how the date was counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, one_of
from knowledge.asides import asks_how_far, asks_who_handles
from knowledge.case_story import case_in_words, how_counted
from knowledge.identity import half_width
from knowledge.wording import CASE_STATUS, beijing, day_and_weekday
from models.case import OPEN, Case
from models.resident import Attempt

_WORDS = {
    "查进度", "进度", "查办理进度", "办到哪了", "我的事办得咋样了", "查投诉", "查编号", "我的事", "查看进度", "办得怎么样了", "我的事办咋样了",
    "有信儿吗", "我反映的事", "办没办", "我的事办了吗", "办得咋样了", "我投诉的事", "有结果吗", "有结果了吗",
}  # fmt: skip
_NUMBER = re.compile(r"YJ\d{8}-?\d{4,6}", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
ADD, WITHDRAW, OTHER, HOW = "补充情况", "撤回", "查别的编号", "怎么算的"
_END = 2  # characters of the end of a number
_TRIES, _TRIES_OF_NUMBER, _WINDOW = 5, 10, timedelta(hours=24)
_OF_ANOTHER = "请发编号，就是YJ开头的那一串。"
_NONE_YET = "您在这个微信上还没有交过事（填了没点“提交”的不算）。\n别处交的也能查：请发编号，就是YJ开头的那一串；没有编号，发“没有编号”。"
_NO_NUMBER = "没有编号"
_HAS_NONE = re.compile(r"^(?:没有?|不知道|不晓得|忘了?|丢了?|找不[到着]|记不[得住]|哪有|啥)(?:编号|号|了)?")
_NOT_FOUND = "编号和查询码没对上。再看看，或打{hotline}请人帮您查。"
_TOO_MANY = "试的次数有点多了，请明天再查，或打{hotline}。"


def takes(turn: Turn) -> bool:
    """A wish to know how one's case stands, or a case's number."""
    text = turn.word
    wanted = turn.message.tap == "progress" or text in _WORDS or text in (OTHER, HOW)
    if wanted or _NUMBER.search(half_width(turn.text)):
        return True
    return (asks_how_far(turn.text) or asks_who_handles(turn.text)) and bool(Case.of_follower(turn.session, turn.follower_id, limit=1))


def progress(turn: Turn) -> Reply:
    """The timeline of one's own case, or of another by number and code."""
    given = turn.once("given", lambda: _number_in(turn.text))
    counted = turn.once("counted", lambda: HOW in turn.text)
    own = Case.of_follower(turn.session, turn.follower_id)
    mine = next((case for case in own if case.number == given), None)
    if mine is None and (given or not own or turn.once("other", lambda: turn.text == OTHER)):
        return _by_code(turn, given)
    if mine is None and len(own) > 1:
        mine = one_among(turn, own, "要看哪一件？")
    case = mine or own[0]
    if counted:
        return Reply(how_counted(case.number, case.due_trail or ()), (f"查进度 {case.number}",))
    return Reply(_story(case, turn), (*_acts(case), OTHER))


def _acts(case: Case) -> tuple[str, ...]:
    counted = (f"{HOW} {case.number}",) if case.status in OPEN and case.due_trail and case.due_at else ()
    more = (ADD, WITHDRAW) if case.status in OPEN else (ADD,) if case.status == "answered" else ()
    return (*counted, *more)


def _by_code(turn: Turn, given: str | None) -> Reply:
    user = Attempt.subjects_of(turn.session, "case", turn.message.openid)
    if Attempt.locked(turn.session, user, _TRIES, _WINDOW):
        return Reply(_TOO_MANY.format(hotline=turn.values.hotline))
    code_given = turn.once("code_given", lambda: _code_in(turn.text))
    question = _OF_ANOTHER if turn.talk.answers.get("once:other") or given else _NONE_YET
    number = turn.ask("number", question, Validator(_read_number), guess=lambda: given)
    if number == _NO_NUMBER:
        return Reply(f"没有编号不要紧，打{turn.values.hotline}，说说是谁的什么事，请人帮您查。", ("我要投诉", "查补贴"))
    # Many phones that guess at one number are one guesser.
    of_number = Attempt.subjects_of(turn.session, "case_no", number)
    if Attempt.locked(turn.session, of_number, _TRIES_OF_NUMBER, _WINDOW):
        return Reply(_TOO_MANY.format(hotline=turn.values.hotline))
    code = turn.ask("code", "请发6位查询码（办件时给您的）。", Validator(_read_code), guess=lambda: code_given)
    case = Case.by_number(turn.session, number)
    if case is None or not case.opens_with(turn.session, code):
        Attempt.failed(turn.session, [*user[:1], *of_number[:1]], _WINDOW)
        return Reply(_NOT_FOUND.format(hotline=turn.values.hotline), ("查进度",))
    return Reply(_story(case, turn), (OTHER,))


def _number_in(text: str) -> str | None:
    found = _NUMBER.search(half_width(text))
    if not found:
        return None
    digits = re.sub(r"\D", "", found.group())
    return f"YJ{digits[:8]}-{digits[8:]}"


def _code_in(text: str) -> str | None:
    found = _CODE.search(_NUMBER.sub("", half_width(text)))
    return found.group() if found else None


def _read_number(message: Message) -> str:
    text = half_width(message.text).replace(" ", "")
    if _HAS_NONE.search(text):
        return _NO_NUMBER
    found = _number_in(text if "Y" in text.upper() else f"YJ{text}")
    if found is None:
        raise Unfit("编号是YJ开头的，比如 YJ20261124-0001。再看看？没有编号，就发“没有编号”。", (_NO_NUMBER,))
    return found


def _read_code(message: Message) -> str:
    found = _CODE.fullmatch(half_width(message.text).replace(" ", ""))
    if found is None:
        raise Unfit("查询码是6位数字，办件时一起给您的。再看看？")
    return found.group()


def one_among(turn: Turn, own: Sequence[Case], question: str) -> Case:
    """Which of several: tapped, by its place, by the end of its number, or by what it is about (低保那个)."""
    labels = [line_of(case, turn) for case in own]

    def find(text: str) -> str | None:
        item = turn.answerer.guess_item(text)
        meant = [n for n, case in enumerate(own) if (item and case.item == item) or (len(text) >= _END and case.number.endswith(text))]
        return labels[meant[0]] if len(meant) == 1 else None

    return own[labels.index(turn.ask("which", question, one_of(labels, find=find)))]


def line_of(case: Case, turn: Turn) -> str:
    """One case among several, as it is tapped."""
    what = case.item or case.kind
    today = beijing(turn.now).date()
    status = "正在分派" if case.is_unplaced and case.status in OPEN else CASE_STATUS.get(case.status, case.status)
    return f"{day_and_weekday(case.filed_at, today)} {what} {status} {case.number[-4:]}"


def _story(case: Case, turn: Turn) -> str:
    return case_in_words(case, turn.now, turn.values.hotline)
