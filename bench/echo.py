"""The bare echo against which the service is measured: Flask and wechatpy, safe mode, and nothing else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import TextMessage
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature


def create_app(keep: Callable[[TextMessage], None] | None = None) -> Flask:
    """An application that gives every text back; `keep` is called with each message before the reply."""
    wechat = tomllib.loads(Path(os.environ["CONFIG"]).read_text(encoding="utf-8"))["wechat"]
    token = wechat["token"]
    crypto = WeChatCrypto(token, wechat["encoding_aes_key"], wechat["app_id"])
    app = Flask("echo", static_folder=None)

    @app.post("/wechat")
    def receive() -> Response:
        args = request.args
        timestamp, nonce = args["timestamp"], args["nonce"]
        check_signature(token, args["signature"], timestamp, nonce)
        message = parse_message(crypto.decrypt_message(request.get_data(), args["msg_signature"], timestamp, nonce))
        if keep is not None:
            keep(message)
        reply = TextReply(content=message.content, message=message)
        return Response(crypto.encrypt_message(reply.render(), nonce, timestamp), content_type="text/xml")

    return app
