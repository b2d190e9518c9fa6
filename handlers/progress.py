"""查进度: where one's case stands; adding to it, taking it back."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, one_of, words, yes_or_no
from knowledge.errors import Refused
from knowledge.identity import half_width
from knowledge.wording import CASE_STATUS, beijing, day_and_weekday, moment
from models.case import OPEN, Case
from models.resident import Attempt

_WORDS = {"查进度", "进度", "查办理进度", "办到哪了", "我的事办得咋样了", "查投诉", "查编号", "我的事", "查看进度", "办得怎么样了"}
_NUMBER = re.compile(r"YJ\d{8}-?\d{4,6}", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
ADD, WITHDRAW, OTHER = "补充情况", "撤回", "查别的编号"
_TRIES, _WINDOW = 5, timedelta(hours=24)
_NOT_FOUND = "编号和查询码没对上。再看看，或打{hotline}请人帮您查。"

_EVENTS = {
    "filed": "收下", "accepted": "部门接办", "answered": "答复", "transferred": "转办", "added": "您补充了情况",
    "withdrawn": "您撤回了",
}  # fmt: skip


def takes(turn: Turn) -> bool:
    """A wish to know how one's case stands, or a case's number."""
    text = turn.word
    return turn.message.tap == "progress" or text in _WORDS or text == OTHER or bool(_NUMBER.search(half_width(turn.text)))


def progress(turn: Turn) -> Reply:
    """The timeline of one's own case, or of another by number and code."""
    given = turn.once("given", lambda: _number_in(turn.text))
    own = Case.of_follower(turn.session, turn.follower_id)
    mine = next((case for case in own if case.number == given), None)
    if mine is None and (given or not own or turn.once("other", lambda: turn.text == OTHER)):
        return _by_code(turn, given)
    if mine is None and len(own) > 1:
        number = turn.ask("which", "要看哪一件？", one_of([_line(case, turn) for case in own]))
        mine = own[[_line(case, turn) for case in own].index(number)] if number else own[0]
    case = mine or own[0]
    more = (ADD, WITHDRAW) if case.status in OPEN else (ADD,) if case.status == "answered" else ()
    return Reply(_story(case, turn), (*more, OTHER))


def _by_code(turn: Turn, given: str | None) -> Reply:
    user = Attempt.subjects_of(turn.session, "case", turn.message.openid)
    if Attempt.locked(turn.session, user, _TRIES, _WINDOW):
        return Reply(f"试的次数有点多了，请明天再查，或打{turn.values.hotline}。")
    code_given = turn.once("code_given", lambda: _code_in(turn.text))
    number = turn.ask("number", "请发编号，就是YJ开头的那一串。", Validator(_read_number), guess=lambda: given)
    code = turn.ask("code", "请发6位查询码（办件时给您的）。", Validator(_read_code), guess=lambda: code_given)
    case = Case.by_number(turn.session, number)
    if case is None or not case.opens_with(turn.session, code):
        Attempt.failed(turn.session, user[:1], _WINDOW)
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
    found = _number_in(text if "Y" in text.upper() else f"YJ{text}")
    if found is None:
        raise Unfit("编号是YJ开头的，比如 YJ20261124-0001。再看看？")
    return found


def _read_code(message: Message) -> str:
    found = _CODE.fullmatch(half_width(message.text).replace(" ", ""))
    if found is None:
        raise Unfit("查询码是6位数字，办件时一起给您的。再看看？")
    return found.group()


def _line(case: Case, turn: Turn) -> str:
    what = case.item or case.kind
    return f"{day_and_weekday(case.filed_at, beijing(turn.now).date())} {what} {CASE_STATUS[case.status]} {case.number[-4:]}"


def _story(case: Case, turn: Turn) -> str:
    today = beijing(turn.now).date()
    lines = [f"编号：{case.number}", f"现在：{CASE_STATUS[case.status]}", f"由{case.department.full_name}负责。"]
    if case.status in OPEN and case.due_at:
        late = case.due_at < turn.now
        lines.append(
            f"本该{day_and_weekday(case.due_at, today)}前答复，晚了，已在催办。急的话打{turn.values.hotline}。"
            if late else f"最晚{day_and_weekday(case.due_at, today)}答复您。"
        )  # fmt: skip
    lines.append("经过：")
    for event in case.events:
        if event.public:
            where = f"到{event.to_department.full_name}" if event.to_department else ""
            lines.append(f"· {moment(event.at, today)} {_EVENTS[event.what]}{where}")
            if event.what == "answered" and event.text:
                lines.append(event.text)
    return "\n".join(lines)


# ---------------------------------------------------------------- adding, taking back


def takes_add(turn: Turn) -> bool:
    """补充情况 or 撤回, after one has looked at a case."""
    return turn.word in (ADD, "我要补充", WITHDRAW, "我要撤回", "撤回投诉")


def add(turn: Turn) -> Reply:
    """Add to one's newest case that can take it, or withdraw it after a second question."""
    wants_back = turn.once("back", lambda: "撤回" in turn.text)
    own = [case for case in Case.of_follower(turn.session, turn.follower_id) if case.status != "withdrawn"]
    own = [case for case in own if case.status in OPEN] if wants_back else own
    if not own:
        return Reply("没有可以办的事。要反映新的事，点“我要投诉”。", ("我要投诉", "查进度"))
    case = own[0]
    if len(own) > 1:
        options = [_line(each, turn) for each in own]
        case = own[options.index(turn.ask("which", "是哪一件？", one_of(options)))]
    try:
        return _withdraw(turn, case) if wants_back else _add(turn, case)
    except Refused as refused:
        return Reply(refused.said, ("查进度",))


def _withdraw(turn: Turn, case: Case) -> Reply:
    if not turn.ask("sure", f"撤回编号{case.number}这件事吗？撤回后部门就不再办了。", yes_or_no("撤回", "不撤了")):
        return Reply("好，没有撤，部门照常办。", ("查进度",))
    case.withdraw(turn.session)
    return Reply(f"编号{case.number}已经撤回。以后还可以再反映。", ("我要投诉",))


def _add(turn: Turn, case: Case) -> Reply:
    text = turn.ask("text", f"编号{case.number}，要补充什么？请发来。", Validator(words(2)))
    case.add(turn.session, text)
    return Reply("补上了，办的人能看到。", ("查进度",))
