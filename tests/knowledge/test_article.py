"""The article's file: read, filled with its figures, written back, and its faults told in words."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.article import (
    ASPECTS,
    CONFIDENCES,
    LEVELS,
    Article,
    ArticleFault,
    Figure,
    Section,
    Source,
    aspects_of,
    load_folder,
    parse,
    render,
)

TEXT = """\
---
item: 某项补贴
title: 某项补贴（例子）
slug: mou-xiang
level: 吉林省
document: 吉某发〔2020〕1号
year: 2020
checked: 2020-05-06
confidence: M
department: 民政局
ask: 先问乡镇。
figures:
  village:
    label: 村里的
    amount: 12.50元
    unit: 元/月
    year: 2021
    level: 永吉县
    document: 永某发〔2021〕2号
  share:
    label: 比例
    text: 30%
    year: 2020
    level: 吉林省
    document: 吉某发〔2020〕1号
---

## 概览

这是一项补贴。

## 领多少

2021年每月{figure:village}。

一般不超过{figure:share}。

- 请问乡镇
"""


def made(**changes: object) -> Article:
    article = Article(
        item="某项补贴",
        title="某项补贴",
        level="国家",
        document="某文件",
        year=None,
        checked=dt.date(2020, 1, 2),
        confidence="H",
        department="民政局",
        sections={"概览": Section("概览", "一句话。", "")},
    )
    return replace(article, **changes)


def test_an_article_is_read_with_its_source() -> None:
    article = parse(TEXT)
    assert (article.item, article.level, article.document, article.year) == (
        "某项补贴",
        "吉林省",
        "吉某发〔2020〕1号",
        2020,
    )
    assert article.checked == dt.date(2020, 5, 6)
    assert article.sections["概览"] == Section("概览", "这是一项补贴。", "")


def test_a_figure_is_filled_in_where_its_mark_stands() -> None:
    section = parse(TEXT).sections["领多少"]
    assert section.lead == "2021年每月12.50元。"
    assert section.body == "一般不超过30%。\n\n- 请问乡镇"


def test_one_changed_amount_shows_wherever_the_figure_is_named() -> None:
    article = parse(TEXT.replace("这是一项补贴。", "每月{figure:village}。"))
    figures = tuple(replace(one, amount_fen=1300) if one.key == "village" else one for one in article.figures)
    changed = parse(render(replace(article, figures=figures)))
    assert changed.sections["概览"].lead == "每月13元。"
    assert changed.sections["领多少"].lead == "2021年每月13元。"


def test_a_section_rests_on_the_documents_of_its_figures_else_on_the_articles() -> None:
    article = parse(TEXT)
    assert article.sources("概览") == (Source("吉某发〔2020〕1号", "吉林省", 2020),)
    assert article.sources("领多少") == (
        Source("永某发〔2021〕2号", "永吉县", 2021),
        Source("吉某发〔2020〕1号", "吉林省", 2020),
    )
    assert [figure.words for figure in article.figures_in("领多少")] == ["12.50元", "30%"]


def test_a_file_is_written_back_letter_by_letter() -> None:
    assert render(parse(TEXT)) == TEXT


def test_a_file_from_windows_is_read_alike() -> None:
    assert parse("\ufeff" + TEXT.replace("\n", "\r\n")) == parse(TEXT)


_word = st.text(st.sampled_from("补贴每月一户人问乡镇。，、“”：#'\"-{}%&0123456789abc:"), min_size=1, max_size=20).map(
    lambda text: f"文{text}文"
)
_section = st.builds(
    lambda lead, body: (lead, "\n\n".join(body)),
    _word,
    st.lists(st.one_of(_word, st.builds("- {}".format, _word), st.builds("1. {}".format, _word)), max_size=3),
)
_figure = st.builds(
    Figure,
    key=st.just("one"),
    label=_word,
    year=st.integers(1949, 2100),
    level=st.sampled_from(LEVELS),
    document=_word,
    unit=st.one_of(st.just(""), _word),
    amount_fen=st.integers(0, 10**9),
)


@given(
    item=_word,
    document=_word,
    ask=st.one_of(st.just(""), _word),
    level=st.sampled_from(LEVELS),
    year=st.one_of(st.none(), st.integers(1949, 2100)),
    confidence=st.sampled_from(CONFIDENCES),
    checked=st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
    figures=st.lists(_figure, max_size=1).map(tuple),
    texts=st.dictionaries(st.sampled_from(ASPECTS), _section, min_size=1),
)
def test_whatever_is_written_is_read_back_the_same(texts: dict[str, tuple[str, str]], **fields: object) -> None:
    sections = {aspect: Section(aspect, lead, body) for aspect, (lead, body) in texts.items()}
    article = made(sections=sections, title=fields["item"], **fields)
    again = parse(render(article))
    assert again == article
    assert list(again.sections) == list(article.sections)
    assert render(again) == render(article)


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("---\nitem", "item", 1, "---"),
        ("item: 某", "item: [某", 3, "格式"),
        ("item:", "itme:", 2, "itme"),
        ("document: 吉某发〔2020〕1号\nyear: 2020\nchecked", "year: 2020\nchecked", 1, "document"),
        ("level: 吉林省\ndocument", "level: 全国\ndocument", 5, "国家"),
        ("year: 2020\nchecked", "year: 二〇二〇\nchecked", 7, "year"),
        ("checked: 2020-05-06", "checked: 五月", 8, "checked"),
        ("confidence: M", "confidence: 高", 9, "confidence"),
        ("slug: mou-xiang", "slug: 某项", 4, "slug"),
        ("    year: 2021\n", "", 13, "year"),
        ("    document: 永某发〔2021〕2号\n", "", 13, "document"),
        ("amount: 12.50元", "amount: 12.505元", 13, "amount"),
        ("amount: 12.50元", "amount: 12.50", 13, "amount"),
        ("    amount: 12.50元\n", "", 13, "amount"),
        ("{figure:village}", "{figure:town}", 34, "town"),
        ("## 领多少", "## 给多少", 32, "给多少"),
        ("## 领多少", "## 概览", 32, "两次"),
        ("这是一项补贴。\n", "", 28, "没有写"),
        ("## 概览\n\n这是", "这是", 28, "小标题"),
        ("- 请问乡镇", "| 请问 | 乡镇 |", 38, "列表"),
        ("- 请问乡镇", "**请问**乡镇", 38, "列表"),
        ("- 请问乡镇", "[请问](http://x)", 38, "列表"),
    ],
)
def test_a_fault_names_the_line_and_the_remedy(old: str, new: str, line: int, word: str) -> None:
    assert old in TEXT
    with pytest.raises(ArticleFault) as caught:
        parse(TEXT.replace(old, new, 1))
    assert caught.value.line == line
    assert word in caught.value.said
    assert caught.value.said.startswith(f"第{line}行")


@pytest.mark.parametrize(
    "text", ["", "---\n", "---\nitem: 某\n", TEXT.split("## 概览")[0], "---\n- 一\n---\n## 概览\n"]
)
def test_an_unfinished_file_is_a_fault_in_words(text: str) -> None:
    with pytest.raises(ArticleFault):
        parse(text)


@given(st.text(max_size=200))
def test_any_text_is_either_an_article_or_a_fault(noise: str) -> None:
    for text in (noise, TEXT.replace("item: 某项补贴", noise), TEXT.replace("    amount: 12.50元", noise)):
        with contextlib.suppress(ArticleFault):
            assert isinstance(parse(text), Article)


def test_the_card_has_aspects_of_its_own() -> None:
    assert "激活" in aspects_of("社保卡")
    assert "领多少" not in aspects_of("社保卡")
    assert aspects_of("一卡通") == ASPECTS


def test_a_folder_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text(render(made(item="乙", slug="b")), encoding="utf-8")
    (tmp_path / "a.md").write_text(render(made(item="甲", slug="a")), encoding="utf-8")
    assert [article.item for article in load_folder(tmp_path)] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (render(made(slug="a")).replace("level: 国家", "level: 村"), "第5行"),
        (render(made(slug="b")), "slug"),
        (render(made(slug="a")).encode("gb18030"), "UTF-8"),
    ],
)
def test_a_folders_fault_names_the_file(tmp_path: Path, content: str | bytes, word: str) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "a.md").write_bytes(data)
    with pytest.raises(ArticleFault) as caught:
        load_folder(tmp_path)
    assert "a.md" in caught.value.said
    assert word in caught.value.said


def test_two_files_on_one_item_are_a_fault(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(render(made(slug=name)), encoding="utf-8")
    with pytest.raises(ArticleFault, match=r"b\.md.*一个项目只写一篇"):
        load_folder(tmp_path)
