"""亩 × 标准, 人 × 月 × 标准: exact, with its source, and never a promise."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answerer, Topic
from knowledge.article import Article, Section, load_folder
from knowledge.calculator import reckon
from knowledge.figures import Figure
from knowledge.money import parse_yuan, yuan

LAND_ITEM, MONTH_ITEM = "玉米生产者补贴", "高龄津贴"


def figure(amount_fen: int, unit: str, label: str = "每份标准", level: str = "永吉县", key: str = "one") -> Figure:
    return Figure(key=key, label=label, year=2021, level=level, document="吉试发〔2020〕7号", unit=unit, amount_fen=amount_fen)


def article(*figures: Figure, item: str = LAND_ITEM) -> Article:
    written = "标准是" + "、".join(f"{{figure:{each.key}}}" for each in figures) + "。"
    section = Section("领多少", "标准见文件。", "", written)
    return Article(
        item=item, title=item, level="永吉县", document="吉试发〔2020〕7号", year=2021, checked=dt.date(2022, 3, 4), confidence="M",
        department="民政局", sections={"领多少": section}, figures=figures,
    )  # fmt: skip


def said(text: str, *figures: Figure, item: str = LAND_ITEM) -> str:
    found = reckon(text, article(*figures, item=item))
    return found.said if found else ""


def test_land_times_the_standard_with_year_level_document_and_no_promise() -> None:
    told = said("我家12亩半", figure(7350, "元/亩"))
    assert "12.5亩×73.50元=918.75元" in told
    for part in ("永吉县2021年", "吉试发〔2020〕7号", "2022年3月4日核对", "只是估算，不是承诺"):
        assert part in told
    assert "以县级主管部门当年公布为准" not in told


def test_a_standard_of_another_level_says_that_the_county_decides() -> None:
    assert "县里当年实际发多少，以县级主管部门当年公布为准" in said("10亩", figure(1000, "元/亩", level="吉林省"))


@pytest.mark.parametrize(("label", "bound"), [("国家最低标准", "不低于1,716元"), ("每人最多", "最多1,716元")])
def test_a_minimum_and_a_maximum_stay_what_they_are(label: str, bound: str) -> None:
    assert bound in said("一年能领多少", figure(14300, "元/人·月", label), item=MONTH_ITEM)


def test_where_a_standard_is_known_the_minimum_is_left_out() -> None:
    told = said("老两口", figure(14300, "元/人·月", "国家最低标准", key="floor"), figure(16000, "元/人·月", key="ours"), item=MONTH_ITEM)
    assert "2人×160元，每月320元" in told
    assert "143" not in told


@pytest.mark.parametrize("label", ["全省平均", "比种玉米多补", "每年多发"])
def test_what_is_nobodys_own_sum_is_not_reckoned_with(label: str) -> None:
    assert "算不了" in said("12亩", figure(28000, "元/亩", label))


def test_a_standard_that_has_run_out_is_not_reckoned_with() -> None:
    assert said("三口人", figure(60000, "元/人·年", "扶持（到2021年6月30日）"), item="大中型水库移民后期扶持") == ""
    assert said("三口人", figure(60000, "元/人·年", "扶持（到2026年6月30日）"), item="大中型水库移民后期扶持") != ""


def test_without_a_standard_it_says_so_and_names_no_sum() -> None:
    found = reckon("我家12亩能领多少", article())
    assert found is not None
    assert not found.sums
    assert "现在还算不了" in found.said
    assert not re.search(r"\d元", found.said)


def test_low_income_aid_is_not_multiplied() -> None:
    told = said("三口人", figure(47000, "元/人·月"), item="最低生活保障")
    assert "差多少补多少" in told
    assert "元" not in told


@pytest.mark.parametrize("text", ["0亩", "-3亩", "99999亩", "一垧二"])
def test_an_amount_that_cannot_be_meant_is_asked_for_again_kindly(text: str) -> None:
    told = said(text, figure(1000, "元/亩"))
    assert "再发一遍" in told
    assert "比如“12亩”" in told
    assert "=" not in told


@pytest.mark.parametrize("text", ["一亩多少", "给多少钱", "一个人一个月多少", "今年80岁"])
def test_what_the_article_says_already_is_not_reckoned(text: str) -> None:
    assert said(text, figure(1000, "元/亩"), figure(2500, "元/人·月", key="two")) == ""


def test_land_means_nothing_to_an_item_that_is_paid_by_the_month() -> None:
    assert said("12亩地", figure(2500, "元/人·月"), item=MONTH_ITEM) == ""


def test_several_standards_are_named_one_by_one() -> None:
    told = said("50亩", figure(7000, "元/亩", "全覆盖", key="a"), figure(5000, "元/亩", "半覆盖", key="b"))
    assert "· 全覆盖：50亩×70元=3,500元。" in told
    assert "· 半覆盖：50亩×50元=2,500元。" in told


def test_years_served_give_a_sum_by_the_month() -> None:
    assert "5年×60元，每月300元" in said("当了5年义务兵", figure(6000, "元/月（每服役一年）"), item="60周岁农村籍退役士兵生活补助")


def test_another_unit_is_counted_by_its_own_word() -> None:
    assert "30头×20元=600元" in said("养了30头", figure(2000, "元/头"), item="畜牧业补贴")


@given(st.integers(2, 999_999), st.integers(1, 1_000_000))
def test_every_sum_is_exact_to_the_fen(hundredths: int, fen: int) -> None:
    area = Decimal(hundredths) / 100
    told = said(f"{area}亩", figure(fen, "元/亩"))
    if area == 1:
        assert told == ""
        return
    exact = area * fen
    whole = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    sign = "=" if exact == whole else "，约"
    assert f"×{yuan(fen)}{sign}{yuan(whole)}。" in told


@given(st.integers(2, 400), st.integers(1, 400), st.integers(100, 100_000))
def test_a_range_gives_a_range(low: int, more: int, fen: int) -> None:
    told = said(f"{low}到{low + more}亩", figure(fen, "元/亩"))
    sums = [parse_yuan(each) for each in re.findall(r"([\d,]+(?:\.\d\d)?元)", told.split("\n")[0].split("=")[1])]
    assert sums == [low * fen, (low + more) * fen]


# ---- in the answer


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    return Answerer(load_folder())


def test_the_reckoning_comes_first_and_the_rule_after_it(answerer: Answerer) -> None:
    lines = answerer.answer("退耕还林十二亩五分给多少").text.split("\n")
    assert lines[0] == "帮您算：12.5亩×100元，一年1,250元。"
    assert "不是承诺" in lines[1]
    assert lines[-1].startswith("问谁：")
    assert len(lines) <= 5


def test_a_follow_up_that_is_only_an_amount_is_reckoned(answerer: Answerer) -> None:
    assert "12亩×100元，一年1,200元" in answerer.answer("12亩", Topic("退耕还林补助", "领多少")).text


def test_an_amount_of_land_alone_asks_which_item_and_the_choice_remembers_it(answerer: Answerer) -> None:
    asked = answerer.answer("我家八亩四分地")
    assert (asked.answered, asked.intent) == (False, "ask_back")
    assert asked.topic is not None
    kept = Topic(asked.topic.item, asked.topic.aspect, asked.topic.choices, words="我家八亩四分地")
    assert answerer.answer("1", kept).text.startswith("8.4亩能领多少，现在还算不了")


@pytest.mark.parametrize("text", ["买30亩地", "两亩地卖多少钱", "5亩地盖房子要审批不", "俺种了12亩玉米今年旱了"])
def test_an_amount_of_land_with_another_matter_is_not_taken_for_a_question_of_money(answerer: Answerer, text: str) -> None:
    assert "耕地地力保护补贴" not in [choice.item for choice in answerer.answer(text).choices]


def test_an_amount_of_land_leaves_a_talk_of_money_by_the_month(answerer: Answerer) -> None:
    assert answerer.answer("我家八亩四分地", Topic("高龄津贴", "领多少")).item is None


@pytest.mark.parametrize("article", load_folder(), ids=lambda one: one.slug)
def test_no_article_lets_a_sum_be_reckoned_that_its_figures_do_not_give(article: Article) -> None:
    amounts = {each.words for each in article.figures}
    for text in ("12亩地", "三口人一年", "俩孩子", "当了5年兵", "老两口"):
        found = reckon(text, article)
        for used in re.findall(r"×([\d,.]+元)", found.said if found and found.sums else ""):
            assert used.replace(",", "") in amounts
