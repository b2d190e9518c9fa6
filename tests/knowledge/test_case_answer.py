"""The answer in the resident's words, and what must be filled in before there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.case_answer import RESULTS, Written, clean, composed, results_for
from knowledge.errors import Refused
from knowledge.kinds import DISCLOSURE, KINDS, PETITION

WRITTEN = Written("查实", "钱是银行退回的，已经重新打款", "《吉林省惠民补贴管理办法》第12条", "钱到了会在这里告诉您")


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_of_every_kind_has_words(kind: str) -> None:
    for result, said in results_for(kind).items():
        text = composed(kind, replace(WRITTEN, result=result).checked(kind), "请打12333")
        assert text.startswith(said)
        assert said == RESULTS[result]


def test_result_text_basis_and_next_step_stand_in_this_order() -> None:
    text = composed("投诉", WRITTEN.checked("投诉"), "有不明白的，打12333")
    parts = ["情况属实", "银行退回", "依据：《吉林省惠民补贴管理办法》第12条。", "下一步：钱到了会在这里告诉您。", "打12333。"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_what_one_can_do_afterwards_is_told_where_the_law_says() -> None:
    assert "30天内" in composed(PETITION, WRITTEN)
    assert "复查" not in composed(PETITION, WRITTEN, ends=False)
    assert "行政复议" in composed(DISCLOSURE, replace(WRITTEN, result="公开"))
    assert "复查" not in composed("投诉", WRITTEN)


@pytest.mark.parametrize(
    ("changed", "missing"),
    [({"result": ""}, "结果"), ({"result": "公开"}, "结果"), ({"said": " \n"}, "答复内容"), ({"basis": ""}, "依据"), ({"next_step": ""}, "下一步")],
)
def test_what_is_missing_is_asked_for(changed: dict[str, str], missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        replace(WRITTEN, **changed).checked("投诉")


def test_where_there_is_no_document_that_is_said() -> None:
    written = replace(WRITTEN, basis="", no_basis=True).checked("投诉")
    assert "依据" not in composed("投诉", written)


def test_no_result_blames_or_stays_silent() -> None:
    for said in RESULTS.values():
        assert said.endswith("。")
        assert "您错" not in said


@given(st.text())
def test_no_control_character_leaves_the_house(text: str) -> None:
    cleaned = clean(text)
    assert all(char == "\n" or char.isprintable() or not char.isascii() for char in cleaned)
    assert not set(cleaned) & {"\x00", "\x0b", "\x1b", "\u202e", "\u200b", "\ufeff", "\x7f", "\r"}
