"""Frozen settings, read from TOML. A fault stops the start with all faults at once, in words, without a secret."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config_values import (
    AesKey,
    DatabaseUrl,
    Day,
    HttpUrl,
    Kinds,
    NamedKey,
    OptionalAesKey,
    OptionalHttpUrl,
    PathPrefix,
    Surface,
    Text,
    faults_between_sections,
)


class Section(BaseModel):
    """One table of the file: frozen, and a key that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class WeChat(Section):
    """The official account."""

    token: Annotated[str, Field(min_length=3, max_length=32, pattern=r"^[A-Za-z0-9]+$")]
    encoding_aes_key: AesKey
    previous_encoding_aes_key: OptionalAesKey = ""
    app_id: Annotated[str, Field(min_length=5, max_length=64)]
    app_secret: Annotated[str, Field(min_length=16, max_length=128)]
    api_base_url: HttpUrl = "https://api.weixin.qq.com"
    proxy: OptionalHttpUrl = ""
    answer_template: str = ""
    subscribe_template: str = ""


class DatabaseSettings(Section):
    """Where the data lives."""

    url: DatabaseUrl


class Server(Section):
    """What this process serves, and where."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    path_prefix: PathPrefix = ""
    public_url: OptionalHttpUrl = ""
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
    """The gateway through which codes go to a phone, where `lookup.proof` holds sms, and the numbers of cases, where it has a wording."""

    url: OptionalHttpUrl = ""
    key: str = ""
    template: str = ""
    case_template: str = ""
    duty_template: str = ""
    proxy: OptionalHttpUrl = ""


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
    inquiry_extension_days: Annotated[int, Field(ge=0, le=60)] = 3
    complaint_extension_days: Annotated[int, Field(ge=0, le=60)] = 10
    correction_days: Annotated[int, Field(ge=5, le=60)] = 15
    simple_petitions: bool = False
    from_hour: Annotated[int, Field(ge=0, le=12)] = 8
    until_hour: Annotated[int, Field(ge=13, le=24)] = 17
    kinds: Kinds = ["咨询", "投诉", "举报", "建议", "信访", "信息公开申请"]
    approval: list[Text] = []
    visit_after_hours: Annotated[int, Field(ge=0, le=240)] = 20
    extra_holidays: list[Day] = []
    extra_workdays: list[Day] = []


class Routing(Section):
    """Who gets a case: how sure the routing must be, the working days for a yes or no, and after how many moves it learns."""

    triage_below: Annotated[int, Field(ge=0, le=100)] = 50
    receive_days: Annotated[int, Field(ge=1, le=10)] = 1
    return_days: Annotated[int, Field(ge=1, le=10)] = 2
    triage_days: Annotated[int, Field(ge=1, le=10)] = 1
    learn_from: Annotated[int, Field(ge=0, le=1000)] = 20


class DeliverySettings(Section):
    """How long an answer is tried before the hotline telephones; when residents are told of payments, and how old ones."""

    days_before_call: Annotated[int, Field(ge=1, le=60)] = 3
    message_days: Annotated[int, Field(ge=1, le=365)] = 180
    paid_from_hour: Annotated[int, Field(ge=0, le=12)] = 8
    paid_until_hour: Annotated[int, Field(ge=13, le=24)] = 21
    paid_days: Annotated[int, Field(ge=1, le=366)] = 60


class Retention(Section):
    """How long words are kept that somebody said to us and that belong to no case (个人信息保护法 第19条)."""

    gap_days: Annotated[int, Field(ge=30, le=730)] = 180
    call_days: Annotated[int, Field(ge=60, le=1095)] = 365


class ConsoleSettings(Section):
    """The accounts of staff: who has to give a code from the phone as well, and when an account counts as idle."""

    totp: list[Literal["clerk", "hotline", "supervisor", "coordinator", "head", "village", "data", "admin", "auditor"]] = []
    idle_days: Annotated[int, Field(ge=7, le=730)] = 90


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
    routing: Routing = Routing()
    publicity: PublicitySettings = PublicitySettings()
    checks: Checks = Checks()
    delivery: DeliverySettings = DeliverySettings()
    retention: Retention = Retention()
    console: ConsoleSettings = ConsoleSettings()
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
    faults = faults_between_sections(raw)
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        raise ConfigFault(path, in_words(error) + faults) from None
    if faults:
        raise ConfigFault(path, faults)
    return settings


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


def stop_without_database(why: object) -> NoReturn:
    """Say that the database cannot be opened, in the driver's words for the reason, and end the process with status 2."""
    reason = next(iter(str(why).strip().splitlines()), "")
    said = "打不开数据库。请看配置里 [database] url 写得对不对，数据库开着没有，这个用户有没有权限；改好后再启动一次。"
    print(f"{said}\n数据库给的原因：{reason}", file=sys.stderr)  # noqa: T201
    raise SystemExit(2)


def stop_on_fault(fault: ConfigFault) -> NoReturn:
    """Say the faults and end the process with status 2."""
    print(fault, file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
