"""A tiny service behind the simulator's line: wechatpy opens and seals, so that two hands check each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.simulator.line import Answer
from bot.simulator.platform import Platform

TOKEN = "line-test-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
WEBHOOK = "http://127.0.0.1:9/wechat"

Message = dict[str, str]


def reply_to(message: Message, words: str, **changed: str) -> str:
    """A text reply, as XML; `changed` replaces fields."""
    fields = {
        "ToUserName": message["FromUserName"],
        "FromUserName": message["ToUserName"],
        "CreateTime": str(int(time.time())),
        "MsgType": "text",
        "Content": words,
        **changed,
    }
    return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"


class Service:
    """Plays the account's server: call it as a transport, or serve it over HTTP with `listening`."""

    def __init__(self, answer: Callable[[Message], str] | None = None, aes_key: str = AES_KEY) -> None:
        self.answer = answer or (lambda message: reply_to(message, f"收到:{message.get('Content', '')}"))
        self.crypto = WeChatCrypto(TOKEN, aes_key, APP_ID)
        self.messages: list[Message] = []
        self.queries: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    def __call__(self, url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
        return Answer(200, self.handle(params, body))

    def handle(self, params: dict[str, str], body: bytes) -> bytes:
        """Check, open, answer, seal."""
        check_signature(TOKEN, params["signature"], params["timestamp"], params["nonce"])
        sealed = params.get("encrypt_type") == "aes"
        plain = (
            self.crypto.decrypt_message(body, params["msg_signature"], params["timestamp"], params["nonce"])
            if sealed
            else body
        )
        message = xmltodict.parse(plain)["xml"]
        self.messages.append(message)
        self.queries.append(params)
        self.bodies.append(body)
        said = self.answer(message)
        if not sealed or said in ("", "success"):
            return said.encode()
        return self.crypto.encrypt_message(said, "nonce", params["timestamp"]).encode()


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """Serve over HTTP on loopback; gives the webhook's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
            self._send(query["echostr"].encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                self._send(service.handle(dict(parse_qsl(urlsplit(self.path).query)), body))
            except ConnectionError:
                self.close_connection = True

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/wechat"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    """Epoch seconds that only move when told."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


def make_platform(service: Service | None = None, **changed: object) -> Platform:
    """A platform on the tiny service, without HTTP and without waiting."""
    given: dict[str, object] = {
        "webhook_url": WEBHOOK,
        "token": TOKEN,
        "encoding_aes_key": AES_KEY,
        "app_id": APP_ID,
        "app_secret": SECRET,
        "transport": service or Service(),
        "clock": Clock(),
        "pause": lambda seconds: None,
        **changed,
    }
    return Platform(**given)  # type: ignore[arg-type]
