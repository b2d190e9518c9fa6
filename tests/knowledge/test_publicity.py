"""Which list may hang where and for how long, what of a person it shows, and who asks for one."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import catalogue
from knowledge.article import load_folder
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.deadlines import Clocks
from knowledge.publicity import (
    BOARD,
    NEVER,
    WEB,
    Listed,
    bare_village,
    code_in,
    earliest_end,
    ends_on,
    in_order,
    narrower,
    needs_second_look,
    no_list_in_words,
    objects,
    place_of_scene,
    quantity_in_words,
    rule_of,
    scene_of,
    shown_name,
    village_in_words,
    wants_lists,
)
from knowledge.sheet import by_group, matching, sheet

NAMES = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6)


# ---- what is shown how ----


def test_every_item_has_a_rule_of_its_own_and_every_rule_an_item() -> None:
    file = Path(catalogue.__file__).with_name("publicity.toml")
    assert [row["name"] for row in tomllib.loads(file.read_text(encoding="utf-8"))["item"]] == list(ITEMS)
    assert rule_of("一项新补贴").exposure == BOARD
    assert not [item for item in ITEMS if rule_of(item).exposure == WEB and rule_of(item).sensitive]
    assert all(rule_of(item).why for item in ITEMS if rule_of(item).exposure != WEB)


@pytest.mark.parametrize("word", ["孤儿", "残疾", "特别扶助", "育儿", "学生"])
def test_children_disability_and_loss_are_never_shown_by_default(word: str) -> None:
    found = [item for item in ITEMS if word in item]
    assert found
    for item in found:
        assert rule_of(item).exposure == NEVER
        assert needs_second_look(item, WEB)
        assert needs_second_look(item, BOARD)
        assert no_list_in_words(item, NEVER)


def test_the_lists_of_the_poor_stay_in_the_village() -> None:
    for item in ("最低生活保障", "特困人员救助供养", "临时救助"):
        assert rule_of(item).exposure == BOARD
        assert "公开栏" in no_list_in_words(item, BOARD)


def test_of_two_exposures_the_narrower_counts() -> None:
    assert narrower(WEB, NEVER) == narrower(NEVER, BOARD) == NEVER
    assert narrower(WEB, BOARD) == BOARD


def test_a_list_hangs_as_long_as_the_rule_of_the_item_says() -> None:
    clocks = Clocks()
    friday = date(2026, 11, 20)
    assert ends_on("最低生活保障", friday, 15, clocks) == date(2026, 11, 27)
    assert ends_on("农机购置与应用补贴", friday, 15, clocks) == date(2026, 11, 27)
    assert ends_on("农机购置与应用补贴", date(2026, 9, 28), 7, clocks) == date(2026, 10, 10)  # 国庆; 10-10 is worked
    assert ends_on("耕地地力保护补贴", friday, 10, clocks) == date(2026, 11, 30)


def test_only_a_rule_keeps_a_list_from_coming_down_early() -> None:
    assert earliest_end("最低生活保障", date(2026, 11, 20), Clocks()) == date(2026, 11, 27)
    assert earliest_end("耕地地力保护补贴", date(2026, 11, 20), Clocks()) == date(2026, 11, 21)


# ---- names ----


@given(NAMES)
def test_a_name_shows_its_first_and_last_character_at_most(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) == len(name)
    assert set(shown[1:-1]) <= {"*"}
    assert shown != name
    assert shown[-1] in ("*", name[-1])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("张玉凤", "张*凤"), ("刘刚", "刘*"), ("巴特尔·阿古拉", "巴*****拉"), ("张玉凤（户主）", "张*凤"), (" 张 玉凤 ", "张*凤"),
        ("张玉凤(已故", "张*凤"), ("张玉凤220221194303089682", "张*凤"), ("张玉凤15400012345", "张*凤"), ("王", "*"), ("", "*"),
        ("【代领】李国山", "李*山"), ("John Smith", "J*******h"), ("123456", "*"),
    ],
)  # fmt: skip
def test_nothing_that_a_clerk_wrote_beside_the_name_is_shown(written: str, shown: str) -> None:
    assert shown_name(written) == shown


def test_people_find_themselves_by_the_sound_of_their_surname() -> None:
    lines = [Listed(name, None, None, 100) for name in ("张*凤", "安*", "刘*", "陈*臣")]
    assert [line.name for line in in_order(lines)] == ["安*", "陈*臣", "刘*", "张*凤"]


def test_a_quantity_is_written_as_people_count() -> None:
    assert quantity_in_words(1311, "亩") == "13.11亩"
    assert quantity_in_words(300, "月") == "3月"
    assert quantity_in_words(1050, "亩") == "10.5亩"
    assert quantity_in_words(None, "亩") == ""


# ---- codes and places ----


@pytest.mark.parametrize("typed", ["GS-1024", "gs1024", "ＧＳ－１０２４", "异议GS—1024", "GS 1024有问题", "g s-1024"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert code_in(typed) == "GS-1024"


@pytest.mark.parametrize("typed", ["GS-12", "1024", "YJ20261124-0007", "GS-12345678901234"])
def test_other_numbers_are_no_code(typed: str) -> None:
    assert code_in(typed) is None


def test_every_village_has_a_scene_of_its_own_that_the_platform_takes() -> None:
    places = [(town.name, place) for town in TOWNS.values() for place in town.places]
    scenes = {scene_of(*place) for place in places}
    assert len(scenes) == len(places)
    assert all(1 <= len(scene) <= 64 and scene.isascii() for scene in scenes)
    assert all(place_of_scene(f"qrscene_{scene_of(*place)}") == place == place_of_scene(scene_of(*place)) for place in places)
    assert place_of_scene("qrscene_somebody-elses") is None


def test_a_poster_printed_years_ago_still_leads_to_its_village() -> None:
    assert scene_of("万昌镇", "花家") == "vab39f531767f"


def test_a_village_is_the_same_with_and_without_its_ending() -> None:
    assert bare_village("万昌镇", "花家村") == bare_village("万昌镇", "花家") == "花家"
    assert bare_village("万昌镇", "外乡村") == "外乡村"
    assert village_in_words("口前镇", "河北") == "河北社区"
    assert village_in_words("万昌镇", "花家") == "花家村"


# ---- who asks ----


@pytest.mark.parametrize(
    "text",
    [
        "公示", "我们村低保公示", "看看公示名单", "查公示", "公示名单", "村里的榜在哪", "地补公示了吗", "公示在哪看", "万昌镇花家村公示",
        "2026年玉米补贴公示名单", "我要看公示", "公式名单", "低保名单", "公示名单有我吗", "俺村的公示榜", "公示出来没",
    ],
)  # fmt: skip
def test_a_wish_to_see_a_list_is_understood(text: str) -> None:
    assert wants_lists(text)
    assert not objects(text)


@pytest.mark.parametrize(
    "text",
    [
        "公示是什么意思", "公示几天", "公示不对咋办", "公示上没我名字", "村里没公示", "低保公示要多少天", "公示的名单里有人开小车",
        "低保怎么申请", "名单里那家三口人都上班", "公示期多长", "不公示违法吗", "村里公示的地亩数比我家少了两亩", "",
    ],
)  # fmt: skip
def test_a_question_about_publicity_or_a_complaint_is_left_to_others(text: str) -> None:
    assert not wants_lists(text)


@pytest.mark.parametrize(
    "text",
    ["公示有异议", "异议 GS-1024", "我对公示有意见", "GS-1024 里老张家不该有", "GS1024名单不对", "对GS-1024不服", "异议gs1024"],
)
def test_an_objection_is_understood(text: str) -> None:
    assert objects(text)


@pytest.mark.parametrize("text", ["GS-1024", "看看GS-1024的名单", "公示是啥", "我有意见", "公示有异议咋办", "公示有异议找谁"])
def test_a_look_is_no_objection(text: str) -> None:
    assert not objects(text)


@given(st.text(alphabet="我们公示名单看村的地补 ", max_size=60))
def test_no_text_makes_the_reading_run_away(text: str) -> None:
    wants_lists(text)
    objects(text)


# ---- one sheet ----


def test_the_sheet_holds_every_item_once_with_document_and_department() -> None:
    entries = sheet(load_folder())
    assert [entry.item for entry in entries] == list(ITEMS)
    for entry in entries:
        assert entry.who
        assert entry.how_much
        assert entry.sources
        assert entry.department == ITEMS[entry.item].department
    assert sorted(entry.item for rows in by_group(entries).values() for entry in rows) == sorted(ITEMS)


def test_an_item_without_an_article_promises_no_figure() -> None:
    entry = sheet([])[0]
    assert "以县级主管部门当年公布为准" in entry.how_much
    assert not entry.figures
    assert not entry.confirmed


def test_a_search_finds_an_item_by_the_names_that_people_use() -> None:
    entries = sheet(load_folder())
    assert [entry.item for entry in matching(entries, "地补", None)] == ["耕地地力保护补贴"]
    assert {entry.item for entry in matching(entries, "残疾", None)} >= {"困难残疾人生活补贴", "重度残疾人护理补贴"}
    assert {entry.department for entry in matching(entries, "民政局", None)} == {"民政局"}
    assert matching(entries, "", None) == entries
    assert [entry.item for entry in matching(entries, "弟补钱", "耕地地力保护补贴")] == ["耕地地力保护补贴"]
    assert matching(entries, "飞机票", None) == []
