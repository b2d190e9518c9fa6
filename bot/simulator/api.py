"""The platform's API as the service calls it: paths, rules and error codes of api.weixin.qq.com."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulator import menu, sending
from bot.simulator.errors import ApiRefusal
from bot.simulator.state import ApiCall, State

_JSON = "application/json; encoding=utf-8"
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?:00[89a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])")
_TOKENLESS = "/cgi-bin/stable_token"
CODE = "http://weixin.qq.com/q/"


class ConnectionDropped(ConnectionError):
    """The connection is to be cut without an answer."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: `upload` is the file of a multipart body, None when there is none."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    upload: bytes | None = None

    def json(self) -> dict[str, Any]:
        """The JSON object of the body; 44002 empty, 47001 malformed, 40033 Chinese written as escapes."""
        if not self.body:
            raise ApiRefusal(44002)
        if _ESCAPED.search(self.body):
            raise ApiRefusal(40033)
        try:
            value = json.loads(self.body)
        except ValueError:
            raise ApiRefusal(47001) from None
        if not isinstance(value, dict):
            raise ApiRefusal(47001)
        return value


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What goes back: HTTP status, body, content type and, for a download, the file's name."""

    status: int
    body: bytes
    content_type: str = _JSON
    filename: str = ""


Notify = Callable[[str, dict[str, Any], str], None]
Handler = Callable[["Api", ApiRequest], "dict[str, Any] | ApiAnswer"]


@dataclass(slots=True)
class Api:
    """Answers the service's calls. `notify(openid, event fields, label)` sends an event that follows from a call."""

    state: State
    notify: Notify
    base_url: str = ""
    pause: Callable[[float], None] = time.sleep

    def call(self, request: ApiRequest) -> ApiAnswer:
        """Answer one call by the rules and the switches; ConnectionDropped when it must not be answered."""
        began = time.perf_counter()
        with self.state.lock:
            delay = self.state.switches.api_delay
            failure = self.state.switches.take_failure(request.path)
        if delay:
            self.pause(delay)
        answer = None if failure in ("500", "drop") else self._answered(request)
        self._record(request, answer, failure, began)
        if failure and failure.startswith("drop"):
            raise ConnectionDropped(failure)
        if failure or answer is None:
            return ApiAnswer(500, b"Internal Server Error", "text/plain; charset=utf-8")
        return answer

    def _answered(self, request: ApiRequest) -> ApiAnswer:
        try:
            with self.state.lock:
                result = self._ruled(request)
        except ApiRefusal as refusal:
            result = {"errcode": refusal.code, "errmsg": f"{refusal.message} rid: {self.state.number():08x}"}
        return result if isinstance(result, ApiAnswer) else json_answer(result)

    def _ruled(self, request: ApiRequest) -> dict[str, Any] | ApiAnswer:
        if request.path not in _ROUTES:
            raise ApiRefusal(40066)
        method, handler = _ROUTES[request.path]
        has_token = request.path != _TOKENLESS
        code = self.state.switches.take_code(request.path, has_token)
        if code is not None:
            raise ApiRefusal(code)
        if method not in (request.method, "ANY"):
            raise ApiRefusal(43002 if method == "POST" else 43001)
        if has_token:
            self.state.tokens.check(request.query.get("access_token", ""), self.state.now())
        return handler(self, request)

    def _record(self, request: ApiRequest, answer: ApiAnswer | None, failure: str | None, began: float) -> None:
        took = round((time.perf_counter() - began) * 1000)
        with self.state.lock:
            self.state.counts[request.path] += 1
            self.state.calls.append(
                ApiCall(
                    self.state.number(),
                    self.state.now(),
                    took,
                    request.path,
                    _addressee(request),
                    None if failure or answer is None else _code_of(answer),
                    failure or "",
                )
            )
            self.state.touch()

    def stable_token(self, request: ApiRequest) -> dict[str, Any]:
        body = request.json()
        if body.get("grant_type") != "client_credential":
            raise ApiRefusal(40002)
        for name, missing, wrong, right in (
            ("appid", 41002, 40013, self.state.app_id),
            ("secret", 41004, 40125, self.state.app_secret),
        ):
            if not body.get(name):
                raise ApiRefusal(missing)
            if body[name] != right:
                raise ApiRefusal(wrong)
        token, seconds = self.state.tokens.stable(self.state.now(), bool(body.get("force_refresh")))
        return {"access_token": token, "expires_in": seconds}

    def custom_send(self, request: ApiRequest) -> dict[str, Any]:
        sending.customer_message(self.state, request.json())
        return _ok()

    def template_send(self, request: ApiRequest) -> dict[str, Any]:
        body = request.json()
        sent = sending.template_message(self.state, body)
        if sent.fresh:
            event = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": sent.message_id, "Status": "success"}
            self.notify(body["touser"], event, "模板消息已送达")
        return _ok(msgid=sent.message_id)

    def bizsend(self, request: ApiRequest) -> dict[str, Any]:
        body = request.json()
        message_id = sending.subscription_notice(self.state, body)
        line = {
            "TemplateId": body["template_id"],
            "MsgID": str(message_id),
            "ErrorCode": "0",
            "ErrorStatus": "success",
        }
        event = {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": [line]}}
        self.notify(body["touser"], event, "订阅通知已送达")
        return _ok()

    def media_upload(self, request: ApiRequest) -> dict[str, Any]:
        kind = request.query.get("type", "")
        media = self.state.media.upload(kind, request.upload, self.state.now())
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, name: media.media_id, "created_at": int(media.created)}

    def media_get(self, request: ApiRequest) -> dict[str, Any] | ApiAnswer:
        media = self.state.media.find(request.query.get("media_id", ""), self.state.now())
        if media.kind == "video":
            return {"video_url": f"{self.base_url}/phone/media/{media.media_id}"}
        return ApiAnswer(200, media.content, media.content_type, media.filename)

    def menu_create(self, request: ApiRequest) -> dict[str, Any]:
        self.state.menu = menu.checked(request.json())
        return _ok()

    def menu_get(self, request: ApiRequest) -> dict[str, Any]:
        if self.state.menu is None:
            raise ApiRefusal(46003)
        return {"menu": {"button": self.state.menu}}

    def menu_delete(self, request: ApiRequest) -> dict[str, Any]:
        self.state.menu = None
        return _ok()

    def qrcode_create(self, request: ApiRequest) -> dict[str, Any]:
        body = request.json()
        info = body.get("action_info")
        scene = info.get("scene", {}).get("scene_str") if isinstance(info, dict) else None
        if body.get("action_name") != "QR_LIMIT_STR_SCENE" or not isinstance(scene, str) or not 1 <= len(scene) <= 64:
            raise ApiRefusal(40053)
        ticket = base64.urlsafe_b64encode(f"{self.state.app_id}/{scene}".encode()).decode()
        return {"ticket": ticket, "url": CODE + ticket}

    def user_info(self, request: ApiRequest) -> dict[str, Any]:
        resident = self.state.addressee(request.query.get("openid"))
        if not resident.subscribed:
            return {"subscribe": 0, "openid": resident.openid}
        return {
            "subscribe": 1,
            "openid": resident.openid,
            "language": "zh_CN",
            "subscribe_time": int(resident.subscribed_at),
            "remark": "",
            "groupid": 0,
            "tagid_list": [],
            "subscribe_scene": "ADD_SCENE_SEARCH",
        }


_ROUTES: dict[str, tuple[str, Handler]] = {
    _TOKENLESS: ("POST", Api.stable_token),
    "/cgi-bin/message/custom/send": ("POST", Api.custom_send),
    "/cgi-bin/message/template/send": ("POST", Api.template_send),
    "/cgi-bin/message/subscribe/bizsend": ("POST", Api.bizsend),
    "/cgi-bin/media/upload": ("POST", Api.media_upload),
    "/cgi-bin/media/get": ("GET", Api.media_get),
    "/cgi-bin/menu/create": ("POST", Api.menu_create),
    "/cgi-bin/menu/get": ("ANY", Api.menu_get),
    "/cgi-bin/menu/delete": ("ANY", Api.menu_delete),
    "/cgi-bin/qrcode/create": ("POST", Api.qrcode_create),
    "/cgi-bin/user/info": ("GET", Api.user_info),
}


def scene_in(url: str, app_id: str) -> str | None:
    """The scene of a permanent code of this account; None for anything else that may stand in a QR code."""
    try:
        account, _, scene = base64.urlsafe_b64decode(url.removeprefix(CODE).encode()).decode().partition("/")
    except ValueError:
        return None
    return scene if url.startswith(CODE) and account == app_id else None


def json_answer(value: dict[str, Any]) -> ApiAnswer:
    """A JSON body in UTF-8 with HTTP 200, as the platform answers even when it refuses."""
    return ApiAnswer(200, json.dumps(value, ensure_ascii=False).encode())


def _ok(**more: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **more}


def _code_of(answer: ApiAnswer) -> int:
    if answer.content_type != _JSON:
        return 0
    return int(json.loads(answer.body).get("errcode", 0))


def _addressee(request: ApiRequest) -> str:
    if request.upload is not None or not request.body:
        return request.query.get("openid", "")
    try:
        value = json.loads(request.body)
    except ValueError:
        return ""
    return str(value.get("touser", "")) if isinstance(value, dict) else ""
