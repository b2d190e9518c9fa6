"""Where the talk with a follower stands, read and saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.render import Fitted
from handlers.flow import LASTS
from handlers.turn import Incoming, Reply, Talk, Turn
from knowledge.answers import Topic
from models.base import insert_of, now
from models.delivery import RIDING, UNCERTAIN, WAITING, Delivery
from models.follower import Conversation, Follower, Message
from models.prepared import Prepared
from models.resident import Binding

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
    version: int | None = None  # of the conversation's row; None where there is none yet
    waiting: bool = False
    reply: dict[str, Any] | None = None
    bound: bool = True  # whether there is somebody for whom they may look


_waiting = exists().where(
    # Not in_(): its list is written into the statement anew at each run, which costs more than the look itself.
    and_(
        Delivery.follower_id == Follower.id,
        or_(Delivery.status == WAITING, Delivery.status == UNCERTAIN, Delivery.status == RIDING),
    )
)
_bound = exists().where(and_(Binding.follower_id == Follower.id, Binding.ended_at.is_(None)))
_reply = select(Message.reply).where(Message.key == bindparam("key")).scalar_subquery()
_LOOK = Prepared(
    select(
        Follower.id, Follower.subscribed, Conversation.flow, Conversation.state, Conversation.expires_at,
        Conversation.topic, Conversation.topic_at, Conversation.version, _waiting.label("waiting"),
        _reply.label("reply"), _bound.label("bound"),
    )
    .outerjoin(Conversation, Conversation.follower_id == Follower.id)
    .where(Follower.openid == bindparam("openid")),
    given=("openid", "key"),
)  # fmt: skip


def look(session: Session, message: Incoming) -> Seen | None:
    """One read: who is this, is a flow open, does something wait, was this message answered already. None: not met."""
    rows = _LOOK.rows(session, {"openid": message.openid, "key": message.key})
    if not rows:
        return None
    follower_id, subscribed, flow, state, expires_at, *rest = rows[0]
    if expires_at is not None and expires_at <= now():
        flow = state = None
    return Seen(follower_id, bool(subscribed), flow, state, *rest)


def stand(session: Session, message: Incoming) -> Seen:
    """The same under the follower's lock; a follower not met before is met now."""
    seen = None
    if session.get_bind().dialect.name == "sqlite":  # the one writer holds the lock already
        seen = look(session, message)
    if seen is None:
        # The lock comes before the look: what another message has just committed must be seen.
        Follower.met(session, message.openid, lock=True)
        seen = look(session, message)
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


def save(session: Session, turn: Turn, record: dict[str, Any], version: int | None = None) -> bool:
    """Keep the open flow, or its end, and the topic; with `version`, only if the row is still at that one."""
    talk = turn.talk
    parked = {"parked": {"flow": turn.parked.flow} | turn.parked.to_dict()} if turn.parked else {}
    state = ((talk.to_dict() if talk.flow else {}) | parked) or None
    kept = {
        "follower_id": turn.follower_id, "flow": talk.flow, "state": state,
        "expires_at": turn.now + LASTS if state else None, "topic": record, "topic_at": now(),
    }  # fmt: skip
    if version is None:
        return _SAVE.run(session, kept | {"version": 1}) == 1
    return _STEP.run(session, kept | {"who": turn.follower_id, "met_at": version}) == 1


_KEPT = ("flow", "state", "expires_at", "topic", "topic_at")


def _build_save(engine: str) -> Any:
    statement = insert_of(engine)(Conversation)
    return statement.on_conflict_do_update(
        index_elements=["follower_id"],
        set_={name: statement.excluded[name] for name in _KEPT} | {"version": Conversation.version + 1},
    )


_SAVE = Prepared(_build_save, given=("follower_id", "version", *_KEPT))
_STEP = Prepared(
    update(Conversation)
    .where(Conversation.follower_id == bindparam("who"), Conversation.version == bindparam("met_at"))
    .values(version=Conversation.version + 1),
    given=("who", "met_at", *_KEPT),
)
_REPLY_COLUMNS = ("key", "follower_id", "reply", "received_at")
_KEEP_REPLY = Prepared(
    lambda engine: insert_of(engine)(Message).on_conflict_do_nothing(), given=_REPLY_COLUMNS
)


def keep_reply(session: Session, key: str, follower_id: int | None, reply: dict[str, Any]) -> bool:
    """Keep the reply by which a retry is recognised and answered; False if the message was answered meanwhile."""
    return _KEEP_REPLY.run(session, {"key": key, "follower_id": follower_id, "reply": reply, "received_at": now()}) == 1


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
