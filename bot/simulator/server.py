"""The simulator as a process of its own: the platform's API, and the phone in the browser. Loopback only."""

from __future__ import annotations

import logging
import secrets
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bot.simulator.api import ApiRequest, ConnectionDropped
from bot.simulator.errors import NotLoopback, SimulatorError
from bot.simulator.line import is_loopback
from bot.simulator.notices import Template
from bot.simulator.phone import MAX_UPLOAD, create_phone
from bot.simulator.platform import Platform

# Residents to begin with; they follow already, so that the first message can be sent at once.
RESIDENTS = ("秀兰大娘", "老赵头", "桂芬（帮婆婆问）", "小宇")

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_simulator(platform: Platform) -> Flask:
    """The web of the simulator: /cgi-bin/… as at api.weixin.qq.com, the phone at /."""
    app = Flask(__name__, static_folder=None)
    app.secret_key = secrets.token_hex()
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD + 64 * 1024
    app.register_blueprint(create_phone(platform))

    @app.before_request
    def only_this_machine() -> Response | None:
        # A foreign name that resolves to loopback must not reach the phone from a browser.
        host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        return None if is_loopback(host.strip("[]")) else Response("只能从本机打开。", 403)

    @app.route("/cgi-bin/<path:rest>", methods=["GET", "POST"])
    def api(rest: str) -> Response:
        file = request.files.get("media")
        upload = file.read() if file else None
        body = b"" if file else request.get_data(cache=False)
        try:
            answer = platform.call(ApiRequest(request.method, f"/cgi-bin/{rest}", request.args.to_dict(), body, upload))
        except ConnectionDropped:
            _hang_up()
            raise
        response = Response(answer.body, answer.status, content_type=answer.content_type)
        if answer.filename:
            response.headers["Content-Disposition"] = f'attachment; filename="{answer.filename}"'
        return response

    @app.after_request
    def guard(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    return app


def _hang_up() -> None:
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


class _Quiet(WSGIRequestHandler):
    """Without a line in the log for every poll of the page, and without a traceback when a peer hangs up."""

    def log(self, type: str, message: str, *args: Any) -> None:
        logging.getLogger("simulator").debug(message, *args)


def open_server(platform: Platform, host: str, port: int) -> BaseWSGIServer:
    """A server that listens; NotLoopback for any other host, SimulatorError when the port is taken. Port 0: any."""
    if not is_loopback(host):
        raise NotLoopback(f"模拟器只能在本机运行，不能监听 {host}。请改成 127.0.0.1。")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=64)
    except OSError:
        raise SimulatorError(f"端口 {port} 用不了，可能已被占用。请换一个端口，或先关掉占用它的程序。") from None
    with listener:  # the server takes a copy
        port = listener.getsockname()[1]
        name = f"[{host}]" if family == socket.AF_INET6 else host
        platform.api.base_url = f"http://{name}:{port}"
        app = create_simulator(platform)
        return make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())


@contextmanager
def serving(platform: Platform, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the base address of API and phone."""
    server = open_server(platform, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield platform.api.base_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_simulator(
    *,
    host: str,
    port: int,
    webhook_url: str,
    token: str,
    encoding_aes_key: str,
    app_id: str,
    app_secret: str,
    mode: str = "safe",
    templates: Iterable[Template] | None = None,
    residents: Iterable[str] = RESIDENTS,
) -> None:
    """Run until stopped. Exit 2 with a sentence in Chinese if it would reach beyond this machine or cannot listen."""
    try:
        platform = Platform(
            webhook_url=webhook_url,
            token=token,
            encoding_aes_key=encoding_aes_key,
            app_id=app_id,
            app_secret=app_secret,
            mode=mode,
            templates=templates,
        )
        for nickname in residents:
            platform.add_resident(nickname, subscribed=True)
        server = open_server(platform, host, port)
    except (SimulatorError, ValueError) as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from None
    with server:
        server.serve_forever()
