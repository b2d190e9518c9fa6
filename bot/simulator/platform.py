"""The platform without its web: residents write, tap, follow and agree; the service is called and answers.

Every method may be called from any thread. A method that sends waits for the whole exchange (at most three tries
of five seconds, longer while the line is held); `courier.in_background` does it without waiting.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from bot.simulator import chat, consents, media, menu
from bot.simulator.api import Api, ApiAnswer, ApiRequest, scene_in
from bot.simulator.chat import Entry, Shown
from bot.simulator.controls import Controls
from bot.simulator.courier import Courier
from bot.simulator.envelope import Envelope
from bot.simulator.errors import SimulatorError
from bot.simulator.line import PATIENCE, Exchange, Line, Transport, post_over_http, verifies
from bot.simulator.notices import Template
from bot.simulator.people import Resident
from bot.simulator.reply import MODES
from bot.simulator.state import Clock, State
from bot.simulator.wire import Field, sendable

# The office of the county seat, 口前镇: latitude, longitude.
COUNTY_SEAT = (43.6740, 126.5010)
_COUNTS_AS_CLICK = {"CLICK", "scancode_push", "scancode_waitmsg"}


class Platform(Controls):
    """One official account and the phones of its residents."""

    def __init__(
        self,
        *,
        webhook_url: str,
        token: str,
        encoding_aes_key: str,
        app_id: str,
        app_secret: str,
        mode: str = "safe",
        templates: Iterable[Template] | None = None,
        base_url: str = "http://127.0.0.1:8081",
        transport: Transport = post_over_http,
        clock: Clock = time.time,
        patience: float = PATIENCE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`templates` None: every template id counts as added. `patience`: seconds until the platform hangs up."""
        envelope = Envelope(token, encoding_aes_key, app_id)
        envelope.seal(b"")  # a wrong key is a fault of the start, not of the first message
        self.state = State(app_id, app_secret, clock, known_templates=templates is not None)
        self.state.templates = {template.template_id: template for template in templates or ()}
        self.api = Api(self.state, self._notify, base_url, pause)
        line = Line(webhook_url, transport, clock, self.state.touch, patience)
        self.courier = Courier(self.state, line, envelope, mode)
        self.mode = mode

    @property
    def mode(self) -> str:
        """plain, compat or safe."""
        return self.courier.mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in MODES:
            raise SimulatorError("消息模式只能是 plain、compat 或 safe。")
        self.courier.mode = mode
        self.state.touch()

    def change_key(self, encoding_aes_key: str) -> None:
        """Seal with another EncodingAESKey from now on; each reply is opened with the key of its message."""
        old = self.courier.envelope
        self.courier.envelope = Envelope(old.token, encoding_aes_key, old.app_id)

    # What a resident does -------------------------------------------------------------------------------------

    def add_resident(self, nickname: str, *, subscribed: bool = False) -> str:
        """A resident's OpenID, new if the nickname is new. `subscribed` follows without an event, as if long ago."""
        with self.state.lock:
            resident = self.state.add_resident(nickname)
            if subscribed and not resident.subscribed:
                resident.subscribed, resident.subscribed_at = True, self.state.now()
            return resident.openid

    def send_text(self, openid: str, text: str, *, duplicate: bool = False) -> Exchange:
        """A text message. `duplicate` sends it twice at once, as has been seen in the field."""
        words = sendable(text)
        if not words.strip():
            raise SimulatorError("先写点什么，再发送。")
        fields: dict[str, Field] = {"MsgType": "text", "Content": words}
        return self._say(openid, fields, chat.text(words), "文字", duplicate)

    def send_voice(self, openid: str, recognition: str | None = None, *, seconds: int = 4) -> Exchange:
        """A voice message; with the recognised text when the platform still gives one."""
        kept = self._keep(openid, "voice", media.sample_voice(seconds))
        fields: dict[str, Field] = {"MsgType": "voice", "MediaId": kept.media_id, "Format": "amr"}
        if recognition is not None:
            fields["Recognition"] = sendable(recognition)
        shown = Shown("voice", {"media_id": kept.media_id, "seconds": seconds, "said": recognition or ""})
        return self._say(openid, fields, shown, "语音")

    def send_image(self, openid: str, content: bytes) -> Exchange:
        """A picture (JPEG, PNG or GIF)."""
        if not content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")):
            raise SimulatorError("这不是图片。请选 JPG、PNG 或 GIF。")
        kept = self._keep(openid, "image", content)
        url = f"{self.api.base_url}/phone/media/{kept.media_id}"
        fields: dict[str, Field] = {"MsgType": "image", "PicUrl": url, "MediaId": kept.media_id}
        return self._say(openid, fields, Shown("image", {"media_id": kept.media_id}), "图片")

    def send_video(self, openid: str, content: bytes = media.SAMPLE_VIDEO) -> Exchange:
        """A video; the service gets an address for it, not the file."""
        kept, thumb = self._keep(openid, "video", content), self._keep(openid, "thumb", b"\xff\xd8\xff\xd9")
        ids: dict[str, Field] = {"MediaId": kept.media_id, "ThumbMediaId": thumb.media_id}
        return self._say(openid, {"MsgType": "video", **ids}, Shown("video", {"media_id": kept.media_id}), "视频")

    def send_location(
        self, openid: str, label: str = "吉林省永吉县口前镇", point: tuple[float, float] = COUNTY_SEAT
    ) -> Exchange:
        """A place: label, and latitude and longitude in degrees."""
        fields: dict[str, Field] = {
            "MsgType": "location",
            "Location_X": point[0],
            "Location_Y": point[1],
            "Scale": 16,
            "Label": sendable(label),
        }
        return self._say(openid, fields, Shown("location", {"label": label, "point": list(point)}), "位置")

    def send_link(self, openid: str, title: str, url: str, description: str = "") -> Exchange:
        """A shared web page."""
        texts = {"Title": sendable(title), "Description": sendable(description), "Url": sendable(url)}
        shown = Shown("link", {"title": title, "description": description, "url": url})
        return self._say(openid, {"MsgType": "link", **texts}, shown, "链接")

    def send_event(
        self, openid: str, event: str, key: str | None = None, *, duplicate: bool = False, **more: Field
    ) -> Exchange:
        """Any event, e.g. CLICK with its key, LOCATION with Latitude=…, one that nobody knows."""
        fields: dict[str, Field] = {"MsgType": "event", "Event": event}
        if key is not None:
            fields["EventKey"] = key
        with self.state.lock:
            resident = self.state.resident(openid)
            if event in _COUNTS_AS_CLICK:
                resident.interacted("click", self.state.now())
            elif event == "SCAN":
                resident.interacted("scan", self.state.now())
        return self.courier.push(openid, {**fields, **more}, f"事件 {event}", duplicate=duplicate)

    def subscribe(self, openid: str, scene: str = "") -> Exchange:
        """Follow the account; `scene` as when a code with parameters was scanned."""
        with self.state.lock:
            resident = self.state.resident(openid)
            resident.subscribed, resident.subscribed_at = True, self.state.now()
            resident.interacted("subscribe", self.state.now())
        self.tell(openid, "您关注了公众号")
        if scene:
            return self.send_event(openid, "subscribe", f"qrscene_{scene}", Ticket=secrets.token_urlsafe(64))
        return self.send_event(openid, "subscribe", "")

    def scan(self, openid: str, url: str) -> Exchange:
        """Scan a code of the account: who does not follow yet follows through it, for others it is an event."""
        scene = scene_in(url, self.state.app_id)
        if scene is None:
            raise SimulatorError("这不是本公众号的二维码。")
        if not self.resident(openid).subscribed:
            return self.subscribe(openid, scene)
        return self.send_event(openid, "SCAN", scene, Ticket=url.rpartition("/")[2])

    def unsubscribe(self, openid: str) -> Exchange:
        """Stop following. The platform forgets the open windows; consents to notices stay."""
        with self.state.lock:
            resident = self.state.resident(openid)
            resident.subscribed = False
            resident.allowances.clear()
        self.tell(openid, "您取消了关注")
        fields: dict[str, Field] = {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}
        return self.courier.push(openid, fields, "事件 unsubscribe", quiet=True)

    def tap(self, openid: str, target: str) -> Exchange:
        """Tap a menu button (its key, address or name), or a tap link in the chat (its msgmenuid)."""
        self._require_following(openid)
        with self.state.lock:
            button = menu.button_at(self.state.menu or [], target)
            says = None if button else self._tap_link(openid, target)
        if button is not None:
            return self._press(openid, button)
        if says is None:
            raise SimulatorError("屏幕上没有这个选项。")
        fields: dict[str, Field] = {"MsgType": "text", "Content": says, "bizmsgmenuid": target}
        # The documentation gives a tap three messages in a minute, not the 48 hours of a message.
        return self._say(openid, fields, chat.text(says), "点选", counts_as="click")

    def consent(self, openid: str, template_id: str, choice: str) -> Exchange:
        """Answer the consent page of a template: once, always or refuse; or `withdraw` it later in the settings."""
        with self.state.lock:
            event = consents.answer(self.state, openid, template_id, choice)
        self.tell(openid, consents.SAID[choice])
        return self.courier.push(openid, event, "事件 订阅通知授权", quiet=True)

    # What the service does ------------------------------------------------------------------------------------

    def call(self, request: ApiRequest) -> ApiAnswer:
        """One call of the service to the API."""
        return self.api.call(request)

    def count(self, path: str) -> int:
        """How many calls there have been to a path, refused ones among them."""
        with self.state.lock:
            return self.state.counts[path]

    def verify_url(self) -> bool:
        """Whether the webhook answers the platform's URL verification. Goes over HTTP, whatever the transport."""
        line = self.courier.line
        return verifies(line.webhook_url, self.courier.envelope, self.state.now(), line.patience)

    def tell(self, openid: str, words: str) -> None:
        """A grey line on a resident's screen, from WeChat itself."""
        self.state.show(openid, "middle", Shown("event", {"text": words}))

    # What can be looked at ------------------------------------------------------------------------------------

    def transcript(self, openid: str) -> list[Entry]:
        """What stands on a resident's screen, oldest first."""
        with self.state.lock:
            return [entry for entry in self.state.entries if entry.openid == openid]

    def resident(self, openid: str) -> Resident:
        """The platform's record of a resident."""
        with self.state.lock:
            return self.state.resident(openid)

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest messages and events on the line, oldest first."""
        return list(self.courier.exchanges)

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until nothing sent in the background is under way; False if something still is after that time."""
        return self.courier.settle(seconds)

    # How it is done -------------------------------------------------------------------------------------------

    def _notify(self, openid: str, event: dict[str, Any], label: str) -> None:
        fields = {"MsgType": "event", **event}
        self.courier.in_background(self.courier.push, openid, fields, f"事件 {label}", quiet=True)

    def _require_following(self, openid: str) -> None:
        if not self.resident(openid).subscribed:
            raise SimulatorError("还没有关注公众号，先点“关注公众号”。")

    def _keep(self, openid: str, kind: str, content: bytes) -> media.Media:
        self._require_following(openid)
        with self.state.lock:
            return self.state.media.keep(kind, content, self.state.now())

    def _say(
        self,
        openid: str,
        fields: dict[str, Field],
        shown: Shown,
        label: str,
        duplicate: bool = False,
        counts_as: str = "message",
    ) -> Exchange:
        self._require_following(openid)
        with self.state.lock:
            self.state.resident(openid).interacted(counts_as, self.state.now())
            self.state.show(openid, "me", shown)
        return self.courier.push(openid, fields, label, duplicate=duplicate)

    def _press(self, openid: str, button: menu.Button) -> Exchange:
        kind = str(button["type"])
        if kind == "view":
            fields: dict[str, Field] = {"MsgType": "event", "Event": "VIEW", "EventKey": str(button["url"])}
            return self.courier.push(openid, fields, "菜单 打开网页", quiet=True)
        if kind == "click":
            return self.send_event(openid, "CLICK", str(button["key"]))
        if kind.startswith("scancode"):
            scan: Field = {"ScanType": "qrcode", "ScanResult": "1"}
            return self.send_event(openid, kind, str(button["key"]), ScanCodeInfo=scan)
        raise SimulatorError("这部手机上还没有这种菜单。")

    def _tap_link(self, openid: str, target: str) -> str | None:
        for entry in reversed(self.transcript(openid)):
            if entry.side == "account" and entry.shown.kind == "text":
                says = chat.taps(entry.shown.text).get(target)
                if says is not None:
                    return says
        return None
