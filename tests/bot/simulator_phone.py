"""The platform's API: every rule with its error code, and what can be made to go wrong."""

from __future__ import annotations

import json
from typing import Any

from bot.simulator.api import ApiRequest
from bot.simulator.notices import Template
from bot.simulator.platform import Platform
from tests.bot.simulator_service import APP_ID, SECRET, Clock, Service, make_platform

CUSTOM, TEMPLATE, BIZ = (
    "/cgi-bin/message/custom/send",
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/subscribe/bizsend",
)
TOKEN_PATH = "/cgi-bin/stable_token"
ASK = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
ANSWERED = Template("t-answered", "办件答复通知", {"character_string1": "编号", "thing2": "事项"})
NOTICE = {"character_string1": {"value": "YJ-1"}, "thing2": {"value": "补贴没到账"}}
PNG, JPEG = b"\x89PNG\r\n\x1a\n0000", b"\xff\xd8\xff\xe00000"


class Phone:
    """A platform with one resident who follows, and short ways to call its API."""

    def __init__(self, **changed: Any) -> None:
        self.clock = Clock()
        self.service = Service(lambda message: "success")
        self.platform: Platform = make_platform(self.service, clock=self.clock, **changed)
        self.openid = self.platform.add_resident("秀兰", subscribed=True)
        self.token = self.post(TOKEN_PATH, ASK)["access_token"]

    def post(self, path: str, body: dict[str, Any] | bytes, **query: str) -> dict[str, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.request("POST", path, raw, **query)

    def request(self, method: str, path: str, body: bytes = b"", **query: str) -> dict[str, Any]:
        with_token = query if path == TOKEN_PATH else {"access_token": self.token, **query}
        answer = self.platform.call(ApiRequest(method, path, with_token, body))
        assert answer.status == 200
        return json.loads(answer.body)

    def say(self, words: str = "您的事办好了") -> int:
        return self.post(CUSTOM, {"touser": self.openid, "msgtype": "text", "text": {"content": words}})["errcode"]

    def notify(self, path: str = BIZ, **changed: Any) -> int:
        body = {"touser": self.openid, "template_id": "t-answered", "data": NOTICE, **changed}
        return self.post(path, body)["errcode"]

    def upload(self, kind: str, content: bytes | None) -> dict[str, Any]:
        query = {"access_token": self.token, "type": kind}
        return json.loads(self.platform.call(ApiRequest("POST", "/cgi-bin/media/upload", query, b"", content)).body)

    def cards(self) -> list[str]:
        return [
            entry.shown.content["source"]
            for entry in self.platform.transcript(self.openid)
            if entry.shown.kind == "card"
        ]
