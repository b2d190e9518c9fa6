"""What the articles may say: plain words, short sentences, a next step, and no figure that was not audited."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from knowledge.article import CARD, CARD_ASPECTS, Article, Section, load_folder, parse, render
from knowledge.article import __file__ as here
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.readable import BLAME, OFFICE_WORDS, remarks, sentences, words

ITEM_ASPECTS = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
CHECKED = dt.date(2026, 11, 24)

ARTICLES = {article.item: article for article in load_folder()}
SECTIONS = [(article, section) for article in ARTICLES.values() for section in article.sections.values()]
every_section = pytest.mark.parametrize(
    ("article", "section"), [pytest.param(a, s, id=f"{a.slug}-{s.aspect}") for a, s in SECTIONS]
)
every_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda article: article.slug)


def test_every_item_and_topic_has_its_article() -> None:
    assert set(ARTICLES) == {*ITEMS, *TOPICS}
    assert (len(ITEMS), len(TOPICS)) == (39, 9)


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_is_told_in_all_eight_aspects(item: str) -> None:
    assert tuple(ARTICLES[item].sections) == ITEM_ASPECTS


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_told_in_its_aspects(topic: str) -> None:
    aspects = tuple(ARTICLES[topic].sections)
    if topic == CARD:
        assert set(aspects) == set(CARD_ASPECTS)
    else:
        assert "概览" in aspects
        assert "找谁" in aspects


@every_article
def test_an_article_names_the_department_of_the_catalogue(article: Article) -> None:
    assert article.department == {**ITEMS, **TOPICS}[article.item].department
    assert article.ask.endswith("。")
    assert len(article.ask) <= 40
    assert article.checked == CHECKED


@every_article
def test_an_articles_file_is_what_export_writes(article: Article) -> None:
    file = Path(here).with_name("articles") / f"{article.slug}.md"
    text = file.read_text(encoding="utf-8")
    assert render(parse(text)) == text


@every_section
def test_a_section_is_short(article: Article, section: Section) -> None:
    assert len(section.lead) <= 90
    assert len(words(section)) <= 400
    assert [s for s in sentences(words(section)) if len(s) > 60] == []


def test_nearly_all_sentences_are_within_forty_characters() -> None:
    lengths = [len(s) for _, section in SECTIONS for s in sentences(words(section))]
    assert sum(length > 40 for length in lengths) <= len(lengths) * 0.01


@every_section
def test_a_lead_is_one_paragraph_of_at_most_three_sentences(article: Article, section: Section) -> None:
    assert "\n" not in section.lead
    assert section.lead.endswith("。")
    assert len(list(sentences(section.lead))) <= 3


@every_section
def test_a_section_has_no_office_words_and_no_blame(article: Article, section: Section) -> None:
    spoken = re.sub(r"《[^》]*》", "", words(section))
    assert [word for word in (*OFFICE_WORDS, *BLAME) if word in spoken] == []


@every_article
def test_the_editor_finds_no_fault_with_an_article_of_ours(article: Article) -> None:
    assert [remark for remark in remarks(article) if remark.fault or "有点长" not in remark.said] == []


@every_section
def test_a_section_ends_with_a_next_step(article: Article, section: Section) -> None:
    last = re.split(r"[。；\n]", words(section).rstrip("。"))[-1]
    assert re.search(r"请|问|打1|找|发“", last), last


@every_section
def test_no_section_depends_on_the_day_it_was_written(article: Article, section: Section) -> None:
    assert re.search(r"今年|去年|明年|本月|上个月|目前|最近一年", words(section)) is None


@every_article
def test_no_two_sections_say_the_same_sentence(article: Article) -> None:
    said = [
        (sentence, section.aspect)
        for section in article.sections.values()
        for sentence in {s for s in sentences(words(section)) if len(s) >= 8}
    ]
    once = {sentence for sentence, _ in said}
    assert len(said) == len(once), sorted(s for s in once if [x for x, _ in said].count(s) > 1)


@every_section
def test_a_section_ends_with_one_thing_to_do(article: Article, section: Section) -> None:
    last = re.split(r"\n\n", words(section))[-1]
    assert sum(bool(re.match(r"请|还弄不清，请|没人答复，请", sentence)) for sentence in sentences(last)) <= 1


@every_article
def test_general_knowledge_is_worded_as_guidance(article: Article) -> None:
    if article.confidence == "GK":
        text = "".join(words(section) for section in article.sections.values())
        assert len(re.findall(r"一般|多数|有的|各地|以县", text)) >= 6
        assert re.search(r"乡镇|村", article.ask)


def test_the_old_age_allowance_says_only_the_provinces_floor() -> None:
    lead = ARTICLES["高龄津贴"].sections["领多少"].lead
    assert "80到89岁" in lead
    assert "不低于25元" in lead
    assert "以县民政局公布为准" in lead


def test_the_reservoir_support_is_told_as_expired() -> None:
    for aspect in ("概览", "谁能领", "领多少", "什么时候发", "没收到"):
        assert "期满" in ARTICLES["大中型水库移民后期扶持"].sections[aspect].lead


def test_the_clocks_of_the_law_are_told() -> None:
    assert "20个工作日内答复" in ARTICLES["信息公开申请"].sections["什么时候发"].lead
    complaint = ARTICLES["投诉举报"].sections["什么时候发"].lead
    assert "15天" in complaint
    assert "60天" in complaint


def test_a_wanted_bank_detail_is_always_called_a_fraud() -> None:
    lead = ARTICLES["防诈骗"].sections["概览"].lead
    for word in ("卡号", "验证码", "密码", "手续费", "骗子", "110", "96110"):
        assert word in lead


def test_the_example_in_the_documentation_is_an_article() -> None:
    page = (Path(here).parents[1] / "docs" / "articles.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```markdown\n(.*?)```", page, re.DOTALL)
    article = parse(example)
    assert article.sections["领多少"].lead == "吉林省2020年的标准是每人每月12.50元。"
    assert render(article) == example
