"""Takes what a resident did to the service, and what comes back to the resident's screen."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.simulator.chat import OUT_OF_ORDER, Shown
from bot.simulator.envelope import BadEnvelope, Envelope
from bot.simulator.line import Answer, Exchange, Line, Sealer
from bot.simulator.reply import BadReply, Judge
from bot.simulator.state import State
from bot.simulator.wire import BadXml, Field

_KEPT_EXCHANGES = 500
# Replies to these may hold one news article, to events up to eight (被动回复用户消息, "回复图文消息").
_ONE_ARTICLE = {"text", "image", "voice", "video", "location"}


class Courier:
    """Sends over one line, in one mode and under one key at a time; both may change between messages."""

    def __init__(self, state: State, line: Line, envelope: Envelope, mode: str) -> None:
        self.state, self.line, self.envelope, self.mode = state, line, envelope, mode
        self.exchanges: deque[Exchange] = deque(maxlen=_KEPT_EXCHANGES)
        # Real message ids are 64-bit and grow; starting from the clock keeps them growing over a restart.
        self._message_id = int(state.now() * 1000) * 10_000
        self._running: set[threading.Thread] = set()
        self._guard = threading.Lock()

    def push(
        self, openid: str, fields: dict[str, Field], label: str, *, duplicate: bool = False, quiet: bool = False
    ) -> Exchange:
        """Send one message or event and wait for what comes of it.

        `duplicate`: twice at once, as the switch does for all. `quiet`: the resident is not told of a fault.
        """
        full = self._addressed(openid, fields)
        number = full.get("MsgId")
        exchange = Exchange(
            self.state.number(),
            openid,
            label,
            self.mode,
            self.state.now(),
            number if isinstance(number, int) else None,
            quiet,
        )
        sealer = Sealer(self.envelope, self.mode, openid, self.state.clock)
        self.exchanges.append(exchange)
        self._wait_at_the_gate(exchange)
        copies = 2 if duplicate or (self.state.switches.duplicate and not quiet) else 1
        answers = self.line.carry(exchange, sealer, full, copies)
        limit = 1 if fields.get("MsgType") in _ONE_ARTICLE else 8
        judge = Judge(openid, self.state.account, sealer.mode, sealer.envelope, self._knows_media, limit)
        self._finish(exchange, answers, judge)
        return exchange

    def in_background(self, act: Callable[..., Any], *args: Any, **named: Any) -> None:
        """Run an act without waiting for it; `settle` waits for all of them."""

        def run() -> None:
            try:
                act(*args, **named)
            finally:
                with self._guard:
                    self._running.discard(thread)

        thread = threading.Thread(target=run, daemon=True)
        with self._guard:
            self._running.add(thread)
        thread.start()

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until nothing is under way; False if something still is after that time."""
        deadline = time.monotonic() + seconds
        while True:
            with self._guard:
                running = list(self._running)
            if not running:
                return True
            running[0].join(max(0.0, deadline - time.monotonic()))
            if time.monotonic() >= deadline:
                return False

    def _addressed(self, openid: str, fields: dict[str, Field]) -> dict[str, Field]:
        head: dict[str, Field] = {
            "ToUserName": self.state.account,
            "FromUserName": openid,
            "CreateTime": int(self.state.now()),
        }
        if fields.get("MsgType") == "event":
            return {**head, **fields}
        with self.state.lock:
            self._message_id += 1
            return {**head, **fields, "MsgId": self._message_id}

    def _wait_at_the_gate(self, exchange: Exchange) -> None:
        gate = self.state.switches.gate
        if not gate.is_set():
            exchange.state = "held"
            self.state.touch()
            gate.wait()
            exchange.state = "waiting"
        self.state.touch()

    def _finish(self, exchange: Exchange, answers: list[Answer], judge: Judge) -> None:
        for answer in answers:
            exchange.answers.append(self._judged(exchange, answer, judge))
        with self.state.lock:
            if not answers:
                exchange.state, exchange.note = "lost", "三次都没有等到回复。"
            elif not exchange.note:
                exchange.state = "answered" if exchange.answer else "silent"
            following = self.state.resident(exchange.openid).subscribed
            if exchange.state == "answered" and exchange.answer and following:
                self.state.show(exchange.openid, "account", exchange.answer, exchange.number)
            elif exchange.state in ("bad", "lost") and not exchange.quiet:
                notice = Shown("notice", {"text": OUT_OF_ORDER})
                self.state.show(exchange.openid, "middle", notice, exchange.number)
            self.state.touch()

    def _judged(self, exchange: Exchange, answer: Answer, judge: Judge) -> Shown | None:
        try:
            return judge.read(answer.status, answer.body)
        except (BadReply, BadXml, BadEnvelope) as fault:
            exchange.state, exchange.note = "bad", str(fault)
            return None

    def _knows_media(self, media_id: str) -> bool:
        with self.state.lock:
            return self.state.media.knows(media_id, self.state.now())
