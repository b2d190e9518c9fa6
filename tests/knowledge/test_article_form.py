"""An article through its form: nothing changes by itself, what people type is put right, what is wrong is named."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.article import Article, load_folder, parse, render
from knowledge.article_form import Written, first_article, form_of, read_form, slug_of
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.figures import fen_of
from knowledge.readable import remarks

TODAY = dt.date(2026, 11, 24)
ARTICLES = {article.item: article for article in load_folder()}
DIBAO = ARTICLES["最低生活保障"]


def sent(article: Article = DIBAO, **changed: str) -> Written:
    """The form of an article, sent with some fields changed; a dash is written as _."""
    fields = {**form_of(article).fields, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return read_form(article.item, fields, TODAY, tuple(article.sections))


@pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda article: article.slug)
def test_an_untouched_form_gives_back_the_file(article: Article) -> None:
    written = sent(article)
    assert written.faults == {}
    assert written.article is not None
    assert render(written.article) == render(article)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("470元", "470元"), ("470", "470元"), ("４７０ 元", "470元"), ("1,073.97元", "1073.97元"), ("73.5元", "73.50元"), ("30%", "30%"),
     ("３０％", "30%")],
)  # fmt: skip
def test_an_amount_is_read_as_people_type_it(typed: str, words: str) -> None:
    written = sent(figure_0_amount=typed)
    assert written.article is not None
    assert written.article.figures[0].words == words


@pytest.mark.parametrize("typed", ["470元/月", "25-35元", "四百元", "一点", "元", "-470元", "470.123元"])
def test_an_amount_that_is_none_is_named(typed: str) -> None:
    assert "figure-0-amount" in sent(figure_0_amount=typed).faults


@given(st.integers(0, 10**9))
def test_what_a_figure_says_is_read_back_as_the_same_sum(fen: int) -> None:
    yuan, rest = divmod(fen, 100)
    assert fen_of(f"{yuan}.{rest:02d}元") == fen


def test_lists_and_steps_are_put_into_the_shape_of_the_house() -> None:
    written = sent(section_3="请这样办：\n1、先问\n２．再办\n3.最后领\n· 带身份证\n•带户口簿")
    assert written.article is not None
    assert written.article.sections["怎么申请"].written.split("\n")[1:] == [
        "1. 先问", "2. 再办", "3.最后领", "- 带身份证", "- 带户口簿",
    ]  # fmt: skip


def test_a_number_at_the_beginning_of_a_line_stays_a_number() -> None:
    written = sent(section_0="1.5亩以上的能领。请问乡镇。")
    assert written.article is not None
    assert written.article.sections["概览"].lead == "1.5亩以上的能领。请问乡镇。"


def test_a_row_that_was_emptied_is_gone_and_its_use_in_the_text_is_named() -> None:
    written = sent(figure_1_label="", figure_1_amount="")
    assert "“urban”" in written.faults["section-2"]
    written = sent(figure_1_label="", figure_1_amount="", section_2="农村每人每月{figure:rural}。请问民政局。")
    assert written.article is not None
    assert [figure.key for figure in written.article.figures] == [one.key for one in DIBAO.figures if one.key != "urban"]


def test_a_new_row_is_a_new_figure() -> None:
    row = {"key": "n1", "label": "新的", "amount": "12元", "unit": "", "year": "2026", "level": "永吉县", "document": "永民发〔2026〕1号"}
    fields = {**form_of(DIBAO).fields, **{f"figure-7-{name}": value for name, value in row.items()}}
    written = read_form(DIBAO.item, fields, TODAY)
    assert written.article is not None
    assert written.article.figures[-1].words == "12元"


def test_a_section_that_was_emptied_is_gone_and_the_last_one_is_kept() -> None:
    written = sent(section_7="")
    assert written.article is not None
    assert "依据" not in written.article.sections
    empty = {f"section_{number}": "" for number in range(8)}
    assert sent(**empty).faults["section-0"] == "还没有正文，请至少写一节。"


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([*form_of(DIBAO).fields, "figure-9-label", "section-99", "nonsense"]),
        st.text("---\n:#{}【】%元123ab'\"\\&*!|>`\t\x00\u202e身份", max_size=40), max_size=6,
    )
)  # fmt: skip
def test_whatever_is_typed_is_either_named_or_kept_as_a_readable_article(typed: dict[str, str]) -> None:
    written = read_form(DIBAO.item, {**form_of(DIBAO).fields, **typed}, TODAY)
    assert bool(written.faults) != (written.article is not None)
    if written.article is not None:
        assert parse(render(written.article)) == written.article


@pytest.mark.parametrize("item", [*ITEMS, *TOPICS])
def test_a_first_article_is_readable_and_has_a_name_of_its_own(item: str) -> None:
    article = first_article(item, "民政局", slug_of(item), TODAY)
    assert parse(render(article)) == article
    assert [remark for remark in remarks(article) if remark.fault] == []


def test_the_names_of_first_articles_are_all_different() -> None:
    assert len({slug_of(item) for item in (*ITEMS, *TOPICS)}) == len(ITEMS) + len(TOPICS)
