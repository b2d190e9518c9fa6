"""What one version of an article says otherwise than another, told so that a reader sees it: field by field, and within
a text sentence by sentence, and within a sentence word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from knowledge.article import Article
from knowledge.figures import MARK, Figure

SAME, ADDED, REMOVED = "same", "added", "removed"
_ALIKE: Final = 0.5  # below it a sentence is told as another one
_CONTEXT: Final = 40  # characters of what stayed, on either side of a change
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+")
_WORD = re.compile(r"[A-Za-z0-9.,%〔〕-]+|.", re.DOTALL)
_HEAD: Final = {
    "title": "标题", "slug": "网址里的名字", "level": "层级", "document": "文件", "year": "年份", "checked": "核对日期",
    "confidence": "来源", "department": "责任部门", "ask": "问谁",
}  # fmt: skip
_ROW: Final = {"label": "名称", "words": "数", "unit": "单位", "year": "年份", "level": "层级", "document": "文件"}
CONFIDENCE: Final = {"H": "见过官方原文", "M": "公开转载", "L": "出处弱", "GK": "一般做法，没核实"}


class Piece(NamedTuple):
    """A stretch of text that stayed, came or went."""

    kind: str
    text: str


class Change(NamedTuple):
    """One place that differs."""

    where: str
    pieces: tuple[Piece, ...]


def changes(old: Article | None, new: Article) -> list[Change]:
    """Every place in which `new` differs from `old`, in reading order; all of it where there is no older one."""
    return [*_head(old, new), *_figures(old.figures if old else (), new.figures), *_sections(old, new)]


def _head(old: Article | None, new: Article) -> Iterator[Change]:
    for name, label in _HEAD.items():
        was, now = _said(old, name) if old else "", _said(new, name)
        if was != now:
            yield Change(label, _whole(was, now))


def _said(article: Article, name: str) -> str:
    value = getattr(article, name)
    return CONFIDENCE.get(value, value) if name == "confidence" else str(value or "")


def _figures(old: Sequence[Figure], new: Sequence[Figure]) -> Iterator[Change]:
    before, after = {each.key: each for each in old}, {each.key: each for each in new}
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            yield Change("数字", _whole(_row(was), _row(now)))
            continue
        for name, label in _ROW.items():
            if getattr(was, name) != getattr(now, name):
                yield Change(f"数字：{now.label}的{label}", _whole(str(getattr(was, name)), str(getattr(now, name))))


def _row(figure: Figure | None) -> str:
    return f"{figure.label} {figure.words}（{figure.level}，{figure.year}年，{figure.document}）" if figure else ""


def _sections(old: Article | None, new: Article) -> Iterator[Change]:
    before = old.sections if old else {}
    for aspect in dict.fromkeys((*new.sections, *before)):
        was = _labelled(before[aspect].written, old.figures if old else ()) if aspect in before else ""
        now = _labelled(new.sections[aspect].written, new.figures) if aspect in new.sections else ""
        if was != now:
            yield Change(aspect, tuple(_shortened(list(compared(was, now)))))


def _labelled(written: str, figures: Sequence[Figure]) -> str:
    """The text with the names of its figures, so that a new amount is told once, among the figures."""
    labels = {figure.key: figure.label for figure in figures}
    return MARK.sub(lambda mark: f"【{labels.get(mark[1], mark[1])}】", written)


def _whole(was: str, now: str) -> tuple[Piece, ...]:
    return tuple(piece for piece in (Piece(REMOVED, was), Piece(ADDED, now)) if piece.text)


def compared(old: str, new: str) -> Iterator[Piece]:
    """Both texts as one: what stayed, what went and what came."""
    yield from _joined(_by_sentence(_SENTENCE.findall(old), _SENTENCE.findall(new)))


def _by_sentence(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(SAME, "".join(old[i:j]))
        elif kind == "replace" and j - i == m - k:
            for was, now in zip(old[i:j], new[k:m], strict=True):
                yield from _by_word(was, now)
        elif kind == "replace":
            yield from _by_word("".join(old[i:j]), "".join(new[k:m]))
        else:
            yield from _whole("".join(old[i:j]), "".join(new[k:m]))


def _by_word(old: str, new: str) -> Iterator[Piece]:
    was, now = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield from _whole(old, new)
        return
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Piece(SAME, "".join(was[i:j]))
        else:
            yield from _whole("".join(was[i:j]), "".join(now[k:m]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind in one; a single character that stayed between two changes belongs to them."""
    waiting: dict[str, str] = {REMOVED: "", ADDED: ""}
    for piece in pieces:
        is_crumb = piece.kind == SAME and len(piece.text.strip()) <= 1 and "\n" not in piece.text and any(waiting.values())
        if piece.kind != SAME:
            waiting[piece.kind] += piece.text
        elif is_crumb:
            waiting = {kind: text + piece.text for kind, text in waiting.items()}
        else:
            yield from _settled(waiting)
            waiting = {REMOVED: "", ADDED: ""}
            yield piece
    yield from _settled(waiting)


def _settled(waiting: dict[str, str]) -> Iterator[Piece]:
    """What went and what came; what both end with has stayed."""
    was, now = _WORD.findall(waiting[REMOVED]), _WORD.findall(waiting[ADDED])
    kept: list[str] = []
    while was and now and was[-1] == now[-1]:
        kept.insert(0, was.pop())
        now.pop()
    yield from _whole("".join(was), "".join(now))
    if kept:
        yield Piece(SAME, "".join(kept))


def _shortened(pieces: list[Piece]) -> Iterator[Piece]:
    """Long stretches that stayed, cut down to what surrounds the changes."""
    last = len(pieces) - 1
    for place, (kind, text) in enumerate(pieces):
        if kind == SAME and len(text) > 2 * _CONTEXT + 10:
            head = "" if place == 0 else text[:_CONTEXT]
            tail = "" if place == last else text[-_CONTEXT:]
            yield Piece(SAME, f"{head}…{tail}")
        else:
            yield Piece(kind, text)
