"""How well questions are understood: `python -m bench.understanding FOLDER`.

The folder holds questions.jsonl, followups.jsonl and out_of_scope.jsonl (those that exist are taken). Prints accuracy by
set, item, aspect and style, every wrong answer by class, and the time that one answer takes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from knowledge.answers import Answer, Answerer, Topic
from knowledge.article import load_folder

Row = dict[str, Any]
times: list[float] = []


def rows(folder: Path, name: str) -> list[Row]:
    file = folder / name
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()] if file.exists() else []


def ask(answerer: Answerer, text: str, topic: Topic | None = None) -> Answer:
    start = time.perf_counter()
    answer = answerer.answer(text, topic)
    times.append((time.perf_counter() - start) * 1000)
    return answer


def rate(good: float, total: int) -> str:
    return f"{good:g}/{total} = {100 * good / total:.1f} %" if total else "-"


def questions(answerer: Answerer, folder: Path) -> None:
    item_right = both_right = 0.0
    total = 0
    styles: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    wrong: dict[str, list[str]] = defaultdict(list)
    per_aspect: Counter[str] = Counter()
    for row in rows(folder, "questions.jsonl"):
        answer = ask(answerer, row["q"])
        total += 1
        half = 0.5 * (not answer.answered and any(choice.item in row["item"] for choice in answer.choices))
        item = 1.0 if answer.answered and answer.item in row["item"] else half
        both = float(item == 1.0 and answer.aspect in row["aspect"])
        item_right, both_right = item_right + item, both_right + both
        styles[row["style"]][0] += item
        styles[row["style"]][1] += 1
        got = (
            f"{row['id']} {row['q']} → {answer.intent} {answer.item}/{answer.aspect} (≠ {row['item']}/{row['aspect']})"
        )
        if item < 1.0:
            kind = "asked back" if answer.intent == "ask_back" else "declined" if not answer.answered else "wrong item"
            wrong[kind].append(got)
        elif not both:
            wrong["wrong aspect"].append(got)
            per_aspect[f"{row['aspect'][0]} taken for {answer.aspect}"] += 1
    print(f"questions: item {rate(item_right, total)}; item and aspect {rate(both_right, total)}")
    for style, (good, count) in sorted(styles.items()):
        print(f"  {style:11} item {rate(good, int(count))}")
    for kind, lines in wrong.items():
        print(f"  -- {kind}: {len(lines)}", *lines, sep="\n     ")
    print("  aspects:", dict(per_aspect.most_common()))


def followups(answerer: Answerer, folder: Path) -> None:
    good = total = 0
    for row in rows(folder, "followups.jsonl"):
        topic: Topic | None = None
        for text, expect in zip(row["turns"], row["expect"], strict=True):
            answer = ask(answerer, text, topic)
            right = answer.item in expect["item"] and answer.aspect in expect["aspect"]
            right = right or (not expect["item"] and answer.item is None)
            good, total = good + right, total + 1
            if not right:
                was = f"{topic.item}/{topic.aspect}" if topic else "-"
                print(f"  {row['id']} [{was}] {text} → {answer.intent} {answer.item}/{answer.aspect} (≠ {expect})")
            topic = answer.topic
    print(f"followups: turns {rate(good, total)}")


def out_of_scope(answerer: Answerer, folder: Path) -> None:
    bad = total = 0
    for row in rows(folder, "out_of_scope.jsonl"):
        answer = ask(answerer, row["q"])
        total += 1
        if answer.answered:
            bad += 1
            print(f"  {row['id']} {row['q']} → {answer.intent} {answer.item}/{answer.aspect} ({row['why']})")
    print(f"out of scope: answered {rate(bad, total)}")


def main() -> None:
    start = time.perf_counter()
    answerer = Answerer(load_folder())
    print(f"ready in {time.perf_counter() - start:.2f} s")
    for folder in map(Path, sys.argv[1:]):
        print(f"\n== {folder.name}")
        questions(answerer, folder)
        followups(answerer, folder)
        out_of_scope(answerer, folder)
    if len(times) > 1:
        cuts = statistics.quantiles(times, n=100)
        print(f"\none answer: p50 {cuts[49]:.3f} ms, p99 {cuts[98]:.3f} ms, most {max(times):.3f} ms ({len(times)})")


if __name__ == "__main__":
    main()
