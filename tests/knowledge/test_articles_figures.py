"""The figures and numbers of the articles stand twice: in the article, and in data/figures.toml as they were checked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from knowledge.article import NO_DOCUMENT, PUBLISHED, Article, Section, load_folder, office
from knowledge.calculator import reckon
from knowledge.catalogue.items import ITEMS
from knowledge.readable import words

CHECKED: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "figures.toml").read_text("utf-8"))
ARTICLES = {article.item: article for article in load_folder()}
FIGURES = [(article, figure) for article in ARTICLES.values() for figure in article.figures]
SECTIONS = [(article, section) for article in ARTICLES.values() for section in article.sections.values()]
LEVELS_SAID = {"国家": "国家", "吉林省": "省", "吉林市": "吉林市"}

# No standard for these was found, neither of the county nor of a level that binds it: only the department is named.
NOT_FOUND = {
    *("耕地地力保护补贴", "玉米生产者补贴", "稻谷补贴", "实际种粮农民一次性补贴", "耕地轮作补贴", "秸秆综合利用补贴", "畜牧业补贴"),
    *("生态护林员补助", "特困人员救助供养", "孤儿和事实无人抚养儿童基本生活费", "经济困难老年人补贴", "独生子女父母奖励"),
    *("义务兵家庭优待金", "自主就业退役士兵一次性补助", "农村危房改造补助", "雨露计划", "就业补贴", "离任村干部补助"),
    *("老党员补贴", "原民办代课教师补助", "农村户厕改造补助"),
}
# Something is known of these, an average or an old standard or what is paid beyond another, but not what is paid here.
ONLY_NEARLY = {"临时救助", "困难残疾人生活补贴", "重度残疾人护理补贴", "大豆生产者补贴", "优抚对象抚恤补助"}

PHONES = {
    *("110", "12345", "12333", "12316", "12348", "12388", "12385", "96110"),
    *("12389", "12393", "12315", "12380", "12309", "12368", "12366", "12336", "0431-12333"),
}
# What a figure may be for one of, so that it can be multiplied.
COUNTED = {"元/亩", "元/亩·年", "元/人·月", "元/人·年", "元/孩·年", "元/月（每服役一年）"}

_CHINESE = "[一两二三四五六七八九十]"
_NUMBER = re.compile(
    r"〔\d{4}〕\d+号|第\d+[号条]|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月(?:\d{1,2}日)?"
    r"|\d+(?:-\d+)?(?:个工作日|个月|周岁|[岁天年次日])?"
    rf"|(?!一[年天次]){_CHINESE}+(?:到{_CHINESE}+)?(?:个?月|年|天|级|成|周岁|岁|次)"
)
every_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda article: article.slug)
every_section = pytest.mark.parametrize(
    ("article", "section"), [pytest.param(a, s, id=f"{a.slug}-{s.aspect}") for a, s in SECTIONS]
)


def numbers_in(article: Article) -> set[str]:
    """Every number that the text itself names, with its unit; the marks of figures and of steps left out."""
    texts = (re.sub(r"\{figure:\w+\}|^\d+\. ", "", part.written, flags=re.M) for part in article.sections.values())
    return {found for text in (*texts, article.ask) for found in _NUMBER.findall(text)}


def test_the_figures_of_all_articles_are_those_that_were_checked() -> None:
    found = {
        (a.item, one.key, one.words, one.unit, one.year, one.level, one.document)
        for a, one in FIGURES
    }
    fields = ("item", "key", "says", "unit", "year", "level", "document")
    assert found == {tuple(row[field] for field in fields) for row in CHECKED["figure"]}
    assert len(CHECKED["figure"]) == len(FIGURES)


@every_article
def test_the_numbers_of_an_article_are_those_that_were_checked(article: Article) -> None:
    assert numbers_in(article) == set(CHECKED["numbers"][article.item])


@every_article
def test_every_figure_is_shown_under_how_much(article: Article) -> None:
    shown = article.figures_in("领多少") if "领多少" in article.sections else ()
    assert shown == article.figures


@pytest.mark.parametrize(("article", "figure"), [pytest.param(a, f, id=f"{a.slug}-{f.key}") for a, f in FIGURES])
def test_a_figure_is_of_a_level_above_the_county_and_of_a_unit_that_is_understood(article: Article, figure: Any) -> None:
    assert figure.level in LEVELS_SAID
    assert figure.document != NO_DOCUMENT
    if not figure.unit.startswith("元/"):
        assert figure.text or re.match("每[亩人年]", figure.unit)
    else:
        assert figure.unit in COUNTED


def test_an_average_or_an_old_standard_says_so_and_is_never_multiplied() -> None:
    told = [(article, figure) for article, figure in FIGURES if figure.amount_fen and not figure.unit.startswith("元/")]
    assert told
    for article, figure in told:
        assert re.search("老标准|平均|延长期|合计", figure.label)
        for text in ("12亩地", "三口人一年", "俩孩子", "当了5年兵", "老两口"):
            found = reckon(text, article)
            said = found.said if found and found.sums else ""
            assert f"×{figure.words}" not in said or _is_another(article, figure.words)


def _is_another(article: Article, amount: str) -> bool:
    """Whether the same amount is also a standard that may be multiplied: forest and grass are both 100元."""
    return any(one.words == amount and one.unit.startswith("元/") for one in article.figures)


@every_section
def test_no_amount_stands_bare_in_a_section(article: Article, section: Section) -> None:
    bare = re.sub(r"\{figure:\w+\}", "", section.written)
    assert re.findall(r"\d[\d.,]*\s*(?:多|来)?\s*(?:元|块|角|毛|万|%|％|倍)", bare) == []
    assert re.findall(r"[一二三四五六七八九十百千]+(?:元|块钱|毛钱|万)", bare) == []
    assert re.search(r"[一二三四五六七八九十百千]倍|百分之", bare) is None


@every_section
def test_a_shown_figure_is_told_with_its_year_and_level(article: Article, section: Section) -> None:
    for paragraph in section.written.split("\n\n"):
        for figure in article.figures:
            if f"{{figure:{figure.key}}}" in paragraph:
                assert f"{figure.year}年" in paragraph
                assert LEVELS_SAID[figure.level] in paragraph


def test_it_is_known_of_every_item_whether_a_standard_was_found() -> None:
    assert {item for item in ITEMS if not ARTICLES[item].figures} == NOT_FOUND


@pytest.mark.parametrize("item", sorted(NOT_FOUND | ONLY_NEARLY))
def test_an_unknown_standard_names_the_department_and_no_number_of_its_own(item: str) -> None:
    section, department = ARTICLES[item].sections["领多少"], ARTICLES[item].department
    assert PUBLISHED in section.lead
    assert f"主管部门是{office(department)}" in section.lead
    assert re.findall(r"\d+(?:元|%)", section.lead) == []
    assert re.search("请问|请打|请看|请带|问清楚", words(section))


@every_article
def test_an_article_without_a_document_found_says_so(article: Article) -> None:
    if article.document == NO_DOCUMENT:
        assert article.year is None
        assert "没有查到" in article.sections["依据"].lead
        assert PUBLISHED in article.sections["依据"].lead
        assert all("平均" in figure.label for figure in article.figures)


@every_article
def test_the_reasons_name_the_documents_of_the_article_and_its_figures(article: Article) -> None:
    if "依据" not in article.sections or article.document == NO_DOCUMENT:
        return
    said = words(article.sections["依据"])
    numbered = {*re.findall(r"〔\d{4}〕\d+号", article.document), *re.findall(r"《[^》]*》", article.document)}
    numbered |= {found for one in article.figures for found in re.findall(r"〔\d{4}〕\d+号", one.document)}
    everywhere = said + words(article.sections.get("领多少", article.sections["依据"]))
    assert {number for number in numbered if number not in everywhere} == set()
    assert article.year is None or str(article.year) in said


@every_section
def test_only_audited_phone_numbers_are_given(article: Article, section: Section) -> None:
    text = words(section) + article.ask
    found = re.findall(r"0\d{2,3}-\d+|(?<![\d-])(?:1\d{4}|9\d{4}|110|120|119)(?!\d)", text)
    assert set(found) <= PHONES
    assert re.findall(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1\d{10}|\d{7,8})(?!\d)", text) == []
