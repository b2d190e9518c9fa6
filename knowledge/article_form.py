"""An article as a form holds it, field by field, so that whoever writes never meets the file's own marks.

The names of the fields: those of the front matter; `section-0` … in the order of the aspects; `figure-0-label` … for
the rows of figures. A fault is kept under the name of its field.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.article import (
    CONFIDENCES,
    LEVELS,
    NO_DOCUMENT,
    NOT_SIMPLE,
    SLUG,
    Article,
    ArticleFault,
    Section,
    aspects_of,
    office,
    parse,
    render,
)
from knowledge.catalogue.departments import DEPARTMENTS, TOWNSHIPS
from knowledge.figures import KEY, MARK, Figure, fen_of
from knowledge.identity import find_id_numbers
from knowledge.readable import bare_sums

HEAD: Final = ("title", "slug", "level", "document", "year", "checked", "confidence", "department", "ask")
ROW: Final = ("key", "label", "amount", "unit", "year", "level", "document")
RESPONSIBLE: Final = (*DEPARTMENTS, *TOWNSHIPS)  # the county may give an item to one township alone
MOST_FIGURES: Final = 30
_LONGEST: Final = {"title": 40, "slug": 48, "document": 80, "ask": 60, "label": 40, "amount": 20, "unit": 20, "key": 24}
SECTION_MOST: Final = 1500  # characters; an article in full still fits into one form
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")
_STEP, _DOT = re.compile(r"^ *(\d{1,2})(?:[、．]|\.(?= )) *", re.M), re.compile(r"^ *[·•●‣◦▪] *", re.M)
_NAMES: Final = {
    "title": "标题", "document": "文号或文件名", "label": "名称", "amount": "金额或比例", "department": "责任部门",
    "slug": "网址里的名字", "key": "代号",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What a form holds: the fields as they were typed, the faults by field, and the article if there are none."""

    fields: Mapping[str, str]
    faults: Mapping[str, str]
    article: Article | None

    @property
    def rows(self) -> list[int]:
        """The numbers of the rows of figures, in their order."""
        found = (re.fullmatch(r"figure-(\d{1,3})-key", name) for name in self.fields)
        return sorted(int(match[1]) for match in found if match)


def form_of(article: Article) -> Written:
    """The form that shows an article."""
    year = str(article.year) if article.year else ""
    values = (article.title, article.slug, article.level, article.document, year, article.checked.isoformat())
    fields = dict(zip(HEAD, (*values, article.confidence, article.department, article.ask), strict=True))
    for number, figure in enumerate(article.figures):
        row = (figure.key, figure.label, figure.words, figure.unit, str(figure.year), figure.level, figure.document)
        fields |= {f"figure-{number}-{name}": value for name, value in zip(ROW, row, strict=True)}
    for number, aspect in enumerate(aspects_of(article.item)):
        section = article.sections.get(aspect)
        fields[f"section-{number}"] = section.written if section else ""
    return Written(fields, {}, article)


def first_article(item: str, department: str, slug: str, today: dt.date) -> Article:
    """The first draft of an item that nobody has written about yet: true, and little."""
    said = f"这一项的政策还没有写进来。请问{office(department)}，或打12345。"
    return Article(
        item=item, title=item, level=LEVELS[-1], document=NO_DOCUMENT, year=None, checked=today, confidence="GK",
        department=department, sections={"概览": Section("概览", said, "", said)}, ask=f"问{office(department)}，也可以打12345。",
        slug=slug,
    )  # fmt: skip


def slug_of(item: str) -> str:
    """The name of an item in an address, in pinyin: gaoling-jintie would be shorter, gao-ling-jin-tie is sure."""
    # Not at the top: hardly anybody begins a new article.
    from pypinyin import lazy_pinyin

    return "-".join(re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(item)).lower()))[:48].strip("-")


def read_form(item: str, given: Mapping[str, str], today: dt.date, order: Sequence[str] = ()) -> Written:
    """What was typed, checked field by field. The article is there when nothing is wrong, its sections in `order`."""
    fields = {name: _tidy(value, name) for name, value in given.items() if _is_ours(name, item)}
    faults: dict[str, str] = {}
    head = _head(fields, faults, today)
    figures = tuple(_figures(Written(fields, {}, None).rows, fields, faults))
    found = dict(_sections(item, fields, {figure.key: figure.words for figure in figures}, faults))
    sections = {aspect: found[aspect] for aspect in dict.fromkeys((*order, *aspects_of(item))) if aspect in found}
    faults |= {name: "里面有身份证号，请删掉。" for name, value in fields.items() if find_id_numbers(value)}
    if faults:
        return Written(fields, faults, None)
    article = Article(item=item, sections=sections, figures=figures, **head)  # type: ignore[arg-type]
    try:
        return Written(fields, {}, parse(render(article)))
    except ArticleFault as fault:
        return Written(fields, {"section-0": fault.problem}, None)


def _is_ours(name: str, item: str) -> bool:
    if name in HEAD:
        return True
    section, row = re.fullmatch(r"section-(\d{1,2})", name), re.fullmatch(r"figure-(\d{1,3})-(\w+)", name)
    return bool(row and row[2] in ROW) if row else bool(section and int(section[1]) < len(aspects_of(item)))


def _tidy(value: str, name: str) -> str:
    value = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\t", " "))
    if not name.startswith("section-"):
        return " ".join(value.split())
    value = _DOT.sub("- ", _STEP.sub(lambda step: f"{int(step[1])}. ", value))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in value.split("\n"))).strip()


def _head(fields: Mapping[str, str], faults: dict[str, str], today: dt.date) -> dict[str, object]:
    head: dict[str, object] = {name: fields.get(name, "") for name in HEAD}
    for name in ("title", "document", "slug"):
        _needed(name, fields.get(name, ""), name, faults)
    if fields.get("slug") and not SLUG.fullmatch(fields["slug"]):
        faults["slug"] = "只用小写拼音字母、数字和短横，如 gaoling-jintie。"
    _choice("level", fields, LEVELS, "请选是哪一级定的。", faults)
    _choice("confidence", fields, CONFIDENCES, "请选从哪里看到的。", faults)
    _choice("department", fields, RESPONSIBLE, "请选责任部门。", faults)
    if len(fields.get("ask", "")) > _LONGEST["ask"]:
        faults["ask"] = f"一句话说完，最多{_LONGEST['ask']}个字。"
    head["year"] = _year("year", fields.get("year", ""), faults) if fields.get("year") else None
    head["checked"] = _checked(fields.get("checked", ""), today, faults)
    return head


def _checked(written: str, today: dt.date, faults: dict[str, str]) -> dt.date:
    try:
        day = dt.date.fromisoformat(written)
    except ValueError:
        faults["checked"] = "请写哪天核对过，如 2026-01-31。"
        return today
    if day > today:
        faults["checked"] = "核对日期不能在今天以后。"
    return day


def _figures(rows: list[int], fields: Mapping[str, str], faults: dict[str, str]) -> Iterator[Figure]:
    seen: set[str] = set()
    filled = [number for number in rows if fields.get(f"figure-{number}-label") or fields.get(f"figure-{number}-amount")]
    if len(filled) > MOST_FIGURES:
        faults["figures"] = f"数字太多了，一篇最多{MOST_FIGURES}个。"
    for number in filled:
        at = f"figure-{number}-"
        row = {name: fields.get(at + name, "") for name in ROW}
        key = row["key"]
        if not KEY.fullmatch(key) or len(key) > _LONGEST["key"]:
            faults[at + "key"] = "代号用小写字母开头，只写字母、数字和下划线。"
        elif key in seen:
            faults[at + "key"] = "这个代号用了两次，请换一个。"
        seen.add(key)
        for name in ("label", "amount", "document"):
            _needed(name, row[name], at + name, faults)
        _choice(at + "level", fields, LEVELS, "请选是哪一级定的。", faults)
        year = _year(at + "year", row["year"], faults)
        fen, text = _amount(at + "amount", row["amount"], faults)
        yield Figure(key, row["label"], year, row["level"], row["document"], row["unit"], fen, text)


def _amount(name: str, written: str, faults: dict[str, str]) -> tuple[int | None, str]:
    plain = unicodedata.normalize("NFKC", written).replace(",", "").replace(" ", "")
    fen = fen_of(plain if plain.endswith("元") else f"{plain}元")
    if fen is not None:
        return fen, ""
    if "元" in plain or "块" in plain:
        faults.setdefault(name, "写成 470元 或 73.50元。按月、按亩写到“单位”里；有高有低的，分成两个数字。")
    elif written and not re.search(r"\d", plain):
        faults.setdefault(name, "这里要有数，如 470元、30%。")
    return None, plain


def _sections(
    item: str, fields: Mapping[str, str], words: Mapping[str, str], faults: dict[str, str]
) -> Iterator[tuple[str, Section]]:
    filled = 0
    for number, aspect in enumerate(aspects_of(item)):
        name = f"section-{number}"
        written = fields.get(name, "")
        if not written:
            continue
        filled += 1
        lost = [mark for mark in MARK.findall(written) if mark not in words]
        if lost:
            faults[name] = f"用到了数字“{lost[0]}”，可是上面“数字”里没有它。请补上，或者从这里删掉。"
            continue
        lead, _, body = MARK.sub(lambda mark: words[mark[1]], written).partition("\n\n")
        section = Section(aspect, lead, body.strip(), written)
        if problem := _section_fault(section):
            faults[name] = problem
        yield aspect, section
    if not filled:
        faults["section-0"] = "还没有正文，请至少写一节。"


def _section_fault(section: Section) -> str:
    if len(section.written) > SECTION_MOST:
        return f"这一节太长了，最多{SECTION_MOST}个字。"
    if sums := bare_sums(section):
        return f"“{sums[0]}”直接写在正文里了。钱数和比例请加到“数字”里，写上年份和文件，再从那里插到正文。"
    for line in section.written.split("\n"):
        if NOT_SIMPLE.search(line):
            return f"只用段落、“1. ”步骤和“- ”列表，不用标题、表格、链接、粗体。请改这一行：{line.strip()[:16]}"
    return ""


def _needed(what: str, value: str, name: str, faults: dict[str, str]) -> None:
    if not value:
        faults[name] = f"请写上{_NAMES[what]}。"
    elif len(value) > _LONGEST[what]:
        faults[name] = f"太长了，最多{_LONGEST[what]}个字。"


def _choice(name: str, fields: Mapping[str, str], among: Container[str], missing: str, faults: dict[str, str]) -> None:
    if fields.get(name, "") not in among:
        faults[name] = missing


def _year(name: str, written: str, faults: dict[str, str]) -> int:
    if not re.fullmatch(r"(?:19|20)\d\d", written, re.A) or not 1949 <= int(written) <= 2100:
        faults[name] = "请写四位年份，如 2026。"
        return 0
    return int(written)
