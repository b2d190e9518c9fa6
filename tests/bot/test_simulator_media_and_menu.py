"""Media for three days, the menu and its limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.simulator.api import ApiRequest
from bot.simulator.errors import SimulatorError
from bot.simulator.people import HOUR
from tests.bot.simulator_phone import (
    ASK,
    JPEG,
    PNG,
    TOKEN_PATH,
    Phone,
)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("picture", PNG, 40004),
        ("image", None, 41005),
        ("image", b"", 44001),
        ("image", b"plain text", 40005),
        ("image", PNG + b"0" * 10 * 1024 * 1024, 40009),
        ("voice", b"#!AMR\n" + b"0" * 2 * 1024 * 1024, 40010),
        ("thumb", JPEG + b"0" * 64 * 1024, 40012),
    ],
)
def test_a_wrong_upload_is_refused(phone: Phone, kind: str, content: bytes | None, code: int) -> None:
    assert phone.upload(kind, content)["errcode"] == code


def test_media_can_be_fetched_for_three_days(phone: Phone) -> None:
    media_id = phone.upload("image", PNG)["media_id"]

    def fetch() -> Any:
        query = {"access_token": phone.post(TOKEN_PATH, ASK)["access_token"], "media_id": media_id}
        return phone.platform.call(ApiRequest("GET", "/cgi-bin/media/get", query))

    assert (fetch().body, fetch().content_type) == (PNG, "image/png")
    assert fetch().filename.endswith(".png")
    phone.clock.pass_(3 * 24 * HOUR)
    assert json.loads(fetch().body)["errcode"] == 40007


def test_what_a_resident_sent_can_be_fetched(phone: Phone) -> None:
    phone.platform.send_voice(phone.openid, seconds=2)
    query = {"access_token": phone.token, "media_id": phone.service.messages[-1]["MediaId"]}
    voice = phone.platform.call(ApiRequest("GET", "/cgi-bin/media/get", query))
    assert voice.content_type == "audio/amr"
    assert voice.body.startswith(b"#!AMR\n")
    phone.platform.send_video(phone.openid)
    media_id = phone.service.messages[-1]["MediaId"]
    assert phone.request("GET", "/cgi-bin/media/get", media_id=media_id)["video_url"].endswith(media_id)
    assert phone.request("GET", "/cgi-bin/media/get", media_id="none")["errcode"] == 40007


# menu


def button(**changed: Any) -> dict[str, Any]:
    return {"type": "click", "name": "查补贴", "key": "LOOKUP", **changed}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([button()] * 4, 40016),
        ([button(name="六个汉字菜单")], 40018),
        ([button(name="")], 40018),
        ([button(type="jump")], 40017),
        ([button(key="k" * 129)], 40019),
        ([button(key="")], 40019),
        ([{"type": "view", "name": "公示", "url": "http://a.cn/" + "u" * 1024}], 40020),
        ([{"name": "问政策", "sub_button": [button()] * 6}], 40023),
        ([{"name": "问政策", "sub_button": [{"name": "再下一级", "sub_button": [button()]}]}], 40022),
        ([{"name": "问政策", "sub_button": [button(name="字" * 21)]}], 40025),
        ([{"name": "问政策", "sub_button": [button(type="jump")]}], 40024),
        ([{"name": "问政策", "sub_button": [button(key="")]}], 40026),
        ([{"name": "问政策", "sub_button": [{"type": "view", "name": "公示"}]}], 40027),
    ],
)
def test_a_menu_beyond_its_limits_is_refused(phone: Phone, buttons: list[dict[str, Any]], code: int) -> None:
    assert phone.post("/cgi-bin/menu/create", {"button": buttons})["errcode"] == code
    assert phone.request("GET", "/cgi-bin/menu/get")["errcode"] == 46003


def test_the_menu_is_made_read_pressed_and_deleted(phone: Phone) -> None:
    sub = [button(name="我要反映", key="CASE"), {"type": "view", "name": "公示", "url": "https://a.cn/public"}]
    buttons = [button(name="查补贴" + "a" * 7), {"name": "我的事", "sub_button": sub}]
    assert phone.post("/cgi-bin/menu/create", {"button": buttons})["errcode"] == 0
    shown = phone.request("GET", "/cgi-bin/menu/get")["menu"]["button"]
    assert [len(entry["sub_button"]) for entry in shown] == [0, 2]
    phone.platform.tap(phone.openid, "CASE")
    assert (phone.service.messages[-1]["Event"], phone.service.messages[-1]["EventKey"]) == ("CLICK", "CASE")
    phone.platform.tap(phone.openid, "公示")
    assert (phone.service.messages[-1]["Event"], phone.service.messages[-1]["EventKey"]) == (
        "VIEW",
        "https://a.cn/public",
    )
    assert phone.request("GET", "/cgi-bin/menu/delete")["errcode"] == 0
    with pytest.raises(SimulatorError):
        phone.platform.tap(phone.openid, "CASE")


def test_who_follows_can_be_asked(phone: Phone) -> None:
    assert phone.request("GET", "/cgi-bin/user/info", openid=phone.openid)["subscribe"] == 1
    phone.platform.unsubscribe(phone.openid)
    assert phone.request("GET", "/cgi-bin/user/info", openid=phone.openid)["subscribe"] == 0
    assert phone.request("GET", "/cgi-bin/user/info", openid="o-nobody")["errcode"] == 40003
