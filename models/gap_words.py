"""The words of gaps go: with a person who leaves, and after the county's time. That something was asked, and how often,
stays in its group without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from models.base import now
from models.gap import Gap, GapGroup


def forget_asker(session: Session, follower_id: int) -> None:
    """A person leaves, or has everything deleted: what this person asked is no longer kept in words."""
    mine = select(Gap.id, Gap.group_id).where(Gap.follower_id == follower_id)
    _drop(session, session.execute(mine.order_by(Gap.id).with_for_update()).all())


def drop_older_than(session: Session, age: timedelta, most: int = 50) -> bool:
    """Delete words past their time: the questions, and the notes on groups closed as long ago.

    Not all at once, for the writer has others to serve: True when there may be more.
    """
    limit = now() - age
    old = select(Gap.id, Gap.group_id).where(Gap.asked_at < limit).order_by(Gap.asked_at, Gap.id).limit(most)
    rows = session.execute(old.with_for_update(skip_locked=True)).all()
    _drop(session, rows)
    closed = select(GapGroup.id).where(GapGroup.closed_at < limit, GapGroup.note.is_not(None)).limit(most)
    noted = session.scalars(closed).all()
    session.execute(update(GapGroup).where(GapGroup.id.in_(noted)).values(note=None))
    return most in (len(rows), len(noted))


def _drop(session: Session, rows: Sequence[Row[int, int | None]]) -> None:
    if not rows:
        return
    session.execute(delete(Gap).where(Gap.id.in_([number for number, _ in rows])))
    numbers = {group for _, group in rows if group is not None}
    query = select(GapGroup).where(GapGroup.id.in_(numbers)).order_by(GapGroup.id).with_for_update(of=GapGroup)
    groups = session.scalars(query).all()  # held before it is seen what is left in them
    oldest = select(func.min(Gap.id)).where(Gap.group_id.in_(numbers)).group_by(Gap.group_id)
    first = {gap.group_id: gap.question for gap in session.scalars(select(Gap).where(Gap.id.in_(oldest)))}
    for group in groups:
        group.stand_for(first.get(group.id, ""))
