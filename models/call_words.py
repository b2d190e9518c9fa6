"""What was noted of telephone calls goes after the county's time: the words, who it was and what was looked at.

That there was a call, when, whose, how it ended, its outside number and its cases stay. While a case that was filed in
it is open, or was answered less long ago, the notes stay too: whoever handles it may need to hear how it began.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from models.base import now
from models.call import CallCase, HotlineCall
from models.case import OPEN, Case


def drop_older_than(session: Session, age: timedelta, most: int = 100) -> bool:
    """Clear the notes of some calls past their time: True when there may be more."""
    limit = now() - age
    needed = exists().where(
        CallCase.call_id == HotlineCall.id, CallCase.case_id == Case.id,
        or_(Case.status.in_(OPEN), func.coalesce(Case.answered_at, Case.filed_at) >= limit),
    )  # fmt: skip
    query = select(HotlineCall).where(HotlineCall.cleared_at.is_(None), HotlineCall.ended_at < limit, ~needed)
    calls = session.scalars(
        query.order_by(HotlineCall.ended_at).limit(most).with_for_update(of=HotlineCall, skip_locked=True)
    ).all()
    for call in calls:
        call.clear()
    return len(calls) == most
