"""一号码查询: who are you, and what was paid to you."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.turn import Reply, Turn
from handlers.validators import card_tail, id_number, person_name, yes_or_no
from knowledge import statement
from knowledge.identity import IdNumberFault, find_id_numbers, mask_name, parse_id_number
from knowledge.wording import beijing
from models.payment import Batch, Payment
from models.resident import Attempt, Binding, Bound, Resident

_WORDS = {"查补贴", "我的钱", "我的补贴", "查询补贴", "查一下补贴", "查补助", "查询", "查钱", "查我的补贴", "一号码查询", "看我的补贴"}
_SWITCH = {"换个人查", "给家里人查", "再加一个人"}
_YEAR = re.compile(r"^(?:看|查)?(20\d\d)年?(?:的|明细)?(?:补贴|钱)?$")
DETAILS = "一笔一笔看"

NOT_MATCHED = "没对上。再看看号码，或带身份证到乡镇。"
LOCKED = "试的次数有点多了，为了保护大家的信息，先停一停。请明天再试，或带身份证到乡镇办。"
_NOTICE = (
    "查之前先认一下您是谁。\n"
    "要用到您的身份证号{more}，只用来核对身份、查您自己的补贴。加密保存，别人看不到；以后发“我的信息”可以解除、删除。\n"
    "同意就点“同意”。"
)


def takes(turn: Turn) -> bool:
    """A wish to see one's payments, a bare ID number, or a year after such a screen."""
    text = turn.word
    if turn.message.tap == "lookup" or text in _WORDS or text in _SWITCH or text.startswith("查看 "):
        return True
    if text == DETAILS or text.startswith(DETAILS) or _YEAR.match(text):
        return True
    return _is_bare_number(text) or turn.understood.intent == "lookup"


def changes(turn: Turn) -> bool:
    """Only a look by somebody who is bound changes nothing."""
    text = turn.text
    return text in _SWITCH or _is_bare_number(text) or not turn.bindings


def lookup(turn: Turn) -> Reply:
    """Show this year's payments; first prove who it is for when nobody is bound or another person is asked for."""
    wants_other = turn.once("other", lambda: turn.text in _SWITCH or _is_bare_number(turn.text))
    if turn.bindings and not wants_other:
        return _show(turn)
    return _bind(turn)


def _bind(turn: Turn) -> Reply:
    values = turn.values
    if len(turn.bindings) >= values.persons_per_user:
        return Reply(f"一个微信最多给{values.persons_per_user}个人查。要换人，先发“我的信息”解除一个。", ("我的信息",))
    window = timedelta(hours=values.lock_hours)
    user = Attempt.subject_of(turn.session, "user", turn.message.openid)
    if Attempt.locked(turn.session, [user], values.failures_per_user, window):
        return Reply(LOCKED)
    number = _ask_who(turn)
    if number is None:
        return Reply("好，不查了。想问政策可以直接问，也可以带身份证到乡镇查。", ("问政策",))
    name = turn.ask("name", "姓名是什么？请发身份证上的姓名。", person_name()) if "name" in values.proof else None
    tail = turn.ask("tail", _ASK_TAIL, card_tail()) if "card_tail" in values.proof else None
    person = Attempt.subject_of(turn.session, "person", number)
    locked = Attempt.locked(turn.session, [person], values.failures_per_id, window)
    resident = Resident.by_id_number(turn.session, number)
    proven = resident is not None and resident.proves(name=name, card_tail=tail)
    if locked:
        return Reply(LOCKED)
    if resident is None or not proven:
        Attempt.failed(turn.session, [user, person], window)
        return Reply(NOT_MATCHED, ("再查一次", "找人工"))
    Binding.make(turn.session, turn.follower, resident, "+".join(values.proof))
    turn.forget_bindings()
    return _show(turn)


_ASK_TAIL = "社保卡银行账号的最后4个数是什么？看卡上或存折上的银行账号，发最后4个数，不是身份证号。"


def _ask_who(turn: Turn) -> str | None:
    more = "和" + "、".join({"name": "姓名", "card_tail": "社保卡账号后4位"}[each] for each in turn.values.proof)
    given = turn.once("given", lambda: _number_in(turn.text))
    if not turn.ask("agree", _NOTICE.format(more=more), yes_or_no("同意", "不同意")):
        return None
    number: str = turn.ask(
        "number", "请发身份证号（18位）。给家里人查，就发那个人的。", id_number(), guess=lambda: given
    )
    return number


def _number_in(text: str) -> str | None:
    found = find_id_numbers(text)
    return found[0].value if found else None


def _is_bare_number(text: str) -> bool:
    try:
        return len(text) <= 40 and bool(parse_id_number(text))
    except IdNumberFault:
        return False


def _show(turn: Turn) -> Reply:
    text = turn.word
    person = _chosen(text, turn.bindings)
    lines = Payment.of(turn.session, person.resident_id)
    today = beijing(turn.now).date()
    asked = re.search(r"20\d\d", text) if text.startswith(DETAILS) or _YEAR.match(text) else None
    year = int(asked.group()) if asked else today.year
    detailed = text.startswith(DETAILS)
    tell = statement.details if detailed else statement.overview
    said = tell(person.name, lines, year, Batch.loaded(turn.session), today)
    more = [f"{DETAILS} {year}年"] if not detailed and any(line.year == year for line in lines) else []
    years = [f"{each}年" for each in statement.years_of(lines) if each != year][:3]
    others = [f"查看 {mask_name(each.name)}" for each in turn.bindings if each != person]
    return Reply(said, (*more, *years, *others, "没收到钱", "我要投诉"))


def _chosen(text: str, people: list[Bound]) -> Bound:
    # Typed or tapped with a masked name, so that no name is left in a menu of the phone.
    wanted = text.removeprefix("查看").strip()
    for person in people:
        if wanted and wanted in (person.name, mask_name(person.name)):
            return person
    return people[-1]
