"""The simulator's envelope against itself and against wechatpy: two hands, one format."""

from __future__ import annotations

import base64

import pytest
import xmltodict
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException

from bot.simulator.envelope import BadEnvelope, Envelope, signature
from bot.simulator.wire import BadXml, build, read, sendable, text_of
from tests.bot.simulator_service import AES_KEY, APP_ID, OTHER_AES_KEY, TOKEN

ENVELOPE = Envelope(TOKEN, AES_KEY, APP_ID)
CRYPTO = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_what_is_sealed_can_be_opened(words: str) -> None:
    message = words.encode("utf-8", "ignore")
    assert ENVELOPE.open(ENVELOPE.seal(message)) == message


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("C",)), max_size=200))
def test_wechatpy_opens_what_is_sealed_here(words: str) -> None:
    sealed = ENVELOPE.seal(words.encode())
    body = build({"ToUserName": "gh_1", "Encrypt": sealed})
    opened = CRYPTO.decrypt_message(body, ENVELOPE.sign("1780000000", "77", sealed), "1780000000", "77")
    assert opened == words


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("C",)), max_size=200))
def test_what_wechatpy_seals_is_opened_here(words: str) -> None:
    outer = xmltodict.parse(CRYPTO.encrypt_message(words, "77", "1780000000"))["xml"]
    ENVELOPE.check(outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    assert ENVELOPE.open(outer["Encrypt"]) == words.encode()


def test_the_signature_is_that_of_the_documentation() -> None:
    # "消息加解密说明", 明文模式: token AAAAA, timestamp 1714037059, nonce 486452656.
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_wechatpy_refuses_a_signature_over_something_else() -> None:
    sealed = ENVELOPE.seal(b"<xml/>")
    body = build({"ToUserName": "gh_1", "Encrypt": sealed})
    with pytest.raises(InvalidSignatureException):
        CRYPTO.decrypt_message(body, ENVELOPE.sign("1", "2", sealed[:-4] + "AAAA"), "1", "2")


@pytest.mark.parametrize(
    "other",
    [Envelope(TOKEN, OTHER_AES_KEY, APP_ID), Envelope(TOKEN, AES_KEY, "wxanother")],
    ids=["another key", "another account"],
)
def test_an_envelope_for_someone_else_is_not_opened(other: Envelope) -> None:
    with pytest.raises(BadEnvelope):
        ENVELOPE.open(other.seal("您好".encode()))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_a_damaged_envelope_is_refused_and_nothing_else_happens(damage: bytes) -> None:
    with pytest.raises(BadEnvelope):
        ENVELOPE.open(base64.b64encode(damage).decode())


def test_a_wrong_signature_of_a_reply_is_refused() -> None:
    sealed = ENVELOPE.seal(b"<xml/>")
    with pytest.raises(BadEnvelope):
        ENVELOPE.check(ENVELOPE.sign("1", "3", sealed), "1", "2", sealed)


def test_a_key_of_the_wrong_length_is_named() -> None:
    with pytest.raises(ValueError, match="43位"):
        Envelope(TOKEN, "short", APP_ID).seal(b"")


@settings(deadline=None)
@given(st.text())
def test_any_text_of_a_phone_survives_the_xml(words: str) -> None:
    sent = sendable(words)
    root = read(build({"Content": sent}).encode())
    # XML readers turn \r\n and \r into \n.
    assert text_of(root, "Content") == sent.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"<xml>",
        b"<html/>",
        b"\xff\xfe",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
    ],
)
def test_anything_but_the_platforms_xml_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        read(body)
