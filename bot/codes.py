"""The villages' QR codes that desks have asked for, made by the platform."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.wechat import WeChat
from knowledge.errors import PlatformFault
from models.db import Database
from models.village import VillageCode

log = logging.getLogger("mingbaika.codes")
_AT_ONCE = 20
_BACK_OFF = timedelta(minutes=10)  # after a refusal; the codes of a whole county are 148 of the 100,000 that there may be


def make_due(database: Database, wechat: WeChat, stopped: Callable[[], bool] = lambda: False) -> int:
    """Have codes made that wait; gives how many were. No transaction is open while the platform is asked."""
    done = 0
    for scene in database.write(lambda session: VillageCode.claim(session, _AT_ONCE, _BACK_OFF)):
        if stopped():
            break
        try:
            url = wechat.create_qrcode(scene)
        except PlatformFault as fault:
            log.warning("a village code was not made: %s (%s)", type(fault).__name__, fault.code)
            break
        _keep(database, scene, url)
        done += 1
    return done


def _keep(database: Database, scene: str, url: str) -> None:
    database.write(lambda session: VillageCode.made(session, scene, url))
