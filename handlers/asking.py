"""The questions of the proof: agreement, number, what the person is to the asker, name, card."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, bare, one_of, yes_or_no
from knowledge import proving as words
from knowledge.errors import Refused
from knowledge.identity import find_id_numbers, parse_id_number
from knowledge.wording import beijing
from models.agreement import LOOKUP, Agreement
from models.known import Claim
from models.resident import CHILD, SELF
from models.ticket import NUMBER, Ticket

FAMILY = "给家里人查"
_ENOUGH = {"算了", "算了吧", "不查了", "不想查了", "不弄了", "不整了", "不发了", "拉倒", "不填了", "先不查了", "不用了"}
_NODS = {"同意", "好", "好的", "嗯", "嗯嗯", "行", "可以", "ok", "在", "在吗"}
_ASKS_WHY = ("为什么", "为啥", "干啥", "干什么", "干嘛", "凭什么", "骗", "安全", "泄露", "放心吗", "靠谱")
_WORDS_OF_RELATION = {name: relation for relation, name in words.RELATIONS.items()}
_SAME = {"自己": "本人", "我自己": "本人", "我": "本人"}
_A_WORD = 6  # characters that name a relative and nothing else
_BY_ANOTHER = re.compile("让|等|叫|问|来|找")
_UNDER = 14  # 个人信息保护法 第31条
_NOT_A_NAME = "请只发姓名，跟身份证上的一样，比如：王桂兰。"


class Enough(Exception):
    """算了."""


def agreed(turn: Turn) -> bool:
    """Agreed to the words as they stand now, before the first number is taken (个人信息保护法 第14、29条)."""
    values = turn.values

    def stands() -> bool | None:
        return Agreement.stands(turn.session, turn.follower_id, LOOKUP, words.NOTICE_VERSION) or None

    def record() -> bool:
        if stands() is None:
            Agreement.given(turn.session, turn.follower_id, LOOKUP, words.NOTICE_VERSION)
        return True

    notice = words.notice(values.county, values.hotline, values.proof)
    if not turn.ask("agree", notice, yes_or_no("同意", "不同意"), guess=stands):
        return False
    return bool(turn.once("agreed", record))


def number(turn: Turn, given: dict[str, str], in_person: bool) -> str:
    """The ID number; FAMILY where that was tapped instead. `given`: what came with the first message."""
    if "number" not in turn.talk.answers:
        family = turn.talk.answers.get("once:family")
        choices = () if family else (FAMILY,)
        question = "请发要查的那个人的身份证号（18位）。" if family else words.ASK_NUMBER
        question += "" if in_person else _page_link(turn)
        ask(turn, "number", question, lambda text: _number(turn, text), choices=choices, guess=lambda: given.get("number"))
        turn.once("also", lambda: given if given.get("number") else said_at_once(turn.text))
    return str(turn.talk.answers["number"])


def _number(turn: Turn, text: str) -> str:
    if len(text) <= _A_WORD and words.relation_in(text) not in (None, SELF) and not _BY_ANOTHER.search(text):
        turn.talk.answers["once:first"] = text  # 我妈: whose number will come
        raise Refused("好。请发要查的那个人的身份证号（18位）。")
    return words.read_number(text).value


def _page_link(turn: Turn) -> str:
    """A page where the number can be typed, so that it stays out of the chat."""
    if not turn.values.public_url or turn.talk.answers.get("once:given", {}).get("number"):
        return ""
    token = turn.talk.answers.get("once:token")
    if token is None or Ticket.look(turn.session, NUMBER, token) is None:
        token = turn.talk.answers["once:token"] = Ticket.issue(turn.session, NUMBER, turn.follower_id)
    return f"\n不想把号码留在聊天里，就点开这一页填（10分钟内有效）：\n{turn.values.public_url}/number/{token}"


def whom(turn: Turn, number: str, ask_relation: bool) -> Claim | None:
    """What the person is to the WeChat user; None when a child's guardian is wanted."""
    if parse_id_number(number).age_on(beijing(turn.now).date()) < _UNDER:
        is_guardian = turn.ask("guardian", words.ASK_GUARDIAN, yes_or_no("我是监护人", "不是"))
        return Claim(number, relation=CHILD, guardian=True) if is_guardian else None
    if not ask_relation:
        return Claim(number, relation=SELF)
    told = turn.once("whom", lambda: words.relation_in(turn.talk.answers.get("once:first", "")))
    validator = one_of(tuple(words.RELATIONS.values()), _SAME, lambda text: _relation(words.relation_in(text)))
    named = turn.ask("relation", words.ASK_RELATION, validator, guess=lambda: _relation(told))
    return Claim(number, relation=_WORDS_OF_RELATION[named])


def _relation(name: str | None) -> str | None:
    return words.RELATIONS.get(name or "")


def with_factors(turn: Turn, claim: Claim) -> Claim:
    """The claim with name and card, where the county asks for them."""
    factors, number = turn.values.proof, claim.number
    also: dict[str, str] = turn.talk.answers.get("once:also", {})
    name = tail = None
    if "name" in factors:
        name = ask(turn, "name", words.ASK_NAME, lambda text: _name(turn, text), guess=lambda: also.get("name"))
    if "card_tail" in factors:
        question = words.ASK_TAIL + _picture(turn)
        tail = ask(turn, "tail", question, lambda text: _tail(turn, text, number), guess=lambda: also.get("tail"))
    return Claim(number, name, tail, claim.relation, claim.guardian)


def _name(turn: Turn, text: str) -> str:
    name = words.read_name(text)
    if turn.answerer.is_question(text):
        raise Refused(_NOT_A_NAME)
    if _is_doubtful(turn, name) and turn.talk.answers.get("once:doubtful") != name:
        turn.talk.answers["once:doubtful"] = name
        raise Refused("请发身份证上的姓名，比如：王桂兰。刚才发的真是姓名的话，就再发一次。")
    return name


def _is_doubtful(turn: Turn, name: str) -> bool:
    # 卡丢了, 多少钱: a wrong name would count as a failed proof.
    said = turn.answerer.answer(name)
    means_something = said.answered and said.intent != "complain"
    return means_something or not ("·" in name or words.looks_like_a_name(name))


def _tail(turn: Turn, text: str, number: str) -> str:
    tail = words.read_tail(text)
    if tail == number[-4:] and not turn.talk.answers.get("once:same_tail"):
        turn.talk.answers["once:same_tail"] = True
        raise Refused("这4个数跟身份证号最后4位一样。要的是银行账号的最后4个数，再看看？账号真是这样，就再发一次。")
    return tail


def _picture(turn: Turn) -> str:
    return f"\n在哪看，有张图：{turn.values.public_url}/card" if turn.values.public_url else ""


def said_at_once(text: str) -> dict[str, str]:
    """Number, name and last four digits that came in one message: 220… 王桂兰 1234."""
    numbers = find_id_numbers(text)
    if len(numbers) != 1:
        return {}
    found, parts = {"number": numbers[0].value}, text.replace("，", " ").replace(",", " ").replace("。", " ").split()
    in_one_piece = any(find_id_numbers(part) for part in parts)  # else four digits may be a part of it
    for part in parts:
        if in_one_piece and len(part) == 4 and part.isdigit() and part != numbers[0].value[-4:]:
            found["tail"] = part
        elif words.looks_like_a_name(part):
            found["name"] = part
    return found


def ask(
    turn: Turn, name: str, question: str | Reply, read: Callable[[str], Any], *, choices: tuple[str, ...] = (),
    same: tuple[str, ...] = (), guess: Callable[[], Any] | None = None,
) -> Any:  # fmt: skip
    """Ask for something to be typed; `same` are other words for the first choice.

    算了 ends it all, a question why is answered, and a photo is not wanted.
    """

    def answer(message: Message) -> Any:
        text = bare(message.text)
        if text in _ENOUGH:
            raise Enough
        if text in _NODS:
            raise Unfit(question.text if isinstance(question, Reply) else question)
        if message.kind == "image":
            raise Unfit("身份证、银行卡的照片不用发，照着打字就行，这样更安全。")
        if len(text) > 3 and any(word in text for word in _ASKS_WHY):
            raise Unfit(f"{words.WHY}\n要查就接着发；不查了，发“算了”。")
        if text in choices or text in same:
            return text if text in choices else choices[0]
        try:
            return read(message.text)
        except Refused as refused:
            raise Unfit(refused.said) from None

    return turn.ask(name, question, Validator(answer, choices), guess=guess)
