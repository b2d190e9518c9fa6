"""为什么没到账 for one person: what the database knows, put together for knowledge to say it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from knowledge.diagnosis import Diagnosis, Known, diagnose
from knowledge.identity import mask_name
from knowledge.when_meant import ANY_TIME, When
from models.household import Member
from models.payment import Batch, Payment
from models.payment_history import remarks
from models.resident import Resident


def why_not_paid(session: Session, resident_id: int, item: str, today: date, when: When = ANY_TIME) -> Diagnosis:
    """What the data says of one item of one person, in the words in which the chat says it."""
    head_id = Member.head_of(session, resident_id)
    head = session.get(Resident, head_id) if head_id not in (None, resident_id) else None
    known = Known(mask_name(head.name) if head else None, remarks(session, resident_id, item, when.year or today.year))
    return diagnose(item, Payment.of(session, resident_id), Batch.loaded(session), today, when, known)
