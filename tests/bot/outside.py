"""The platform on a loopback port, with one follower, for the tests of what we send; and those who may stand between."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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

    def wechat(self, database: Database, secret: str = SECRET, line: Line | None = None) -> WeChat:
        """The gateway as a process of ours has it."""
        line = line or Line(self.url)
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


class OneToken:
    """A token without a database, for what does not concern the token."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def current(self) -> str:
        return "the-token-itself"

    def renewed(self, stale: str) -> str:
        self.refused.append(stale)
        return "another-token"


@contextmanager
def a_proxys_page(status: int, content_type: str, content: bytes, length: int | None = None) -> Iterator[str]:
    """Somebody on the way who answers everything with one page. `length`: what it promises, if not what it gives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length or len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class OtherProcess:
    """A process of tests/bot/other_process.py that waits for `go`."""

    def __init__(self, what: str, database: Database, world: Outside, *more: str) -> None:
        url = database.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.bot.other_process", what, url, world.url, *more]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self.process.stdout is not None

    def ready(self) -> OtherProcess:
        """Wait until it has started."""
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()
        return self

    def go(self) -> OtherProcess:
        """Let it do its work."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self

    def ended(self) -> tuple[int, str]:
        """Its exit status and what it said, once it has ended."""
        said, faults = self.process.communicate(timeout=60)
        assert self.process.returncode in (0, 9), faults
        return self.process.returncode, said.strip()
