"""The first contact: who are you? What is asked and why, the number, the proof, and the binding that follows."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import select

from handlers.asking import FAMILY, Enough, agreed, ask, number, said_at_once, whom, with_factors
from handlers.turn import Reply, Turn, Values
from knowledge import proving as words
from knowledge.identity import IdNumberFault, parse_id_number
from knowledge.proving import BOUND, CODE_SENT, WRONG_CODE, Outcome
from models import proving
from models.known import Claim
from models.proof import IN_PERSON, SMS, Proof
from models.proving import Rules
from models.resident import SELF, Binding, Bound, Resident

AT_THE_COUNTER = "当面认"
_SWITCH = {FAMILY, "换个人查", "再加一个人", "给别人查", "查别人"}
_ANEW = {"再查一次", "再试一次", "重新查", "再来一次"}
_COUNTER = {AT_THE_COUNTER, "当面核对", "到乡镇认", "当面办"}
_AGAIN = "重新发"
_AGAINS = (_AGAIN, "再发一次", "没收到", "没收到短信", "没有短信", "短信没来", "重发")
_CODE = 6  # digits


def rules_of(values: Values) -> Rules:
    """The county's settings for proofs."""
    return Rules(
        values.proof, values.failures_per_user, values.failures_per_id, values.failures_global_per_hour,
        values.lock_hours, values.persons_per_user,
    )  # fmt: skip


def wants_another(turn: Turn) -> bool:
    """A wish to look for somebody not yet bound: 给家里人查, an ID number sent by itself, a code that was waited for."""
    text = turn.word
    if text in _SWITCH or text in _COUNTER or is_bare_number(turn.text):
        return True
    if text in _ANEW:
        return not turn.bindings
    if words.for_somebody_else(text):
        return meant(turn) is None
    return _is_awaited_code(turn)


def meant(turn: Turn) -> Bound | None:
    """The person bound already whom the words mean: 给我妈查一下."""
    relation = words.relation_in(turn.word) if turn.bindings and words.for_somebody_else(turn.word) else None
    if relation is None:
        return None
    query = select(Binding.id).where(Binding.follower_id == turn.follower_id, Binding.ended_at.is_(None))
    found = set(turn.session.scalars(query.where(Binding.relation == relation)))
    return next((each for each in turn.bindings if each.binding_id in found), None)


def is_bare_number(text: str) -> bool:
    """Whether the message is an ID number and nothing else."""
    try:
        return len(text) <= 40 and bool(parse_id_number(text))
    except IdNumberFault:
        return False


def bind(turn: Turn) -> Bound | Reply:
    """Ask, prove and bind. Gives the person bound, or what to say instead."""
    try:
        return _bind(turn)
    except Enough:
        return Reply(words.ENOUGH, ("问政策",))


def _bind(turn: Turn) -> Bound | Reply:
    rules = rules_of(turn.values)
    if turn.once("from_page", lambda: _is_awaited_code(turn)):
        return _code(turn, rules)
    family = turn.once("family", lambda: _is_for_family(turn))
    given = turn.once("given", lambda: said_at_once(turn.text))
    at_the_counter = turn.once("in_person", lambda: turn.word in _COUNTER or not rules.asks_here)
    in_person = at_the_counter and IN_PERSON in rules.factors
    if len(turn.bindings) >= rules.persons_per_user and not given.get("number"):
        return _refusal(turn, Outcome(words.TOO_MANY))
    door = None if in_person else turn.once("door", lambda: _at_the_door(turn, rules))
    if door:
        return _refusal(turn, Outcome(**door))
    if not agreed(turn):
        return Reply(words.NOT_AGREED, ("问政策",))
    id_number = number(turn, given, in_person)
    if id_number == FAMILY:
        turn.talk.answers["once:family"] = True
        turn.talk.change("number")
        return _bind(turn)
    if bound := _bound_already(turn, id_number):
        return bound
    if len(turn.bindings) >= rules.persons_per_user:
        return _refusal(turn, Outcome(words.TOO_MANY))
    claim = whom(turn, id_number, family or bool(turn.bindings))
    if claim is None:
        return Reply(words.NOT_A_GUARDIAN)
    if in_person:
        return _for_the_counter(turn, claim)
    return _proven(turn, with_factors(turn, claim), rules)


def _at_the_door(turn: Turn, rules: Rules) -> dict[str, Any] | None:
    held = proving.at_the_door(turn.session, turn.message.openid, rules)
    return asdict(held) if held else None


# ---------------------------------------------------------------- proving


def _proven(turn: Turn, claim: Claim, rules: Rules) -> Bound | Reply:
    outcome = Outcome(**turn.once("claim", lambda: asdict(proving.prove(turn.session, turn.follower, claim, rules))))
    return _code(turn, rules) if outcome.kind == CODE_SENT else _done(turn, outcome)


def _code(turn: Turn, rules: Rules) -> Bound | Reply:
    """Ask for the code until it is right, too old, or tried too often."""
    said = words.told(Outcome(CODE_SENT))
    come = turn.word if turn.talk.answers.get("once:from_page") else None  # it came with the first message
    for n in count():
        guess = partial(str, come) if come and n == 0 else None
        typed = ask(turn, f"code.{n}", Reply(said), words.read_code, choices=_AGAINS[:1], same=_AGAINS, guess=guess)
        outcome = Outcome(**turn.once(f"tried.{n}", partial(_tried, turn, typed, rules)))
        if outcome.kind not in (CODE_SENT, WRONG_CODE):
            return _done(turn, outcome)
        said = words.told(outcome)
    raise AssertionError


def _tried(turn: Turn, typed: str, rules: Rules) -> dict[str, Any]:
    if typed == _AGAIN:
        return asdict(proving.code_again(turn.session, turn.follower))
    return asdict(proving.prove_code(turn.session, turn.follower, typed, rules))


def _done(turn: Turn, outcome: Outcome) -> Bound | Reply:
    if outcome.kind != BOUND:
        return _refusal(turn, outcome)
    turn.forget_bindings()
    return next(each for each in turn.bindings if each.resident_id == outcome.resident_id)


def _refusal(turn: Turn, outcome: Outcome) -> Reply:
    said = words.told(outcome, turn.values.persons_per_user)
    if outcome.kind == words.TOO_MANY:
        return Reply(said, ("我的信息",))
    counter = (AT_THE_COUNTER,) if IN_PERSON in turn.values.proof else ()
    again = ("换个人查" if turn.bindings else "再查一次",) if outcome.kind == words.NOT_MATCHED else ()
    return Reply(said, (*again, *counter, "找人工"))


def _for_the_counter(turn: Turn, claim: Claim) -> Reply:
    code = proving.code_for_the_counter(turn.session, turn.follower, claim)
    return Reply(
        f"当面认的码：{code[:3]} {code[3:]}\n"
        "30分钟内有效。带上身份证，到发补贴的乡镇政府，把这个码给工作人员看。他核对了身份证，这里就能查了。\n"
        "这个码别发给别人。",
        ("问政策",),
    )


# ---------------------------------------------------------------- what was said before


def _is_awaited_code(turn: Turn) -> bool:
    # After the page has asked for a code the chat has no open question: the digits come by themselves.
    if len(turn.word) != _CODE or not turn.word.isdigit():
        return False
    return Proof.open_for(turn.session, SMS, turn.follower_id) is not None


def _bound_already(turn: Turn, number: str) -> Bound | None:
    found = Resident.id_of(turn.session, number) if turn.bindings else None
    return next((each for each in turn.bindings if each.resident_id == found), None)


def _is_for_family(turn: Turn) -> bool:
    turn.talk.answers["once:first"] = turn.text[:60]
    return turn.word in _SWITCH or words.relation_in(turn.text) not in (None, SELF)


