"""`flask route --jsonl < in > out`: to whom each complaint would go, one JSON a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from knowledge.routing import route

Guess = Callable[[str], str | None]


def route_command(guess: Callable[[], Guess]) -> click.Command:
    """The command. `guess` gives what names a text's item; it is called once, and only when a line needs it."""

    @click.command("route")
    @click.option("--jsonl", is_flag=True, required=True, help='标准输入每行一个JSON:{"id","text"}')
    def route_lines(jsonl: bool) -> None:
        """看每条投诉会转给谁:{"id","departments","kind","town","urgent","confidential","why"},一行一条,顺序不变。"""
        namer = _Lazy(guess)
        for number, line in enumerate(sys.stdin.buffer, 1):
            if line.strip():
                click.echo(_as_line(_answer(line, number, namer)))

    return route_lines


class _Lazy:
    """Calls the maker on the first question only: loading the knowledge takes a second."""

    def __init__(self, make: Callable[[], Guess]) -> None:
        self._make = make
        self._guess: Guess | None = None

    def __call__(self, text: str) -> str | None:
        if self._guess is None:
            self._guess = self._make()
        return self._guess(text)


def _as_line(row: dict[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False)
    # Half a surrogate pair in an id cannot be written as UTF-8.
    return line if line.isprintable() else json.dumps(row)


def _answer(line: bytes, number: int, guess: Guess) -> dict[str, Any]:
    ident: object = None
    try:
        row = json.loads(line.decode("utf-8-sig"))
        if not isinstance(row, dict):
            return _refused(None, number, '要写成{"id":…,"text":…}')
        ident = row.get("id")
        text = row.get("text")
        if not isinstance(text, str):
            return _refused(ident, number, "缺少text，或者text不是文字")
        if not text.strip():
            return _refused(ident, number, "text是空的")
        item, town = row.get("item"), row.get("town")
        found = route(
            text,
            item=item if isinstance(item, str) else None,
            town=town if isinstance(town, str) else None,
            guess=guess,
        )
    except UnicodeDecodeError:
        return _refused(ident, number, "不是UTF-8文字")
    except (json.JSONDecodeError, RecursionError):
        return _refused(ident, number, "不是JSON")
    return {
        "id": ident,
        "departments": list(found.departments),
        "kind": found.kind,
        "town": found.town,
        "urgent": found.urgent,
        "confidential": found.confidential,
        "why": found.why,
    }


def _refused(ident: object, number: int, said: str) -> dict[str, Any]:
    return {"id": ident, "error": f"第{number}行{said}"}
