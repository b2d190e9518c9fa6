"""`flask ask`: one question, a talk at the terminal, or a stream of questions as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import click

from knowledge.answers import Answer, Answerer, Choice, Topic
from knowledge.article import Article

_PROMPT = "问> "


class _BadLine(Exception):
    """A line of the input that cannot be asked; the text says why, the id is kept if there was one."""

    def __init__(self, said: str, name: Any = None) -> None:
        super().__init__(said)
        self.said, self.name = said, name


def ask_command(articles: Callable[[], Iterable[Article]]) -> click.Command:
    """The command, answering from what `articles` gives when it is called."""

    @click.command("ask", help="问一句：flask ask 低保怎么申请。不写问题就接着聊，--jsonl 从标准输入一行一问。")
    @click.option("--jsonl", is_flag=True, help='每行一个 {"id","q"} 或 {"id","turns":[…]}，每行答一个 JSON。')
    @click.argument("words", nargs=-1)
    def ask(jsonl: bool, words: tuple[str, ...]) -> None:
        answerer = Answerer(articles())
        if jsonl:
            _stream(answerer, sys.stdin.buffer, sys.stdout.buffer)
        elif words:
            _print(answerer.answer(" ".join(words)))
        else:
            _talk(answerer)

    return ask


def _stream(answerer: Answerer, lines: BinaryIO, out: BinaryIO) -> None:
    """One answer a line, in order, each written out before the next line is read."""
    for line in lines:
        text = line.decode("utf-8", "replace").lstrip("\ufeff").strip()
        if not text:
            continue
        try:
            name, turns = _parse(text)
            found: dict[str, Any] = {"id": name, "answers": list(_answers(answerer, turns))}
        except _BadLine as bad:
            found = {"id": bad.name, "error": bad.said}
        out.write(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        out.flush()


def _parse(text: str) -> tuple[Any, list[str]]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise _BadLine("这一行不是 JSON，请检查引号和括号。") from None
    if not isinstance(row, dict):
        raise _BadLine('这一行要写成 {"id": …, "q": …}。')
    name = row.get("id")
    if isinstance(row.get("q"), str):
        return name, [row["q"]]
    turns = row.get("turns")
    if isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns):
        return name, turns
    raise _BadLine("这一行要有 q(一句话)或 turns(几句话的列表)。", name)


def _answers(answerer: Answerer, turns: Iterable[str]) -> Iterator[dict[str, Any]]:
    topic: Topic | None = None
    for text in turns:
        answer = answerer.answer(text, topic)
        topic = answer.topic
        yield {
            "answered": answer.answered,
            "item": answer.item,
            "aspect": answer.aspect,
            "text": answer.text,
            "choices": _pairs(answer.choices),
            "also": _pairs(answer.also),
        }


def _pairs(choices: Iterable[Choice]) -> list[dict[str, str | None]]:
    return [{"item": choice.item, "aspect": choice.aspect} for choice in choices]


def _talk(answerer: Answerer) -> None:
    """Ask and answer until the input ends; the topic is kept from one question to the next."""
    topic: Topic | None = None
    for line in sys.stdin.buffer:
        if line.strip():
            answer = answerer.answer(line.decode("utf-8", "replace"), topic)
            topic = answer.topic
            _print(answer)
        click.echo(_PROMPT, nl=False, err=True)


def _print(answer: Answer) -> None:
    click.echo(answer.text)
    for number, choice in enumerate(answer.choices, 1):
        click.echo(f"  {number} {choice.label}")
