"""为什么没到账 for one person: what the database knows, put together for knowledge to say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from knowledge.diagnosis import Diagnosis, Known, diagnose
from knowledge.identity import mask_name
from knowledge.statement import Line, Loaded
from knowledge.when_meant import ANY_TIME, When
from models.household import Member
from models.payment import Batch, Payment
from models.payment_history import remarks
from models.resident import Resident


def why_not_paid(
    session: Session, resident_id: int, item: str, today: date, when: When = ANY_TIME, *, lines: Sequence[Line] | None = None,
    loaded: Loaded | None = None,
) -> Diagnosis:  # fmt: skip
    """What the data says of one item of one person, in the words that the chat and the hotline share.

    `lines` and `loaded`: the person's payments and what is loaded, where the caller has read them already.
    """
    head_id = Member.head_of(session, resident_id)
    head = session.get(Resident, head_id) if head_id not in (None, resident_id) else None
    known = Known(mask_name(head.name) if head else None, remarks(session, resident_id, item, when.year or today.year))
    lines = Payment.of(session, resident_id) if lines is None else lines
    return diagnose(item, lines, loaded or Batch.loaded(session), today, when, known)
