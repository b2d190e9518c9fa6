"""The door: what is let in, in which mode, and how it is answered."""

from __future__ import annotations

import secrets
import time
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot import webhook
from bot.simulator.envelope import Envelope, signature
from bot.webhook import Door
from knowledge.errors import Busy
from models.db import Database
from models.staff import Department
from tests.talk import connected

TOKEN, APP_ID = "testtoken", "wx0123456789abcdef"
KEY, OLD_KEY, FOREIGN_KEY = ("k" * 42 + "A", "o" * 42 + "A", "f" * 42 + "A")


@pytest.fixture
def client(sqlite_database: Database) -> FlaskClient:
    app = Flask(__name__)
    sqlite_database.write(lambda s: Department.seed(s) and None)
    dispatcher = connected(sqlite_database)
    app.extensions["wechat"] = Door.of(TOKEN, APP_ID, (KEY, OLD_KEY), dispatcher)
    app.register_blueprint(webhook.blueprint)
    return app.test_client()


def text_xml(text: str = "在吗", openid: str = "oGuan", msg_id: int | None = None, kind: str = "text", **more: str) -> str:
    fields = {"Content": f"<![CDATA[{text}]]>"} if kind == "text" else {}
    fields |= {name: f"<![CDATA[{value}]]>" for name, value in more.items()}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    number = msg_id if msg_id is not None else secrets.randbelow(10**17)
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{inner}"
        f"<MsgId>{number}</MsgId></xml>"
    )


def event_xml(event: str, key: str = "", openid: str = "oGuan") -> str:
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey></xml>"
    )


def signed(timestamp: int | str | None = None) -> dict[str, str]:
    stamp, nonce = str(timestamp if timestamp is not None else int(time.time())), secrets.token_hex(5)
    return {"timestamp": stamp, "nonce": nonce, "signature": signature(TOKEN, stamp, nonce)}


def post_plain(client: FlaskClient, body: str | bytes, **query: str):
    return client.post("/wechat", query_string=signed() | query, data=body)


def post_sealed(client: FlaskClient, xml: str, key: str = KEY, app_id: str = APP_ID, **query: str):
    envelope, args = Envelope(TOKEN, key, app_id), signed()
    sealed = envelope.seal(xml.encode())
    args |= {"encrypt_type": "aes", "msg_signature": signature(TOKEN, args["timestamp"], args["nonce"], sealed)}
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return client.post("/wechat", query_string=args | query, data=body)


def content(xml: bytes | str) -> str:
    return ElementTree.fromstring(xml).findtext("Content") or ""


def opened(response, key: str = KEY) -> str:
    root = ElementTree.fromstring(response.data)
    sealed, stamp, nonce = root.findtext("Encrypt"), root.findtext("TimeStamp"), root.findtext("Nonce")
    assert root.findtext("MsgSignature") == signature(TOKEN, stamp, nonce, sealed)
    return content(Envelope(TOKEN, key, APP_ID).open(sealed))


def test_the_echo_goes_back_unchanged_when_the_signature_is_right(client: FlaskClient) -> None:
    answer = client.get("/wechat", query_string=signed() | {"echostr": "5938<b>&"})
    assert (answer.status_code, answer.text) == (200, "5938<b>&")


def test_a_wrong_signature_is_refused(client: FlaskClient) -> None:
    assert client.get("/wechat", query_string=signed() | {"echostr": "1", "signature": "0" * 40}).status_code == 403
    assert client.post("/wechat", query_string=signed() | {"signature": ""}, data=text_xml()).status_code == 403
    assert client.post("/wechat", data=text_xml()).status_code == 403


@pytest.mark.parametrize("stamp", [0, "an hour ago", "in an hour", "soon", "9" * 30, "-5"])
def test_a_stale_or_senseless_timestamp_is_refused(client: FlaskClient, stamp: int | str) -> None:
    told = {"an hour ago": int(time.time()) - 3600, "in an hour": int(time.time()) + 3600}
    stamp = told.get(str(stamp), stamp)
    assert client.post("/wechat", query_string=signed(stamp), data=text_xml()).status_code == 403


def test_plain_mode_is_answered_in_plain(client: FlaskClient) -> None:
    answer = post_plain(client, text_xml("你好"))
    root = ElementTree.fromstring(answer.data)
    assert (root.findtext("ToUserName"), root.findtext("FromUserName")) == ("oGuan", "gh_1")
    assert root.findtext("Content")


def test_safe_mode_is_answered_sealed(client: FlaskClient) -> None:
    assert opened(post_sealed(client, text_xml("你好")))


def test_compat_mode_uses_the_sealed_part(client: FlaskClient) -> None:
    envelope, args = Envelope(TOKEN, KEY, APP_ID), signed()
    xml = text_xml("你好")
    sealed = envelope.seal(xml.encode())
    args |= {"encrypt_type": "aes", "msg_signature": signature(TOKEN, args["timestamp"], args["nonce"], sealed)}
    body = xml.replace("</xml>", f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")
    assert opened(client.post("/wechat", query_string=args, data=body))


def test_the_previous_key_is_taken_and_answered_with(client: FlaskClient) -> None:
    assert opened(post_sealed(client, text_xml("你好"), key=OLD_KEY), key=OLD_KEY)


def test_a_foreign_key_or_account_is_refused(client: FlaskClient) -> None:
    assert post_sealed(client, text_xml(), key=FOREIGN_KEY).status_code == 403
    assert post_sealed(client, text_xml(), app_id="wxanother0000000").status_code == 403
    assert post_sealed(client, text_xml(), msg_signature="0" * 40).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"hello", b"{}", b"<xml>", b"<xml></xml>", b"<a><b/></a>", b"\xff\xfe\x00", b"<xml>" * 3000,
        text_xml().replace("<FromUserName><![CDATA[oGuan]]></FromUserName>", "").encode(),
        text_xml().replace("<MsgType><![CDATA[text]]></MsgType>", "").encode(),
        text_xml().replace("oGuan", "o" * 500).encode(),
        text_xml().replace("<CreateTime>", "<CreateTime>x").encode(),
        text_xml().replace("MsgId", "NoId").encode(),
        text_xml().replace("<xml>", "<xml><FromUserName>two</FromUserName>").encode(),
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + text_xml("&a;").encode(),
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
        text_xml("x" * 70_000).encode(),
    ],
)  # fmt: skip
def test_a_malformed_body_is_refused_quickly(client: FlaskClient, body: bytes) -> None:
    start = time.monotonic()
    assert post_plain(client, body).status_code in (400, 403)
    assert time.monotonic() - start < 0.5


@pytest.mark.parametrize("sealed", ["", "no base64!", "AAAA", "A" * 64, "A" * 43 + "="])
def test_a_malformed_envelope_is_refused(client: FlaskClient, sealed: str) -> None:
    args = signed()
    args |= {"encrypt_type": "aes", "msg_signature": signature(TOKEN, args["timestamp"], args["nonce"], sealed)}
    body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    assert client.post("/wechat", query_string=args, data=body).status_code in (400, 403)


def test_three_tries_get_one_and_the_same_reply(client: FlaskClient) -> None:
    xml = text_xml("我要投诉", msg_id=7)
    first, second, third = (post_plain(client, xml).data for _ in range(3))
    assert first == second == third
    assert content(first)


def test_the_same_number_from_another_person_is_another_message(client: FlaskClient) -> None:
    post_plain(client, text_xml("我要投诉", msg_id=7))
    assert "请说说" not in content(post_plain(client, text_xml("低保怎么申请", msg_id=7, openid="oSun")).data)


@pytest.mark.parametrize(
    "event", ["subscribe", "CLICK", "VIEW", "SCAN", "LOCATION", "unsubscribe", "TEMPLATESENDJOBFINISH", "scancode_push",
              "subscribe_msg_popup_event", "something_new"]
)  # fmt: skip
def test_every_event_gets_a_reply_or_a_valid_silence(client: FlaskClient, event: str) -> None:
    answer = post_plain(client, event_xml(event))
    assert answer.status_code == 200
    assert answer.data in (b"", b"success") or content(answer.data)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("voice", {"MediaId": "m1", "Format": "amr"}), ("voice", {"MediaId": "m1", "Recognition": "低保怎么申请"}),
        ("image", {"MediaId": "m1", "PicUrl": "http://127.0.0.1/x"}), ("video", {"MediaId": "m1", "ThumbMediaId": "t"}),
        ("shortvideo", {"MediaId": "m1", "ThumbMediaId": "t"}),
        ("location", {"Location_X": "43.6", "Location_Y": "126.5", "Scale": "16", "Label": "口前镇"}),
        ("link", {"Title": "公告", "Description": "x", "Url": "http://127.0.0.1/"}), ("hologram", {}),
    ],
)  # fmt: skip
def test_every_kind_of_message_is_answered(client: FlaskClient, kind: str, fields: dict[str, str]) -> None:
    assert content(post_plain(client, text_xml(kind=kind, **fields)).data)


def test_a_spoken_question_is_answered_like_a_typed_one(client: FlaskClient) -> None:
    spoken = post_plain(client, text_xml(kind="voice", MediaId="m", Recognition="低保怎么申请"))
    assert content(spoken.data) == content(post_plain(client, text_xml("低保怎么申请")).data)


def test_a_reply_is_capped_and_cannot_break_out_of_its_cdata(client: FlaskClient) -> None:
    post_plain(client, text_xml("我要投诉"))
    story = "低保]]&gt;没发。" * 200
    xml = text_xml("x").replace("<![CDATA[x]]>", story)
    post_plain(client, xml)
    for word in ("说完了", "口前镇", "是这项", "不留电话"):
        answer = post_plain(client, text_xml(word))
        assert len(content(answer.data).encode()) <= 2047
    assert "]]>" in content(answer.data)


def test_when_the_database_cannot_be_had_the_platform_is_asked_to_send_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_self, _work, **_more):
        raise Busy

    monkeypatch.setattr(Database, "write", busy)
    answer = post_plain(client, text_xml("我要投诉"))
    assert (answer.status_code, answer.data) == (503, b"")
