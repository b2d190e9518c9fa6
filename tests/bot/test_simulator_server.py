"""The simulator as a process: its API over HTTP, its guard around loopback, what the page asks for."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import wechatpy
from flask.testing import FlaskClient
from wechatpy.exceptions import WeChatClientException

from bot.simulator.errors import NotLoopback, SimulatorError
from bot.simulator.platform import Platform
from bot.simulator.server import create_simulator, open_server, run_simulator, serving
from tests.bot.simulator_service import AES_KEY, APP_ID, SECRET, TOKEN, WEBHOOK, Service, make_platform

ASK = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
PNG = b"\x89PNG\r\n\x1a\n0000"


@pytest.fixture
def platform() -> Platform:
    platform = make_platform(clock=time.time)
    platform.add_resident("秀兰", subscribed=True)
    return platform


@pytest.fixture
def base(platform: Platform) -> Iterator[str]:
    with serving(platform) as base:
        yield base


@pytest.fixture
def page(platform: Platform) -> FlaskClient:
    return create_simulator(platform).test_client()


def openid_of(platform: Platform) -> str:
    return next(iter(platform.state.residents))


def token_from(base: str) -> str:
    return requests.post(f"{base}/cgi-bin/stable_token", json=ASK, timeout=5).json()["access_token"]


def test_wechatpys_client_works_against_it(platform: Platform, base: str) -> None:
    client = wechatpy.WeChatClient(APP_ID, SECRET, access_token=token_from(base), timeout=5)
    client.API_BASE_URL = f"{base}/cgi-bin/"
    openid = openid_of(platform)
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_text(openid, "您的事办好了")
    assert refused.value.errcode == 45015
    platform.send_text(openid, "您好")
    assert client.message.send_text(openid, "您的事办好了")["errcode"] == 0
    client.menu.create({"button": [{"type": "click", "name": "查补贴", "key": "LOOKUP"}]})
    assert client.menu.get()["menu"]["button"][0]["key"] == "LOOKUP"
    media_id = client.media.upload("image", ("a.png", PNG, "image/png"))["media_id"]
    fetched = client.media.download(media_id)
    assert fetched.content == PNG
    assert fetched.headers["Content-Disposition"].endswith('.png"')


def test_a_dropped_connection_is_seen_as_one_although_the_message_arrived(platform: Platform, base: str) -> None:
    openid, token = openid_of(platform), token_from(base)
    platform.send_text(openid, "您好")
    platform.fail_next(1, "drop-after", "/cgi-bin/message")
    body = {"touser": openid, "msgtype": "text", "text": {"content": "done"}}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{base}/cgi-bin/message/custom/send", params={"access_token": token}, json=body, timeout=5)
    assert platform.transcript(openid)[-1].shown.text == "done"


def test_an_answer_that_is_late_is_late_over_http(platform: Platform, base: str) -> None:
    platform.api.pause = time.sleep
    platform.delay_api(0.6)
    with pytest.raises(requests.Timeout):
        requests.post(f"{base}/cgi-bin/stable_token", json=ASK, timeout=0.2)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.com"])  # noqa: S104
def test_it_listens_on_loopback_only(platform: Platform, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotLoopback):
        open_server(platform, host, 0)
    assert start(host=host) == 2
    said = capsys.readouterr().err
    assert "只能在本机运行" in said
    assert host in said
    assert "Traceback" not in said


def start(**changed: object) -> int:
    given: dict[str, object] = {
        "host": "127.0.0.1",
        "port": 0,
        "webhook_url": WEBHOOK,
        "token": TOKEN,
        "encoding_aes_key": AES_KEY,
        "app_id": APP_ID,
        "app_secret": SECRET,
        **changed,
    }
    with pytest.raises(SystemExit) as stopped:
        run_simulator(**given)  # type: ignore[arg-type]
    return int(str(stopped.value.code))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"webhook_url": "http://10.1.1.1/wechat"}, "本机"),
        ({"encoding_aes_key": "short"}, "43位"),
        ({"mode": "secret"}, "消息模式"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_words(
    changed: dict[str, object], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(**changed) == 2
    assert said in capsys.readouterr().err


def test_a_taken_port_is_said_in_words(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SimulatorError, match="已被占用"):
        open_server(platform, "127.0.0.1", taken.getsockname()[1])


def test_run_as_a_process_it_serves_and_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    code = (
        "from bot.simulator.server import run_simulator\n"
        f"run_simulator(host='127.0.0.1', port={port}, webhook_url={WEBHOOK!r}, token={TOKEN!r},"
        f" encoding_aes_key={AES_KEY!r}, app_id={APP_ID!r}, app_secret={SECRET!r})"
    )
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=out)
        try:
            page = wait_for(f"http://127.0.0.1:{port}/")
            assert "手机模拟器" in page.text
            screen = requests.get(f"http://127.0.0.1:{port}/phone/screen", timeout=5).json()
            assert len(screen["residents"]) >= 3
        finally:
            process.terminate()
            process.wait(10)
    assert log.read_text() == ""


def wait_for(url: str) -> requests.Response:
    deadline = time.monotonic() + 15
    while True:
        try:
            return requests.get(url, timeout=2)
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_foreign_name_for_this_machine_is_turned_away(page: FlaskClient) -> None:
    assert page.get("/", headers={"Host": "evil.example:8081"}).status_code == 403
    assert page.get("/", headers={"Host": "127.0.0.1:8081"}).status_code == 200
    assert page.get("/", headers={"Host": "[::1]:8081"}).status_code == 200


def test_a_form_from_another_site_moves_nothing(platform: Platform, page: FlaskClient) -> None:
    openid = openid_of(platform)
    for path in (f"/phone/{openid}/text", f"/phone/{openid}/unsubscribe", "/phone/residents", "/phone/switches"):
        assert page.post(path, data={"text": "x"}).status_code == 400
        assert page.post(path, data='{"text":"x"}', content_type="text/plain").status_code == 400
    assert platform.transcript(openid) == []
    assert platform.resident(openid).subscribed


def test_the_page_allows_no_foreign_and_no_inline_script(page: FlaskClient) -> None:
    answer = page.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org/", "")
    assert "https://" not in answer.text
    assert "<script>" not in answer.text
    assert " on" not in "".join(part.split(">")[0] for part in answer.text.split("<button")[1:])


def test_the_screen_is_sent_again_only_when_it_changed(platform: Platform, page: FlaskClient) -> None:
    openid = openid_of(platform)
    first = page.get(f"/phone/screen?openid={openid}").get_json()
    assert first["residents"][0]["nickname"] == "秀兰"
    assert page.get(f"/phone/screen?openid={openid}&version={first['version']}").get_json() == {
        "version": first["version"]
    }
    assert page.post(f"/phone/{openid}/text", json={"text": "您好"}).status_code == 202
    assert platform.settle(5)
    second = page.get(f"/phone/screen?openid={openid}&version={first['version']}").get_json()
    assert [entry["side"] for entry in second["entries"]] == ["me", "account"]
    assert second["line"][0]["attempts"][0]["status"] == 200
    assert second["waiting"] is False


def test_every_act_of_the_page_reaches_the_service() -> None:
    service = Service(lambda message: "success")
    platform = make_platform(service, mode="plain")
    openid = platform.add_resident("秀兰", subscribed=True)
    page = create_simulator(platform).test_client()
    acts: list[tuple[str, dict[str, object], str]] = [
        ("text", {"text": "您好"}, "text"),
        ("voice", {"recognition": "您好", "seconds": 3}, "voice"),
        ("video", {}, "video"),
        ("location", {"label": "口前镇", "latitude": 43.6, "longitude": 126.5}, "location"),
        ("link", {"title": "t", "url": "https://example.com"}, "link"),
        ("consent", {"template_id": "t", "choice": "once"}, "event"),
        ("unsubscribe", {}, "event"),
        ("subscribe", {}, "event"),
    ]
    for act, body, kind in acts:
        assert page.post(f"/phone/{openid}/{act}", json=body).status_code == 202
        assert platform.settle(5)
        assert service.messages[-1]["MsgType"] == kind
    assert page.post(f"/phone/{openid}/image", data=PNG, content_type="image/png").status_code == 202
    assert platform.settle(5)
    assert service.messages[-1]["MsgType"] == "image"
    picture = page.get(f"/phone/media/{service.messages[-1]['MediaId']}")
    assert (picture.data, picture.mimetype) == (PNG, "image/png")


def test_what_the_phone_cannot_do_is_said_on_the_screen(platform: Platform, page: FlaskClient) -> None:
    openid = openid_of(platform)
    page.post(f"/phone/{openid}/text", json={"text": "   "})
    page.post(f"/phone/{openid}/image", data=b"not a picture", content_type="image/png")
    assert platform.settle(5)
    said = " ".join(entry.shown.text for entry in platform.transcript(openid))
    assert "先写点什么" in said
    assert "这不是图片" in said


def test_malformed_requests_of_a_page_are_refused(platform: Platform, page: FlaskClient) -> None:
    openid = openid_of(platform)
    assert page.post("/phone/o-nobody/text", json={"text": "x"}).status_code == 409
    assert page.post(f"/phone/{openid}/dance", json={}).status_code == 404
    assert page.post(f"/phone/{openid}/location", json={"label": "x"}).status_code == 400
    assert page.post(f"/phone/{openid}/voice", json={"seconds": "long"}).status_code == 400
    assert page.post("/phone/switches", json={"mode": "secret"}).status_code == 409
    assert page.post("/phone/switches", json={"unknown": 1}).status_code == 404
    assert page.post("/phone/switches", json={"fail": "explode"}).status_code == 400
    assert page.get("/phone/media/none").status_code == 404


def test_the_switches_of_the_page_turn(platform: Platform, page: FlaskClient) -> None:
    turned = page.post(
        "/phone/switches",
        json={"mode": "compat", "api_delay": 2, "held": True, "duplicate": True, "fail": "drop", "answer": 40001},
    ).get_json()
    assert turned == {
        "mode": "compat",
        "api_delay": 2.0,
        "held": True,
        "duplicate": True,
        "faults": [{"what": 40001, "left": 1}, {"what": "drop", "left": 1}],
    }
    assert page.post("/phone/switches", json={"clear": True, "held": False}).get_json()["faults"] == []
