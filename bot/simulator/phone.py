"""What the phone in the browser asks for, as JSON: the screen, the line, the switches, and a resident's acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from bot.simulator.errors import ApiRefusal, SimulatorError
from bot.simulator.platform import Platform
from bot.simulator.screen import screen, switches

MAX_UPLOAD = 10 * 1024 * 1024
# The switches of the page leave the token alone: messages, media and menu fail.
_ALL_BUT_TOKEN = "/cgi-bin/m"  # noqa: S105
_T = TypeVar("_T")


def create_phone(platform: Platform) -> Blueprint:
    """The page at / and its endpoints under /phone/."""
    phone = Blueprint("phone", __name__, template_folder="templates", static_folder="static")
    _add_views(phone, platform)
    _add_acts(phone, platform)

    @phone.errorhandler(SimulatorError)
    def refused(error: SimulatorError) -> tuple[Response, int]:
        return jsonify(said=str(error)), 409

    @phone.errorhandler(ApiRefusal)
    def gone(error: ApiRefusal) -> tuple[Response, int]:
        return jsonify(said="文件已经过期，或者没有这个文件。"), 404

    return phone


def _add_views(phone: Blueprint, platform: Platform) -> None:
    @phone.get("/")
    def page() -> str:
        return render_template("phone.html")

    @phone.get("/consent")
    def consent_page() -> str:
        """The consent page of one template on its own, for a link in a chat: ?openid=…&template_id=…"""
        return render_template("consent.html")

    @phone.get("/phone/screen")
    def show_screen() -> Response:
        openid, seen = request.args.get("openid", ""), request.args.get("version", type=int)
        if seen is not None and seen == platform.state.version:
            return jsonify(version=seen)
        return jsonify(screen(platform, openid))

    @phone.get("/phone/media/<media_id>")
    def media(media_id: str) -> Response:
        with platform.state.lock:
            found = platform.state.media.find(media_id, platform.state.now())
        return Response(found.content, mimetype=found.content_type)


def _add_acts(phone: Blueprint, platform: Platform) -> None:
    @phone.post("/phone/residents")
    def add_resident() -> Response:
        return jsonify(openid=platform.add_resident(_texts().get("nickname", "")))

    @phone.post("/phone/<openid>/<act>")
    def do(openid: str, act: str) -> tuple[Response, int]:
        platform.resident(openid)
        run = _understood(partial(_read(_ACTS, act), platform, openid))
        platform.courier.in_background(_quietly, platform, openid, run)
        return jsonify(ok=True), 202

    @phone.post("/phone/switches")
    def turn_switches() -> Response:
        for name, value in _body().items():
            _understood(partial(_read(_SWITCHES, name), platform, value))
        return jsonify(switches(platform))

    @phone.post("/phone/verify")
    def verify() -> Response:
        _body()
        return jsonify(ok=platform.verify_url())


def _understood(reading: Callable[[], _T]) -> _T:
    try:
        return reading()
    except (KeyError, TypeError, ValueError):
        raise BadRequest from None


def _read(table: dict[str, _T], name: str) -> _T:
    if name not in table:
        raise NotFound
    return table[name]


def _body() -> dict[str, Any]:
    # A page of another site can post a form here, but not JSON: the type is the guard against it.
    if request.mimetype != "application/json" or not isinstance(body := request.get_json(), dict):
        raise BadRequest
    return body


def _texts() -> dict[str, str]:
    return {name: value for name, value in _body().items() if isinstance(value, str)}


def _quietly(platform: Platform, openid: str, run: Callable[[], object]) -> None:
    try:
        run()
    except SimulatorError as error:
        platform.tell(openid, str(error))


def _text(platform: Platform, openid: str) -> Callable[[], object]:
    words = _texts().get("text", "")
    return lambda: platform.send_text(openid, words)


def _voice(platform: Platform, openid: str) -> Callable[[], object]:
    body = _body()
    said, seconds = body.get("recognition"), int(body.get("seconds", 4))
    recognition = said if isinstance(said, str) and said else None
    return lambda: platform.send_voice(openid, recognition, seconds=seconds)


def _image(platform: Platform, openid: str) -> Callable[[], object]:
    if not request.mimetype.startswith("image/"):
        raise BadRequest
    content = request.get_data(cache=False)
    return lambda: platform.send_image(openid, content)


def _video(platform: Platform, openid: str) -> Callable[[], object]:
    _body()
    return lambda: platform.send_video(openid)


def _location(platform: Platform, openid: str) -> Callable[[], object]:
    body = _body()
    label, point = str(body.get("label", "")), (float(body["latitude"]), float(body["longitude"]))
    return lambda: platform.send_location(openid, label, point)


def _link(platform: Platform, openid: str) -> Callable[[], object]:
    body = _texts()
    title, url = body.get("title", ""), body.get("url", "")
    return lambda: platform.send_link(openid, title, url, body.get("description", ""))


def _tap(platform: Platform, openid: str) -> Callable[[], object]:
    target = _texts().get("target", "")
    return lambda: platform.tap(openid, target)


def _consent(platform: Platform, openid: str) -> Callable[[], object]:
    body = _texts()
    return lambda: platform.consent(openid, body.get("template_id", ""), body.get("choice", ""))


def _subscribe(platform: Platform, openid: str) -> Callable[[], object]:
    _body()
    return lambda: platform.subscribe(openid)


def _scan(platform: Platform, openid: str) -> Callable[[], object]:
    url = _texts().get("url", "")
    return lambda: platform.scan(openid, url)


def _unsubscribe(platform: Platform, openid: str) -> Callable[[], object]:
    _body()
    return lambda: platform.unsubscribe(openid)


def _age(platform: Platform, openid: str) -> Callable[[], object]:
    hours = float(_body().get("hours", 49))
    return lambda: platform.age(openid, hours)


_ACTS: dict[str, Callable[[Platform, str], Callable[[], object]]] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "video": _video,
    "location": _location,
    "link": _link,
    "tap": _tap,
    "consent": _consent,
    "subscribe": _subscribe,
    "scan": _scan,
    "unsubscribe": _unsubscribe,
    "age": _age,
}

_SWITCHES: dict[str, Callable[[Platform, Any], None]] = {
    "mode": lambda platform, value: setattr(platform, "mode", str(value)),
    "api_delay": lambda platform, value: platform.delay_api(float(value)),
    "held": lambda platform, value: platform.hold() if value else platform.release(),
    "duplicate": lambda platform, value: platform.always_duplicate(bool(value)),
    "fail": lambda platform, value: platform.fail_next(1, str(value), _ALL_BUT_TOKEN),
    "answer": lambda platform, value: platform.answer_next(int(value), 1),
    "clear": lambda platform, value: platform.clear_faults(),
    "token": lambda platform, value: platform.take_token_away(),
}
