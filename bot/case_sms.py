"""The SMS with a case's number, sent through the county's gateway: lease, commit the sending, send, commit the result.

What the gateway refuses is not sent again; what never left, or found it busy, is tried again for some hours; what may
have gone out is left alone.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from bot.sms import Gateway
from knowledge.errors import OutcomeUnknown, PlatformFault, TryLater
from models.case_text import REFUSED, SENT, UNCERTAIN, CaseText
from models.db import Database

log = logging.getLogger("mingbaika.sms")
_LEASE = timedelta(seconds=60)
_AGAIN = timedelta(minutes=1)


def text_due(
    database: Database, gateway: Gateway, owner: str | None = None, stopped: Callable[[], bool] = lambda: False
) -> int:  # fmt: skip
    """Send every SMS that waits; gives how many were taken."""
    owner = owner or uuid.uuid4().hex
    with database.read() as session:
        if not CaseText.any_due(session):
            return 0
    due = database.write(lambda session: CaseText.lease(session, owner, _LEASE))
    for text_id in due:
        if stopped():
            break
        _send(database, gateway, text_id, owner)
    return len(due)


def _send(database: Database, gateway: Gateway, text_id: int, owner: str) -> None:
    begun = database.write(lambda session: CaseText.begin(session, text_id, owner))
    if begun is None:
        return
    phone, content = begun
    fault: PlatformFault | None = None
    try:
        gateway.post(phone, gateway.case_template, content)
    except PlatformFault as raised:
        fault = raised
    if fault is not None:
        log.warning("an SMS was not taken by the gateway: %s, status %s", type(fault).__name__, fault.code)
    if isinstance(fault, TryLater):
        database.write(lambda session: CaseText.put_off(session, text_id, phone, content, _AGAIN))
        return
    status = SENT if fault is None else UNCERTAIN if isinstance(fault, OutcomeUnknown) else REFUSED
    database.write(lambda session: CaseText.settle(session, text_id, status))
