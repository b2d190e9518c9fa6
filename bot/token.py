"""The one access token that all processes share: an encrypted row, refreshed by whoever holds the lease.

stable_token: https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

from __future__ import annotations

import threading
import time
import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.wechat import Line, body_of, refusal
from knowledge.errors import Busy, PlatformFault, TryLater
from models.base import now
from models.db import Database
from models.platform import AccessToken, Lease

_AHEAD = timedelta(minutes=4)  # the platform gives a new one from five minutes before the end; the old one still holds
_FORCE_EVERY = timedelta(minutes=10)  # force is rationed to 20 a day, and it ends the token of whoever else has one
_LEASE = timedelta(seconds=20)
_WAIT = 10.0  # seconds to wait for another process that is refreshing
_LOOK_EVERY = 0.1


class SharedTokens:
    """Gives the token. One refresh among any number of processes; no transaction is open while the platform is asked."""

    def __init__(self, database: Database, line: Line, app_id: str, app_secret: str) -> None:
        self._database = database
        self._line = line
        self._app_id, self._secret = app_id, app_secret
        self._lease = f"token:{app_id}"[:48]
        self._owner = uuid.uuid4().hex
        self._refreshing = threading.Lock()  # the lease keeps processes apart, this the threads of one

    def current(self) -> str:
        """The token as it stands, fetched if there is none or its end is near. TryLater if none can be had."""
        return self._other_than(None)

    def renewed(self, stale: str) -> str:
        """Another token than the one that was refused: the one a colleague has fetched since, or a fresh one."""
        return self._other_than(stale)

    def _other_than(self, stale: str | None) -> str:
        try:
            return self._stored(stale, _AHEAD) or self._renew(stale)
        except Busy:
            raise TryLater from None  # nothing was sent: the same call may work later

    def _stored(self, stale: str | None, left: timedelta) -> str | None:
        with self._database.read() as session:
            kept = session.get(AccessToken, self._app_id)
            good = kept is not None and kept.expires_at > now() + left and kept.token != stale
            return kept.token if kept is not None and good else None

    def _renew(self, stale: str | None) -> str:
        with self._refreshing:
            try:
                return self._stored(stale, _AHEAD) or self._refresh(stale)
            except TryLater:
                # One whose end is near still holds.
                if usable := self._stored(stale, timedelta()):
                    return usable
                raise

    def _refresh(self, stale: str | None) -> str:
        deadline = time.monotonic() + _WAIT
        while time.monotonic() < deadline:
            if self._database.write(lambda session: Lease.take(session, self._lease, self._owner, _LEASE) is not None):
                try:
                    # Somebody may have fetched one between our look and our lease.
                    return self._stored(stale, _AHEAD) or self._fetch(stale)
                finally:
                    self._database.write(lambda session: Lease.give_back(session, self._lease, self._owner))
            if usable := self._stored(stale, timedelta()):
                return usable
            time.sleep(_LOOK_EVERY)
        raise TryLater

    def _fetch(self, stale: str | None) -> str:
        # Without force first: if another program has forced one, this gives that one, and nobody's token is ended.
        token, ends = self._ask(force=False)
        if token == stale and self._database.write(self._may_force):
            token, ends = self._ask(force=True)
        if token == stale:
            raise TryLater
        self._database.write(lambda session: _keep(session, self._app_id, token, ends))
        return token

    def _may_force(self, session: Session) -> bool:
        lease = session.get_one(Lease, self._lease)
        if lease.last_run_at is not None and lease.last_run_at > now() - _FORCE_EVERY:
            return False
        lease.last_run_at = now()
        return True

    def _ask(self, *, force: bool) -> tuple[str, datetime]:
        body = {
            "grant_type": "client_credential", "appid": self._app_id, "secret": self._secret, "force_refresh": force,
        }  # fmt: skip
        try:
            given = body_of(self._line.call("POST", "/cgi-bin/stable_token", json=body))
            token, seconds = given.get("access_token"), given.get("expires_in")
            if isinstance(token, str) and isinstance(seconds, int):
                return token, now() + timedelta(seconds=seconds)
            raise refusal(given.get("errcode"))
        except PlatformFault as fault:
            raise TryLater(code=fault.code) from None  # fetching a token changes nothing: it may be tried again


def _keep(session: Session, app_id: str, token: str, ends: datetime) -> None:
    session.merge(AccessToken(app_id=app_id, token=token, expires_at=ends))
