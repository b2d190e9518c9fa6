"""`flask route --jsonl`, line by line."""

import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner

from commands.route import route_command


def run(text: bytes, guess: Callable[[], Callable[[str], str | None]] | None = None) -> list[dict[str, Any]]:
    outcome = CliRunner().invoke(route_command(guess or (lambda: lambda _text: None)), ["--jsonl"], input=text)
    assert outcome.exit_code == 0, outcome.output
    return [json.loads(line) for line in outcome.output.splitlines()]


def line(**row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def test_a_complaint_gives_exactly_the_agreed_fields() -> None:
    [row] = run(line(id="x1", text="口前镇的，低保停了三个月"))
    assert list(row) == ["id", "departments", "kind", "town", "urgent", "confidential", "why"]
    assert row["id"] == "x1"
    assert row["departments"][0] == "民政局"
    assert row["town"] == "口前镇"
    assert row["kind"] == "投诉"
    assert row["urgent"] is False


def test_the_order_is_kept_and_blank_lines_are_passed_over() -> None:
    rows = run(b"\xef\xbb\xbf" + line(id=1, text="粮补没到") + b"\n" + line(id=2, text="公益林补偿没到"))
    assert [row["id"] for row in rows] == [1, 2]


def test_a_bad_line_is_answered_in_words_and_the_next_one_is_served() -> None:
    rows = run(
        b"not json\n[1]\n"
        + line(id="a")
        + line(id="b", text=7)
        + line(id="c", text="  ")
        + b"\xff\xfe\n"
        + line(id="d", text="低保停了")
    )
    assert [row["id"] for row in rows] == [None, None, "a", "b", "c", None, "d"]
    assert all(set(row) == {"id", "error"} for row in rows[:-1])
    assert rows[0]["error"] == "第1行不是JSON"
    assert "text" in rows[2]["error"]
    assert "departments" in rows[-1]


def test_half_a_surrogate_pair_does_not_stop_the_run() -> None:
    rows = run(b'{"id":"\\ud800","text":"\\udc00"}\n' + line(id=2, text="低保停了"))
    assert [row["id"] for row in rows] == ["\ud800", 2]


def test_the_knowledge_is_loaded_once_and_only_when_a_line_needs_it() -> None:
    made: list[int] = []

    def make() -> Callable[[str], str | None]:
        made.append(1)
        return lambda _text: "高龄津贴"

    run(line(id=1, text="退耕还林补助没到"), make)
    assert made == []
    rows = run(line(id=1, text="那个钱没到") + line(id=2, text="老爹那个钱没到"), make)
    assert made == [1]
    assert [row["departments"][0] for row in rows] == ["民政局", "民政局"]
