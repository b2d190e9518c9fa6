"""One article: what an item or a general topic means, in plain words, section by section.

    ---
    item: 最低生活保障            the official short name
    …                             level, document, year, checked, confidence, department, ask
    figures:
      rural:                      written {figure:rural} in the text
        label: 农村低保最低指导标准
        amount: 470元
        …                         unit, year, level, document
    ---

    ## 领多少

    The first paragraph answers in one or two sentences.

    The rest may hold paragraphs, "1. " steps and "- " lists; nothing else.

A figure stands once, in front, with its year, level and document, so that one change shows everywhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from knowledge.errors import Refused

LEVELS: Final = ("国家", "吉林省", "吉林市", "永吉县")
# From an official page, from a reprint, weak, or general knowledge that the county has still to confirm.
CONFIDENCES: Final = ("H", "M", "L", "GK")
ASPECTS: Final = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
CARD: Final = "社保卡"
CARD_ASPECTS: Final = (
    *("概览", "申领", "激活", "挂失", "补换", "到期"),
    *("注销", "密码", "短信提醒", "取款", "换银行", "电子社保卡"),
)

_FENCE = "---"
_YUAN = re.compile(r"(\d+(?:\.\d{1,2})?)元")
_MARK = re.compile(r"\{figure:([^}]*)\}")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_SIMPLE = re.compile(r"^\s*(?:#|>|\||[*+] |```|---)|\*\*|`|!\[|\]\(|</?[a-z]")


class _Shape(NamedTuple):
    """The names that a block of the front matter knows."""

    texts: tuple[str, ...]
    others: tuple[str, ...]
    optional: frozenset[str]


_HEAD = _Shape(
    texts=("item", "title", "slug", "level", "document", "confidence", "department", "ask"),
    others=("year", "checked", "figures"),
    optional=frozenset({"slug", "ask", "year", "figures"}),
)
_FIGURE = _Shape(
    texts=("label", "amount", "text", "unit", "level", "document"),
    others=("year",),
    optional=frozenset({"amount", "text", "unit"}),
)


class ArticleFault(Refused):
    """An article cannot be read. `said` names place and remedy; `line` counts from 1, 0 if unknown."""

    def __init__(self, problem: str, line: int = 0, file: str = "") -> None:
        self.problem, self.line, self.file = problem, line, file
        place = f"{file} " * bool(file) + f"第{line}行" * bool(line)
        super().__init__(f"{place.strip()}：{problem}" if place else problem)


class Source(NamedTuple):
    """What a statement rests on; `year` is None where no dated document was found."""

    document: str
    level: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A published sum (`amount_fen`, in 分) or rate (`text`, such as 30%) and where it comes from."""

    key: str
    label: str
    year: int
    level: str
    document: str
    unit: str = ""
    amount_fen: int | None = None
    text: str = ""

    @property
    def words(self) -> str:
        """The figure as it is read aloud, such as 470元, 1073.97元 or 30%."""
        if self.amount_fen is None:
            return self.text
        yuan, fen = divmod(self.amount_fen, 100)
        return f"{yuan}.{fen:02d}元" if fen else f"{yuan}元"


@dataclass(frozen=True, slots=True)
class Section:
    """The answer to one aspect: `lead` alone in chat, `body` behind 更多, `written` with figures' marks."""

    aspect: str
    lead: str
    body: str
    written: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Article:
    """All that is said of one item or topic, with its source, the day it was last checked and whom to ask."""

    item: str
    title: str
    level: str
    document: str
    year: int | None
    checked: dt.date
    confidence: str
    department: str
    sections: Mapping[str, Section] = field(hash=False)
    ask: str = ""
    figures: tuple[Figure, ...] = ()
    slug: str = ""

    def figures_in(self, aspect: str) -> tuple[Figure, ...]:
        """The figures that a section shows."""
        shown = set(_MARK.findall(self.sections[aspect].written))
        return tuple(figure for figure in self.figures if figure.key in shown)

    def sources(self, aspect: str) -> tuple[Source, ...]:
        """What a section rests on: the documents of the figures it shows, else the article's own."""
        shown = (Source(figure.document, figure.level, figure.year) for figure in self.figures_in(aspect))
        return tuple(dict.fromkeys(shown)) or (Source(self.document, self.level, self.year),)


def aspects_of(item: str) -> tuple[str, ...]:
    """The aspects an article on this item may have, in reading order."""
    return CARD_ASPECTS if item == CARD else ASPECTS


def parse(text: str) -> Article:
    """The article written in `text`. Raises ArticleFault with the line."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        raise ArticleFault("第一行要写 ---，下面写项目、出处等。", 1)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), 0)
    if not end:
        raise ArticleFault("开头部分没有用 --- 结束。", len(lines))
    head = _head(lines[1:end])
    figures = tuple(_figures(head.get("figures") or {}, lines))
    words = {figure.key: figure.words for figure in figures}
    sections = {part.aspect: part for part in _sections(lines, end + 1, aspects_of(head["item"]), words)}
    if not sections:
        raise ArticleFault("还没有正文。请至少写一节，比如 ## 概览。", end + 1)
    return Article(
        **{name: head.get(name, "") for name in _HEAD.texts},
        year=head.get("year"),
        checked=head["checked"],
        sections=sections,
        figures=figures,
    )


def render(article: Article) -> str:
    """The article's file, the same that `parse` reads: `parse(render(a)) == a`."""
    head: dict[str, Any] = {
        "item": article.item,
        "title": article.title,
        "slug": article.slug,
        "level": article.level,
        "document": article.document,
        "year": article.year,
        "checked": article.checked,
        "confidence": article.confidence,
        "department": article.department,
        "ask": article.ask,
        "figures": {figure.key: _figure_fields(figure) for figure in article.figures},
    }
    kept = {name: value for name, value in head.items() if value not in ("", {})}
    front = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000)
    parts = [f"## {part.aspect}\n\n{_written(part)}\n" for part in article.sections.values()]
    return "\n".join([f"{_FENCE}\n{front}{_FENCE}\n", *parts])


def load_folder(path: Path | None = None) -> list[Article]:
    """Every article of a folder (default: beside this file). Raises ArticleFault with file and line."""
    articles: dict[str, Article] = {}
    for file in sorted((path or Path(__file__).with_name("articles")).glob("*.md")):
        try:
            article = parse(file.read_text(encoding="utf-8"))
        except ArticleFault as fault:
            raise ArticleFault(fault.problem, fault.line, file.name) from None
        except UnicodeDecodeError:
            raise ArticleFault("文件不是 UTF-8 编码，请另存为 UTF-8。", file=file.name) from None
        if article.slug != file.stem:
            raise ArticleFault(f"slug 要和文件名一样，写成 {file.stem}。", file=file.name)
        if article.item in articles:
            raise ArticleFault(f"“{article.item}”已经有一篇了，一个项目只写一篇。", file=file.name)
        articles[article.item] = article
    return list(articles.values())


def _head(lines: list[str]) -> dict[str, Any]:
    try:
        head = yaml.safe_load("\n".join(lines))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ArticleFault("开头部分的格式不对，请对照别的文章改。", mark.line + 2 if mark else 1) from None
    if not isinstance(head, dict):
        raise ArticleFault("开头部分要一行一项，写成“item: 项目名”，冒号用英文的，后面空一格。", 2)
    name, problem = _first_problem(head, _HEAD)
    if problem:
        raise ArticleFault(problem, _line_of(name, lines, 2))
    if type(head["checked"]) is not dt.date:
        raise ArticleFault("checked 要写核对日期，如 2026-01-31。", _line_of("checked", lines, 2))
    if head["confidence"] not in CONFIDENCES:
        raise ArticleFault(f"confidence 只能是 {'、'.join(CONFIDENCES)}。", _line_of("confidence", lines, 2))
    if head.get("slug") and not _SLUG.fullmatch(head["slug"]):
        raise ArticleFault("slug 只用小写字母、数字和短横。", _line_of("slug", lines, 2))
    return head


def _figures(written: object, lines: list[str]) -> Iterator[Figure]:
    if not isinstance(written, dict):
        raise ArticleFault("figures 下面要先写数字的代号，再写它的内容。", _line_of("figures", lines, 1))
    for key, fields in written.items():
        line = _line_of(str(key), [text.lstrip() for text in lines], 1)
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ArticleFault(f"数字代号“{key}”只用小写字母、数字和下划线。", line)
        if not isinstance(fields, dict):
            raise ArticleFault(f"数字“{key}”要写名称、金额、年份、层级和文件。", line)
        _, problem = _first_problem(fields, _FIGURE)
        if problem:
            raise ArticleFault(f"数字“{key}”：{problem}", line)
        amount, text = fields.pop("amount", ""), fields.pop("text", "")
        if bool(amount) == bool(text):
            raise ArticleFault(f"数字“{key}”要写 amount（几元）或 text（比例等），只写一个。", line)
        if amount and not _YUAN.fullmatch(amount):
            raise ArticleFault(f"数字“{key}”的 amount 要写成 470元 或 73.50元。", line)
        fen = int(Decimal(amount.removesuffix("元")) * 100) if amount else None
        yield Figure(key=key, amount_fen=fen, text=text, **fields)


def _first_problem(found: dict[Any, Any], shape: _Shape) -> tuple[str, str]:
    """The first name that is unknown, missing or ill-written, and the remedy; empty if all is well."""
    known = (*shape.texts, *shape.others)
    for name in found:
        if name not in known:
            return str(name), f"“{name}”不是认识的名称，请核对写法。"
    for name in known:
        if name not in shape.optional and found.get(name) in (None, ""):
            return name, f"{name} 没有写。"
    for name in shape.texts:
        if name in found and (not isinstance(found[name], str) or found[name] != found[name].strip()):
            return name, f"{name} 要写成文字，前后不留空格。"
    if found["level"] not in LEVELS:
        return "level", f"level 只能是 {'、'.join(LEVELS)}。"
    year = found.get("year")
    if year is not None and (type(year) is not int or not 1949 <= year <= 2100):
        return "year", "year 要写四位年份。"
    return "", ""


def _sections(
    lines: list[str], start: int, aspects: tuple[str, ...], words: Mapping[str, str]
) -> Iterator[Section]:
    heads = [number for number in range(start, len(lines)) if lines[number].startswith("## ")]
    for number in range(start, heads[0] if heads else len(lines)):
        if lines[number].strip():
            raise ArticleFault("正文要先写小标题，比如 ## 概览。", number + 1)
    seen: set[str] = set()
    for head, end in pairwise([*heads, len(lines)]):
        aspect = lines[head][3:].strip()
        if aspect not in aspects:
            raise ArticleFault(f"“{aspect}”不是小标题，可用的有：{'、'.join(aspects)}。", head + 1)
        if aspect in seen:
            raise ArticleFault(f"“{aspect}”写了两次，请合成一节。", head + 1)
        seen.add(aspect)
        for number in range(head + 1, end):
            _check_line(lines[number], number + 1, words)
        written = "\n".join(line.rstrip() for line in lines[head + 1 : end]).strip()
        if not written:
            raise ArticleFault(f"“{aspect}”这一节还没有写。", head + 1)
        lead, _, body = _MARK.sub(lambda mark: words[mark[1]], written).partition("\n\n")
        yield Section(aspect, lead, body.strip(), written)


def _check_line(line: str, number: int, words: Mapping[str, str]) -> None:
    if _NOT_SIMPLE.search(line):
        raise ArticleFault("正文只用段落、“1. ”步骤和“- ”列表，微信里才读得清楚。", number)
    for mark in _MARK.finditer(line):
        if mark[1] not in words:
            raise ArticleFault(f"数字“{mark[1]}”没有在开头的 figures 里写。", number)


def _line_of(name: str, lines: list[str], first: int) -> int:
    """The line on which a name of the front matter stands; the opening fence when it is missing."""
    found = (number for number, line in enumerate(lines, first) if line.startswith(f"{name}:"))
    return next(found, 1)


def _figure_fields(figure: Figure) -> dict[str, Any]:
    value = {"text": figure.text} if figure.amount_fen is None else {"amount": figure.words}
    fields: dict[str, Any] = {"label": figure.label, **value, "unit": figure.unit}
    fields |= {"year": figure.year, "level": figure.level, "document": figure.document}
    return {name: content for name, content in fields.items() if content != ""}


def _written(section: Section) -> str:
    return section.written or "\n\n".join(filter(None, (section.lead, section.body)))
