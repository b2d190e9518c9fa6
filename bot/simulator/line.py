"""The line to the service: post, wait five seconds, hang up, send the same again, three tries in all.

Source: "接收普通消息" and "被动回复用户消息". Only a loopback address is ever called.
"""

from __future__ import annotations

import ipaddress
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import requests
import urllib3

from bot.simulator.chat import Shown
from bot.simulator.envelope import Envelope
from bot.simulator.errors import NotLoopback
from bot.simulator.wire import Field, build

PATIENCE, TRIES = 5.0, 3
_MAX_ANSWER = 1024 * 1024


class HungUp(Exception):
    """No complete answer within the time: the platform hangs up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The service's HTTP answer."""

    status: int
    body: bytes


class Transport(Protocol):
    """Posts one parcel. HungUp after `patience` seconds; ConnectionError when there is no connection."""

    def __call__(self, url: str, params: dict[str, str], body: bytes, patience: float) -> Answer: ...


@dataclass(slots=True)
class Attempt:
    """One try: when it began (epoch seconds), how long it took, what came of it. `copy` counts duplicates."""

    copy: int
    number: int
    at: float
    milliseconds: int | None = None
    status: int | None = None
    outcome: str = "waiting"


@dataclass(slots=True)
class Exchange:
    """One message or event on its way to the service.

    `state`: held, waiting, answered, silent (a valid "no reply"), bad (an unusable reply), lost (no answer at all).
    `answers` holds what each copy brought back; `note` says in Chinese what was wrong. `quiet`: the resident does not
    wait for it.
    """

    number: int
    openid: str
    label: str
    mode: str
    at: float
    message_id: int | None = None
    quiet: bool = False
    state: str = "waiting"
    note: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Shown | None] = field(default_factory=list)

    @property
    def answer(self) -> Shown | None:
        """What the resident saw in reply."""
        return next((each for each in self.answers if each), None)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Signs and seals one message under a mode, with a fresh timestamp and nonce for every try."""

    envelope: Envelope
    mode: str
    openid: str
    clock: Callable[[], float]

    def parcel(self, fields: dict[str, Field]) -> tuple[dict[str, str], bytes]:
        """Query parameters and body, as the platform sends them in this mode."""
        timestamp, nonce = str(int(self.clock())), str(secrets.randbelow(10**10))
        params = {
            "signature": self.envelope.sign(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
        }
        plain = build(fields)
        if self.mode == "plain":
            return params, plain.encode()
        sealed = self.envelope.seal(plain.encode())
        params |= {"encrypt_type": "aes", "msg_signature": self.envelope.sign(timestamp, nonce, sealed)}
        outer = dict(fields) if self.mode == "compat" else {"ToUserName": fields["ToUserName"]}
        return params, build({**outer, "Encrypt": sealed}).encode()


@dataclass(slots=True)
class Line:
    """Carries parcels to one webhook. `changed` is told after every step, for whoever watches."""

    webhook_url: str
    transport: Transport
    clock: Callable[[], float]
    changed: Callable[[], None]
    patience: float = PATIENCE
    tries: int = TRIES

    def __post_init__(self) -> None:
        require_loopback_url(self.webhook_url)

    def carry(self, exchange: Exchange, sealer: Sealer, fields: dict[str, Field], copies: int) -> list[Answer]:
        """Send `copies` overlapping copies, each with its tries; the answers that came in time, in order of copies."""
        found: dict[int, Answer] = {}

        def run(copy: int) -> None:
            answer = self._try(exchange, sealer, fields, copy)
            if answer is not None:
                found[copy] = answer

        others = [threading.Thread(target=run, args=(copy,), daemon=True) for copy in range(2, copies + 1)]
        for other in others:
            other.start()
        run(1)
        for other in others:
            other.join()
        return [found[copy] for copy in sorted(found)]

    def _try(self, exchange: Exchange, sealer: Sealer, fields: dict[str, Field], copy: int) -> Answer | None:
        for number in range(1, self.tries + 1):
            attempt = Attempt(copy, number, self.clock())
            exchange.attempts.append(attempt)
            self.changed()
            answer = self._once(attempt, *sealer.parcel(fields))
            self.changed()
            if answer is not None:
                return answer
        return None

    def _once(self, attempt: Attempt, params: dict[str, str], body: bytes) -> Answer | None:
        began = time.perf_counter()
        answer = None
        try:
            answer = self.transport(self.webhook_url, params, body, self.patience)
            attempt.status = answer.status
            attempt.outcome = "error" if answer.status >= 500 else "came"
        except HungUp:
            attempt.outcome = "hung up"
        except ConnectionError:
            attempt.outcome = "no connection"
        attempt.milliseconds = round((time.perf_counter() - began) * 1000)
        return answer if attempt.outcome == "came" else None


def post_over_http(url: str, params: dict[str, str], body: bytes, patience: float) -> Answer:
    """The transport for use: HTTP to loopback, no proxies, no redirects, one deadline for the whole answer."""
    require_loopback_url(url)
    deadline = time.monotonic() + patience
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.post(
                url,
                params=params,
                data=body,
                headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Accept-Encoding": "identity"},
                timeout=patience,
                stream=True,
                allow_redirects=False,
            ) as response:
                return Answer(response.status_code, _body(response, deadline))
    except (requests.Timeout, TimeoutError, urllib3.exceptions.ReadTimeoutError):
        raise HungUp from None
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        raise ConnectionError from None


def _body(response: requests.Response, deadline: float) -> bytes:
    parts = b""
    # One read at a time: an answer that drips in must not outlast the deadline.
    while chunk := response.raw.read1(8192):
        parts += chunk
        if time.monotonic() > deadline or len(parts) > _MAX_ANSWER:
            raise HungUp
    return parts


def verifies(url: str, envelope: Envelope, now: float, patience: float) -> bool:
    """Whether the webhook answers the URL verification: the echostr comes back unchanged."""
    require_loopback_url(url)
    timestamp, nonce, echo = str(int(now)), str(secrets.randbelow(10**10)), str(secrets.randbelow(10**19))
    signed = {"signature": envelope.sign(timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, params={**signed, "echostr": echo}, timeout=patience, allow_redirects=False)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and answer.content == echo.encode()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback_url(url: str) -> None:
    """NotLoopback unless the address is on this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not is_loopback(parts.hostname or ""):
        raise NotLoopback("模拟器只能往本机(127.0.0.1、::1 或 localhost)发消息，请检查 webhook 地址。")
