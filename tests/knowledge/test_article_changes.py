"""The difference of two versions, told word by word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.article import Article, Section, load_folder
from knowledge.article_changes import ADDED, REMOVED, SAME, changes, compared

DIBAO = next(article for article in load_folder() if article.item == "最低生活保障")
PROSE = st.text("先问乡镇民政办县局，。！\n470元ab", max_size=60)


def in_short(old: str, new: str) -> str:
    marks = {SAME: "{}", ADDED: "[+{}]", REMOVED: "[-{}]"}
    return "".join(marks[kind].format(text) for kind, text in compared(old, new))


@given(PROSE, PROSE)
def test_both_texts_can_be_read_out_of_the_difference(old: str, new: str) -> None:
    pieces = list(compared(old, new))
    assert "".join(text for kind, text in pieces if kind != ADDED) == old
    assert "".join(text for kind, text in pieces if kind != REMOVED) == new
    assert all(text for _, text in pieces)


@given(PROSE)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {kind for kind, _ in compared(text, text)} <= {SAME}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("每人每月470元。", "每人每月500元。", "每人每月[-470][+500]元。"),
        ("先问乡镇。再问县里。", "先问乡镇。别急。再问县里。", "先问乡镇。[+别急。]再问县里。"),
        ("先问乡镇。再问县里。", "先问乡镇。", "先问乡镇。[-再问县里。]"),
        ("一般一个月内给结果。", "一般20个工作日内给结果。", "一般[-一个月][+20个工作日]内给结果。"),
        ("带身份证去办。", "收入高了就停发。", "[-带身份证去办][+收入高了就停发]。"),
        ("", "新的一节。", "[+新的一节。]"),
    ],
)
def test_a_change_is_told_by_words_and_a_number_is_never_cut(old: str, new: str, told: str) -> None:
    assert in_short(old, new) == told


def where(new: Article) -> list[str]:
    return [change.where for change in changes(DIBAO, new)]


def test_a_new_amount_is_told_once_among_the_figures() -> None:
    figures = tuple(replace(one, amount_fen=50000) if one.key == "rural" else one for one in DIBAO.figures)
    (change,) = changes(DIBAO, replace(DIBAO, figures=figures))
    assert change.where == "数字：永吉县农村低保最低指导标准的数"
    assert [(piece.kind, piece.text) for piece in change.pieces] == [(REMOVED, "470元"), (ADDED, "500元")]


def test_every_part_of_an_article_can_differ() -> None:
    sections = {**DIBAO.sections, "找谁": Section("找谁", "问村里。", "", "问村里。")}
    del sections["依据"]
    assert where(replace(DIBAO, title="低保", confidence="H", year=None, ask="问村里。")) == ["标题", "年份", "来源", "问谁"]
    assert where(replace(DIBAO, sections=sections)) == ["找谁", "依据"]
    without_urban = tuple(figure for figure in DIBAO.figures if figure.key != "urban")
    assert where(replace(DIBAO, figures=without_urban)) == ["数字", "领多少"]
    assert where(DIBAO) == []


def test_a_first_article_is_all_new() -> None:
    told = changes(None, DIBAO)
    assert {piece.kind for change in told for piece in change.pieces} == {ADDED}
    assert len(told) > len(DIBAO.sections)


def test_long_stretches_that_stayed_are_left_out() -> None:
    long = "这一段没有变。" * 60
    sections = {**DIBAO.sections, "概览": Section("概览", long, "", long)}
    changed = {**sections, "概览": Section("概览", long + "加一句。", "", long + "加一句。")}
    (change,) = changes(replace(DIBAO, sections=sections), replace(DIBAO, sections=changed))
    said = "".join(piece.text for piece in change.pieces)
    assert len(said) < 80
    assert said.endswith("…" + long[-40:] + "加一句。")
