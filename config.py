"""Frozen settings, read from TOML. A fault stops the start with all faults at once, in words, without a secret."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
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
Surface = Literal["webhook", "public", "console"]


class Section(BaseModel):
    """One table of the file: frozen, and a key that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class WeChat(Section):
    """The official account."""

    token: Annotated[str, Field(min_length=3, max_length=32, pattern=r"^[A-Za-z0-9]+$")]
    encoding_aes_key: AesKey
    previous_encoding_aes_key: Annotated[str, AfterValidator(_optional_aes_key)] = ""
    app_id: Annotated[str, Field(min_length=5, max_length=64)]
    app_secret: Annotated[str, Field(min_length=16, max_length=128)]
    api_base_url: Annotated[str, AfterValidator(_http_url)] = "https://api.weixin.qq.com"
    proxy: Annotated[str, AfterValidator(_optional_http_url)] = ""
    answer_template: str = ""
    subscribe_template: str = ""


class DatabaseSettings(Section):
    """Where the data lives."""

    url: Annotated[str, AfterValidator(_database_url)]


class Server(Section):
    """What this process serves, and where."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    path_prefix: Annotated[str, AfterValidator(_prefix)] = ""
    public_url: Annotated[str, AfterValidator(_optional_http_url)] = ""
    surfaces: Annotated[list[Surface], Field(min_length=1)] = ["webhook", "public", "console"]
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    https: bool = False


class Secrets(Section):
    """Keys for the data at rest and for the console's sessions."""

    session: Annotated[str, Field(min_length=32)]
    encryption: Annotated[list[NamedKey], Field(min_length=1)]
    index: Annotated[list[NamedKey], Field(min_length=1)]


class County(Section):
    """What residents are told about the county."""

    name: Text = "永吉县"
    account_name: Text = "永吉明白卡"
    hotline: Text = "12333"


class Lookup(Section):
    """一号码查询: what proves who somebody is, and how often one may fail."""

    proof: Annotated[list[Literal["name", "card_tail", "sms", "in_person"]], Field(min_length=1)] = ["name", "card_tail", "in_person"]
    failures_global_per_hour: Annotated[int, Field(ge=10, le=100_000)] = 200
    failures_per_user: Annotated[int, Field(ge=1, le=20)] = 5
    failures_per_id: Annotated[int, Field(ge=1, le=20)] = 5
    lock_hours: Annotated[int, Field(ge=1, le=720)] = 24
    persons_per_user: Annotated[int, Field(ge=1, le=50)] = 4


class Sms(Section):
    """The gateway through which codes go to a phone; used where `lookup.proof` holds sms."""

    url: Annotated[str, AfterValidator(_optional_http_url)] = ""
    key: str = ""
    template: str = ""
    proxy: Annotated[str, AfterValidator(_optional_http_url)] = ""


class PublicitySettings(Section):
    """公示: how long a list hangs where no rule of the item says so."""

    days: Annotated[int, Field(ge=1, le=60)] = 7


class Checks(Section):
    """核查比对: from where on something is worth a look."""

    jump_percent: Annotated[int, Field(ge=110, le=10_000)] = 200
    jump_least_yuan: Annotated[int, Field(ge=0, le=1_000_000)] = 1000
    most_bound: Annotated[int, Field(ge=2, le=1000)] = 6
    most_binders: Annotated[int, Field(ge=2, le=1000)] = 4


class CaseClocks(Section):
    """The county's own clocks, in working days; 信访 and 信息公开 follow the law."""

    inquiry_days: Annotated[int, Field(ge=1, le=60)] = 3
    complaint_days: Annotated[int, Field(ge=1, le=60)] = 5
    accept_days: Annotated[int, Field(ge=1, le=15)] = 1
    extra_holidays: list[Day] = []
    extra_workdays: list[Day] = []


class DeliverySettings(Section):
    """How long an answer is tried before the hotline telephones; when residents are told of payments, and how old ones."""

    days_before_call: Annotated[int, Field(ge=1, le=60)] = 3
    message_days: Annotated[int, Field(ge=1, le=365)] = 180
    paid_from_hour: Annotated[int, Field(ge=0, le=12)] = 8
    paid_until_hour: Annotated[int, Field(ge=13, le=24)] = 21
    paid_days: Annotated[int, Field(ge=1, le=366)] = 60


class Simulator(Section):
    """The played platform; for demonstration and tests only."""

    enabled: bool = False
    port: Annotated[int, Field(ge=1, le=65535)] = 8090


class Settings(BaseSettings):
    """Everything a process is told. Comes from one TOML file and from nowhere else."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    wechat: WeChat
    database: DatabaseSettings
    secrets: Secrets
    server: Server = Server()
    county: County = County()
    lookup: Lookup = Lookup()
    sms: Sms = Sms()
    cases: CaseClocks = CaseClocks()
    publicity: PublicitySettings = PublicitySettings()
    checks: Checks = Checks()
    delivery: DeliverySettings = DeliverySettings()
    simulator: Simulator = Simulator()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Only the file counts: a stray environment variable never changes the service."""
        return (init_settings,)


class ConfigFault(Exception):
    """The configuration has faults: `faults` in words, one line each, without any value that was written."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join([f"配置文件 {path} 有 {len(faults)} 处要改：", *(f"  {i}. {f}" for i, f in enumerate(faults, 1))]))


def config_path() -> Path:
    """The file named by the environment variable CONFIG, else config.toml here."""
    return Path(os.environ.get("CONFIG") or "config.toml")


def load_settings(path: Path | None = None) -> Settings:
    """The settings of a file. ConfigFault with all faults at once."""
    path = path or config_path()
    if not path.is_file():
        raise ConfigFault(path, ["没有这个文件。先运行 flask init-config > config.toml 生成一份，再按其中说明填写"])
    try:
        raw = TomlConfigSettingsSource(Settings, path)()
    except (ValueError, OSError) as error:
        raise ConfigFault(path, [f"文件读不懂：{_toml_fault(error)}"]) from None
    faults = _faults_between_sections(raw)
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        raise ConfigFault(path, in_words(error) + faults) from None
    if faults:
        raise ConfigFault(path, faults)
    return settings


def _faults_between_sections(raw: dict[str, Any]) -> list[str]:
    # On the raw file, so that these are listed together with the faults inside the sections.
    return [*_simulator_faults(raw), *_sms_faults(raw)]


def _sms_faults(raw: dict[str, Any]) -> list[str]:
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


_WORDS = {
    "missing": "没有填写",
    "extra_forbidden": "不认识这个设置，请核对拼写",
    "string_type": "应是一段文字，用引号括起来",
    "int_type": "应是一个整数，不用引号",
    "bool_type": "应是 true 或 false，不用引号",
    "list_type": "应是一个列表，用方括号括起来",
    "model_type": "应是一节设置，写成 [名字] 的样子",
    "model_attributes_type": "应是一节设置，写成 [名字] 的样子",
    "string_too_short": "太短，至少要{min_length}个字符",
    "string_too_long": "太长，最多{max_length}个字符",
    "too_short": "至少要写{min_length}项",
    "greater_than_equal": "不能小于{ge}",
    "less_than_equal": "不能大于{le}",
    "literal_error": "只能是 {expected}",
    "string_pattern_mismatch": "只能用英文字母和数字",
}


def in_words(error: ValidationError) -> list[str]:
    """Each fault of a validation as `place: what is wrong`, never with the value."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in fault["loc"])
        context = fault.get("ctx", {})
        words = _WORDS.get(fault["type"], "写法不对").format(**context) if fault["type"] != "value_error" else str(context["error"])
        faults.append(f"{place}：{words}" if place else words)
    return faults


def _toml_fault(error: Exception) -> str:
    # The parser's message ends in "(at line 3, column 7)"; the rest may repeat what was written.
    text = str(error)
    if isinstance(error, UnicodeDecodeError):
        return "要存成UTF-8编码"
    place = text[text.rfind("(at ") + 4 : -1] if "(at " in text else ""
    return f"TOML格式不对（{place.replace('line', '第').replace(', column', '行，第')}列附近）" if place else "TOML格式不对"


def stop_on_fault(fault: ConfigFault) -> NoReturn:
    """Say the faults and end the process with status 2."""
    print(fault, file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
