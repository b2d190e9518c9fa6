"""What of another person is noticed in a text that goes out, and what is not."""

from __future__ import annotations

import pytest

from knowledge.identity import mask_id_number
from knowledge.strangers import names_in, strangers_in, without_ids

ID = "22022119340412936X"


def kinds(text: str, **known: object) -> set[str]:
    return {find.what for find in strangers_in(text, **known)}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("打13912345678问一下", "手机号"),
        ("打 139 1234 5678 问一下", "手机号"),
        ("账号6299990102491369086退回了", "一长串号码，像是账号或身份证号"),
        ("办公室0432-64221234", "电话号码"),
        ("邻居张桂花也领了", "姓名"),
        ("王强主任已经打过招呼", "姓名"),
        ("户主：李大山", "姓名"),
    ],
)
def test_numbers_and_marked_names_are_noticed(text: str, what: str) -> None:
    assert what in kinds(text)


def test_people_of_the_staff_and_of_the_story_are_noticed_without_a_mark() -> None:
    assert kinds("林芳已经去过了", other_names=["林芳", "王强"]) == {"姓名"}
    assert kinds("已经找张桂花谈过", story="是邻居张桂花多占的地") == {"姓名"}


def test_the_residents_own_and_what_is_public_are_not() -> None:
    own = {"own_names": ["关玉梅"], "own_numbers": ["15400123456", "0432-64221234", "12333"]}
    text = "村民关玉梅，您留的电话15400123456打通了，请打0432-64221234或12333，文号吉农发〔2026〕12号，2026年3月16日前，共300000元，20260316。"
    assert strangers_in(text, **own) == []


def test_a_case_number_is_no_telephone() -> None:
    assert strangers_in("编号YJ20261124-0001，答复在YJ20261124-00012里") == []


def test_what_was_found_is_not_told_in_full() -> None:
    shown = "".join(find.shown for find in strangers_in(f"邻居张桂花，电话13912345678，卡6299990102491369086，{ID}"))
    for whole in ("张桂花", "13912345678", "6299990102491369086", ID):
        assert whole not in shown


@pytest.mark.parametrize("given", [ID, ID.lower(), f"{ID[:6]} {ID[6:14]} {ID[14:]}", "２２０２２１１９３４０４１２９３６Ｘ"])
def test_a_whole_identity_number_is_masked_however_it_is_written(given: str) -> None:
    assert without_ids(f"身份证{given}，已补发") == f"身份证{mask_id_number(ID)}，已补发"


def test_a_text_without_one_stays_as_it_is() -> None:
    text = "账号6299990102491369086，共123456789012345元，编号YJ20261124-0001"
    assert without_ids(text) == text


def test_names_need_a_mark() -> None:
    assert names_in("高龄津贴和地补已经安排，方便时来乡里") == []
    assert names_in("找王强主任问过，村民李大山说的") == ["李大山", "王强"]
