"""The ticket with which public pages sign for WeChat's open tags, kept fresh by the worker: a page never waits for it.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html (附录1)
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.wechat import WeChat
from models.base import locked_row, now
from models.db import Database
from models.platform import JS_TICKET, AccessToken

_AHEAD = timedelta(minutes=20)


def refresh_js_ticket(database: Database, wechat: WeChat, app_id: str) -> bool:
    """Fetch another ticket if the end of this one is near; gives whether one was fetched. PlatformFault if refused."""
    name = f"{JS_TICKET}{app_id}"
    with database.read() as session:
        kept = session.get(AccessToken, name)
        if kept is not None and kept.expires_at > now() + _AHEAD:
            return False
    ticket, seconds = wechat.js_ticket()
    until = now() + timedelta(seconds=seconds)
    database.write(lambda session: _keep(session, name, ticket, until))
    return True


def _keep(session: Session, name: str, ticket: str, until: datetime) -> None:
    row = locked_row(session, AccessToken, {"app_id": name}, token=ticket, expires_at=until)
    row.token, row.expires_at = ticket, until
