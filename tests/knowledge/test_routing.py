"""To whom a case goes: rules at the door, and shares over two sets of our own complaints.

data/complaints.jsonl was written for development; data/complaints_unseen.jsonl came in batches (ids a to g), each
measured once before anything was mended for it. Both are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.routing import score, whole
from knowledge.answers import Answerer
from knowledge.article import load_folder
from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.kinds import KINDS
from knowledge.routing import route

DATA = Path(__file__).parent / "data"


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


COMPLAINTS = read("complaints.jsonl")
BATCHES = read("complaints_unseen.jsonl")
WRONG = score(COMPLAINTS)
WRONG_IN_BATCHES = score(BATCHES, Answerer(load_folder()).guess_item)


def share_right(name: str) -> float:
    return 1 - len(WRONG[name]) / whole(name, COMPLAINTS)


# ---- our own set, written for development: what was reached must not be lost ----


def test_the_set_is_large_and_covers_every_department_and_kind() -> None:
    assert len(COMPLAINTS) > 600
    assert {name for case in COMPLAINTS for name in case["department"]} == set(DEPARTMENTS)
    assert {kind for case in COMPLAINTS for kind in case["kind"]} == set(KINDS)


def test_an_accused_department_never_comes_first() -> None:
    assert WRONG["avoided first"] == []


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("department first", 0.97),
        ("department among three", 0.99),
        ("avoided among three", 0.98),
        ("accused without ground", 0.98),
        ("kind", 0.97),
        ("town", 0.99),
        ("urgent missed", 0.98),
        ("urgent false", 0.98),
        ("confidential missed", 1.0),
        ("confidential false", 0.98),
    ],
)
def test_the_shares_hold(name: str, least: float) -> None:
    assert share_right(name) >= least, WRONG[name]


# ---- the batches: what was reached must not be lost ----


def test_no_department_accused_in_a_batch_comes_first() -> None:
    assert WRONG_IN_BATCHES["avoided first"] == []


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("department first", 0.97),
        ("department among three", 0.99),
        ("avoided among three", 0.96),
        ("accused without ground", 0.98),
        ("kind", 0.97),
        ("town", 1.0),
        ("urgent missed", 0.97),
        ("urgent false", 0.98),
        ("confidential missed", 1.0),
        ("confidential false", 0.98),
    ],
)
def test_the_shares_of_the_batches_hold(name: str, least: float) -> None:
    right = 1 - len(WRONG_IN_BATCHES[name]) / whole(name, BATCHES)
    assert right >= least, WRONG_IN_BATCHES[name]


# ---- rules, one by one ----


def test_an_office_that_cases_of_that_sort_went_to_is_among_the_three_where_no_word_tells() -> None:
    assert "民政局" in route("炕都凉了，屋里没柴，老太太自己在家咋过").departments


def test_a_desk_of_the_township_tells_the_matter() -> None:
    assert route("乡民政所让等明年").departments[0] == "民政局"


def test_several_items_go_to_the_coordinator() -> None:
    assert route("低保、粮补、高龄津贴今年都没到").departments[0] == "财政局"


def test_an_unreadable_text_goes_to_the_coordinator() -> None:
    assert route("啊啊啊").departments[0] == "财政局"


def test_the_service_itself_goes_to_those_who_run_it() -> None:
    assert route("公众号打不开，一直转圈").departments[0] == "政务服务和数字化建设管理局"


def test_an_item_that_is_named_decides_over_words() -> None:
    assert route("今年的钱还没到", item="雨露计划").departments[0] == "农业农村局"
    assert route("今年的钱还没到", item="高龄津贴").departments[0] == "民政局"


def test_a_township_that_is_named_wins_over_the_text() -> None:
    found = route("在万昌取的钱，官马山村", town="双河镇")
    assert found.town == "双河镇"
    assert found.village is None


def test_a_guess_is_asked_once_and_only_where_words_do_not_do() -> None:
    asked: list[str] = []

    def guess(text: str) -> str | None:
        asked.append(text)
        return "高龄津贴"

    assert route("老爹岁数大了那个钱没到", guess=guess).departments[0] == "民政局"
    assert route("退耕还林补助没到", guess=guess).departments[0] == "林业局"
    assert len(asked) == 1


def test_a_guess_that_is_no_item_is_ignored() -> None:
    assert route("那个钱没到", guess=lambda _text: "没有的项目").departments[0] == "财政局"


def test_an_item_typed_in_letters_or_by_its_sound_is_read() -> None:
    assert route("gaoling jintie yi nian mei dao").departments[0] == "民政局"
    assert route("高铃津帖没到").departments[0] == "民政局"


@pytest.mark.parametrize(
    "wish",
    [
        "请保密",
        "匿名",
        "别说是我说的",
        "千万别露我名",
        "怕他打击报复",
        "怕给我家穿小鞋",
        "我不敢留名",
        "别让村里知道是谁反映的",
        "替我瞒着点",
        "请保护举报人",
        "名字就不留了",
    ],
)
def test_a_wish_for_confidence_is_heard(wish: str) -> None:
    assert route(f"村主任家里吃低保，{wish}").confidential


@pytest.mark.parametrize(
    "text", ["我不怕报复，实名举报村主任", "怕过期，育儿补贴啥时候交", "问名单他们说保密", "匿名评议我得票最多"]
)
def test_no_wish_for_confidence_is_not_made_up(text: str) -> None:
    assert not route(text).confidential


def test_a_wish_at_the_end_of_a_long_story_is_heard() -> None:
    assert route("低保一直没给批，跑了好几趟。" * 800 + "求你们保密").confidential


@pytest.mark.parametrize(
    "text",
    [
        "家里断粮两天了，低保还没到",
        "等这笔钱买药救命",
        "房子塌了一半，老人还在里头",
        "举报之后他来砸我家玻璃",
        "我们三十多户明天一起去县政府",
        "公示栏把身份证号全贴出来了",
        "查出来的是别人的名字和卡号",
    ],
)
def test_what_cannot_wait_is_marked(text: str) -> None:
    assert route(text).urgent


@pytest.mark.parametrize(
    "text",
    [
        "那年着火把存根烧了",
        "账户被冻住了",
        "补贴打我卡里没有短信",
        "水冲厕所坏了",
        "拖拉机打不着火",
        "低保降了一百块",
        "怕他报复",
    ],
)
def test_what_can_wait_is_not_marked(text: str) -> None:
    assert not route(text).urgent


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问高龄津贴怎么申请", "咨询"),
        ("低保停了三个月没人管", "投诉"),
        ("村书记冒领退耕款", "举报"),
        ("我们五十户联名要求解决", "信访"),
        ("申请公开低保标准文件", "信息公开申请"),
        ("建议在村口贴张大表", "建议"),
        ("我要举报村主任", "举报"),
        ("粮补没到", "投诉"),
    ],
)
def test_the_kind_is_told_from_the_words(text: str, kind: str) -> None:
    assert route(text).kind == kind


def test_the_reason_is_in_words_and_quotes_nothing_personal() -> None:
    why = route("我叫钱多多，电话15400123456，民政局的人骂我，岔路河的").why
    assert "回避：民政局" in why
    assert "先核实在哪里办" in why
    assert "钱多多" not in why
    assert "154" not in why


@given(st.text(max_size=200))
def test_any_text_is_routed_and_never_to_the_accused(text: str) -> None:
    found = route(text)
    assert 1 <= len(found.departments) <= 3
    assert set(found.departments) <= set(DEPARTMENTS)
    assert not set(found.departments) & set(found.accused)
    assert found.kind in KINDS
    assert found.why.endswith("。")


@given(st.lists(st.sampled_from(COMPLAINTS), min_size=2, max_size=3))
def test_joined_complaints_still_keep_the_accused_out(cases: list[dict[str, object]]) -> None:
    found = route("。".join(str(case["text"]) for case in cases))
    assert not set(found.departments) & set(found.accused)
