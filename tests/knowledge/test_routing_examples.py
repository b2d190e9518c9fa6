"""What transfers teach the routing: like cases follow, unlike ones do not, and 回避, 举报 and the place stay the rules' own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue.departments import DEPARTMENTS, DISCIPLINE, TOWNSHIP
from knowledge.routing import Route, route
from knowledge.routing_examples import Example, Precedents, is_for_rules_alone, learnable, problem_in, without_persons
from knowledge.routing_measuring import Figures, Moved, Settled, measured

NAME_CHANGE = "低保本上户主名字还是老头的，人没了，想改成我的名"
ALIKE = (
    "户主名字写的还是我老伴，人没了，低保本要改名",
    "低保本户主改名，老头没了，改成我的",
    "低保户主的名字要改，原来的人没了",
)
STOPPED = ("低保停了三个月没人说为啥", "低保从春天起就没发，问了都说等", "我家低保没了，也没通知")
LOW = "最低生活保障"


def moved(to: str = "残疾人联合会", first: str = "民政局") -> list[Example]:
    """Three cases that were moved, and three that stayed."""
    return [Example(words, first, to, LOW) for words in ALIKE] + [
        Example(words, first, first, LOW) for words in STOPPED
    ]


def test_a_case_like_those_that_moved_goes_first_where_they_ended() -> None:
    way = route(NAME_CHANGE, item=LOW)
    assert way.departments[0] == "民政局"
    led = Precedents(moved()).applied(way, NAME_CHANGE, item=LOW)
    assert led.departments[0] == "残疾人联合会"
    assert led.departments[1] == "民政局"
    assert len(set(led.departments)) == len(led.departments) == len(led.confidence) <= 3
    assert list(led.confidence) == sorted(led.confidence, reverse=True)
    assert "过去3件相近的，最后都由残疾人联合会办" in led.why
    assert replace(led, departments=way.departments, confidence=way.confidence, why=way.why) == way


def test_a_case_like_those_that_stayed_stays() -> None:
    text = "低保停了两个月，问就说等着"
    way = route(text, item=LOW)
    assert Precedents(moved()).applied(way, text, item=LOW) == way


def test_one_example_alone_moves_nothing() -> None:
    way = route(NAME_CHANGE, item=LOW)
    assert Precedents(moved()[:1]).applied(way, NAME_CHANGE, item=LOW) == way
    assert Precedents().applied(way, NAME_CHANGE, item=LOW) == way


def test_where_the_examples_are_at_odds_nothing_is_moved() -> None:
    torn = [Example(words, "民政局", to, LOW) for words in ALIKE for to in ("残疾人联合会", "财政局", "民政局")]
    way = route(NAME_CHANGE, item=LOW)
    assert Precedents(torn).applied(way, NAME_CHANGE, item=LOW) == way


def test_examples_of_another_first_department_say_nothing() -> None:
    way = route(NAME_CHANGE, item=LOW)
    assert Precedents(moved(first="农业农村局")).applied(way, NAME_CHANGE, item=LOW) == way


def test_a_township_is_put_first_only_where_the_place_is_known() -> None:
    precedents = Precedents(moved(TOWNSHIP))
    way = route(NAME_CHANGE, item=LOW)
    assert precedents.applied(way, NAME_CHANGE, item=LOW) == way
    assert precedents.applied(way, NAME_CHANGE, item=LOW, town="口前镇").departments[0] == TOWNSHIP
    assert precedents.applied(way, NAME_CHANGE, item=LOW, town="岔路河镇") == way  # administered elsewhere
    assert not learnable(TOWNSHIP, first="民政局", town=None)
    assert learnable(TOWNSHIP, first="民政局", town="口前镇")


def test_nothing_is_ever_learnt_towards_the_discipline_office() -> None:
    assert len(Precedents(moved(DISCIPLINE))) == 3  # those that stayed
    assert not learnable(DISCIPLINE, first="民政局", town=None)


@pytest.mark.parametrize(
    "changed",
    [
        {"accused": ("残疾人联合会",)}, {"doubted": ("残疾人联合会",)}, {"village_accused": True}, {"kind": "举报"}, {"confidential": True},
        {"departments": (DISCIPLINE, "民政局", "财政局")},
    ],
)  # fmt: skip
def test_where_anybody_may_be_complained_about_the_rules_stand_alone(changed: dict[str, object]) -> None:
    way = replace(route(NAME_CHANGE, item=LOW), **changed)
    assert is_for_rules_alone(way)
    assert Precedents(moved()).applied(way, NAME_CHANGE, item=LOW) == way


NAMES = st.sampled_from([*DEPARTMENTS])
COMPLAINTS = st.sampled_from([
    *ALIKE, *STOPPED, NAME_CHANGE, "民政局的老王收了我两百块钱才给办低保", "村书记把我家的低保给了他亲戚", "残联窗口那个女的骂人，态度太差",
    "乡民政助理说不给红包就不给办", "农业局的人让我请吃饭", "我举报财政局干部截留补贴", "民政局说等着，一直等着",
    "别让村里知道是我说的，低保被人占了",
])  # fmt: skip
EXAMPLES = st.lists(
    st.builds(Example, words=COMPLAINTS, first=NAMES, to=NAMES, item=st.sampled_from([None, LOW])), max_size=12
)


@settings(max_examples=300, deadline=None)
@given(EXAMPLES, COMPLAINTS, st.sampled_from([None, "口前镇", "岔路河镇"]), st.sampled_from([None, LOW]))
def test_an_avoided_department_is_never_among_the_receivers(
    examples: list[Example], text: str, town: str | None, item: str | None
) -> None:
    way = route(text, item=item, town=town)
    # Each example three times, and beside the very words of the case: whatever can be brought about is.
    pushed = [replace(one, words=text, first=way.departments[0]) for one in examples] * 3 + examples * 3
    led = Precedents(pushed).applied(way, text, item=item, town=town)
    assert not set(led.departments) & set(way.accused)
    assert led.departments[0] not in way.doubted
    if way.accused or way.village_accused or way.doubted or way.kind == "举报":
        assert led == way
    assert (led.town, led.village, led.kind, led.accused, led.confidential) == (
        way.town,
        way.village,
        way.kind,
        way.accused,
        way.confidential,
    )


@settings(max_examples=100, deadline=None)
@given(EXAMPLES, st.text(max_size=60))
def test_any_text_can_be_asked_about(examples: list[Example], text: str) -> None:
    way = route(text)
    led = Precedents(examples).applied(way, text)
    assert 1 <= len(led.departments) <= 3
    assert len(led.departments) == len(led.confidence)
    assert all(0 <= sure <= 1 for sure in led.confidence)


def test_words_are_kept_without_persons() -> None:
    said = "低保本上户主叫关玉梅，我是她女儿关小芳，村会计李国富给办的，电话15400123456，身份证22022119340412936X"
    kept = without_persons(said, ["关小芳"])
    for hidden in ("关玉梅", "关小芳", "李国富", "15400123456", "22022119340412936X"):
        assert hidden not in kept
    assert "低保本上户主" in kept


def test_the_problem_is_named_in_words() -> None:
    assert "社保卡" in problem_in("社保卡丢了，补贴进不来")
    assert problem_in("低保停了") == ""


# ---------------------------------------------------------------- the figures


def settled(text: str, right: str, case: int = 1) -> Settled:
    return Settled(case, route(text, item=LOW), text, LOW, "口前镇", right)


def test_the_figures_count_what_came_right_and_what_came_wrong() -> None:
    cases = [
        settled(NAME_CHANGE, "残疾人联合会", 1), settled(NAME_CHANGE + "，急", "民政局", 2), settled(STOPPED[0], "民政局", 3),
        settled(NAME_CHANGE + "啊", "财政局", 4),
    ]  # fmt: skip
    here = {"民政局", "残疾人联合会", "财政局", TOWNSHIP}
    figures = measured(Precedents(), Precedents(moved()), cases, here)
    assert (figures.held_back, figures.taught, figures.first_before, figures.first_after, figures.others) == (
        4,
        6,
        2,
        2,
        1,
    )
    assert figures.better == (Moved(1, "民政局", "残疾人联合会", "残疾人联合会"),)
    assert figures.worse == (Moved(2, "民政局", "残疾人联合会", "民政局"),)
    assert Figures.of(figures.as_dict()) == figures
    assert not figures.tells
    assert not figures.improves


def test_a_department_that_is_not_here_counts_for_nobody() -> None:
    figures = measured(Precedents(), Precedents(moved()), [settled(NAME_CHANGE, "民政局")], {"民政局"})
    assert (figures.first_before, figures.first_after, figures.worse) == (1, 1, ())


def test_a_gain_that_loses_among_the_three_is_none() -> None:
    gain = Figures(held_back=40, first_before=20, first_after=25, three_before=38, three_after=38)
    assert gain.improves
    assert not replace(gain, three_after=37).improves
    assert not replace(gain, first_after=20).improves
    assert not replace(gain, held_back=19).improves


def test_a_route_says_who_may_be_complained_about() -> None:
    way: Route = route("民政局那个人说话真难听，低保的事也不给办")
    assert set(way.doubted) | set(way.accused)
