"""`flask init-config`: a valid configuration with fresh random secrets, on standard output."""

from __future__ import annotations

import base64
import re
import secrets
import string
from pathlib import Path

import click

_ALPHABET = string.ascii_letters + string.digits


def fresh_config(example: str) -> str:
    """The example with every secret replaced by a random one; everything else as it stands."""
    made = {
        "token": _random(24),
        "encoding_aes_key": _random(43),
        "app_id": "wx" + secrets.token_hex(8),
        "app_secret": secrets.token_hex(16),
        "session": secrets.token_urlsafe(48),
    }
    for name, value in made.items():
        example = _replaced(example, name, f'"{value}"')
    for name in ("encryption", "index"):
        example = _replaced(example, name, f'["k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"]')
    return example


def demo_config(config: str) -> str:
    """The configuration for a demonstration: the simulator plays WeChat, and everything stays on this machine."""
    config = _replaced(config, "api_base_url", '"http://127.0.0.1:8090"')
    config = _replaced(config, "url", '"sqlite:///var/demo/mingbaika.db"')
    config = _replaced(config, "public_url", '"http://127.0.0.1:8080"')
    config = _replaced(config, "subscribe_template", '"AT0001_demo_notice"')
    return _replaced(config, "enabled", "true")


def _replaced(config: str, name: str, value: str) -> str:
    changed, count = re.subn(rf"(?m)^{name} = .*$", lambda _found: f"{name} = {value}", config, count=1)
    if count != 1:
        raise ValueError(f"no key {name}")
    return changed


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def init_config_command(example: Path) -> click.Command:
    """The command; `example` is the file with every key explained."""

    @click.command("init-config")
    @click.option("--demo", is_flag=True, help="演示用：打开模拟器，数据放在 var/demo")
    def init_config(demo: bool) -> None:
        """生成一份新配置(含随机密钥),写到标准输出:flask init-config > config.toml"""
        config = fresh_config(example.read_text(encoding="utf-8"))
        click.echo(demo_config(config) if demo else config, nl=False)

    return init_config
