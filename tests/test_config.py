"""The configuration: every key explained, every fault named at once, no secret told."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commands.init_config import demo_config, fresh_config
from config import ConfigFault, Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")


def faults(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFault) as caught:
        load_settings(path)
    return str(caught.value)


def changed(name: str, value: str, text: str = EXAMPLE) -> str:
    lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.splitlines()]
    assert lines != text.splitlines()
    return "\n".join(lines)


def flask(*arguments: str, config: Path | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CONFIG"}
    environment |= {"CONFIG": str(config)} if config else {}
    command = [sys.executable, "-m", "flask", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, input=text, timeout=60, check=False
    )


def test_the_example_is_valid_and_names_every_key() -> None:
    assert load_settings(ROOT / "config.example.toml")
    written = tomllib.loads(EXAMPLE)
    for section, field in Settings.model_fields.items():
        assert set(written[section]) == set(field.annotation.model_fields), section


def test_every_key_of_the_example_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(ROOT / "config.example.toml")
    for section in ("server", "county", "lookup", "cases", "delivery", "simulator"):
        kind = Settings.model_fields[section].annotation
        assert getattr(settings, section) == kind(), section


def test_all_faults_are_listed_at_once_and_no_secret_is_told(tmp_path: Path) -> None:
    text = changed("token", '""')
    text = changed("encoding_aes_key", '"tooshortsecretvalue"', text)
    text = changed("port", '"eighty"', text)
    text = changed("session", '"hunter2hunter2"', text)
    text = changed("enabled", "true", changed("host", '"0.0.0.0"', text)) + "\nsurprise = 1\n[bogus]\nx = 1\n"
    said = faults(tmp_path, text)
    for place in ("wechat.token", "wechat.encoding_aes_key", "server.port", "secrets.session", "simulator.enabled",
                  "simulator.surprise", "bogus"):  # fmt: skip
        assert place in said
    for secret in ("tooshortsecretvalue", "hunter2", "eighty"):
        assert secret not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", '"mysql://root@127.0.0.1/x"'), ("url", '"sqlite://"'), ("url", '"no url"'), ("path_prefix", '"mbk"'),
        ("surfaces", "[]"), ("surfaces", '["web"]'), ("encryption", "[]"), ("encryption", '["k1:short"]'),
        ("index", '["nokey"]'), ("api_base_url", '"ftp://x"'), ("proxy", '"10.0.0.8"'), ("proof", "[]"),
        ("failures_per_id", "0"), ("workers", "true"), ("port", "70000"), ("extra_holidays", '["soon"]'),
        ("token", '"has space"'), ("https", '"yes"'),
    ],
)  # fmt: skip
def test_nonsense_is_refused(tmp_path: Path, name: str, value: str) -> None:
    assert f".{name}" in faults(tmp_path, changed(name, value))


def test_a_missing_section_and_a_broken_file_are_told_in_words(tmp_path: Path) -> None:
    assert "database：没有填写" in faults(tmp_path, EXAMPLE.replace("[database]", "[data]"))
    assert "TOML格式不对" in faults(tmp_path, "[wechat\ntoken = 'secretsecret'")
    assert "secretsecret" not in faults(tmp_path, "[wechat\ntoken = 'secretsecret'")
    with pytest.raises(ConfigFault, match="init-config"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_stray_environment_variable_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT", '{"token": "stolen"}')
    monkeypatch.setenv("DATABASE__URL", "sqlite:///stolen.db")
    assert load_settings(ROOT / "config.example.toml").wechat.token == "ExampleToken2026"


def test_a_fresh_configuration_is_valid_and_shares_no_secret(tmp_path: Path) -> None:
    first, second = tmp_path / "1.toml", tmp_path / "2.toml"
    first.write_text(fresh_config(EXAMPLE), encoding="utf-8")
    second.write_text(demo_config(fresh_config(EXAMPLE)), encoding="utf-8")
    one, two = load_settings(first), load_settings(second)
    for pair in zip(
        (one.wechat.token, one.wechat.encoding_aes_key, one.secrets.session, *one.secrets.encryption, *one.secrets.index),
        (two.wechat.token, two.wechat.encoding_aes_key, two.secrets.session, *two.secrets.encryption, *two.secrets.index),
        strict=True,
    ):  # fmt: skip
        assert pair[0] != pair[1]
    assert two.simulator.enabled
    assert not one.simulator.enabled


def test_init_config_needs_no_configuration(tmp_path: Path) -> None:
    done = flask("init-config", config=tmp_path / "nowhere.toml")
    assert (done.returncode, done.stderr) == (0, "")
    path = tmp_path / "config.toml"
    path.write_text(done.stdout, encoding="utf-8")
    assert load_settings(path)


def test_a_fault_stops_the_start_with_status_2_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(changed("token", '""'), encoding="utf-8")
    for command in (["ask", "低保怎么申请"], ["serve"], ["worker"], ["import-payments", "x.csv"]):
        done = flask(*command, config=path)
        assert done.returncode == 2
        assert "wechat.token" in done.stderr
        assert "Traceback" not in done.stderr


def test_codes_by_sms_need_a_gateway(tmp_path: Path) -> None:
    wanted = changed("proof", '["name", "sms"]')
    assert "短信网关" in faults(tmp_path, wanted)
    path = tmp_path / "good.toml"
    path.write_text(wanted.replace('\nurl = ""', '\nurl = "https://sms.example/send"'), encoding="utf-8")
    assert load_settings(path).sms.url == "https://sms.example/send"
