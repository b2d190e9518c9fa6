"""为什么没到账: a short talk over one's own data; and the short message of a bank, matched to the payment it is."""

from __future__ import annotations

from datetime import date

from handlers.turn import Reply, Turn
from handlers.validators import Message, Validator, bare, number_in, one_of
from knowledge import bank_text
from knowledge.catalogue.items import ITEMS
from knowledge.diagnosis import PAID_ALREADY, Report, diagnose, report_in_words
from knowledge.identity import mask_name
from knowledge.money import yuan
from knowledge.statement import Line, how_far
from knowledge.wording import account_tail, beijing, day
from models.payment import Batch, Payment
from models.resident import Bound

_WORDS = {
    "没收到钱", "没收到", "没到账", "钱没到", "为什么没到账", "为啥没到账", "钱没到咋办", "钱没到怎么办", "怎么还没到账", "咋还没到账",
    "怎么没到账", "咋没到账", "钱咋没到", "钱怎么没到", "补贴没到账", "没打钱", "还没到账",
}  # fmt: skip
_MOST = 8  # items to tap


def takes(turn: Turn) -> bool:
    """Money that has not come, said by somebody for whom we can look; the article answers everybody else."""
    if turn.word in _WORDS:
        return bool(turn.bindings)
    found = turn.understood
    return found.answered and found.aspect == "没收到" and bool(turn.bindings)


def diagnosis(turn: Turn) -> Reply:
    """Which person, which item; then what the data says, and the next step."""
    named = turn.once("named", lambda: _named(turn))
    person = _person(turn)
    today = beijing(turn.now).date()
    lines, loaded = Payment.of(turn.session, person.resident_id), Batch.loaded(turn.session)
    item = turn.ask("item", "哪一项没收到？点一下，或者把名字发来。", _item(turn, lines, today), guess=lambda: named)
    found = diagnose(item, lines, loaded, today)
    report = Report(item, found.year, mask_name(person.name) if len(turn.bindings) > 1 else "")
    wish = (report_in_words(report),)
    choices = (f"{found.year}年", *wish) if found.kind == PAID_ALREADY else (*wish, "查补贴")
    return Reply(f"{person.name}：{found.text}", choices)


def _named(turn: Turn) -> str | None:
    item = None if turn.word in _WORDS else turn.understood.item
    return item if item in ITEMS else None


def _person(turn: Turn) -> Bound:
    people = {mask_name(each.name): each for each in turn.bindings}
    if len(people) == 1:
        return turn.bindings[-1]
    chosen: str = turn.ask("person", "是谁的钱没收到？", one_of(list(people)))
    return people.get(chosen) or turn.bindings[-1]


def _item(turn: Turn, lines: list[Line], today: date) -> Validator:
    lately = [line.item for line in lines if line.year >= today.year - 1]
    options = [*dict.fromkeys(lately)][:_MOST]
    pick = one_of(options)

    def named(text: str) -> str | None:
        guess = turn.answerer.guess_item(text)
        return guess if guess in ITEMS else None

    def read(message: Message) -> str:
        text = bare(message.text)
        if text not in options and not number_in(text) and (found := named(text)):
            return found
        return str(pick(message))

    return Validator(read, tuple(options))


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
    found = [
        (person, line)
        for person in turn.bindings
        for line in bank_text.matching(bank, Payment.of(turn.session, person.resident_id))
    ]
    if not found:
        loaded = Batch.loaded(turn.session)
        said = (
            f"{yuan(bank.amount_fen)}，在已经录入的补贴里没有对上。可能是养老金、工资或别人转的，也可能还没录进来。\n"
            f"{how_far(loaded, today.year, today)}\n拿不准就问银行这笔钱是谁打的；短信里的链接不要点，验证码谁也别给。"
        )
        return Reply(said, (f"{today.year}年", "没收到钱"))
    lines = [_found(person, line, today) for person, line in found]
    head = "对上了，这笔钱是：" if len(found) == 1 else "可能是这几笔里的一笔："
    return Reply("\n".join([head, *lines]), (f"{found[0][1].year}年",))


def _found(person: Bound, line: Line, today: date) -> str:
    when = day(line.paid_date or line.stage_date, today)
    return f"· {mask_name(person.name)}的{line.item}（{line.period}），{yuan(line.amount_fen)}，{when}打到{account_tail(line.bank, line.account)}。"
