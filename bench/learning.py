"""Learn from sayings: `python -m bench.learning` writes knowledge/catalogue/learnt.json (a minute or two).

With `--check [ROUND...]` nothing is written: each folder of written sayings is measured with what the others and the
patterns teach, the honest figure for what was never seen. Plain Python, the same result every time: all weights of a
clue are lanes of one number, as when they are used, so one multiplication and one addition teach all outputs.
Run it after words of the catalogue, sayings or patterns have changed.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from bench.sayings import made
from bench.understanding import measured
from bench.written import SAYINGS, Saying, folders, written
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.understanding import Understanding
from knowledge.understanding_learnt import (
    ALONE,
    ASPECTS,
    GOES_ON,
    LEARNT,
    MOST,
    MOST_NEW,
    OF_CARD,
    OURS,
    OUTPUTS,
    PLACE,
    SCALE,
    THINGS,
    Experience,
    kept,
    novelty,
)
from knowledge.understanding_reading import Reader
from knowledge.understanding_sound import spelled, tidy
from knowledge.understanding_vocabulary import Vocabulary

_SEEN: Final = 2  # a clue of one saying alone teaches nothing
_ROUNDS: Final = 12
_LAST: Final = 4  # the weights are the mean of those after the last rounds
_STEP: Final = 0.25
_SMALL: Final = 0.1  # weights below this change nothing and are not kept
_MISS: Final = 0.004
_TALKED: Final = 4.0  # what a message of a written talk counts: there are few
# While they are learnt, weights are lanes of one number as when they are used, but of 32 bits.
_LANE: Final = 32
_MIDDLE: Final = 1 << (_LANE - 1)
_ZERO: Final = sum(_MIDDLE << (_LANE * place) for place in range(len(OUTPUTS)))
# A miss and a step are whole numbers of these parts, so a weight is one of a millionth.
_PART: Final = 1 << 10
_WHOLE: Final = _PART * _PART
_GROUPS: Final = {name: [PLACE[output] for output in outputs] for name, outputs in (
    ("aspect", ASPECTS), ("card", OF_CARD), ("thing", THINGS)
)}  # fmt: skip


class Lesson(NamedTuple):
    """A saying as numbers: its clues, what is right in each group, and what it counts."""

    clues: list[int]
    right: list[tuple[list[int], frozenset[int]]]
    yes_or_no: list[tuple[int, bool]]
    weight: float
    even: bool


def lessons(
    sayings: Iterable[Saying], clues_of: Callable[[str, str | None], set[str]]
) -> tuple[list[str], list[Lesson]]:
    """The clues that occur often enough, and each saying with its clues by number."""
    told = [(saying, clues_of(tidy(saying.text), saying.before if saying.later else None)) for saying in sayings]
    seen = Counter(clue for _, found in told for clue in found)
    known = sorted(clue for clue, times in seen.items() if times >= _SEEN and "<" not in clue)
    names = ["", *known, *(novelty(count) for count in range(MOST_NEW + 1))]
    number = {clue: place for place, clue in enumerate(names)}
    return names, [
        Lesson(
            [0, *sorted(number[clue] for clue in _with_novelty(found, number) if clue in number)],
            _right(saying),
            [(PLACE[output], true) for output, true in _yes_or_no(saying) if true is not None],
            saying.weight * (_TALKED if saying.written else 1.0),
            saying.even,
        )
        for saying, found in told
    ]


def _with_novelty(found: set[str], known: Mapping[str, int]) -> set[str]:
    return found | {novelty(sum(len(clue) == 1 and clue not in known for clue in found))}


def _right(saying: Saying) -> list[tuple[list[int], frozenset[int]]]:
    names = {
        "thing": saying.items,
        "card": tuple(f"卡{aspect}" for aspect in saying.aspects) if saying.card else (),
        "aspect": () if saying.card else saying.aspects,
    }
    found = (
        (_GROUPS[group], frozenset(PLACE[name] for name in right if name in PLACE)) for group, right in names.items()
    )
    return [(outputs, right) for outputs, right in found if right & set(outputs)]


def _yes_or_no(saying: Saying) -> Iterator[tuple[str, bool | None]]:
    """What is said of a message alone. One that was made for a talk teaches nothing of openings."""
    yield ALONE, saying.alone
    if saying.later:
        yield GOES_ON, saying.ours
    if not saying.later or saying.written:
        yield OURS, saying.ours


def _lanes(total: int) -> Sequence[int]:
    """The values of a number's lanes, each too high by _MIDDLE."""
    return memoryview((total + _ZERO).to_bytes(len(OUTPUTS) * _LANE // 8, "little")).cast("I")


def learn(count: int, told: Sequence[Lesson], seed: int = 0) -> list[int]:
    """The weights of each clue, in lanes, _LAST times a millionth. Adagrad on the logistic loss, a rate a clue."""
    weights, moved, total = [0] * count, [1e-2] * count, [0] * count
    chance, order = random.Random(seed), list(told)
    for turn in range(_ROUNDS):
        chance.shuffle(order)
        for lesson in order:
            slope, size = _slope(sum(weights[clue] for clue in lesson.clues), lesson)
            if size:
                for clue in lesson.clues:
                    moved[clue] = far = moved[clue] + size
                    weights[clue] -= slope * int(_PART * _STEP / math.sqrt(far))
        if turn >= _ROUNDS - _LAST:
            total = [one + weight for one, weight in zip(total, weights, strict=True)]
    return total


def _slope(score: int, lesson: Lesson) -> tuple[int, float]:
    """By how much each output was too high, in lanes, and the square of it all. Any of the right ones is right."""
    values = _lanes(score)
    misses: list[tuple[int, float]] = []
    for output, true in lesson.yes_or_no:
        odds = max(-30.0, min(30.0, (values[output] - _MIDDLE) / _WHOLE))
        misses.append((output, 1 / (1 + math.exp(-odds)) - true))
    for outputs, right in lesson.right:
        top = max(values[output] for output in outputs)
        shares = [math.exp((values[output] - top) / _WHOLE) for output in outputs]
        whole = sum(shares)
        good = sum(share for share, output in zip(shares, outputs, strict=True) if output in right)
        misses.extend(
            (output, share / whole - ((1 / len(right) if lesson.even else share / good) if output in right else 0.0))
            for share, output in zip(shares, outputs, strict=True)
        )
    slope, size = 0, 0.0
    for output, miss in misses:
        if abs(miss) > _MISS:
            miss *= lesson.weight
            slope += round(miss * _PART) << (_LANE * output)
            size += miss * miss
    return slope, size


def kept_weights(names: Sequence[str], weights: Sequence[int]) -> dict[str, str]:
    """The weights as learnt.json keeps them. A character is kept even without any: it is no new one."""
    found: dict[str, str] = {}
    for clue, packed in zip(names, weights, strict=True):
        values = ((value - _MIDDLE) / (_WHOLE * _LAST) for value in _lanes(packed))
        row = [
            (output, max(-MOST, min(MOST, round(value * SCALE))))
            for output, value in enumerate(values)
            if abs(value) >= _SMALL
        ]
        if row or len(clue) == 1:
            found[spelled(clue)] = kept(row)
    return found


def taught(sayings: Iterable[Saying], reader: Reader) -> dict[str, str]:
    """What these sayings teach."""
    names, told = lessons(sayings, reader.clues)
    return kept_weights(names, learn(len(names), told))


def check(only: Sequence[str]) -> None:
    """Each folder measured with what the others teach."""
    reader, articles = Reader(Vocabulary.load(), Experience({})), load_folder()
    patterns, every = made(), folders()
    sums: Counter[str] = Counter()
    for folder in every:
        if only and folder.name not in only:
            continue
        others = (saying for other in every if other != folder for saying in written(other))
        understanding = Understanding(Experience(taught((*others, *patterns), reader)))
        found = measured(Answerer(articles, understanding), folder)
        sums.update(found)
        _print(folder.name, found)
    _print("all", sums)


def _print(name: str, found: Mapping[str, float]) -> None:
    parts = (
        f"{part} {100 * found[part] / found[whole]:.1f}"
        for part, whole in (("item", "asked"), ("both", "asked"), ("turns right", "turns"), ("answered", "others"))
        if found[whole]
    )
    print(f"{name:8} {', '.join(parts)} of {found['asked']:g}, {found['turns']:g}, {found['others']:g}", flush=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2:])
        return
    sayings = [*(saying for folder in folders() for saying in written(folder)), *made()]
    weights = taught(sayings, Reader(Vocabulary.load(), Experience({})))
    lines = ",\n".join(f"{_json(clue)}:{_json(text)}" for clue, text in weights.items())
    LEARNT.write_text(f'{{"outputs":{_json(OUTPUTS)},"weights":{{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{len(sayings)} sayings of {SAYINGS.name}, {len(weights)} clues, {LEARNT.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
