"""What is beside the matter, and what is not: nothing that tells of a wrong is taken for small talk."""

from __future__ import annotations

import pytest

from knowledge.asides import adds_to_what_was_said, asks_for_a_person, asks_how_far, asks_who_handles, is_idle
from knowledge.catalogue.naming import named_alone, only_named
from knowledge.putting_right import matter_of, put_right, wants_no_secrecy, wants_out_of_sight
from knowledge.unlisted import unlisted_village
from knowledge.visiting import outcome_in


@pytest.mark.parametrize("text", ["在吗", "嗯嗯嗯", "谢谢了", "打错了", "[微笑][强]", "？？？", "你好啊", "👍", "等会儿"])
def test_small_talk_is_idle(text: str) -> None:
    assert is_idle(text)


@pytest.mark.parametrize("text", ["低保", "没给", "1", "提交", "不知道是谁领的", "好几个月没发", "收到一半"])
def test_a_piece_of_a_story_is_not_idle(text: str) -> None:
    assert not is_idle(text)


@pytest.mark.parametrize("text", ["钱上哪去了", "村里凭什么说了算", "钱给谁了", "村里说办不了", "地补归谁管", "谁看过我的信息", "人工费谁出"])
def test_a_question_of_the_matter_is_none_about_the_filing(text: str) -> None:
    assert not asks_who_handles(text)
    assert not asks_how_far(text)
    assert not asks_for_a_person(text)


@pytest.mark.parametrize("text", ["钱到了没", "低保好了没", "啥时候能下来钱"])
def test_money_is_asked_for_elsewhere(text: str) -> None:
    assert not asks_how_far(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("不对，是去年的", ("去年", "")), ("整错了 不是口前 是岔路河", ("岔路河", "口前")), ("是双河不是口前", ("双河", "口前")),
        ("电话写错了 是15400123456", ("15400123456", "")), ("应该是前年", ("前年", "")), ("错了错了，西阳", ("西阳", "")),
        ("不对", None), ("村里不是人", None), ("不是说好了给三千吗", None), ("亩数登记错了，是12亩", None), ("低保停了三个月", None),
    ],
)  # fmt: skip
def test_what_is_meant_is_told_from_what_is_denied(text: str, found: tuple[str, str] | None) -> None:
    assert put_right(text) == found


def test_a_wish_for_secrecy_is_no_part_of_the_matter() -> None:
    assert matter_of("低保停了三个月，别让村里知道") == "低保停了三个月"
    assert matter_of("别让村里知道") == "别让村里知道"
    assert wants_out_of_sight("怕他报复")
    assert not wants_out_of_sight("不用保密")
    assert wants_no_secrecy("不用保密了")
    assert not wants_out_of_sight("别人家都给了就不给我")


@pytest.mark.parametrize(
    ("text", "town", "village"),
    [
        ("万昌镇老孙家屯低保停了", "万昌镇", "老孙家屯"), ("是王家村", None, "王家村"), ("口前镇村里不给", "口前镇", None),
        ("口前镇各村都有", "口前镇", None), ("我们村", "口前镇", None), ("双河镇大屯村会计说的", "双河镇", "大屯村"),
    ],
)  # fmt: skip
def test_a_village_of_no_list_is_read(text: str, town: str | None, village: str | None) -> None:
    assert unlisted_village(text, town) == village


def test_an_item_is_named_alone_or_as_the_only_one() -> None:
    assert named_alone("低保的事") == "最低生活保障"
    assert named_alone("我家低保停了三个月没人管") is None
    assert only_named("口前镇的，低保停了") == "最低生活保障"
    assert only_named("低保和地补都没给") is None
    assert only_named("他家是低保户") is None


@pytest.mark.parametrize(("text", "done"), [("没信", False), ("没给我办", False), ("妥了", True), ("没事", None), ("没了", None), ("低保没发", None)])
def test_an_outcome_is_read_from_short_answers_alone(text: str, done: bool | None) -> None:
    assert outcome_in(text) is done


def test_going_on_is_told_from_beginning() -> None:
    assert adds_to_what_was_said("忘了说，从八月开始停的")
    assert not adds_to_what_was_said("还有多少钱")
    assert not adds_to_what_was_said("对了")
