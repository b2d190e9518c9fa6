"""What the articles may say: plain words, short sentences, a next step, and no figure that was not audited."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.article import CARD, CARD_ASPECTS, Article, Section, load_folder, parse, render
from knowledge.article import __file__ as here
from knowledge.catalogue.items import ITEMS, TOPICS

ITEM_ASPECTS = ("概览", "谁能领", "领多少", "怎么申请", "什么时候发", "没收到", "找谁", "依据")
CHECKED = dt.date(2026, 11, 24)

# Every amount and rate that may stand in an article: words, year, level. To add one, check it against its document.
AUDITED = {
    "大豆生产者补贴": {("280元", 2024, "吉林省"), ("400元", 2024, "吉林省")},
    "农机购置与应用补贴": {("30%", 2024, "国家")},
    "黑土地保护性耕作补贴": {(f"{yuan}元", 2025, "吉林省") for yuan in (25, 35, 50, 70, 150)},
    "退耕还林补助": {("100元", 2022, "国家")},
    "森林生态效益补偿": {("16元", 2019, "国家")},
    "最低生活保障": {("470元", 2024, "吉林省"), ("560元", 2024, "吉林省")},
    "高龄津贴": {("25元", 2024, "吉林省")},
    "农村计划生育家庭奖励扶助": {("80元", 2023, "吉林市"), ("960元", 2023, "吉林市")},
    "计划生育家庭特别扶助": {
        ("540元", 2023, "吉林市"),
        ("700元", 2023, "吉林市"),
        ("460元", 2022, "国家"),
        ("590元", 2022, "国家"),
    },
    "育儿补贴": {("3600元", 2025, "国家")},
    "优抚对象抚恤补助": {("833元", 2025, "吉林省"), ("180元", 2025, "吉林省"), ("324元", 2025, "吉林省")},
    "60周岁农村籍退役士兵生活补助": {("60元", 2024, "国家")},
    "大中型水库移民后期扶持": {("600元", 2006, "国家")},
    "学生资助": {("2300元", 2025, "国家"), ("3700元", 2024, "国家")},
    "城乡居民养老保险": {("143元", 2025, "国家")},
}

# Words of the office that a villager does not use. A document's title may hold them.
OFFICE_WORDS = (
    *("核拨", "兑付", "拨付", "划拨", "下达", "下拨", "代发", "发放对象", "补助对象", "受益人", "享受", "给付"),
    *("动态管理", "动态调整", "定期复核", "复核", "初审", "审定", "审批", "核定", "核减", "核查认定", "受理", "申报"),
    *("惠民惠农", "底册", "台账", "基期", "包干", "统筹", "口径", "补差", "渐退", "财政供养", "国库", "专项资金"),
    *("共同生活家庭成员", "家庭经济状况", "刚性支出", "支出型", "急难型", "低保边缘", "监护人", "照护", "占补平衡"),
    *("经营主体", "作业主体", "实施主体", "流转", "一次性告知", "兜底", "予以", "依法依规", "相关部门", "有关规定"),
    *("资格认证", "金融功能", "人脸识别", "户籍地", "经办", "逾期", "截留挪用", "应享尽享", "精准", "落实"),
)
BLAME = ("您没有按", "您自己的错", "怪您没", "您应该早", "为什么不", "您违反", "不配合")
PHONES = {
    *("110", "12345", "12333", "12316", "12348", "12388", "12385", "96110"),
    *("12389", "12393", "12315", "12380", "12309", "12368", "12366", "12336", "0431-12333"),
}

ARTICLES = {article.item: article for article in load_folder()}
SECTIONS = [(article, section) for article in ARTICLES.values() for section in article.sections.values()]
every_section = pytest.mark.parametrize(
    ("article", "section"), [pytest.param(a, s, id=f"{a.slug}-{s.aspect}") for a, s in SECTIONS]
)
every_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda article: article.slug)


def words(section: Section) -> str:
    return f"{section.lead}\n{section.body}".strip()


def sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"[。！？；\n]", text):
        if stripped := re.sub(r"^(?:- |\d+\. )", "", sentence.strip()):
            yield stripped


def without_marks(section: Section) -> str:
    return re.sub(r"\{figure:\w+\}", "", section.written)


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


@every_section
def test_a_section_ends_with_a_next_step(article: Article, section: Section) -> None:
    last = re.split(r"[。；\n]", words(section).rstrip("。"))[-1]
    assert re.search(r"请|问|打1|找|发“", last), last


@every_section
def test_no_amount_stands_bare_in_a_section(article: Article, section: Section) -> None:
    bare = without_marks(section)
    assert re.findall(r"\d[\d.,]*\s*(?:多|来)?\s*(?:元|块|角|毛|万|%|％|倍)", bare) == []
    assert re.findall(r"[一二三四五六七八九十百千]+(?:元|块钱|毛钱|万)", bare) == []
    assert re.search(r"[一二三四五六七八九十百千]倍|百分之", bare) is None


@every_section
def test_a_shown_figure_is_told_with_its_year_and_level(article: Article, section: Section) -> None:
    for paragraph in section.written.split("\n\n"):
        for figure in article.figures:
            if f"{{figure:{figure.key}}}" in paragraph:
                assert f"{figure.year}年" in paragraph
                assert {"国家": "国家", "吉林省": "省", "吉林市": "吉林市"}[figure.level] in paragraph


@every_article
def test_every_figure_was_audited_and_is_used(article: Article) -> None:
    found = {(figure.words, figure.year, figure.level) for figure in article.figures}
    assert found == AUDITED.get(article.item, set())
    shown = {figure for aspect in article.sections for figure in article.figures_in(aspect)}
    assert shown == set(article.figures)
    assert all(figure.document for figure in article.figures)


@pytest.mark.parametrize("item", [item for item in ITEMS if not ARTICLES[item].figures_in("领多少")])
def test_an_unknown_standard_names_the_department_and_no_number(item: str) -> None:
    section, department = ARTICLES[item].sections["领多少"], ARTICLES[item].department
    assert "以县级主管部门当年公布为准" in section.lead
    assert f"主管部门是{department if department.startswith('县') else '县' + department}" in section.lead
    assert re.findall(r"\d+(?:元|%)", words(section)) == []


@every_article
def test_an_article_without_a_document_found_says_so(article: Article) -> None:
    if article.document == "县级主管部门当年公布的文件":
        assert article.year is None
        assert "没有查到" in article.sections["依据"].lead
        assert "以县级主管部门当年公布为准" in article.sections["依据"].lead
        assert article.figures == ()


@every_section
def test_only_audited_phone_numbers_are_given(article: Article, section: Section) -> None:
    text = words(section) + article.ask
    found = re.findall(r"0\d{2,3}-\d+|(?<![\d-])(?:1\d{4}|9\d{4}|110|120|119)(?!\d)", text)
    assert set(found) <= PHONES
    assert re.findall(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1\d{10}|\d{7,8})(?!\d)", text) == []


@every_section
def test_no_section_depends_on_the_day_it_was_written(article: Article, section: Section) -> None:
    assert re.search(r"今年|去年|明年|本月|上个月|目前|最近一年", words(section)) is None


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
