"""A WeChat user, the talk with that user, and the messages by which a retry is recognised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, Encrypted, EncryptedText, UtcDateTime, locked_row, now


class Follower(Base):
    """One WeChat user of the account. `last_seen_at` is a hint at the 48-hour window; the platform's code is the truth."""

    __tablename__ = "followers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), unique=True)
    subscribed: Mapped[bool] = mapped_column(default=True)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what was noted before, and not written yet, is not kept

    @classmethod
    def met(cls, session: Session, openid: str, *, lock: bool = False) -> Follower:
        """The follower with this openid, made on first sight; locked against other messages of the same person."""
        found = None if lock else session.scalar(select(cls).where(cls.openid == openid))
        return found or locked_row(session, cls, {"openid": openid})

    def welcome_back(self) -> None:
        """Somebody who had left writes again."""
        self.subscribed, self.last_seen_at = True, now()

    def forget(self, session: Session, *, still_here: bool = False) -> None:
        """Delete what a person may have deleted: on unfollowing, or on the wish of one who is still here.

        Filed cases stay as the law asks, detached; what has not arrived goes to the hotline's call list.
        """
        from models.agreement import Agreement
        from models.attachment import Attachment
        from models.card_picture import CardPicture
        from models.case import Case
        from models.delivery import Delivery
        from models.gap_words import forget_asker
        from models.paid_notice import PaidNotice
        from models.proof import Proof
        from models.resident import Binding
        from models.routing_examples import RoutingExample
        from models.slip import Slip
        from models.ticket import Ticket
        from models.village import FollowerPlace
        from models.visit import Visit

        Delivery.leave_to_the_phone(session, self)
        RoutingExample.forget(session, self)
        Case.detach(session, self)
        session.execute(update(Visit).where(Visit.follower_id == self.id).values(follower_id=None))
        session.execute(delete(Attachment).where(Attachment.follower_id == self.id, Attachment.case_id.is_(None)))
        session.execute(update(Attachment).where(Attachment.follower_id == self.id).values(follower_id=None))
        for table in (Binding, Conversation, Message, Consent, Agreement, Ticket, FollowerPlace, Proof, PaidNotice, CardPicture, Slip):
            session.execute(delete(table).where(table.follower_id == self.id))
        forget_asker(session, self.id)
        self.subscribed, self.forgotten_at = still_here, now()
        self.last_seen_at = None


class Conversation(Base):
    """Where the talk stands: the open flow with the answers so far, and the topic last talked of."""

    __tablename__ = "conversations"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    flow: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("conversations.state"))
    version: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    topic: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("conversations.topic"))
    topic_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def of(cls, session: Session, follower: Follower) -> Conversation:
        """The talk with this follower, made on first use."""
        found = session.get(cls, follower.id)
        if found is None:
            found = cls(follower_id=follower.id, version=0)
            session.add(found)
        return found


class Message(Base):
    """A message that changed something, by its key, with the reply it got: a retry gets the same reply again.

    Keys: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html
    (MsgId for messages; FromUserName, CreateTime, Event and EventKey for events).
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_received_at", "received_at"), Index("ix_messages_failed", "failed"))

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("followers.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    content: Mapped[str | None] = mapped_column(EncryptedText("messages.content"))
    reply: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("messages.reply"))
    failed: Mapped[str | None] = mapped_column(String(64))

    def seen_to(self) -> None:
        """Staff have looked at a message that failed: its words are no longer needed."""
        self.failed = self.content = None

    @classmethod
    def drop_older_than(cls, session: Session, age: timedelta, most: int = 1000) -> bool:
        """Delete messages past their use; failed ones stay until staff have seen them (ninety days).

        Not all at once, for the writer has others to serve: True when there may be more.
        """
        limit = now() - age
        seen_to = and_(cls.received_at < limit, cls.failed.is_(None))
        keys = session.scalars(
            select(cls.key).where(or_(seen_to, cls.received_at < limit - timedelta(days=90))).limit(most)
        ).all()
        session.execute(delete(cls).where(cls.key.in_(keys)))
        return len(keys) == most


class Consent(Base):
    """A follower's agreement to one kind of notice (订阅通知). `remaining` counts one-time agreements."""

    __tablename__ = "consents"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    template: Mapped[str] = mapped_column(String(64), primary_key=True)
    long_term: Mapped[bool] = mapped_column(default=False)
    remaining: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def spend(cls, session: Session, follower_id: int, template: str) -> bool:
        """Use one agreement up; False where there is none."""
        found = session.get(cls, (follower_id, template), with_for_update=True)
        if found is None or not (found.long_term or found.remaining):
            return False
        found.remaining = max(0, found.remaining - 1)
        return True

    @classmethod
    def used_up(cls, session: Session, follower_id: int, template: str) -> None:
        """The platform says that no agreement stands, whatever we counted."""
        found = session.get(cls, (follower_id, template), with_for_update=True)
        if found is not None:
            found.remaining, found.long_term = 0, False

    @classmethod
    def record(cls, session: Session, follower: Follower, template: str, accepted: bool) -> None:
        """One answer in the platform's consent pop-up."""
        found = locked_row(session, cls, {"follower_id": follower.id, "template": template})
        found.remaining = found.remaining + 1 if accepted else 0
        found.changed_at = now()
