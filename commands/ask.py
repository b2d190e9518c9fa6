"""`flask ask`: questions answered from the articles, as the chat answers them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click

from knowledge.answers import Answer, Answerer
from knowledge.article import Article


def ask_command(articles: Callable[[], Iterable[Article]]) -> click.Command:
    """The command; `articles` gives what is published, or the files' where there is no database yet."""

    @click.command("ask")
    @click.argument("question", nargs=-1)
    @click.option("--jsonl", is_flag=True, help="从标准输入逐行读JSON，向标准输出逐行写JSON")
    def ask(question: tuple[str, ...], jsonl: bool) -> None:
        """回答政策问题：flask ask 低保怎么申请；或 flask ask --jsonl < 输入 > 输出"""
        answerer = Answerer(articles())
        if not jsonl:
            if not question:
                raise click.UsageError("请写上问题，或用 --jsonl 从标准输入读。")
            click.echo(answerer.answer(" ".join(question)).text)
            return
        for number, line in enumerate(sys.stdin.buffer, 1):
            if line.strip():
                click.echo(json.dumps(_answered(answerer, line, number), ensure_ascii=False))
                sys.stdout.flush()

    return ask


def _answered(answerer: Answerer, line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except ValueError:
        return {"id": None, "error": f"第{number}行不是JSON"}
    if not isinstance(row, dict):
        return {"id": None, "error": f"第{number}行应是一个JSON对象"}
    turns = row.get("turns", [row.get("q")])
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        return {"id": row.get("id"), "error": f"第{number}行要有 q（一句话）或 turns（几句话）"}
    answers, topic = [], None
    for turn in turns:
        answer = answerer.answer(turn, topic)
        topic = answer.topic or topic
        answers.append(_as_json(answer))
    return {"id": row.get("id"), "answers": answers}


def _as_json(answer: Answer) -> dict[str, Any]:
    def pairs(choices: Iterable[Any]) -> list[dict[str, str | None]]:
        return [{"item": choice.item, "aspect": choice.aspect} for choice in choices]

    return {
        "answered": answer.answered, "item": answer.item, "aspect": answer.aspect, "text": answer.text,
        "choices": pairs(answer.choices), "also": pairs(answer.also),
    }  # fmt: skip
