"""Codes by SMS, sent through the county's gateway: lease, commit the sending, send, commit the result.

The gateway is any that takes JSON: {"phone", "template", "params"} with a bearer key, and answers
2xx when it has taken the message. What it refuses is not sent again; what never left is tried again while the code is
good; what may have gone out is left alone: the person can ask for another code.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.wechat import Line
from knowledge.errors import OutcomeUnknown, PlatformFault, TryLater
from models.base import now
from models.db import Database
from models.proof import LASTS, REFUSED, SENT, SMS, UNCERTAIN, WAITING, Proof

log = logging.getLogger("mingbaika.sms")
_LEASE = timedelta(seconds=60)
_AGAIN = timedelta(seconds=15)
_MINUTES = str(round(LASTS[SMS] / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway's address with its key, and the id of the message's wording there."""

    line: Line
    key: str
    template: str

    case_template: str = ""  # of the message with a case's number; empty: none is sent
    duty_template: str = ""  # of the message to a department's duty phone; empty: none is sent

    def send(self, phone: str, code: str) -> None:
        """A code. Errors as of `post`."""
        self.post(phone, self.template, {"code": code, "minutes": _MINUTES})

    def post(self, phone: str, template: str, params: Mapping[str, str]) -> None:
        """One message. TryLater if it never left or the gateway is busy, OutcomeUnknown if it may have gone out."""
        body = {"phone": phone, "template": template, "params": dict(params)}
        answer = self.line.call("POST", "", json=body, headers={"Authorization": f"Bearer {self.key}"})
        if 200 <= answer.status_code < 300:
            return
        if answer.status_code in (429, 503):
            raise TryLater(code=answer.status_code)
        raise OutcomeUnknown(code=answer.status_code) if answer.status_code >= 500 else PlatformFault(code=answer.status_code)


def send_due(
    database: Database, gateway: Gateway, owner: str | None = None, stopped: Callable[[], bool] = lambda: False
) -> int:  # fmt: skip
    """Send every code that waits; gives how many were taken. Codes for nobody are passed over."""
    owner = owner or uuid.uuid4().hex
    waits = select(exists().where(Proof.status == WAITING, Proof.expires_at > now()))
    with database.read() as session:
        if not session.scalar(waits):
            return 0
    due = database.write(lambda session: [row.id for row in Proof.lease(session, owner, _LEASE)])
    for proof_id in due:
        if stopped():
            break
        _send(database, gateway, proof_id, owner)
    return len(due)


def _send(database: Database, gateway: Gateway, proof_id: int, owner: str) -> None:
    begun = database.write(lambda session: _begin(session, proof_id, owner))
    if begun is None:
        return
    phone, code = begun
    fault: PlatformFault | None = None
    try:
        if phone:
            gateway.send(phone, code)
    except PlatformFault as raised:
        fault = raised
    if fault is not None:
        log.warning("a code was not taken by the gateway: %s, status %s", type(fault).__name__, fault.code)
    database.write(lambda session: _settle(session, proof_id, phone, code, fault))


def _begin(session: Session, proof_id: int, owner: str) -> tuple[str, str] | None:
    row = session.get(Proof, proof_id, with_for_update=True)
    if row is None or row.status != WAITING or row.leased_by != owner:
        return None  # asked for anew in the meantime
    return row.sending()


def _settle(session: Session, proof_id: int, phone: str, code: str, fault: PlatformFault | None) -> None:
    row = session.get(Proof, proof_id, with_for_update=True)
    if row is None:
        return
    if isinstance(fault, TryLater):
        row.put_off(phone, code, _AGAIN)
    else:
        row.status = SENT if fault is None else UNCERTAIN if isinstance(fault, OutcomeUnknown) else REFUSED
