"""The whole service put together, as a fresh machine has it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from commands.init_config import fresh_config
from config import load_settings
from tests.test_config import EXAMPLE, ROOT, flask


def configured(tmp_path: Path, **changes: str) -> Path:
    text = fresh_config(EXAMPLE)
    for name, value in ({"url": f'"sqlite:///{tmp_path}/mbk.db"'} | changes).items():
        text = re.sub(rf"(?m)^{name} = .*$", lambda _f, n=name, v=value: f"{n} = {v}", text, count=1)
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def app_with(tmp_path: Path, **changes: str) -> Flask:
    return create_app(load_settings(configured(tmp_path, **changes)))


def close(app: Flask) -> None:
    door = app.extensions.get("wechat")
    if door:
        door.dispatcher.behind.close()
        door.dispatcher.database.dispose()


@pytest.mark.parametrize("command", ["serve", "batches", "backup", "restore"])
def test_a_database_that_cannot_be_opened_is_told_in_words(tmp_path: Path, command: str) -> None:
    config = configured(tmp_path, url='"postgresql+psycopg://mbk:geheim-7@127.0.0.1:1/mbk"')
    (tmp_path / "backup.zip").write_bytes(b"")
    ended = flask(command, *([str(tmp_path / "backup.zip")] if command == "restore" else []), config=config)
    assert ended.returncode == 2, ended.stderr
    assert "打不开数据库" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "geheim-7" not in ended.stdout + ended.stderr


def test_a_web_process_does_not_load_what_it_seldom_needs(tmp_path: Path) -> None:
    code = "import sys, app; app.create_app(app.load_settings()); print(*{name.partition('.')[0] for name in sys.modules})"
    close(app_with(tmp_path))  # the database stands
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"CONFIG": str(tmp_path / "config.toml")},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert not {"alembic", "docx", "PIL", "xlsxwriter"} & set(run.stdout.split())


def test_every_surface_answers(tmp_path: Path) -> None:
    app = app_with(tmp_path)
    with app.test_client() as client:
        assert client.get("/health").status_code == 200
        assert client.get("/wechat").status_code == 403
        assert client.get("/console/", follow_redirects=True).status_code == 200
        assert client.get("/").status_code == 200
    close(app)


@pytest.mark.parametrize(
    ("surfaces", "there", "gone"),
    [('["console"]', "/console/login", "/wechat"), ('["webhook", "public"]', "/wechat", "/console/login")],
)
def test_a_process_serves_only_its_surfaces(tmp_path: Path, surfaces: str, there: str, gone: str) -> None:
    app = app_with(tmp_path, surfaces=surfaces)
    with app.test_client() as client:
        assert client.get(there).status_code != 404
        assert client.get(gone).status_code == 404
    close(app)


def test_a_path_prefix_holds_for_every_address_and_link(tmp_path: Path) -> None:
    app = app_with(tmp_path, path_prefix='"/mbk"')
    with app.test_client() as client:
        assert client.get("/wechat").status_code == 404
        assert client.get("/mbk/wechat").status_code == 403
        page = client.get("/mbk/console/", follow_redirects=True)
        assert page.status_code == 200
        assert not re.findall(r'(?:href|src|action)="/(?!mbk/)', page.text)
    close(app)


def test_ask_and_route_work_without_a_server_and_on_an_empty_database(tmp_path: Path) -> None:
    config = configured(tmp_path)
    lines = ('{"id": "1", "q": "低保怎么申请"}', "", "no json", '{"id": "2", "turns": ["地补啥时候发", "那苞米的呢"]}')
    asked = flask("ask", "--jsonl", config=config, text="\n".join(lines))
    assert asked.returncode == 0, asked.stderr
    first, bad, second = (json.loads(line) for line in asked.stdout.splitlines())
    assert first["answers"][0]["item"] == "最低生活保障"
    assert set(first["answers"][0]) == {"answered", "item", "aspect", "text", "choices", "also"}
    assert "error" in bad
    assert second["answers"][1]["item"] == "玉米生产者补贴"
    routed = flask("route", "--jsonl", config=config, text='{"id": "1", "text": "口前镇的低保三个月没发"}\n')
    row = json.loads(routed.stdout)
    assert set(row) == {"id", "departments", "kind", "town", "urgent", "confidential", "why"}
    assert (row["departments"][0], row["town"]) == ("民政局", "口前镇")
    assert not (tmp_path / "mbk.db").exists() or (tmp_path / "mbk.db").stat().st_size == 0


def test_the_readme_names_only_commands_that_exist(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = create_app(load_settings(configured(tmp_path, surfaces='["public"]'))).cli.commands
    for name in set(re.findall(r"flask ([a-z]+(?:-[a-z]+)*)", readme)):
        assert name in commands, name
    for name in set(re.findall(r"`?make ([a-z]+)", readme)):
        assert re.search(rf"(?m)^{name}:", makefile), name
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", readme):
        assert (ROOT / link).exists(), link
