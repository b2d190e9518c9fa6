"""Finding an article while the agent is still typing: names, aliases, pinyin, initials and typing errors.

dibao, db, 低保 and 地保 all find 最低生活保障; what follows the name narrows it to an aspect: dbmdz is 低保没到账.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from knowledge.article import Article
from knowledge.catalogue.items import ITEMS, TOPICS

_LETTERS = re.compile(r"[a-z]+")
_NOISE = re.compile(r"[\s\W_]+")
_FUZZY_FROM: Final = 78
# What agents type for an aspect besides its own name.
_ASPECT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "谁能领": ("条件", "谁能办", "够不够"),
    "领多少": ("多少钱", "标准", "多少"),
    "怎么申请": ("申请", "怎么办", "怎么办理", "材料", "手续", "流程"),
    "什么时候发": ("发放时间", "几月发", "啥时候发", "什么时候"),
    "没收到": ("没到账", "没到", "没发", "停了"),
    "找谁": ("电话", "哪个部门", "谁管"),
    "依据": ("文件", "政策依据"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """An item, or one aspect of it, and how well it fits (0 to 100)."""

    item: str
    aspect: str | None
    score: float


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write an item or aspect: as characters, as pinyin, as initials."""

    target: str
    written: str
    pinyin: str
    initials: str
    place: int  # among the ways to write it, the most usual first

    @classmethod
    def of(cls, target: str, written: str, place: int = 0) -> _Name:
        syllables = _syllables(written)
        return cls(target, written, _folded("".join(syllables)), "".join(each[0] for each in syllables), place)


class Typeahead:
    """An index over the articles' titles. Built in milliseconds, asked in a fraction of one."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = articles
        self._aspects_of = {article.item: tuple(article.sections) for article in articles}
        self._names = [
            _Name.of(article.item, name, place)
            for article in articles
            for place, name in enumerate(_names_of(article))
        ]
        self._aspects = [
            _Name.of(aspect, word)
            for aspect in dict.fromkeys(aspect for aspects in self._aspects_of.values() for aspect in aspects)
            for word in (aspect, *_ASPECT_WORDS.get(aspect, ()))
        ]

    def search(self, typed: str, most: int = 8) -> list[Hit]:
        """The best hits first, each item at most once."""
        query = _NOISE.sub("", typed.lower())
        if not query:
            return []
        found = self._by_letters(query) if _LETTERS.fullmatch(query) else self._by_characters(query)
        best: dict[str, Hit] = {}
        for hit in found:
            if hit.item not in best or hit.score > best[hit.item].score:
                best[hit.item] = hit
        return sorted(best.values(), key=lambda hit: -hit.score)[:most]

    def _by_letters(self, query: str) -> Iterator[Hit]:
        heard = _folded(query)
        for name in self._names:
            for key, typed, weight in ((name.initials, query, 0), (name.pinyin, heard, 2)):
                if key.startswith(typed):
                    yield Hit(name.target, None, 90 + weight - min(len(key) - len(typed), 15) - name.place / 10)
                    continue
                rest = typed.removeprefix(key)
                if rest != typed and len(key) > 1 and (aspect := self._aspect(rest, name.target)):
                    yield Hit(name.target, aspect, (84 if len(rest) == 1 else 92) + weight - name.place / 10)
        if len(query) >= 5:
            yield from self._alike(heard)

    def _by_characters(self, query: str) -> Iterator[Hit]:
        found = list(self._by_writing(query))
        yield from found
        heard = _folded("".join(_syllables(query)))
        if len(query) > 1 and not found:
            yield from (Hit(name.target, None, 70) for name in self._names if heard in name.pinyin)
        if len(query) >= 3:
            yield from self._alike(heard)

    def _by_writing(self, query: str) -> Iterator[Hit]:
        for name in self._names:
            if query in name.written:
                yield Hit(name.target, None, 95 - min(len(name.written) - len(query), 20))
            elif len(name.written) > 1 and name.written in query:
                rest = query.replace(name.written, "", 1)
                yield Hit(name.target, self._aspect_in(rest, name.target), 80 + min(len(name.written), 15))

    def _alike(self, heard: str) -> Iterator[Hit]:
        alike = process.extract(
            heard, [name.pinyin for name in self._names], scorer=fuzz.ratio, score_cutoff=_FUZZY_FROM, limit=8
        )
        for _, score, place in alike:
            yield Hit(self._names[place].target, None, score * 0.7)

    def _aspect(self, letters: str, item: str) -> str | None:
        for name in self._aspects:
            fits = name.initials.startswith(letters) or name.pinyin.startswith(_folded(letters))
            if fits and name.target in self._aspects_of.get(item, ()):
                return name.target
        return None

    def _aspect_in(self, text: str, item: str) -> str | None:
        for name in self._aspects:
            if name.written in text and name.target in self._aspects_of.get(item, ()):
                return name.target
        return None


def _names_of(article: Article) -> Iterator[str]:
    item = ITEMS.get(article.item) or TOPICS.get(article.item)
    names = (article.item, *(item.aliases if item else ()), *(item.programmes if item else ()))
    yield from dict.fromkeys(name for name in names if not _LETTERS.search(name.lower()))


def _syllables(text: str) -> list[str]:
    # Not at the top: the knowledge has by now told pypinyin to leave its 40 MB of phrases alone.
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def _folded(pinyin: str) -> str:
    return pinyin.replace("zh", "z").replace("ch", "c").replace("sh", "s")
