"""The gateway: the platform's codes in our words, what is between told apart from it, nothing called without end."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.menu import create_menu
from bot.token import SharedTokens
from bot.wechat import Line, WeChat
from knowledge.errors import NoConsent, OutcomeUnknown, OutOfWindow, PlatformFault, TryLater, Unreachable
from models.base import now
from models.db import Database
from tests.bot.outside import SEND, TEMPLATE, OneToken, Outside, a_proxys_page, outside
from tests.bot.simulator_service import APP_ID, SECRET

TOKEN_PATH = "/cgi-bin/stable_token"


def through(url: str) -> WeChat:
    return WeChat(Line(url), OneToken())


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def test_a_message_within_the_window_arrives(sqlite_database: Database, world: Outside) -> None:
    world.writes()
    world.wechat(sqlite_database).send_text(world.openid, "民政局答复:“已补发”")
    assert world.received() == ["民政局答复:“已补发”"]


def test_a_closed_window_and_a_used_up_count_are_told_as_such(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    for number in range(5):
        wechat.send_text(world.openid, str(number))
    with pytest.raises(OutOfWindow):
        wechat.send_text(world.openid, "6")
    world.writes()
    world.platform.age(world.openid, 49)
    with pytest.raises(OutOfWindow):
        wechat.send_text(world.openid, "7")


def test_a_notice_without_consent_is_told_as_such(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(NoConsent):
        world.wechat(sqlite_database).send_subscription(world.openid, TEMPLATE, {"thing1": "有答复了"})


def test_somebody_unknown_cannot_be_reached(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(Unreachable):
        world.wechat(sqlite_database).send_text("oNobodyAtAll000000000000000", "x")


@pytest.mark.parametrize("code", [40001, 42001, 40014])
def test_a_stale_token_is_renewed_once(sqlite_database: Database, world: Outside, code: int) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    world.platform.answer_next(code, 1, SEND)
    wechat.send_text(world.openid, "2")
    assert world.received() == ["1", "2"]
    assert world.platform.count(SEND) == 3


def test_a_token_refused_for_ever_is_given_up_soon(sqlite_database: Database, world: Outside) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    world.platform.answer_next(40001, 50, SEND)
    with pytest.raises(TryLater):
        wechat.send_text(world.openid, "x")
    assert world.platform.count(SEND) == 2
    assert world.platform.count(TOKEN_PATH) <= 3  # the first, one more, and one by force


def test_a_wrong_secret_is_a_fault_without_the_secret(sqlite_database: Database, world: Outside) -> None:
    with pytest.raises(PlatformFault) as caught:
        world.wechat(sqlite_database, "f" * 32).send_text(world.openid, "x")
    assert "f" * 32 not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_nobody_listening_means_nothing_was_sent(sqlite_database: Database) -> None:
    line = Line("http://127.0.0.1:9")
    with pytest.raises(TryLater):
        WeChat(line, SharedTokens(sqlite_database, line, APP_ID, SECRET)).send_text("o", "x")


@pytest.mark.parametrize("how", ["drop-after", "drop", "500", "500-after"])
def test_a_broken_answer_leaves_the_outcome_unknown(sqlite_database: Database, world: Outside, how: str) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    world.platform.fail_next(1, how, SEND)
    with pytest.raises(OutcomeUnknown):
        wechat.send_text(world.openid, "2")


def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(
    world: Outside, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat = world.wechat(sqlite_database)
    world.writes()
    wechat.send_text(world.openid, "1")
    monkeypatch.setattr("bot.wechat._READ", 0.2)
    world.platform.delay_api(0.6)
    with pytest.raises(OutcomeUnknown):
        wechat.send_text(world.openid, "2")
    world.platform.delay_api(0)


HTML, JSON = "text/html; charset=utf-8", "application/json"


@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [(403, HTML, b"<html>"), (403, JSON, b'{"error":"denied"}'), (407, HTML, b""), (302, HTML, b""), (404, HTML, b"")],
)
def test_what_a_proxy_turns_back_was_not_sent(status: int, kind: str, content: bytes) -> None:
    with a_proxys_page(status, kind, content) as url, pytest.raises(TryLater):
        through(url).send_text("oGuan", "x")


@pytest.mark.parametrize("content", [b"{}", b'{"ok":1}', b"[]", b"null", b"<html>", b'{"errcode":"0"}', b"\xff\xfe"])
def test_an_answer_without_a_code_is_never_taken_for_yes(content: bytes) -> None:
    with a_proxys_page(200, JSON, content) as url, pytest.raises(OutcomeUnknown):
        through(url).send_text("oGuan", "x")


@pytest.mark.parametrize(
    ("status", "kind", "content", "length"),
    [
        (502, HTML, b"<html>", None), (403, HTML, b"<html>", None), (200, HTML, b"<html>", None),
        (403, "image/jpeg", b"\xff\xd8\xff", None), (200, "image/jpeg", b"\xff\xd8\xff", 5000),
    ],
)  # fmt: skip
def test_a_page_from_between_or_half_a_file_is_no_photo(
    status: int, kind: str, content: bytes, length: int | None
) -> None:
    with a_proxys_page(status, kind, content, length) as url, pytest.raises(TryLater):
        through(url).fetch_media("m", 10_000)


def test_a_refused_token_is_known_whatever_the_type_of_the_answer() -> None:
    with a_proxys_page(200, "text/plain; charset=utf-8", b'{"errcode":40001,"errmsg":"invalid"}') as url:
        tokens = OneToken()
        wechat = WeChat(Line(url), tokens)
        for call in (lambda: wechat.send_text("o", "x"), lambda: wechat.fetch_media("m", 10)):
            with pytest.raises(TryLater):
                call()
    assert tokens.refused == ["the-token-itself"] * 2


def test_a_videos_address_and_a_large_file_are_refused(world: Outside, sqlite_database: Database) -> None:
    wechat = world.wechat(sqlite_database)
    world.platform.send_video(world.openid)
    (message,) = world.platform.courier.line.transport.messages
    with pytest.raises(Unreachable):
        wechat.fetch_media(message["MediaId"], 10_000)
    world.platform.send_voice(world.openid, seconds=4)
    message = world.platform.courier.line.transport.messages[-1]
    with pytest.raises(Unreachable):
        wechat.fetch_media(message["MediaId"], 100)


def test_a_certificate_of_somebody_else_means_nothing_was_sent(tmp_path: Path) -> None:
    with _somebody_elses_tls(tmp_path) as url, pytest.raises(TryLater):
        through(url).send_text("oGuan", "x")


def test_only_the_proxy_of_the_settings_is_used(
    world: Outside, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    world.writes()
    world.wechat(sqlite_database).send_text(world.openid, "x")
    assert world.received() == ["x"]
    with pytest.raises(TryLater):
        WeChat(Line(world.url, proxy="http://127.0.0.1:9"), OneToken()).send_text(world.openid, "y")


def test_neither_faults_nor_logs_hold_token_openid_or_text(
    sqlite_database: Database, world: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.writes()
    wechat = world.wechat(sqlite_database)
    wechat.send_text(world.openid, "1")
    token = wechat._tokens.current()
    seen = []
    for arm in (
        lambda: world.platform.fail_next(1, "drop", SEND),
        lambda: world.platform.fail_next(1, "500", SEND),
        lambda: world.platform.answer_next(40164, 1, SEND),
        lambda: world.platform.answer_next(48001, 1, SEND),
    ):
        arm()
        with pytest.raises(PlatformFault) as caught:
            wechat.send_text(world.openid, "低保停了")
        fault: BaseException | None = caught.value
        while fault is not None:
            seen.append(repr(fault))
            fault = fault.__context__ or fault.__cause__
    with pytest.raises(PlatformFault) as caught:
        WeChat(Line("http://127.0.0.1:9"), wechat._tokens).send_text(world.openid, "低保停了")
    seen += [repr(caught.value), repr(caught.value.__context__), repr(caught.value.__cause__)]
    seen += [record.getMessage() for record in caplog.records if record.name.startswith(("mingbaika", "urllib3"))]
    assert len(seen) >= 12
    for secret in (token, world.openid, "低保停了", SECRET, "access_token"):
        assert secret not in "\n".join(seen)


def test_the_menu_is_one_that_the_platform_takes(sqlite_database: Database, world: Outside) -> None:
    create_menu(world.wechat(sqlite_database))
    assert world.platform.count("/cgi-bin/menu/create") == 1
    assert [button["name"] for button in world.platform.state.menu or ()] == ["我的钱", "问政策", "我要反映"]


class _Silent(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class _NoTraceback(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def _somebody_elses_tls(folder: Path) -> Iterator[str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    server = _NoTraceback(("127.0.0.1", 0), _Silent)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
