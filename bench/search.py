"""The plain engine on a corpus it has never seen: `python -m bench.search [DOCUMENTS]` (20,000 unless told).

Corpora are made up on the spot. Notices: each has a subject, a place, a matter and a remark of its own words, and each
query says one notice's subject in other words or with a slip. Replies: two to twenty-five sentences that other replies
have as well, and each query is some of the characters of two of them, in any order, with an address around. Long
replies: up to sixty sentences, and queries of thirty characters.
Prints how often the right text comes first, next to plain BM25 over characters 1+2, and the time one search takes.
"""

from __future__ import annotations

import math
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import jieba

from knowledge.search import index
from knowledge.understanding_sound import tidy

_DOCUMENTS: Final = 20_000
_QUERIES: Final = 1_000
_CONTROL: Final = 300
_SEED: Final = 20
_SENTENCES: Final = 6_000
_SHORT, _LONG = (2, 4, 8, 15, 25), (10, 20, 30, 60)  # sentences of a reply
_WORD, _COMMON = 2, 20
_SUBJECTS: Final = (
    "自来水管冻裂", "村道路灯不亮", "垃圾清运", "下水井盖丢失", "公交改线", "供热温度不够", "燃气改造", "小区停车", "学校食堂",
    "农田灌溉", "水渠清淤", "桥面维修", "电压不稳", "宽带装不上", "河道采砂", "野猪糟蹋庄稼", "苞米补贴", "地补发放", "低保复核",
    "社保卡换卡", "医保报销", "养老认证", "厕所改造", "危房鉴定", "秸秆打包", "林地边界", "农机驾驶证", "学位申请", "噪音扰民",
    "工资拖欠", "物业收费", "快递丢件",
)  # fmt: skip
_WORDS = re.compile(r"[^\W_]+")
_MATTERS: Final = ("申请", "投诉", "咨询", "求助", "建议", "反映", "举报", "查询")
_FILLERS: Final = (
    "麻烦问一下",
    "我想问问",
    "请问",
    "咋回事",
    "怎么办",
    "多少钱",
    "什么时候能好",
    "找谁",
    "谢谢",
    "到现在还没人管",
)


def common_words() -> list[str]:
    """The two-character words that jieba's dictionary holds to be common."""
    with jieba.get_dict_file() as lines:
        rows = (line.decode().split(" ") for line in lines)
        return [word for word, count, _ in rows if len(word) == _WORD and int(count) >= _COMMON]


def notices(count: int, chance: random.Random) -> list[str]:
    words = common_words()
    return [
        f"关于{chance.choice(words)}{chance.choice(_SUBJECTS)}{chance.choice(_MATTERS)}的答复，"
        f"{''.join(chance.choices(words, k=chance.randint(3, 20)))}，请到{chance.choice(words)}所办理"
        for _ in range(count)
    ]


def query(notice: str, chance: random.Random) -> str:
    """The place and the matter of a notice, in a resident's order, sometimes with a character lost."""
    place, rest = notice[2:4], notice[4:].split("的答复")[0]
    remark = notice.split("，")[1]
    start = chance.randrange(len(remark) - 1)
    said = [place, rest, remark[start : start + 2], chance.choice(_FILLERS)]
    chance.shuffle(said)
    text = "".join(said)
    lost = chance.randrange(len(text))
    return text[:lost] + text[lost + 1 :] if chance.random() < 0.5 else text


class Plain:
    """BM25 over characters 1+2, in full, to compare with."""

    def __init__(self, texts: list[str]) -> None:
        self._postings: dict[str, dict[int, float]] = {}
        counts = [Counter(_grams(text)) for text in texts]
        average = sum(count.total() for count in counts) / len(counts)
        for number, count in enumerate(counts):
            norm = 1.2 * (0.25 + 0.75 * count.total() / average)
            for gram, times in count.items():
                self._postings.setdefault(gram, {})[number] = times * 2.2 / (times + norm)
        self._total = len(texts)

    def first(self, text: str) -> int:
        scores: dict[int, float] = {}
        for gram in set(_grams(text)) & self._postings.keys():
            found = self._postings[gram]
            rarity = math.log(1 + (self._total - len(found) + 0.5) / (len(found) + 0.5))
            for number, weight in found.items():
                scores[number] = scores.get(number, 0.0) + rarity * weight
        return max(scores, key=lambda number: (scores[number], -number), default=-1)


def _grams(text: str) -> list[str]:
    parts = _WORDS.findall(tidy(text))
    return [gram for part in parts for gram in (*part, *map("".join, pairwise(part)))]


def replies(count: int, lengths: Sequence[int], chance: random.Random) -> list[str]:
    words, often = common_words(), 2.0  # the words at the head come again and again, as in the offices' language
    sentences = [
        "".join(words[int(len(words) * chance.random() ** often)] for _ in range(chance.randint(3, 12)))
        for _ in range(_SENTENCES)
    ]
    return ["。".join(chance.choices(sentences, k=chance.choice(lengths))) for _ in range(count)]


def noisy(reply: str, chance: random.Random) -> str:
    """Pieces of two sentences of a reply, now and then with an address."""
    text = _pieces(reply, 2, chance.randint(6, 20), chance)
    return chance.choice(_FILLERS) + text if chance.random() < 0.4 else text


def rambling(reply: str, chance: random.Random) -> str:
    """Thirty characters of five sentences of a reply."""
    return _pieces(reply, 5, 30, chance)


def _pieces(reply: str, sentences: int, length: int, chance: random.Random) -> str:
    said = "".join(chance.sample(reply.split("。"), sentences))
    pieces = [said[start : start + 2] for start in range(0, len(said), 2)]
    chance.shuffle(pieces)
    return "".join(pieces)[:length]


def measure(name: str, texts: list[str], asks: Callable[[str, random.Random], str], chance: random.Random) -> None:
    """Prints the figures of one corpus."""
    asked = [(n, asks(texts[n], chance)) for n in chance.sample(range(len(texts)), min(_QUERIES, len(texts)))]
    start = time.perf_counter()
    ours = index(texts)
    built = time.perf_counter() - start
    times: list[float] = []
    right: list[bool] = []
    for number, text in asked:
        start = time.perf_counter()
        found = ours.top(text, 10)
        times.append((time.perf_counter() - start) * 1000)
        right.append(bool(found) and found[0][0] == number)
    plain = Plain(texts)
    same = sum(plain.first(text) == number for number, text in asked[:_CONTROL])
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{name}: {len(texts)} documents of {sum(map(len, texts)) / len(texts):.0f} characters, built in {built:.1f} s"
    )
    print(f"  top-1 {sum(right) / len(right):.3f} of {len(asked)} queries; of the first {len(right[:_CONTROL])}: "
          f"{sum(right[:_CONTROL]) / len(right[:_CONTROL]):.3f}, plain BM25 {same / len(right[:_CONTROL]):.3f}")  # fmt: skip
    print(f"  one search: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, most {max(times):.2f} ms")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _DOCUMENTS
    chance = random.Random(_SEED)
    measure("notices", notices(count, chance), query, chance)
    measure("replies", replies(count, _SHORT, chance), noisy, chance)
    measure("long replies", replies(count, _LONG, chance), rambling, chance)


if __name__ == "__main__":
    main()
