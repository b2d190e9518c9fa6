"""Finding an article while the agent is still typing: names, aliases, pinyin, initials, any mixture, and slips.

dibao, db, 低保, 低bao and 地保 all find 最低生活保障; what follows the name, or goes before it, narrows it to an aspect: dbmdz is
低保没到账. What is plain is looked for first, and only where it is not there what is far-fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from console.lettering import Found, Name, Names, folded, is_letters, names_of, sound
from knowledge.article import Article

_LETTER = re.compile("[a-z]")
_NOISE = re.compile(r"[\s\W_的]+")
_LONGEST: Final = 40  # characters of what was typed that are looked at
_SURE: Final = 78.0  # with such a hit nothing more far-fetched is looked for
_ALIKE_FROM: Final = 84
_AS_GOOD: Final = 28.0  # how much worse than the best a hit may be
_SLIP_FROM: Final = 4  # letters; of fewer, a slip is another word
# What agents type for an aspect besides its own name.
_ASPECT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "谁能领": ("条件", "资格", "谁能办", "够不够", "能不能领", "能领吗", "几岁能领"),
    "领多少": ("多少钱", "标准", "多少", "给多少", "一亩多少", "一个月多少", "钱数"),
    "怎么申请": ("申请", "咋申请", "怎么办", "咋办", "怎么办理", "咋办理", "办理", "材料", "手续", "流程", "去哪办", "咋报名"),
    "什么时候发": ("发放时间", "几月发", "几号发", "啥时候发", "什么时候", "啥时候", "多久发"),
    "没收到": ("没到账", "没到", "没发", "没给", "没打钱", "停了", "停发", "咋没到", "少发", "少了"),
    "找谁": ("电话", "哪个部门", "部门", "谁管", "问谁", "归谁管"),
    "依据": ("文件", "政策依据", "文号"),
    "概览": ("是啥", "是什么", "介绍"),
    "申领": ("办卡", "领卡", "新办", "首次办"), "激活": ("开通", "启用"), "挂失": ("丢了", "丢失", "找不到"),
    "补换": ("补卡", "换卡", "补办", "坏了"), "到期": ("过期", "有效期"), "注销": ("销户", "销卡"),
    "密码": ("忘密码", "改密码", "重置密码", "解锁"), "短信提醒": ("短信", "到账提醒"), "取款": ("取钱", "去哪取"),
    "换银行": ("改银行",), "电子社保卡": ("电子卡", "手机上的卡"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """An item, or one aspect of it, and how well it fits (0 to 100)."""

    item: str
    aspect: str | None
    score: float


class Typeahead:
    """An index over the articles' titles. Built in milliseconds, asked in a few at most."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = articles
        self._aspects_of = {article.item: frozenset(article.sections) for article in articles}
        self._names = [
            Name.of(article.item, written, place) for article in articles for place, written in enumerate(names_of(article))
        ]
        aspects = dict.fromkeys(aspect for article in articles for aspect in article.sections)
        self._aspect_names = [Name.of(one, word) for one in aspects for word in (one, *_ASPECT_WORDS.get(one, ()))]
        self._known, self._aspects = Names(self._names), Names(self._aspect_names)
        self._sounds, self._initials = [one.heard for one in self._names], [one.initials for one in self._names]
        self._aspect_initials = [one.initials for one in self._aspect_names]

    def search(self, typed: str, most: int = 8) -> list[Hit]:
        """The best hits first, each item at most once."""
        query = _NOISE.sub("", typed.lower())[:_LONGEST]
        if not query:
            return []
        best: dict[str, Hit] = {}
        for looking in (self._straight, self._within, self._loosely, self._with_slips):
            for hit in looking(query):
                if hit.item not in best or hit.score > best[hit.item].score:
                    best[hit.item] = hit
            if best and max(hit.score for hit in best.values()) >= _SURE:
                break
        ranked = sorted(best.values(), key=lambda hit: -hit.score)[:most]
        return [hit for hit in ranked if hit.score >= ranked[0].score - _AS_GOOD]

    # ---- from the plain to the far-fetched

    def _straight(self, query: str) -> Iterator[Hit]:
        """The query as one stretch of a name, or as a name with an aspect behind or before it."""
        for found in self._known.find(query):
            yield Hit(found.name.target, None, found.score)
        for cut in range(1, len(query)):
            head, tail = query[:cut], query[cut:]
            yield from self._both(head, self._meant(tail), must_be_whole=cut == 1 and is_letters(head))
            if cut > 1:
                yield from self._both(tail, [one for one in self._meant(head) if one.is_whole])

    def _both(self, name: str, meant: Sequence[Found], *, must_be_whole: bool = False) -> Iterator[Hit]:
        """The names that fit, with the first of the aspects that their article has."""
        for found in self._known.find(name) if meant else ():
            fitting = next((one for one in meant if one.name.target in self._aspects_of[found.name.target]), None)
            if fitting and (found.is_whole or not must_be_whole):
                # A name that is only begun before its aspect is likelier another one.
                less = (3 if found.is_whole else 14) + (0 if fitting.is_whole else 4)
                yield Hit(found.name.target, fitting.name.target, found.score - less)

    def _meant(self, typed: str) -> list[Found]:
        """The words for an aspect that begin like this, the best first."""
        return sorted(self._aspects.find(typed, begun=True), key=lambda one: -one.score)

    def _within(self, query: str) -> Iterator[Hit]:
        """A name in the middle of a sentence."""
        for name in self._names:
            if len(name.written) > 1 and name.written in query:
                before, _, rest = query.partition(name.written)
                aspect = self._aspect_in(rest, name.target) or self._aspect_in(before, name.target)
                unread = rest if not aspect and _LETTER.search(rest) else ""
                yield Hit(name.target, aspect, (_SURE - 9 if unread else _SURE) + min(len(name.written), 8) - name.place / 20)

    def _aspect_in(self, text: str, item: str) -> str | None:
        held = (one.target for one in self._aspect_names if one.written in text)
        begun = (one.name.target for one in self._meant(text))
        return next((one for one in (*held, *begun) if one in self._aspects_of[item]), None)

    def _loosely(self, query: str) -> Iterator[Hit]:
        """The signs in their order, with others of the name left out between them."""
        if len(query) < 2:
            return
        for found in self._known.find(query, loose=True):
            yield Hit(found.name.target, None, found.score)
        for cut in range(2, len(query) - 1):
            meant = self._meant(query[cut:])
            for found in self._known.find(query[:cut], loose=True) if meant else ():
                held = self._aspects_of[found.name.target]
                if aspect := next((one.name.target for one in meant if one.name.target in held), None):
                    yield Hit(found.name.target, aspect, found.score - 2)

    def _with_slips(self, query: str) -> Iterator[Hit]:
        """One initial wrong, lost or in the wrong place; or something that sounds much like the name."""
        if is_letters(query) and len(query) >= _SLIP_FROM:
            near = process.extract(query, self._initials, scorer=OSA.distance, score_cutoff=1, limit=8)
            yield from (Hit(self._names[at].target, None, 66.0 - self._names[at].place / 20) for _, _, at in near)
        yield from self._before_a_slip(query)
        heard = folded(sound(query))
        if len(heard) >= 5:
            alike = process.extract(heard, self._sounds, scorer=fuzz.ratio, score_cutoff=_ALIKE_FROM, limit=8)
            yield from (Hit(self._names[at].target, None, score * 0.7) for _, score, at in alike)
            alike = process.extract(heard, self._sounds, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE_FROM + 6, limit=8)
            yield from (Hit(self._names[at].target, None, score * 0.6) for _, score, at in alike if len(self._sounds[at]) >= 5)

    def _before_a_slip(self, query: str) -> Iterator[Hit]:
        """A name that is right, with an aspect behind it that is not: 低保szq."""
        for cut in range(len(query) - 1, 0, -1):
            head, tail = query[:cut], query[cut:]
            whole = [found for found in self._known.find(head, begun=True) if found.is_whole and not (is_letters(head) and cut == 1)]
            if not whole:
                continue
            near = process.extract(tail, self._aspect_initials, scorer=OSA.distance, score_cutoff=1, limit=4)
            guesses = [self._aspect_names[at].target for _, _, at in near] if len(tail) > 2 else []
            for found in whole:
                aspect = next((one for one in guesses if one in self._aspects_of[found.name.target]), None)
                yield Hit(found.name.target, aspect, found.score - 18)
            return

