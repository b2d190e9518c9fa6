"""How well questions are understood: `python -m bench.understanding FOLDER...`.

A folder holds questions.jsonl, followups.jsonl and out_of_scope.jsonl (those that exist are taken). Prints accuracy by
set, style, item and aspect, every wrong answer by class, and the time that one answer takes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from knowledge.answers import Answer, Answerer, Topic
from knowledge.article import load_folder

Row = dict[str, Any]
times: list[float] = []


class Outcome(NamedTuple):
    """What came of one message: how right the item is (half when a right choice was offered), and item and aspect."""

    row: Row
    text: str
    answer: Answer
    item: float
    both: bool
    before: Topic | None = None

    @property
    def kind(self) -> str:
        """The class of a wrong answer."""
        if self.item == 1.0:
            return "wrong aspect"
        if self.answer.intent == "ask_back":
            return "asked back"
        return "wrong item" if self.answer.answered else "declined"


def rows(folder: Path, name: str) -> list[Row]:
    """The lines of a set; none where the folder has no such file."""
    file = folder / name
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()] if file.exists() else []


def ask(answerer: Answerer, text: str, topic: Topic | None = None) -> Answer:
    """One answer, its time noted."""
    start = time.perf_counter()
    answer = answerer.answer(text, topic)
    times.append((time.perf_counter() - start) * 1000)
    return answer


def questions(answerer: Answerer, folder: Path) -> Iterator[Outcome]:
    """What comes of each question that opens a talk."""
    for row in rows(folder, "questions.jsonl"):
        answer = ask(answerer, row["q"])
        half = 0.5 * (not answer.answered and any(choice.item in row["item"] for choice in answer.choices))
        item = 1.0 if answer.answered and answer.item in row["item"] else half
        yield Outcome(row, row["q"], answer, item, item == 1.0 and answer.aspect in row["aspect"])


def turns(answerer: Answerer, folder: Path) -> Iterator[Outcome]:
    """What comes of each turn of each talk."""
    for row in rows(folder, "followups.jsonl"):
        topic: Topic | None = None
        for text, expect in zip(row["turns"], row["expect"], strict=True):
            answer = ask(answerer, text, topic)
            none = not expect["item"] and answer.item is None
            item = float(none or answer.item in expect["item"])
            yield Outcome(
                expect, text, answer, item, none or (item == 1.0 and answer.aspect in expect["aspect"]), topic
            )
            topic = answer.topic


def others(answerer: Answerer, folder: Path) -> Iterator[Outcome]:
    """What comes of each message that is not ours; right where no policy is answered."""
    for row in rows(folder, "out_of_scope.jsonl"):
        answer = ask(answerer, row["q"])
        yield Outcome(row, row["q"], answer, float(not answer.answered), not answer.answered)


def measured(answerer: Answerer, folder: Path) -> Counter[str]:
    """The counts of a folder: asked, item, both; turns, turns right; others, answered."""
    found: Counter[str] = Counter()
    for outcome in questions(answerer, folder):
        found.update({"asked": 1, "item": outcome.item, "both": outcome.both})
    for outcome in turns(answerer, folder):
        found.update({"turns": 1, "turns right": outcome.both})
    for outcome in others(answerer, folder):
        found.update({"others": 1, "answered": not outcome.both})
    return found


def rate(good: float, total: int) -> str:
    """A share as it is printed."""
    return f"{good:g}/{total} = {100 * good / total:.1f} %" if total else "-"


def show_questions(outcomes: list[Outcome]) -> None:
    """The shares of the questions, and the wrong ones by class."""
    total = len(outcomes)
    good, both = sum(one.item for one in outcomes), sum(one.both for one in outcomes)
    print(f"questions: item {rate(good, total)}; item and aspect {rate(both, total)}")
    styles: dict[str, list[Outcome]] = defaultdict(list)
    wrong: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        styles[one.row["style"]].append(one)
        if not one.both:
            wrong[one.kind].append(one)
    for style, ones in sorted(styles.items()):
        print(f"  {style:11} item {rate(sum(one.item for one in ones), len(ones))}; "
              f"both {rate(sum(one.both for one in ones), len(ones))}")  # fmt: skip
    for kind, ones in wrong.items():
        print(f"  -- {kind}: {len(ones)}")
        for one in ones:
            row, answer = one.row, one.answer
            print(f"     {row['id']} {one.text} → {answer.intent} {answer.item}/{answer.aspect} "
                  f"(≠ {row['item']}/{row['aspect']})")  # fmt: skip
    taken = Counter(f"{one.row['aspect'][0]} taken for {one.answer.aspect}" for one in wrong["wrong aspect"])
    print("  aspects:", dict(taken.most_common()))


def show_turns(outcomes: list[Outcome]) -> None:
    """The share of right turns, and the wrong ones."""
    for one in outcomes:
        if not one.both:
            was = f"{one.before.item}/{one.before.aspect}" if one.before else "-"
            print(f"  [{was}] {one.text} → {one.answer.intent} {one.answer.item}/{one.answer.aspect} (≠ {one.row})")
    print(f"followups: turns {rate(sum(one.both for one in outcomes), len(outcomes))}")


def show_others(outcomes: list[Outcome]) -> None:
    """What got a policy though it is not ours."""
    for one in outcomes:
        if not one.both:
            print(f"  {one.row['id']} {one.text} → {one.answer.item}/{one.answer.aspect} ({one.row['why']})")
    print(f"out of scope: answered {rate(sum(not one.both for one in outcomes), len(outcomes))}")


def main() -> None:
    start = time.perf_counter()
    answerer = Answerer(load_folder())
    print(f"ready in {time.perf_counter() - start:.2f} s")
    for folder in map(Path, sys.argv[1:]):
        print(f"\n== {folder.name}")
        show_questions(list(questions(answerer, folder)))
        show_turns(list(turns(answerer, folder)))
        show_others(list(others(answerer, folder)))
    if len(times) > 1:
        cuts = statistics.quantiles(times, n=100)
        print(f"\none answer: p50 {cuts[49]:.3f} ms, p99 {cuts[98]:.3f} ms, most {max(times):.3f} ms ({len(times)})")


if __name__ == "__main__":
    main()
