"""Townships and villages: in a cell, and as people speak of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue.places import TOWNS, Place, find_place, town_named, village_in_town

UNIQUE = [
    (town.name, village)
    for town in TOWNS.values()
    for village in town.places
    if sum(village in other.places for other in TOWNS.values()) == 1
]


def test_the_nine_townships_and_chaluhe_are_known() -> None:
    assert len(TOWNS) == 10
    assert [town.name for town in TOWNS.values() if town.administered_elsewhere] == ["岔路河镇"]
    assert sum(len(town.villages) for town in TOWNS.values()) == 123
    assert len(TOWNS["口前镇"].communities) == 9


@pytest.mark.parametrize(
    ("cell", "town"),
    [
        ("口前镇", "口前镇"),
        (" 口前 ", "口前镇"),
        ("金家满族乡", "金家乡"),
        ("永吉县万昌镇人民政府", "万昌镇"),
        ("吉林省永吉县黄榆乡", "黄榆乡"),
        ("经开区", "永吉经济开发区"),
        ("永吉经济开发区管委会", "永吉经济开发区"),
        ("岔路河", "岔路河镇"),
        ("长春市", None),
        ("口前镇和万昌镇", None),
        ("", None),
    ],
)
def test_a_cell_names_a_township_exactly_or_not_at_all(cell: str, town: str | None) -> None:
    found = town_named(cell)
    assert (found.name if found else None) == town


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("俺们万昌这边水田多", "万昌镇"),
        ("我家是金家满族乡的", "金家乡"),
        ("钱没到，北大湖镇", "北大湖镇"),
        ("在口前办的卡，我是双河的", "双河镇"),
        ("去口前取的钱，一拉溪镇", "一拉溪镇"),
        ("一拉西那边没信儿", "一拉溪镇"),
        ("黄鱼乡政府来人了", "黄榆乡"),
        ("岔路河的补贴归谁管", "岔路河镇"),
        ("经开区管委会的人", "永吉经济开发区"),
        ("在村口前面贴着", None),
        ("窗口前排队", None),
        ("凭啥扣钱", None),
        ("在长春开发区打工", None),
        ("老金家的地", None),
        ("红旗下长大的人", None),
    ],
)
def test_a_township_is_found_in_free_text(text: str, town: str | None) -> None:
    place = find_place(text)
    assert (place.town if place else None) == town


@pytest.mark.parametrize(("town", "village"), UNIQUE)
def test_a_village_of_one_township_gives_the_township(town: str, village: str) -> None:
    ending = "" if village.endswith("屯") else "社区" if village in TOWNS[town].communities else "村"
    assert find_place(f"我是{village}{ending}的，钱没到") == Place(town, village)


@pytest.mark.parametrize(
    ("village", "towns"),
    [("狼头", {"西阳镇", "万昌镇"}), ("莲花", {"万昌镇", "金家乡"}), ("五里河", {"北大湖镇", "金家乡"})],
)
def test_a_village_of_two_townships_asks_for_the_township(village: str, towns: set[str]) -> None:
    place = find_place(f"{village}村的，地补少了")
    assert place is not None
    assert (place.town, place.village, set(place.ambiguous_towns)) == (None, village, towns)
    for town in towns:
        assert find_place(f"{town}{village}村的") == Place(town, village)


@pytest.mark.parametrize(
    "text",
    ["新兴的产业", "向阳的坡地", "头道菜", "去江南旅游", "朝阳升起来", "二道手续", "退役军人事务局的人", "去找将军"],
)
def test_an_ordinary_word_is_no_village(text: str) -> None:
    assert find_place(text) is None


def test_an_ordinary_word_is_a_village_where_the_writer_lives_there() -> None:
    assert find_place("我是向阳的，没收到") == Place("北大湖镇", "向阳")
    assert find_place("一拉溪镇新兴，没收到") == Place("一拉溪镇", "新兴")


@pytest.mark.parametrize("text", ["红旗的，地补没到", "地补没到，红旗", "地补没到，红旗这边的。"])
def test_an_ordinary_word_that_stands_alone_is_the_writers_village(text: str) -> None:
    assert find_place(text) == Place("口前镇", "红旗")


@pytest.mark.parametrize("text", ["朱家的，把我家的地种了", "红旗的颜色", "村部挂红旗的时候"])
def test_a_family_or_a_thing_is_no_village(text: str) -> None:
    assert find_place(text) is None


def test_a_village_written_by_its_sound_is_found() -> None:
    assert find_place("华皮河子村的") == Place("双河镇", "桦皮河子")
    assert find_place("黑石嘴村的") == Place("双河镇", "黑石咀")


def test_a_village_is_checked_against_its_township() -> None:
    assert village_in_town("官马山村", "口前镇")
    assert village_in_town("永安社区", "口前镇")
    assert village_in_town("索家屯", "一拉溪镇")
    assert not village_in_town("官马山", "双河镇")
    assert not village_in_town("官马山", "没有的镇")


@given(st.text(max_size=60))
def test_any_text_gives_a_place_that_exists_or_none(text: str) -> None:
    place = find_place(text)
    if place is not None:
        assert place.town in TOWNS or len(place.ambiguous_towns) > 1
        assert place.village is None or any(place.village in town.places for town in TOWNS.values())
