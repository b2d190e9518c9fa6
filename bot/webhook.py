"""The door: verify, decrypt, parse → dispatch → render, encrypt. Anything malformed is 400 or 403.

Platform: https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html and
.../Message_Management/Message_encryption_and_decryption_instructions.html
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from flask import Blueprint, Response, current_app, request
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import BaseMessage
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply

from bot import points
from bot.dispatch import Dispatcher, Outcome
from handlers.turn import Incoming
from knowledge.errors import Busy
from models.base import now

log = logging.getLogger("mingbaika.webhook")
blueprint = Blueprint("webhook", __name__)

FRESH = 300  # seconds that the platform's clock may differ from ours, retries included
BODY_LIMIT = 64 * 1024  # bytes; a message of the platform has a few thousand
IN_TIME = 4.5  # seconds; the platform hangs up after five


class Malformed(Exception):
    """The request is not a message of the platform. `status` is 400 or 403."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


@dataclass(frozen=True, slots=True)
class Door:
    """The account's token and the crypto for its keys, the newest first."""

    token: str
    cryptos: tuple[WeChatCrypto, ...]
    dispatcher: Dispatcher

    @classmethod
    def of(cls, token: str, app_id: str, keys: tuple[str, ...], dispatcher: Dispatcher) -> Door:
        """A door for one account. Messages under any of the keys are taken and answered with the same key."""
        return cls(token, tuple(WeChatCrypto(token, key, app_id) for key in keys if key), dispatcher)


@blueprint.get("/wechat")
def verify() -> Response:
    """URL verification: the echostr goes back unchanged when the signature is right."""
    try:
        _check_signature(_door().token, request.args)
    except Malformed as fault:
        return _plain("", fault.status)
    return _plain(request.args.get("echostr", ""))


@blueprint.post("/wechat")
def receive() -> Response:
    """One message. 503 when the database cannot be had, so that the platform sends again."""
    arrived = time.monotonic()
    door = _door()
    try:
        _check_signature(door.token, request.args)
        xml, crypto = _opened(door, request.args)
        message = _parsed(xml)
        incoming = incoming_of(message)
    except Malformed as fault:
        return _plain("", fault.status)
    try:
        outcome = door.dispatcher.handle(incoming)
    except Busy:
        log.warning("the database could not be had in time")
        return _plain("", 503)
    points.reached("web.committed")
    response = _answer(message, outcome, crypto)
    if outcome.carries:
        response.call_on_close(lambda: _handed_over(door, incoming.key, arrived))
    return response


def _handed_over(door: Door, key: str, arrived: float) -> None:
    points.reached("web.handed_over")
    if time.monotonic() - arrived < IN_TIME:
        door.dispatcher.behind.handed_over(key)


def _door() -> Door:
    door: Door = current_app.extensions["wechat"]
    return door


def _check_signature(token: str, args: Mapping[str, str]) -> None:
    timestamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
    if not _same(signature(token, timestamp, nonce), args.get("signature", "")):
        raise Malformed(403)
    if not timestamp.isdigit() or len(timestamp) > 12 or abs(time.time() - int(timestamp)) > FRESH:
        raise Malformed(403)


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())


def _opened(door: Door, args: Mapping[str, str]) -> tuple[str, WeChatCrypto | None]:
    """The message's XML, and the crypto that opened it (None in plain mode)."""
    body = _body()
    if args.get("encrypt_type", "raw") != "aes":
        return body, None
    sealed = _field(body, "Encrypt")
    timestamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
    given = args.get("msg_signature", "")
    if not _same(signature(door.token, timestamp, nonce, sealed), given):
        raise Malformed(403)
    for crypto in door.cryptos:
        try:
            xml: str = crypto.decrypt_message({"Encrypt": sealed}, given, timestamp, nonce)
        except Exception:  # noqa: BLE001, S112  (the library raises a dozen classes for a wrong key; the next is tried)
            continue
        return xml, crypto
    raise Malformed(403)


def _body() -> str:
    if (request.content_length or 0) > BODY_LIMIT:
        raise Malformed(400)
    raw = request.stream.read(BODY_LIMIT + 1)
    if not raw or len(raw) > BODY_LIMIT:
        raise Malformed(400)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed(400) from None


def _field(xml: str, name: str) -> str:
    if "<!DOCTYPE" in xml:
        raise Malformed(400)
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  (no document type comes so far, and with it no entity)
    except ElementTree.ParseError:
        raise Malformed(400) from None
    value = root.findtext(name)
    if root.tag != "xml" or not value:
        raise Malformed(400)
    return value


def _parsed(xml: str) -> BaseMessage:
    try:
        message = parse_message(xml)
    except Exception:  # noqa: BLE001  (the library raises five classes for bad bodies)
        raise Malformed(400) from None
    raw = getattr(message, "_data", None)
    if not raw or not all(isinstance(raw.get(name), str) and raw[name] for name in ("FromUserName", "ToUserName")):
        raise Malformed(400)
    if len(raw["FromUserName"]) > 64 or not str(raw.get("CreateTime", "")).isdigit():
        raise Malformed(400)
    return message


def incoming_of(message: BaseMessage) -> Incoming:
    """A message of the platform in the house's own terms."""
    raw: dict[str, Any] = message._data
    kind = str(raw["MsgType"]).lower()
    openid = raw["FromUserName"]
    if kind == "event":
        event, accepted = _text(raw, "Event").lower(), _accepted(raw)
        # Notices about several templates in one second have no EventKey: what they are about tells them apart.
        about = [_text(raw, "EventKey"), _text(raw, "MsgID"), *(f"{template}:{agreed}" for template, agreed in accepted)]
        key = _key(openid, _text(raw, "CreateTime"), event, *about)
        return Incoming(key, openid, "event", tap=about[0], event=event, accepted=accepted, received_at=now())
    if not _text(raw, "MsgId"):
        raise Malformed(400)
    kind = "video" if kind == "shortvideo" else kind
    text = {"text": "Content", "voice": "Recognition", "location": "Label", "link": "Title"}.get(kind, "")
    return Incoming(
        _key(_text(raw, "MsgId"), openid), openid, kind, text=_text(raw, text)[:4000], tap=_text(raw, "bizmsgmenuid"),
        media_id=_text(raw, "MediaId")[:128], received_at=now(),
    )  # fmt: skip


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""


def _accepted(raw: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    # https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/api.html (subscribe_msg_popup_event)
    answers = []
    for box in ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"):
        inner = raw.get(box)
        rows = inner.get("List") if isinstance(inner, Mapping) else None
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, Mapping):
                answers.append((_text(row, "TemplateId"), _text(row, "SubscribeStatusString") == "accept"))
    return tuple(answers)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _answer(message: BaseMessage, outcome: Outcome, crypto: WeChatCrypto | None) -> Response:
    if not outcome.text:
        return _plain("success")
    safe = outcome.text.replace("]]>", "]]]]><![CDATA[>")
    reply = TextReply(source=message.target, target=message.source, content=safe, time=outcome.at)
    xml = reply.render()
    if crypto is not None:
        xml = crypto.encrypt_message(xml, request.args.get("nonce", ""), request.args.get("timestamp"))
    return Response(xml, content_type="text/xml; charset=utf-8")


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
