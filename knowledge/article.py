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
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from knowledge.catalogue.departments import TOWNSHIPS
from knowledge.figures import (
    LEVELS,
    MARK,
    ArticleFault,
    Figure,
    Shape,
    figure_fields,
    first_problem,
    line_of,
    read_figures,
)

__all__ = [
    "ASPECTS", "CARD", "CARD_ASPECTS", "CONFIDENCES", "LEVELS", "NOT_SIMPLE", "NO_DOCUMENT", "PUBLISHED", "SLUG", "UNSURE",
    "Article", "ArticleFault", "Figure", "Section", "Source", "aspects_of", "load_folder", "office", "parse", "render",
]  # fmt: skip

# From an official page, from a reprint, weak, or general knowledge that the county has still to confirm.
CONFIDENCES: Final = ("H", "M", "L", "GK")
UNSURE: Final = ("GK", "L")
NO_DOCUMENT: Final = "县级主管部门当年公布的文件"
PUBLISHED: Final = "以县级主管部门当年公布为准"
ASPECTS: Final = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
CARD: Final = "社保卡"
CARD_ASPECTS: Final = (
    *("概览", "申领", "激活", "挂失", "补换", "到期"),
    *("注销", "密码", "短信提醒", "取款", "换银行", "电子社保卡"),
)

SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FENCE = "---"
NOT_SIMPLE: Final = re.compile(r"^\s*(?:#|>|\||[*+] |```|---)|\*\*|`|!\[|\]\(|</?[a-z]")
_HEAD = Shape(
    texts=("item", "title", "slug", "level", "document", "confidence", "department", "ask"),
    others=("year", "checked", "figures"),
    optional=frozenset({"slug", "ask", "year", "figures"}),
)


class Source(NamedTuple):
    """What a statement rests on; `year` is None where no dated document was found."""

    document: str
    level: str
    year: int | None


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
    confirmed: bool = field(default=False, compare=False)  # the county has confirmed what the files could not

    @property
    def unconfirmed(self) -> bool:
        """Whether it rests on general knowledge or a weak source, and the county has not confirmed it."""
        return self.confidence in UNSURE and not self.confirmed

    def outlived(self) -> Article:
        """What may still be said when the time it was written for is over: the ways and offices, but no figure and no
        document of another year."""
        said = f"{PUBLISHED}。主管部门是{office(self.department)}，请打电话问一问，也可以打12345。"
        gone = {aspect for aspect in self.sections if self.figures_in(aspect) or aspect in ("领多少", "依据")}
        sections = {
            aspect: Section(aspect, said, "", said) if aspect in gone else section for aspect, section in self.sections.items()
        }
        return replace(
            self, sections=sections, figures=(), document=NO_DOCUMENT, level=LEVELS[-1], year=None, confidence="L",
            confirmed=False,
        )  # fmt: skip

    def figures_in(self, aspect: str) -> tuple[Figure, ...]:
        """The figures that a section shows."""
        shown = set(MARK.findall(self.sections[aspect].written))
        return tuple(figure for figure in self.figures if figure.key in shown)

    def sources(self, aspect: str) -> tuple[Source, ...]:
        """What a section rests on: the documents of the figures it shows, else the article's own."""
        shown = (Source(figure.document, figure.level, figure.year) for figure in self.figures_in(aspect))
        return tuple(dict.fromkeys(shown)) or (Source(self.document, self.level, self.year),)


def office(department: str) -> str:
    """A department as a resident is told of it: 县民政局, 口前镇政府."""
    if department in TOWNSHIPS:
        return department + ("管委会" if department.endswith("区") else "政府")
    return department if department.startswith(("县", "乡镇", "代发", "金融", "信息公开")) else f"县{department}"


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
    figures = tuple(read_figures(head.get("figures") or {}, lines))
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
        "figures": {figure.key: figure_fields(figure) for figure in article.figures},
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
    name, problem = first_problem(head, _HEAD)
    if problem:
        raise ArticleFault(problem, line_of(name, lines, 2))
    if type(head["checked"]) is not dt.date:
        raise ArticleFault("checked 要写核对日期，如 2026-01-31。", line_of("checked", lines, 2))
    if head["confidence"] not in CONFIDENCES:
        raise ArticleFault(f"confidence 只能是 {'、'.join(CONFIDENCES)}。", line_of("confidence", lines, 2))
    if head.get("slug") and not SLUG.fullmatch(head["slug"]):
        raise ArticleFault("slug 只用小写字母、数字和短横。", line_of("slug", lines, 2))
    return head


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
        lead, _, body = MARK.sub(lambda mark: words[mark[1]], written).partition("\n\n")
        yield Section(aspect, lead, body.strip(), written)


def _check_line(line: str, number: int, words: Mapping[str, str]) -> None:
    if NOT_SIMPLE.search(line):
        raise ArticleFault("正文只用段落、“1. ”步骤和“- ”列表，微信里才读得清楚。", number)
    for mark in MARK.finditer(line):
        if mark[1] not in words:
            raise ArticleFault(f"数字“{mark[1]}”没有在开头的 figures 里写。", number)


def _written(section: Section) -> str:
    return section.written or "\n\n".join(filter(None, (section.lead, section.body)))
