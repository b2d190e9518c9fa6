"""The gateway to the platform's API: each call once, its error codes in one table. No transaction is open here.

Codes: https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests
import urllib3

from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable

log = logging.getLogger("mingbaika.wechat")
_CONNECT, _READ = 3.0, 8.0  # seconds

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
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise TryLater from _nameless(error)
        except requests.exceptions.ConnectionError as error:
            raise (TryLater if _never_left(error) else OutcomeUnknown) from _nameless(error)
        except requests.exceptions.RequestException as error:
            raise OutcomeUnknown from _nameless(error)

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

    def fetch_media(self, media_id: str, most: int) -> Media:
        """A temporary file of at most `most` bytes. Unreachable when it is gone, too large, or a video's address."""
        answer = self._with_token(
            lambda token: self._line.call(
                "GET", "/cgi-bin/media/get", params={"access_token": token, "media_id": media_id}, stream=True
            )
        )
        with answer:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
            if kind in ("application/json", "text/plain"):
                _check(_json_of(answer))
                raise Unreachable
            try:
                content = answer.raw.read(most + 1, decode_content=True)
            except (OSError, urllib3.exceptions.HTTPError) as error:
                raise TryLater from _nameless(error)
        if len(content) > most:
            raise Unreachable("文件太大，收不下。")
        return Media(content, kind)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        # The platform wants Chinese as it is: \uXXXX is refused.
        payload = json.dumps(body, ensure_ascii=False).encode()
        answer = self._with_token(
            lambda token: self._line.call("POST", path, params={"access_token": token}, data=payload)
        )
        _check(_json_of(answer))

    def _with_token(self, call: Any) -> requests.Response:
        """Call with the token; on a stale one renew once, call once more, then give up."""
        token = self._tokens.current()
        answer: requests.Response = call(token)
        if _code_of(answer) in _STALE_TOKEN:
            answer = call(self._tokens.renewed(token))
        return answer


def _code_of(answer: requests.Response) -> int:
    if "json" not in answer.headers.get("Content-Type", "") and answer.headers.get("Content-Type", "") != "text/plain":
        return 0
    return int(_json_of(answer).get("errcode", 0))


def _json_of(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code >= 500:
        # A gateway's error may stand before or after the effect: nobody can know.
        raise OutcomeUnknown(code=answer.status_code)
    try:
        body = json.loads(answer.content.decode())
    except ValueError:
        raise OutcomeUnknown(code=answer.status_code) from None
    return body if isinstance(body, dict) else {}


def _check(body: Mapping[str, Any]) -> None:
    code = int(body.get("errcode", 0))
    if code == 0:
        return
    if code in _FOR_OPERATORS:
        log.error("platform error %s: %s", code, _FOR_OPERATORS[code])
    raise _FAULTS.get(code, PlatformFault)(code=code)


def _never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether no connection was made, so that nothing can have been sent."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


class Lost(Exception):
    """What broke, by the name of its class alone: the text of the original holds the address with the token in it."""


def _nameless(error: Exception) -> Lost:
    return Lost(type(error).__name__)
