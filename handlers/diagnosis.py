"""为什么没到账: a short talk over one's own data; and the short message of a bank, matched to the payment it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from handlers.asking import FAMILY
from handlers.people import called, chosen, meant_in, name_of, speaks_of_family
from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, bare, number_in, one_of
from knowledge import bank_text
from knowledge.amounts_compared import compared
from knowledge.catalogue.items import ITEMS
from knowledge.diagnosis import NOT_LISTED, NOT_LOADED, PAID_ALREADY
from knowledge.identity import mask_name
from knowledge.money import yuan
from knowledge.payment_report import Report, report_in_words
from knowledge.stages import NEXT
from knowledge.statement import Line, how_far, overview, when_paid
from knowledge.when_meant import When, when_meant
from knowledge.wording import RETURNED, account_tail, beijing, day
from models.payment import Batch, Payment
from models.resident import Bound
from models.why_not_paid import why_not_paid

_WORDS = {
    "没收到钱", "没收到", "没到账", "钱没到", "为什么没到账", "为啥没到账", "钱没到咋办", "钱没到怎么办", "怎么还没到账", "咋还没到账",
    "怎么没到账", "咋没到账", "钱咋没到", "钱怎么没到", "补贴没到账", "没打钱", "还没到账",
}  # fmt: skip
_CAME = re.compile(r"(?:下来|到账|到|发|打)(?:了)?(?:没有?|吗|么|没呢?)$|发没发|到没到|打没打|下没下来|发了没|到了没")
_LESS = re.compile(r"少了|变少|少[发给打]|[发给打]少|降了|没以前多|不如以前")
_MONEY = re.compile(r"钱|补[贴助]|款")
_UNSURE = "说不清是哪项"
_UNSURES = ("说不清", "不知道", "不清楚", "都没收到", "都没到", "全都没有", "全部", "都没有")
_MOST = 8  # items to tap
_LONGEST = 30  # characters of a question whether money has come


def takes(turn: Turn) -> bool:
    """Money that has not come, said by somebody for whom we can look; the article answers everybody else."""
    if turn.word in _WORDS:
        return bool(turn.bindings)
    found = turn.understood
    if found.answered and found.aspect == "没收到":
        return bool(turn.bindings)
    asks = len(turn.word) <= _LONGEST and (_CAME.search(turn.word) or (found.item in ITEMS and _LESS.search(turn.word)))
    return bool(asks) and (found.item in ITEMS or bool(_MONEY.search(turn.word))) and bool(turn.bindings)


def diagnosis(turn: Turn) -> Reply:
    """Which person, which item; then what the data says, and the next step."""
    today = beijing(turn.now).date()
    first: dict[str, Any] = turn.once("first", lambda: _first(turn, today))
    person = _person(turn, first["whose"])
    name = name_of(person, turn.bindings)
    lines, loaded = Payment.of(turn.session, person.resident_id), Batch.loaded(turn.session)
    item: str = turn.ask(
        "item", "哪一项没收到？点一下，或者把名字发来。", _item(turn, lines, today, first["topic"]), guess=lambda: first["item"]
    )
    if item == _UNSURE:
        whole = overview(person.name, lines, today.year, loaded, today)
        return Reply(whole, (f"按项目看 {today.year}年{_of(turn, name)}", "没收到钱", "我要投诉"))
    when = When(*first["when"])
    if first["less"] and (beside := compared(item, lines, loaded, today, when)):
        wish = report_in_words(Report(item, when.year or today.year, name if len(turn.bindings) > 1 else ""))
        return Reply(f"{person.name}：{beside}", (wish, f"{item}领多少", "查补贴"))
    found = why_not_paid(turn.session, person.resident_id, item, today, when, lines=lines, loaded=loaded)
    wish = report_in_words(Report(item, found.year, name if len(turn.bindings) > 1 else ""))
    more = {PAID_ALREADY: (f"{found.year}年{_of(turn, name)}",), NOT_LISTED: (f"{item}谁能领",), NOT_LOADED: (f"{item}什么时候发",)}
    choices = (*more.get(found.kind, ()), wish, "查补贴") if found.kind == PAID_ALREADY else (wish, *more.get(found.kind, ()), "查补贴")
    said = f"{person.name}：{found.text}"
    if first["family"] and first["whose"] is None and len(turn.bindings) == 1:
        said, choices = f"{said}\n要是问家里别人的，点“{FAMILY}”，先认一下。", (*choices, FAMILY)
    return Reply(said, choices)


def _first(turn: Turn, today: date) -> dict[str, Any]:
    """What the first message says of the person, the item and the time: later ones are answers."""
    topic = turn.topic.item if turn.topic and turn.topic.item in ITEMS else None
    item = None if turn.word in _WORDS else turn.understood.item
    if item is not None and item == topic and _MONEY.search(turn.word):
        item = turn.answerer.answer(turn.text).item  # 补贴还没到 after a talk of one item may be about any of them
    when = when_meant(turn.text, today)
    return {
        "item": item if item in ITEMS else None, "topic": topic, "when": [when.year, when.month, when.quarter],
        "whose": meant_in(turn), "family": speaks_of_family(turn.text), "less": bool(_LESS.search(turn.word)),
    }  # fmt: skip


def _person(turn: Turn, whose: str | None) -> Bound:
    people = called(turn.bindings)
    if len(people) == 1:
        return turn.bindings[-1]
    name: str = turn.ask("person", "是谁的钱没收到？", one_of(list(people)), guess=lambda: whose)
    return chosen(name, turn.bindings) or turn.bindings[-1]


def _of(turn: Turn, name: str) -> str:
    return f"（{name}）" if len(turn.bindings) > 1 else ""


def _item(turn: Turn, lines: list[Line], today: date, topic: str | None) -> Validator:
    lately = [line for line in lines if line.year >= today.year - 1]
    lately.sort(key=lambda line: (line.item != topic, line.stage != RETURNED, line.stage not in NEXT))
    options = [*dict.fromkeys(line.item for line in lately)][:_MOST]
    offered = (*options, _UNSURE)
    pick = one_of(offered, dict.fromkeys(_UNSURES, _UNSURE))

    def read(message: Message) -> str:
        text = bare(message.text)
        guess = None if text in (*offered, *_UNSURES) or number_in(text) else turn.answerer.guess_item(text)
        if guess in ITEMS:
            return str(guess)
        try:
            return str(pick(message))
        except Unfit:
            raise Unfit("没对上是哪一项。说个名字就行，比如“地补”“低保”；说不清就点最后一个。", offered) from None

    return Validator(read, offered)


# ---------------------------------------------------------------- what the bank says


def takes_bank_text(turn: Turn) -> bool:
    """A forwarded message of a bank, or a line of a passbook."""
    return bank_text.read(turn.text, beijing(turn.now).date()) is not None


def bank_message(turn: Turn) -> Reply:
    """Which payment it is; nothing of the message is kept."""
    today = beijing(turn.now).date()
    bank = bank_text.read(turn.text, today)
    if bank is None or bank.went_out:
        said = "这条看着是卡里支出的钱，不是补贴到账。不是您自己花的，请马上打银行客服问；短信里的链接不要点。"
        return Reply(said, ("查补贴",))
    if not turn.bindings:
        said = f"这像是银行的到账短信，{yuan(bank.amount_fen)}。要看是哪项补贴，先认一下您是谁：点“查补贴”。短信里的链接不要点。"
        return Reply(said, ("查补贴",))
    theirs = [(person, Payment.of(turn.session, person.resident_id)) for person in turn.bindings]
    found = [(person, line) for person, lines in theirs for line in bank_text.matching(bank, lines)]
    head = "对上了，这笔钱是：" if len(found) == 1 else "可能是这几笔里的一笔："
    if not found:
        found = [(person, line) for person, lines in theirs for line in bank_text.together(bank, lines)]
        head = "对上了，是这几笔合在一起打的："
    if not found:
        return _unmatched(turn, bank, [line for _, lines in theirs for line in lines], today)
    person, line = found[0]
    whose = name_of(person, turn.bindings)
    told = [_found(person, line, today) for person, line in found[:_MOST]]
    return Reply("\n".join([head, *told]), (f"看{line.year}年{line.item}{_of(turn, whose)}", f"{today.year}年{_of(turn, whose)}"))


def _unmatched(turn: Turn, bank: bank_text.BankText, lines: list[Line], today: date) -> Reply:
    accounts = {line.account[-4:] for line in lines if line.account}
    other = "这个账号和补贴登记的账号不是一个。" if bank.tail and accounts and bank.tail not in accounts else ""
    said = (
        f"{yuan(bank.amount_fen)}，在已经录入的补贴里没有对上。{other}可能是养老金、工资或别人转的，也可能还没录进来。\n"
        f"{how_far(Batch.loaded(turn.session), today.year, today)}\n"
        "拿不准就问银行这笔钱是谁打的；短信里的链接不要点，验证码谁也别给。"
    )
    return Reply(said, (f"{today.year}年", "没收到钱"))


def _found(person: Bound, line: Line, today: date) -> str:
    where = account_tail(line.bank, line.account)
    when = day(when_paid(line), today)
    return f"· {mask_name(person.name)}的{line.item}（{line.period}），{yuan(line.amount_fen)}，{when}打到{where}。"
