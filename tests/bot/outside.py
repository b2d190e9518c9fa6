"""The platform on a loopback port, with one follower, for the tests of what we send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.simulator.platform import Platform
from bot.simulator.server import serving
from bot.token import SharedTokens
from bot.wechat import Line, WeChat
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower
from tests.bot.simulator_service import AES_KEY, APP_ID, SECRET, TOKEN, WEBHOOK, Service

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "AT0001_answer_notice"


@dataclass(frozen=True, slots=True)
class Outside:
    """The platform, its address, and the follower 关玉梅."""

    platform: Platform
    url: str
    openid: str

    def wechat(self, database: Database, secret: str = SECRET) -> WeChat:
        """The gateway as a process of ours has it."""
        line = Line(self.url)
        return WeChat(line, SharedTokens(database, line, APP_ID, secret))

    def writes(self, text: str = "在吗") -> None:
        """The follower writes: the 48 hours begin anew."""
        self.platform.send_text(self.openid, text)

    def received(self) -> list[str]:
        """The texts that customer-service messages brought to the phone."""
        return [
            entry.shown.text
            for entry in self.platform.transcript(self.openid)
            if entry.shown.kind == "text" and entry.side == "account" and not entry.shown.text.startswith("收到:")
        ]

    def cards(self) -> int:
        """How many notices the phone has shown."""
        return sum(entry.shown.kind == "card" for entry in self.platform.transcript(self.openid))


@contextmanager
def outside() -> Iterator[Outside]:
    """Serve the platform while the block runs."""
    platform = Platform(
        webhook_url=WEBHOOK, token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID, app_secret=SECRET,
        transport=Service(), patience=1.0,
    )  # fmt: skip
    openid = platform.add_resident("关玉梅", subscribed=True)
    with serving(platform) as url:
        yield Outside(platform, url, openid)


def wait_for(database: Database, openid: str, *texts: str, seen: bool = True) -> None:
    """Answers that wait to be delivered. `seen`: we believe that the person wrote a moment ago."""

    def work(session):
        follower = Follower.met(session, openid)
        follower.last_seen_at = now() if seen else None
        for text in texts:
            session.add(Delivery(follower_id=follower.id, text=text))

    database.write(work)
