"""One message, one transaction: recognise a retry, lock the conversation, run a handler, save.

An answer that changes nothing needs no durable write: it is given from a read, and a retry computes it again from the
same state. Everything else is committed before the reply is given.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot import talks
from bot.behind import Behind
from bot.render import fit, size
from bot.talks import Seen
from handlers import FLOWS, handler_for, means_something_else, menu
from handlers.flow import RESUME, go_on, run, with_way_back
from handlers.turn import SILENCE, Incoming, Reply, Suspended, Talk, Turn, Values
from handlers.validators import number_in
from knowledge.answers import Answerer
from knowledge.errors import Busy, Refused
from knowledge.greetings import apology
from models.base import now
from models.db import Database, would_write
from models.delivery import Delivery
from models.follower import Message
from models.gap import Gap

log = logging.getLogger("mingbaika.dispatch")
_MOST_HEAD = 1300  # bytes of deliveries at the head of one reply


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes back to the platform. `carries` is true when deliveries ride on it."""

    text: str
    at: int  # the reply's CreateTime: the same for every retry
    carries: bool = False

    def kept(self) -> dict[str, Any]:
        """As a retry will find it."""
        return {"text": self.text, "at": self.at, "carries": self.carries}


@dataclass(frozen=True, slots=True)
class Step:
    """A flow's next question, worked out from the conversation's row at `version`."""

    key: str
    version: int
    turn: Turn
    reply: Reply
    record: dict[str, Any]


class _Overtaken(Exception):
    pass


class Dispatcher:
    """Answers messages. One for each process; safe for many threads."""

    def __init__(self, database: Database, values: Values, answerer: Callable[[], Answerer]) -> None:
        self.database = database
        self.behind = Behind(database)
        self._values = values
        self._answerer = answerer

    def handle(self, message: Incoming) -> Outcome:
        """The reply to one message, the same for every retry. Busy when the database cannot be had in time."""
        message = _in_words(message)
        try:
            return self._answer(message)
        except Busy:
            raise
        except Refused as refused:
            return self._settle(message, refused.said, failed=None)
        except Exception as error:  # noqa: BLE001  (whatever broke, the resident gets an answer and staff see it)
            log.error("a handler failed: %s at %s", type(error).__name__, _places(error))
            return self._settle(message, apology(self._values.hotline), failed=type(error).__name__)

    def _answer(self, message: Incoming) -> Outcome:
        step = None
        with self.database.look() as session:
            seen = talks.look(session, message)
            if seen is not None:
                if seen.reply is not None:
                    return _stored(seen.reply)
                answered = self._answer_from_a_read(session, message, seen)
                if answered:
                    return answered
                step = self._step(session, message, seen)
        return (step and self._take(step)) or self._answer_from_a_write(message)

    # ------------------------------------------------------------ answers that change nothing

    def _answer_from_a_read(self, session: Session, message: Incoming, seen: Seen) -> Outcome | None:
        record, _ = self._record(seen)
        again = message.key in record.get("recent", ())
        busy = (seen.flow and not again) or seen.waiting or not seen.subscribed or message.text == RESUME
        if busy or message.kind == "event" or not message.text:
            return None
        state = record.get("before", {}) if again and record["recent"][-1] == message.key else record
        turn = self._turn(session, message, seen, state, Talk())
        handler = handler_for(turn)
        if handler is None or handler.changes(turn):
            return None
        try:
            reply = handler.run(turn)
        except Suspended:
            return None
        fitted = fit(reply.text, reply.choices, reply.rest)
        if not again:
            self.behind.record(seen.follower_id, talks.next_record(record, message.key, turn, reply, fitted), now())
        if turn.later.gap and not again:
            self.behind.gap(turn.later.gap)
        return Outcome(fitted.text, int(now().timestamp()))

    def _record(self, seen: Seen) -> tuple[dict[str, Any], datetime | None]:
        mine = self.behind.record_of(seen.follower_id)
        if mine and (seen.topic_at is None or mine[1] >= seen.topic_at):
            return mine
        return seen.topic or {}, seen.topic_at

    # ------------------------------------------------------------ a step of a flow: thought out first, then committed

    def _step(self, session: Session, message: Incoming, seen: Seen) -> Step | None:
        """What a flow asks next, worked out without a lock: nothing before its last question writes."""
        if seen.version is None or seen.waiting or not seen.subscribed or message.kind == "event":
            return None
        record, _ = self._record(seen)
        turn = self._turn(session, message, seen, record, talks.open_talk(seen))
        turn.parked = talks.parked_talk(seen)
        try:
            reply = self._reply(turn)
        except Exception as error:
            if would_write(error):
                return None
            raise
        writes = session.new or session.dirty or session.deleted
        return Step(message.key, seen.version, turn, reply, record) if turn.talk.flow and not writes else None

    def _take(self, step: Step) -> Outcome | None:
        """Commit a step; None if another message of the same person, or a retry, came first."""
        turn, fitted = step.turn, fit(step.reply.text, step.reply.choices, step.reply.rest)
        outcome = Outcome(fitted.text, int(now().timestamp()))
        record = talks.next_record(step.record, step.key, turn, step.reply, fitted)

        def work(session: Session) -> None:
            stands = talks.save(session, turn, record, step.version)
            if not (stands and talks.keep_reply(session, step.key, turn.follower_id, outcome.kept())):
                raise _Overtaken

        try:
            self.database.write_prepared(work)
        except _Overtaken:
            return None
        self.behind.settled(turn.follower_id, gone=False)
        return outcome

    # ------------------------------------------------------------ answers that are committed first

    def _answer_from_a_write(self, message: Incoming) -> Outcome:
        outcome, follower_id, gone = self.database.write(lambda session: self._answer_durably(session, message))
        self.behind.settled(follower_id, gone=gone)
        return outcome

    def _answer_durably(self, session: Session, message: Incoming) -> tuple[Outcome, int, bool]:
        seen = talks.stand(session, message)
        if seen.reply is not None:
            return _stored(seen.reply), seen.follower_id, False
        record, _ = self._record(seen)
        turn = self._turn(session, message, seen, record, talks.open_talk(seen))
        turn.parked = talks.parked_talk(seen)
        reply = self._reply(turn)
        if turn.later.gap:
            Gap.note(session, turn.later.gap)
        session.flush()
        gone = message.event == "unsubscribe" or turn.later.forgotten
        if not seen.subscribed and not gone:
            turn.follower.welcome_back()
        heads = Delivery.ready_to_ride(session, seen.follower_id) if reply.text and seen.waiting else []
        text, riding = _with_heads(reply, heads)
        for delivery in riding:
            delivery.ride(message.key)
        fitted = fit(text, reply.choices, reply.rest)
        outcome = Outcome(fitted.text, int(now().timestamp()), carries=bool(riding))
        if not gone:
            talks.save(session, turn, talks.next_record(record, message.key, turn, reply, fitted))
        talks.keep_reply(session, message.key, None if gone else seen.follower_id, outcome.kept())
        return outcome, seen.follower_id, gone

    def _reply(self, turn: Turn) -> Reply:
        if turn.text == RESUME and turn.parked:
            turn.talk, turn.parked, turn.unread = turn.parked, None, False
            return run(turn, FLOWS[turn.talk.flow or ""])
        flow = turn.talk.flow
        if flow is None:
            return _begin(turn)
        if turn.message.kind == "event" or menu.takes_more(turn):
            talk, turn.talk = turn.talk, Talk()
            reply = _begin(turn)
            turn.talk = talk
            return reply
        reply_or_not = None if turn.message.tap in menu.TAPS else go_on(turn, FLOWS[flow], means_something_else)
        if reply_or_not is not None:
            return reply_or_not
        turn.parked, turn.talk = turn.talk, Talk()
        return with_way_back(flow, _begin(turn))

    def _turn(self, session: Session, message: Incoming, seen: Seen, record: dict[str, Any], talk: Talk) -> Turn:
        if talk.flow is None and (position := number_in(message.text)):
            offered: Sequence[str] = record.get("choices", ())
            if position <= len(offered):
                message = replace(message, text=offered[position - 1])
        turn = Turn(
            message, session, seen.follower_id, self._values, self._answerer(), now(), talk,
            topic=talks.topic_in(record), rest=record.get("rest", ""), said_before=talks.fresh_story(record, now()),
        )  # fmt: skip
        if not seen.bound:
            turn.is_bound_to_nobody()
        return turn

    def _settle(self, message: Incoming, said: str, failed: str | None) -> Outcome:
        """After a roll-back: the message is kept, the retry gets the same words and runs nothing again."""

        def work(session: Session) -> Outcome:
            seen = talks.stand(session, message)
            if seen.reply is not None:
                return _stored(seen.reply)
            outcome = Outcome(fit(said).text, int(now().timestamp()))
            content = message.text or message.kind if failed else None
            session.add(
                Message(
                    key=message.key, follower_id=seen.follower_id, reply=outcome.kept(), content=content, failed=failed
                )
            )  # fmt: skip
            return outcome

        return self.database.write(work)


def _begin(turn: Turn) -> Reply:
    handler = handler_for(turn)
    if handler is None:
        return SILENCE
    turn.talk = Talk(flow=handler.name)
    return run(turn, handler.run)


def _in_words(message: Incoming) -> Incoming:
    # A menu entry of ours says its words, so that tapping and typing are the same.
    if message.kind == "event" and message.event == "click" and message.tap in menu.TAPS:
        return replace(message, kind="text", text=menu.TAPS[message.tap])
    return message


def _with_heads(reply: Reply, heads: Sequence[Delivery]) -> tuple[str, list[Delivery]]:
    text = ""
    riding: list[Delivery] = []
    for delivery in heads:
        if riding and size(text) + size(delivery.text) > _MOST_HEAD:
            break
        text += f"{delivery.text}\n——\n"
        riding.append(delivery)
    return text + reply.text, riding


def _stored(reply: dict[str, Any]) -> Outcome:
    return Outcome(reply.get("text", ""), reply.get("at", 0), bool(reply.get("carries")))


def _places(error: BaseException) -> str:
    # The text of an exception may hold what the resident wrote: only its class and where it happened are logged.
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
