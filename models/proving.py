"""The proof itself, the same for chat, one-time page and counter: same work, same words, same writes for everybody.

A guesser must not learn whether a person exists, from the words or from the time they take. So the proof always looks
for one row, decrypts and compares as much (models/known.py), and counts a failure in the same three rows; whether a
count has run out is looked at only after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.errors import Refused
from knowledge.identity import mask_name
from knowledge.proving import (
    BOUND,
    CODE_OLD,
    CODE_SENT,
    LOCKED,
    NOT_MATCHED,
    SLOWED,
    TOO_MANY,
    WRONG_CODE,
    Outcome,
    another_is_bound,
    tried_in_vain,
)
from knowledge.wording import beijing
from models.base import now
from models.delivery import Delivery
from models.follower import Conversation, Follower
from models.known import Claim, Known
from models.proof import IN_PERSON, SMS, TRIES, Proof
from models.resident import EVERYONE, MESSAGES, PERSON, STAFF, USER, Attempt, Binding, Resident

LOOKUP = "lookup"  # the flow of the chat in which the proof is asked for
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_CODES_A_DAY = 5  # to one phone, or for one WeChat user: nobody's phone is to be flooded
_BY_DAY = (8, 21)  # o'clock
_BETWEEN_CODES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The county's settings for proofs. `factors`: name, card_tail, sms, all of those named; in_person is the way beside."""

    factors: tuple[str, ...]
    failures_per_user: int = 5
    failures_per_id: int = 5
    failures_global_per_hour: int = 200
    lock_hours: int = 24
    persons_per_user: int = 4

    @property
    def asks_here(self) -> bool:
        """Whether something can be proven from afar; else only over the counter."""
        return any(factor != IN_PERSON for factor in self.factors)

    @property
    def window(self) -> timedelta:
        """How long failures count, and how long a lock lasts."""
        return timedelta(hours=self.lock_hours)


# ---------------------------------------------------------------- the proof


def at_the_door(session: Session, openid: str, rules: Rules) -> Outcome | None:
    """Whether this WeChat user must wait or is locked, before anything is asked. None: come in.

    While very many proofs fail in the county, everybody waits a little before the first try, and after each one.
    """
    user = Attempt.seen(session, USER, openid)
    if held := _held(user, rules.failures_per_user, rules.window):
        return held
    wait = _burst(session, rules)
    if wait and (user.wait_until is None or user.wait_until < now() - _HOUR):
        Attempt.held(session, USER, openid).wait_until = now() + wait
        return Outcome(SLOWED, minutes=round(wait / timedelta(minutes=1)))
    return None


def prove(session: Session, follower: Follower, claim: Claim, rules: Rules) -> Outcome:
    """Compare a claim with the file, and bind, send a code, or count the failure."""
    if not rules.asks_here:
        raise Refused("这里要带身份证到乡镇当面认。请发“查补贴”，照着做就行。")
    user = Attempt.held(session, USER, follower.openid)
    person = Attempt.held(session, PERSON, claim.number)
    known = Known.of(session, claim.number)
    fits = known.fits(claim)
    held = _held(user, rules.failures_per_user, rules.window) or _held(person, rules.failures_per_id, rules.window)
    if held:
        return held
    if SMS in rules.factors:
        return _send_code(session, follower, claim, known if fits else Known.nobody())
    if not fits:
        return _failed(session, user, person, known.resident_id, rules)
    return _bind(session, follower, known.resident_id, rules, claim.relation, claim.guardian)


def prove_code(session: Session, follower: Follower, typed: str, rules: Rules) -> Outcome:
    """The code of the SMS, typed."""
    proof = Proof.open_for(session, SMS, follower.id, lock=True)
    if proof is None:
        return Outcome(CODE_OLD)
    user = Attempt.held(session, USER, follower.openid)
    person = Attempt.held(session, PERSON, proof.number)
    held = _held(user, rules.failures_per_user, rules.window) or _held(person, rules.failures_per_id, rules.window)
    right = proof.fits(session, typed)
    if held or (not right and proof.tries < TRIES):
        return held or Outcome(WRONG_CODE, left=TRIES - proof.tries)
    number, resident_id, relation, guardian = proof.number, proof.resident_id, proof.relation, proof.guardian
    session.delete(proof)
    if right:
        return _bind(session, follower, resident_id, rules, relation, guardian)
    return _failed(session, user, person, Resident.id_of(session, number), rules)


def code_again(session: Session, follower: Follower) -> Outcome:
    """Another code for the same claim; CODE_OLD when the claim itself is too old."""
    proof = Proof.open_for(session, SMS, follower.id, lock=True)
    if proof is None:
        return Outcome(CODE_OLD)
    claim = Claim(proof.number, relation=proof.relation, guardian=proof.guardian)
    known = Known.of(session, proof.number)
    return _send_code(session, follower, claim, known if proof.resident_id else Known.nobody())


def code_for_the_counter(session: Session, follower: Follower, claim: Claim) -> str:
    """The code that the phone shows to the clerk, good for half an hour. Whether there is such a person is not said."""
    return Proof.issue(
        session, IN_PERSON, follower.id, claim.number, None, relation=claim.relation, guardian=claim.guardian
    )


def prove_for_staff(session: Session, username: str, claim: Claim, rules: Rules) -> Outcome:
    """The same comparison for somebody at the telephone or the counter: nobody is bound by it. BOUND: it fits."""
    desk = Attempt.held(session, STAFF, username)
    person = Attempt.held(session, PERSON, claim.number)
    known = Known.of(session, claim.number)
    fits = known.fits(claim)
    held = _held(desk, 4 * rules.failures_per_user, rules.window) or _held(person, rules.failures_per_id, rules.window)
    if held:
        return held
    if not fits or known.resident_id is None:
        desk.count(4 * rules.failures_per_user, rules.window)
        return _failed(session, None, person, known.resident_id, rules)
    return Outcome(BOUND, resident_id=known.resident_id)


def confirm_at_the_counter(
    session: Session, username: str, code: str, number: str, town: str | None, rules: Rules
) -> Outcome:  # fmt: skip
    """A clerk has seen the card: the phone that shows this code is bound. Only persons of the clerk's own township."""
    desk = Attempt.held(session, STAFF, username)
    if held := _held(desk, 4 * rules.failures_per_user, rules.window):
        return held
    proof = Proof.shown(session, code, number)
    resident = Resident.by_id_number(session, number) if proof else None
    if proof is None or resident is None or town is None or resident.town != town:
        desk.count(4 * rules.failures_per_user, rules.window)
        return Outcome(NOT_MATCHED)
    follower = session.get_one(Follower, proof.follower_id, with_for_update=True)
    relation, guardian = proof.relation, proof.guardian
    session.delete(proof)
    return _bind(session, follower, resident.id, rules, relation, guardian, way=IN_PERSON)


def _held(count: Attempt, limit: int, window: timedelta) -> Outcome | None:
    if count.within(window) >= limit:
        return Outcome(LOCKED)
    minutes = count.minutes_to_wait()
    return Outcome(SLOWED, minutes=minutes) if minutes else None


def _burst(session: Session, rules: Rules) -> timedelta | None:
    """How long each has to wait while very many proofs fail: two minutes at the limit, an hour at five times that."""
    share = Attempt.seen(session, EVERYONE, "").within(_HOUR) / rules.failures_global_per_hour
    return timedelta(minutes=min(60, round(2 * share**2))) if share >= 1 else None


def _failed(
    session: Session, user: Attempt | None, person: Attempt, resident_id: int | None, rules: Rules
) -> Outcome:  # fmt: skip
    if user is not None:
        user.count(rules.failures_per_user, rules.window)
        if wait := _burst(session, rules):
            user.wait_until = max(user.wait_until or now(), now() + wait)
    person.count(rules.failures_per_id, rules.window, resident_id=resident_id or 0)
    Attempt.held(session, EVERYONE, "").count(10**9, _HOUR)
    session.flush()
    return Outcome(NOT_MATCHED)


def _send_code(session: Session, follower: Follower, claim: Claim, known: Known) -> Outcome:
    for value in (follower.openid, claim.number):
        sent = Attempt.held(session, MESSAGES, value)
        if held := _held(sent, _CODES_A_DAY, _DAY):
            return held
        sent.count(10**9, _DAY)
        sent.wait_until = now() + _BETWEEN_CODES
    Proof.issue(
        session, SMS, follower.id, claim.number, known.resident_id, relation=claim.relation, guardian=claim.guardian,
        phone=known.phone,
    )  # fmt: skip
    return Outcome(CODE_SENT)


# ---------------------------------------------------------------- bound, and told


def _bind(
    session: Session, follower: Follower, resident_id: int | None, rules: Rules, relation: str, guardian: bool,
    way: str = "",
) -> Outcome:  # fmt: skip
    resident = session.get_one(Resident, resident_id)
    standing = Binding.of(session, follower.id)
    if len(standing) >= rules.persons_per_user and all(each.resident_id != resident.id for each in standing):
        return Outcome(TOO_MANY)
    seen_before = Binding.ended_lately(session, resident.id, follower.id, now() - _DAY)
    proof = way or "+".join(factor for factor in rules.factors if factor != IN_PERSON)
    is_new = Binding.make(session, follower, resident, proof, relation=relation, guardian=guardian)
    if is_new and not seen_before:
        for other in Binding.others_of(session, resident.id, follower.id):
            tell(session, other.follower_id, another_is_bound(mask_name(resident.name)))
    session.flush()
    return Outcome(BOUND, resident_id=resident.id, follower_id=follower.id)


def tell(session: Session, follower_id: int, text: str) -> None:
    """A word to a WeChat user about their proofs. The platform's notices speak of answers only: none goes ahead of it."""
    session.add(Delivery(follower_id=follower_id, text=text, notified_at=now(), extra=True))


def tell_of_attempts(session: Session, at: datetime | None = None) -> None:
    """Whoever is bound to a person is told that somebody failed to prove to be them; once a day, by day, and no detail.

    Not where the proof fails: to write this there would take longer for a person who exists.
    """
    if not _BY_DAY[0] <= beijing(at or now()).hour < _BY_DAY[1]:
        return
    for attempt in Attempt.untold(session):
        attempt.told_at = now()
        bound = select(Binding).where(Binding.resident_id == attempt.resident_id, Binding.ended_at.is_(None))
        for binding in session.scalars(bound):
            tell(session, binding.follower_id, tried_in_vain(mask_name(binding.resident.name)))


def end_flow(session: Session, follower: Follower) -> None:
    """The chat need not ask any more what the page was told. A flow that was put aside stays."""
    talk = session.get(Conversation, follower.id)
    if talk is not None and talk.flow == LOOKUP:
        parked = {name: value for name, value in (talk.state or {}).items() if name == "parked"}
        talk.flow, talk.state, talk.version = None, parked or None, talk.version + 1


def tidy(session: Session) -> None:
    """Delete codes and counts that are of no use any more, and what was said in talks that nobody went on with."""
    Proof.drop_old(session)
    Attempt.drop_old(session)
    stale = update(Conversation).where(Conversation.expires_at < now())
    session.execute(stale.values(flow=None, state=None, expires_at=None))
