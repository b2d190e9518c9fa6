"""`flask ask`, at its door."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.ask import ask_command
from knowledge.article import Article, Section

ARTICLE = Article(
    item="高龄津贴",
    title="高龄津贴",
    level="吉林省",
    document="吉试发〔2020〕1号",
    year=2020,
    checked=dt.date(2021, 3, 4),
    confidence="M",
    department="民政局",
    sections={
        "概览": Section("概览", "给80岁以上老人。", ""),
        "领多少": Section("领多少", "每月最少2元。", ""),
    },
)


def run(*arguments: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(ask_command(lambda: [ARTICLE]), arguments, input=typed)


def lines(typed: bytes) -> list[dict[str, Any]]:
    result = run("--jsonl", typed=typed)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def asked(**row: Any) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def test_a_question_is_answered_on_one_line_with_every_field() -> None:
    (found,) = lines(asked(id="a1", q="高龄津贴多少钱"))
    (answer,) = found["answers"]
    assert found["id"] == "a1"
    assert answer["text"].startswith("每月最少2元。")
    assert {name: answer[name] for name in ("answered", "item", "aspect", "also")} == {
        "answered": True,
        "item": "高龄津贴",
        "aspect": "领多少",
        "also": [],
    }
    assert answer["choices"] == [{"item": "高龄津贴", "aspect": "概览"}]


def test_turns_are_answered_one_by_one_in_one_talk() -> None:
    (found,) = lines(asked(id=7, turns=["高龄津贴是啥", "一个月多少钱", "今天下雪吗"]))
    assert [(each["answered"], each["aspect"]) for each in found["answers"]] == [
        (True, "概览"),
        (True, "领多少"),
        (False, None),
    ]


def test_two_lines_are_two_talks_and_keep_their_order() -> None:
    found = lines(asked(id=1, q="高龄津贴多少钱") + b"\n  \n" + asked(id=2, q="一个月多少钱"))
    assert [row["id"] for row in found] == [1, 2]
    assert found[1]["answers"][0]["item"] is None


@pytest.mark.parametrize(
    "typed",
    [
        b"{",
        b"[1]",
        b"7",
        b"\xff\xfe",
        b'{"id": 3}',
        b'{"id": 3, "q": 5}',
        b'{"id": 3, "turns": []}',
        b'{"turns": ["a", 1]}',
    ],
)
def test_a_bad_line_is_answered_in_words_and_the_next_one_still_is(typed: bytes) -> None:
    bad, good = lines(typed + b"\n" + asked(id=4, q="高龄津贴"))
    assert bad["error"]
    assert "answers" not in bad
    assert good["answers"][0]["item"] == "高龄津贴"


def test_the_id_of_a_bad_line_is_kept() -> None:
    assert lines(b'{"id": 3, "q": null}\n')[0]["id"] == 3


def test_a_byte_order_mark_and_half_a_character_do_no_harm() -> None:
    found = lines(b"\xef\xbb\xbf" + asked(id=1, q="高龄津贴") + b'{"id": 2, "q": "\\ud800\xe9\xab"}\n')
    assert found[0]["answers"][0]["item"] == "高龄津贴"
    assert found[1]["id"] == 2


def test_a_question_on_the_command_line_is_answered_in_plain_text() -> None:
    result = run("高龄津贴", "多少钱")
    assert result.exit_code == 0
    assert result.stdout.startswith("每月最少2元。")


def test_without_a_question_one_talks_line_by_line() -> None:
    result = run(typed="高龄津贴\n多少钱\n".encode())
    assert result.exit_code == 0
    assert "给80岁以上老人。" in result.stdout
    assert "每月最少2元。" in result.stdout
