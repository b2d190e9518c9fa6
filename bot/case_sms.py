"""The SMS of cases, sent through the county's gateway: lease, commit the sending, send, commit the result.

To residents without WeChat goes a case's number, to a department's duty phone what has come to it. What the gateway refuses is
not sent again; what never left, or found it busy, is tried again for some hours; what may have gone out is left alone.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from bot.sms import Gateway
from knowledge.errors import OutcomeUnknown, PlatformFault, TryLater
from models.case_text import CaseText
from models.db import Database
from models.duty_text import DutyText, note_due
from models.sms_row import REFUSED, SENT, UNCERTAIN, SmsRow

log = logging.getLogger("mingbaika.sms")
_LEASE = timedelta(seconds=60)
_AGAIN = timedelta(minutes=1)


def text_due(
    database: Database, gateway: Gateway, owner: str | None = None, stopped: Callable[[], bool] = lambda: False
) -> int:  # fmt: skip
    """Send every SMS to residents that waits; gives how many were taken."""
    return _send_all(database, gateway, gateway.case_template, CaseText, owner or uuid.uuid4().hex, stopped)


def duty_due(
    database: Database, gateway: Gateway, owner: str | None = None, stopped: Callable[[], bool] = lambda: False
) -> int:  # fmt: skip
    """Note what the duty phones are to be told, and send it; gives how many were taken."""
    note_due(database)
    return _send_all(database, gateway, gateway.duty_template, DutyText, owner or uuid.uuid4().hex, stopped)


def _send_all(
    database: Database, gateway: Gateway, template: str, rows: type[SmsRow], owner: str, stopped: Callable[[], bool]
) -> int:  # fmt: skip
    with database.read() as session:
        if not rows.any_due(session):
            return 0
    due = database.write(lambda session: rows.lease(session, owner, _LEASE))
    for row_id in due:
        if stopped():
            break
        _send(database, gateway, template, rows, row_id, owner)
    return len(due)


def _send(database: Database, gateway: Gateway, template: str, rows: type[SmsRow], row_id: int, owner: str) -> None:
    begun = database.write(lambda session: rows.begin(session, row_id, owner))
    if begun is None:
        return
    phone, content = begun
    fault: PlatformFault | None = None
    try:
        gateway.post(phone, template, content)
    except PlatformFault as raised:
        fault = raised
    if fault is not None:
        log.warning("an SMS was not taken by the gateway: %s, status %s", type(fault).__name__, fault.code)
    if isinstance(fault, TryLater):
        database.write(lambda session: rows.put_off(session, row_id, phone, content, _AGAIN))
        return
    status = SENT if fault is None else UNCERTAIN if isinstance(fault, OutcomeUnknown) else REFUSED
    database.write(lambda session: rows.settle(session, row_id, status))
