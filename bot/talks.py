"""Where the talk with a follower stands, read and saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, insert, or_, select
from sqlalchemy.orm import Session

from bot.render import Fitted
from handlers.flow import LASTS
from handlers.turn import Incoming, Reply, Talk, Turn
from knowledge.answers import Topic
from models.base import insert_of, now
from models.delivery import RIDING, UNCERTAIN, WAITING, Delivery
from models.follower import Conversation, Follower, Message

_STORY_LASTS = timedelta(minutes=15)
_RECENT = 5  # keys of the last messages that were answered from a read


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the database tells about the sender of a message."""

    follower_id: int
    subscribed: bool
    flow: str | None
    state: dict[str, Any] | None
    topic: dict[str, Any] | None
    topic_at: datetime | None
    waiting: bool = False
    reply: dict[str, Any] | None = None


_waiting = exists().where(
    # Not in_(): its list is written into the statement anew at each run, which costs more than the look itself.
    and_(
        Delivery.follower_id == Follower.id,
        or_(Delivery.status == WAITING, Delivery.status == UNCERTAIN, Delivery.status == RIDING),
    )
)
_reply = select(Message.reply).where(Message.key == bindparam("key")).scalar_subquery()
_LOOK = (
    select(
        Follower.id, Follower.subscribed, Conversation.flow, Conversation.state, Conversation.expires_at,
        Conversation.topic, Conversation.topic_at, _waiting.label("waiting"), _reply.label("reply"),
    )
    .outerjoin(Conversation, Conversation.follower_id == Follower.id)
    .where(Follower.openid == bindparam("openid"))
)  # fmt: skip


def look(connection: Connection, message: Incoming) -> Seen | None:
    """One read: who is this, is a flow open, does something wait, was this message answered already. None: not met."""
    row = connection.execute(_LOOK, {"openid": message.openid, "key": message.key}).first()
    if row is None:
        return None
    live = row.expires_at is None or row.expires_at > now()
    return Seen(
        row.id, row.subscribed, row.flow if live else None, row.state if live else None, row.topic, row.topic_at,
        bool(row.waiting), row.reply,
    )  # fmt: skip


def stand(session: Session, message: Incoming) -> Seen:
    """The same under the follower's lock; a follower not met before is met now."""
    seen = None
    if session.get_bind().dialect.name == "sqlite":  # the one writer holds the lock already
        seen = look(session.connection(), message)
    if seen is None:
        # The lock comes before the look: what another message has just committed must be seen.
        Follower.met(session, message.openid, lock=True)
        seen = look(session.connection(), message)
    if seen is None:
        raise LookupError("a follower just met was not found")
    return seen


def open_talk(seen: Seen) -> Talk:
    """The open flow, or none."""
    return Talk.from_dict(seen.flow, seen.state) if seen.flow else Talk()


def parked_talk(seen: Seen) -> Talk | None:
    """The flow that a menu tap has interrupted."""
    kept = (seen.state or {}).get("parked")
    return Talk.from_dict(kept["flow"], kept) if kept else None


def save(session: Session, turn: Turn, record: dict[str, Any]) -> None:
    """Keep the open flow, or its end, and the topic: one statement."""
    talk = turn.talk
    parked = {"parked": {"flow": turn.parked.flow} | turn.parked.to_dict()} if turn.parked else {}
    state = ((talk.to_dict() if talk.flow else {}) | parked) or None
    kept = {
        "follower_id": turn.follower_id, "version": 1, "flow": talk.flow, "state": state,
        "expires_at": turn.now + LASTS if state else None, "topic": record, "topic_at": now(),
    }  # fmt: skip
    session.connection().execute(_save(session.get_bind().dialect.name), kept)


@cache
def _save(engine: str) -> Any:
    # Built once: building it costs more than running it.
    statement = insert_of(engine)(Conversation)
    kept = ("flow", "state", "expires_at", "topic", "topic_at")
    return statement.on_conflict_do_update(
        index_elements=["follower_id"],
        set_={name: statement.excluded[name] for name in kept} | {"version": Conversation.version + 1},
    )


_KEEP_REPLY = insert(Message)


def keep_reply(session: Session, key: str, follower_id: int | None, reply: dict[str, Any]) -> None:
    """The reply by which a retry is recognised and answered."""
    session.connection().execute(
        _KEEP_REPLY, {"key": key, "follower_id": follower_id, "reply": reply, "received_at": now()}
    )


def next_record(record: dict[str, Any], key: str, turn: Turn, reply: Reply, fitted: Fitted) -> dict[str, Any]:
    """The record after a reply; `before` lets a retry of this very message be answered from the state it met."""
    before = {name: value for name, value in record.items() if name not in ("before", "recent")}
    topic = reply.topic if reply.topic is not None else turn.topic
    after: dict[str, Any] = {"choices": fitted.choices, "rest": fitted.rest}
    if topic is not None:
        after["topic"] = topic.to_dict()
    if turn.later.story:
        after["story"], after["story_at"] = turn.later.story, turn.now.isoformat()
    return after | {"before": before, "recent": [*record.get("recent", ()), key][-_RECENT:]}


def topic_in(record: dict[str, Any]) -> Topic | None:
    """The topic last talked of."""
    kept = record.get("topic")
    return Topic.from_dict(kept) if kept else None


def fresh_story(record: dict[str, Any], moment: datetime) -> str:
    """A complaint told a moment ago, while it is fresh."""
    told = record.get("story_at")
    if told and moment - datetime.fromisoformat(told) < _STORY_LASTS:
        return str(record["story"])
    return ""
