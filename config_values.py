"""Values that a setting may have, and what must go together, each with its fault in words."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


def _aes_key(value: str) -> str:
    """43 characters of base64 (https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Message_encryption_and_decryption_instructions.html)."""
    if len(value) != 43:
        raise ValueError(f"应为43个字符，现在是{len(value)}个")
    try:
        base64.b64decode(value + "=", validate=True)
    except binascii.Error:
        raise ValueError("应只含大小写字母和数字") from None
    return value


def _optional_aes_key(value: str) -> str:
    return _aes_key(value) if value else value


def _key(value: str) -> str:
    name, _, encoded = value.partition(":")
    if not (name.isascii() and name.isalnum() and len(name) <= 16):
        raise ValueError("应写成“编号:密钥”，编号用1到16个字母或数字")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("冒号后面应是base64写的32字节随机数") from None
    if len(raw) != 32:
        raise ValueError(f"冒号后面应是32字节的随机数（base64），现在是{len(raw)}字节")
    return value


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError("看不懂这个数据库地址") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError("只支持 sqlite:/// 和 postgresql://")
    if url.get_backend_name() == "sqlite" and not url.database:
        raise ValueError("SQLite要写明文件，如 sqlite:///var/mingbaika.db")
    return value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("应是 http:// 或 https:// 开头的地址")
    return value.rstrip("/")


def _optional_http_url(value: str) -> str:
    return _http_url(value) if value else value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("日期要写成 2027-01-01 的样子") from None
    return value


def _prefix(value: str) -> str:
    if value and (not value.startswith("/") or value.endswith("/")):
        raise ValueError("应以 / 开头、不以 / 结尾，或留空")
    return value


Text = Annotated[str, Field(min_length=1)]
AesKey = Annotated[str, AfterValidator(_aes_key)]
NamedKey = Annotated[str, AfterValidator(_key)]
Day = Annotated[str, AfterValidator(_day)]
OptionalAesKey = Annotated[str, AfterValidator(_optional_aes_key)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
OptionalHttpUrl = Annotated[str, AfterValidator(_optional_http_url)]
PathPrefix = Annotated[str, AfterValidator(_prefix)]
Surface = Literal["webhook", "public", "console"]
Kind = Literal["咨询", "投诉", "举报", "建议", "信访", "信息公开申请"]
Kinds = Annotated[list[Kind], Field(min_length=1)]


def faults_between_sections(raw: dict[str, Any]) -> list[str]:
    """What does not go together, in words; on the raw file, so that it is listed together with the faults inside the sections."""
    return [*_simulator_faults(raw), *_proof_faults(raw), *_duty_faults(raw)]


def _duty_faults(raw: dict[str, Any]) -> list[str]:
    sms = raw.get("sms")
    if not isinstance(sms, dict) or not sms.get("duty_template") or sms.get("url"):
        return []
    return ["sms.url：填了 sms.duty_template，就要填短信网关的地址；不发值班短信，请把 duty_template 留空"]


def _proof_faults(raw: dict[str, Any]) -> list[str]:
    lookup, sms = raw.get("lookup"), raw.get("sms")
    wanted = isinstance(lookup, dict) and isinstance(lookup.get("proof"), list) and "sms" in lookup["proof"]
    if not wanted or (isinstance(sms, dict) and sms.get("url")):
        return []
    return ["sms.url：lookup.proof 里写了 sms，就要填短信网关的地址；没有网关，请把 sms 从 lookup.proof 里去掉"]


def _simulator_faults(raw: dict[str, Any]) -> list[str]:
    simulator, server = raw.get("simulator"), raw.get("server")
    if not isinstance(simulator, dict) or not simulator.get("enabled"):
        return []
    host = server.get("host", "127.0.0.1") if isinstance(server, dict) else "127.0.0.1"
    if is_loopback(str(host)):
        return []
    return ["simulator.enabled：模拟器打开时，server.host 只能是本机地址（127.0.0.1），不能对外"]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
