"""The one access token that all processes share: an encrypted row, refreshed by whoever holds the lease.

stable_token: https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.wechat import Line
from knowledge.errors import PlatformFault, TryLater
from models.base import now
from models.db import Database
from models.platform import AccessToken, Lease

_AHEAD = timedelta(minutes=5)  # a token is renewed this long before its end
_LEASE = timedelta(seconds=20)
_WAIT = 10.0  # seconds to wait for another process that is refreshing
_LOOK_EVERY = 0.1


class SharedTokens:
    """Gives the token. One refresh among any number of processes; no transaction is open while the platform is asked."""

    def __init__(self, database: Database, line: Line, app_id: str, app_secret: str) -> None:
        self._database = database
        self._line = line
        self._app_id, self._secret = app_id, app_secret
        self._owner = uuid.uuid4().hex
        self._refreshing = threading.Lock()  # the lease keeps processes apart, this the threads of one

    def current(self) -> str:
        """The token as it stands, fetched if there is none or its end is near. TryLater if none can be had."""
        return self._stored(None) or self._renew(None)

    def renewed(self, stale: str) -> str:
        """Another token than the one that was refused: the one a colleague has fetched since, or a fresh one."""
        return self._stored(stale) or self._renew(stale)

    def _stored(self, stale: str | None) -> str | None:
        with self._database.read() as session:
            kept = session.get(AccessToken, self._app_id)
            good = kept is not None and kept.expires_at > now() + _AHEAD and kept.token != stale
            return kept.token if kept is not None and good else None

    def _renew(self, stale: str | None) -> str:
        with self._refreshing:
            return self._stored(stale) or self._refresh(stale)

    def _refresh(self, stale: str | None) -> str:
        name = f"token:{self._app_id}"
        deadline = time.monotonic() + _WAIT
        while time.monotonic() < deadline:
            if self._database.write(lambda session: Lease.take(session, name, self._owner, _LEASE) is not None):
                try:
                    # Somebody may have fetched one between our look and our lease.
                    return self._stored(stale) or self._fetch(forced=stale is not None)
                finally:
                    self._database.write(lambda session: _give_back(session, name, self._owner))
            time.sleep(_LOOK_EVERY)
            if found := self._stored(stale):
                return found
        raise TryLater

    def _fetch(self, *, forced: bool) -> str:
        body = {
            "grant_type": "client_credential", "appid": self._app_id, "secret": self._secret, "force_refresh": forced,
        }  # fmt: skip
        try:
            given = self._line.call("POST", "/cgi-bin/stable_token", json=body).json()
        except ValueError:
            raise TryLater from None
        except PlatformFault as fault:
            raise TryLater(code=fault.code) from None  # fetching a token changes nothing: it may be tried again
        token, seconds = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise TryLater(code=int(given.get("errcode", 0)))
        ends = now() + timedelta(seconds=seconds)
        self._database.write(lambda session: _keep(session, self._app_id, token, ends))
        return token


def _keep(session: Session, app_id: str, token: str, ends: object) -> None:
    session.merge(AccessToken(app_id=app_id, token=token, expires_at=ends))


def _give_back(session: Session, name: str, owner: str) -> None:
    lease = session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.owner == owner:
        lease.release()
