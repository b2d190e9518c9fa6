"""The gateway to the platform's API: each call once, its error codes in one table. No transaction is open here.

Codes: https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import requests
import urllib3

from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable

T = TypeVar("T")

log = logging.getLogger("mingbaika.wechat")
logging.getLogger("urllib3").setLevel(logging.ERROR)  # below that it writes addresses, and a token stands in them

_CONNECT, _READ, _DOWNLOAD = 3.0, 8.0, 60.0  # seconds; the last for a whole file
_CHUNK = 64 * 1024

_STALE_TOKEN = {40001, 40014, 42001}
_FAULTS: Mapping[int, type[PlatformFault]] = {
    45015: OutOfWindow,  # more than 48 hours since the person wrote
    45047: OutOfWindow,  # the count of messages within the window is used up
    43101: NoConsent,  # no agreement to this notice, or used up
    43004: Unreachable,  # not a follower
    40003: Unreachable,  # no such OpenID here
    50005: Unreachable,  # the person does not follow
    -1: TryLater,  # the platform is busy
    45009: TryLater,  # calls of this day used up
    45011: TryLater,  # called too often in a short time
    40001: TryLater,  # still refused with a fresh token: somebody else may be fetching tokens
    40014: TryLater,
    42001: TryLater,
    40164: TryLater,  # our address is not on the account's white list
}
_FOR_OPERATORS = {
    40164: "公众平台拒绝了本机的IP：请在“基本配置”的IP白名单里加上它",
    40125: "AppSecret 不对：请核对配置里的 wechat.app_secret",
    40013: "AppID 不对：请核对配置里的 wechat.app_id",
    48001: "公众号没有这个接口的权限",
}


class Tokens(Protocol):
    """Where the access token comes from."""

    def current(self) -> str: ...
    def renewed(self, stale: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Media:
    """A file of a resident, as the platform gives it."""

    content: bytes
    media_type: str


class Line:
    """HTTP to the platform: explicit proxy, time limits, one session for each thread."""

    def __init__(self, base_url: str, proxy: str = "") -> None:
        self._base = base_url
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._local = threading.local()

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request. TryLater if it did not leave, OutcomeUnknown if it left and no answer came."""
        try:
            return self._session().request(
                method, self._base + path, timeout=(_CONNECT, _READ), allow_redirects=False, **more
            )
        except requests.exceptions.RequestException as error:
            fault = TryLater() if _never_left(error) else OutcomeUnknown()
            broke = type(error).__name__
        # Raised out here: the error itself, which holds the address with the token in it, is left behind.
        log.warning("no answer from the platform: %s", broke)
        raise fault from Lost(broke)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False
            session.proxies = self._proxies
            self._local.session = session
        found: requests.Session = self._local.session
        return found


class WeChat:
    """The calls of the API that the house makes."""

    def __init__(self, line: Line, tokens: Tokens) -> None:
        self._line = line
        self._tokens = tokens

    def send_text(self, openid: str, text: str) -> None:
        """A customer-service message. OutOfWindow outside the 48 hours or past the count."""
        self._post("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})

    def send_image(self, openid: str, media_id: str) -> None:
        """A picture as a customer-service message. OutOfWindow outside the 48 hours or past the count."""
        self._post("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}})

    def send_subscription(self, openid: str, template: str, fields: Mapping[str, str]) -> None:
        """A 订阅通知. NoConsent where the person has not agreed."""
        data = {name: {"value": value} for name, value in fields.items()}
        self._post("/cgi-bin/message/subscribe/bizsend", {"touser": openid, "template_id": template, "data": data})

    def send_template(self, openid: str, template: str, fields: Mapping[str, str]) -> None:
        """A template message (模板消息)."""
        data = {name: {"value": value} for name, value in fields.items()}
        self._post("/cgi-bin/message/template/send", {"touser": openid, "template_id": template, "data": data})

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        """The account's menu."""
        self._post("/cgi-bin/menu/create", menu)

    def create_qrcode(self, scene: str) -> str:
        """What a permanent QR code with this scene holds, to be drawn by ourselves. The same scene gives the same code.

        https://developers.weixin.qq.com/doc/offiaccount/Account_Management/Generating_a_Parametric_QR_Code.html
        """
        wanted = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}

        def create(token: str) -> str:
            query = {"access_token": token}
            given = body_of(self._line.call("POST", "/cgi-bin/qrcode/create", params=query, json=wanted))
            if isinstance(given.get("url"), str):
                return str(given["url"])
            raise refusal(given.get("errcode"))

        return self._with_token(create)

    def upload_image(self, content: bytes) -> str:
        """A temporary PNG of at most 10 MB, kept for three days by the platform; gives its id.

        https://developers.weixin.qq.com/doc/offiaccount/Asset_Management/New_temporary_materials.html
        """

        def upload(token: str) -> str:
            query, files = {"access_token": token, "type": "image"}, {"media": ("card.png", content, "image/png")}
            given = body_of(self._line.call("POST", "/cgi-bin/media/upload", params=query, files=files))
            if isinstance(given.get("media_id"), str):
                return str(given["media_id"])
            raise refusal(given.get("errcode"))

        return self._with_token(upload)

    def js_ticket(self) -> tuple[str, int]:
        """The ticket with which pages sign for the open tags, and its seconds.

        https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
        """

        def get(token: str) -> tuple[str, int]:
            query = {"access_token": token, "type": "jsapi"}
            given = body_of(self._line.call("GET", "/cgi-bin/ticket/getticket", params=query))
            if isinstance(given.get("ticket"), str) and isinstance(given.get("expires_in"), int):
                return str(given["ticket"]), int(given["expires_in"])
            raise refusal(given.get("errcode"))

        return self._with_token(get)

    def fetch_media(self, media_id: str, most: int) -> Media:
        """A temporary file of at most `most` bytes. Unreachable when it is gone, too large, or a video's address."""

        def fetch(token: str) -> Media:
            query = {"access_token": token, "media_id": media_id}
            with self._line.call("GET", "/cgi-bin/media/get", params=query, stream=True) as answer:
                try:
                    return _media_of(answer, most)
                except OSError as error:  # every error of requests is one
                    broke = type(error).__name__
            raise TryLater from Lost(broke)

        return self._with_token(fetch)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        # The platform wants Chinese as it is: \uXXXX is refused.
        payload = json.dumps(body, ensure_ascii=False).encode()

        def send(token: str) -> None:
            code = body_of(self._line.call("POST", path, params={"access_token": token}, data=payload)).get("errcode")
            if code != 0:
                raise refusal(code)

        self._with_token(send)

    def _with_token(self, call: Callable[[str], T]) -> T:
        """Call with the token; where that one is refused, call once more with another, then give up."""
        token = self._tokens.current()
        try:
            return call(token)
        except TryLater as fault:
            if fault.code not in _STALE_TOKEN:
                raise
        return call(self._tokens.renewed(token))


def body_of(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer. OutcomeUnknown where nobody can tell whether the call took effect."""
    if 300 <= answer.status_code < 500:
        # The platform itself always says 200: a proxy or a guard on the way has turned the call back.
        raise TryLater(code=answer.status_code)
    try:
        body = json.loads(answer.content) if answer.status_code == 200 else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise OutcomeUnknown(code=answer.status_code)
    return body


def refusal(code: object) -> PlatformFault:
    """An error code in our words; the log says what only an operator can put right. Without a code nothing is known."""
    if not isinstance(code, int):
        return OutcomeUnknown()
    if code in _FOR_OPERATORS:
        log.error("platform error %s: %s", code, _FOR_OPERATORS[code])
    return _FAULTS.get(code, PlatformFault)(code=code)


def _media_of(answer: requests.Response, most: int) -> Media:
    if answer.status_code != 200:
        raise TryLater(code=answer.status_code)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("application/json", "text/plain"):
        code = body_of(answer).get("errcode")
        raise refusal(code) if code else Unreachable()
    if kind.startswith("text/"):
        raise TryLater  # a page of somebody on the way
    content, until = bytearray(), time.monotonic() + _DOWNLOAD
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > most:
            raise Unreachable("文件太大，收不下。")
        if time.monotonic() > until:
            raise TryLater
    return Media(bytes(content), kind)


def _never_left(error: requests.exceptions.RequestException) -> bool:
    """Whether nothing can have reached the platform: an unfit address, no connection, somebody else's certificate."""
    if isinstance(error, (ValueError, requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, urllib3.exceptions.SSLError):
        return isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


class Lost(Exception):
    """What broke, by the name of its class alone."""
