"""The written notices: what each needs, what it says, and on which articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.kinds import DISCLOSURE, KINDS, PETITION
from knowledge.notices import Facts, Kind, Letter, articles_of, letter_of, number_of, title_of, why_not

FACTS = Facts(
    kind=PETITION, number="YJ20260302-0001", filed_on=date(2026, 3, 2), department="永吉县民政局", item="最低生活保障",
    place="口前镇", accepted_on=date(2026, 3, 12), due_on=date(2026, 5, 11), extended_by="30日", extended_why="要到外地核实",
    answered="您反映的事查过了，情况属实。", forwarded_to="永吉县农业农村局", to_correct="请写明要哪一年的",
)  # fmt: skip


def said(kind: Kind, facts: Facts = FACTS, words: str = "低保停发") -> str:
    return "\n".join(letter_of(kind, facts, words))


def test_the_acceptance_says_until_when_and_on_what() -> None:
    text = said(Kind.ACCEPT)
    for part in ("2026年3月2日（星期一）", "YJ20260302-0001", "低保停发", "2026年5月11日（星期一）"):
        assert part in text
    assert articles_of(Kind.ACCEPT, PETITION) == ("《信访工作条例》第22条、第34条",)
    assert title_of(Kind.ACCEPT, PETITION) == "信访事项受理告知书"


def test_the_extension_says_why_and_until_when() -> None:
    text = said(Kind.EXTEND, words="")
    for part in ("要到外地核实", "延长30日", "2026年5月11日", "负责人批准"):
        assert part in text


def test_the_answer_to_a_petition_tells_of_review_and_its_terms() -> None:
    text = said(Kind.ANSWER, words="")
    assert text.count("30日内") == 4  # to ask and to decide, 复查 and 复核 (第35、36条)
    for part in ("复查", "复核", "情况属实"):
        assert part in text


def test_the_answer_to_a_request_tells_of_its_own_remedies() -> None:
    text = said(Kind.ANSWER, replace(FACTS, kind=DISCLOSURE), "")
    assert "行政复议" in text
    assert "复查" not in text


def test_a_forwarding_names_the_office_and_the_term_to_object() -> None:
    text = said(Kind.FORWARD)
    assert "永吉县农业农村局" in text
    assert "5个工作日内提出异议" in text


def test_a_correction_says_what_is_missing_and_that_the_clock_starts_anew() -> None:
    text = said(Kind.CORRECT, replace(FACTS, kind=DISCLOSURE), "")
    assert "请写明要哪一年的" in text
    assert "重新计算" in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_slip_tells_every_kinds_way(kind: str) -> None:
    text = said(Kind.SLIP, replace(FACTS, kind="投诉", slip_for=kind))
    assert FACTS.number in text
    assert f"类别：{kind}" in text
    assert "接收单位" in text


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (Kind.ACCEPT, {"accepted_on": None}), (Kind.EXTEND, {"extended_by": ""}), (Kind.ANSWER, {"answered": ""}),
        (Kind.FORWARD, {"forwarded_to": ""}), (Kind.CORRECT, {"kind": DISCLOSURE, "to_correct": ""}),
    ],
)  # fmt: skip
def test_nothing_is_certified_that_has_not_happened(kind: Kind, changed: dict[str, object]) -> None:
    assert why_not(kind, replace(FACTS, **changed))
    right = {"kind": changed["kind"]} if "kind" in changed else {}
    assert why_not(kind, replace(FACTS, **right)) == ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (PETITION, DISCLOSURE)])
def test_other_kinds_need_no_notices_but_the_slip(kind: str) -> None:
    facts = replace(FACTS, kind=kind)
    assert [each for each in Kind if not why_not(each, facts)] == [Kind.SLIP]


def test_what_must_be_written_must_be_written() -> None:
    assert why_not(Kind.ACCEPT, FACTS, " ") != ""
    assert why_not(Kind.EXTEND, FACTS, " ") == ""


def test_a_provisional_date_says_so_and_a_stopped_clock_promises_none() -> None:
    assert "暂定" in said(Kind.ACCEPT, replace(FACTS, provisional=True))
    assert "暂停" in said(Kind.EXTEND, replace(FACTS, due_on=None), "")


def test_a_letter_has_all_its_parts() -> None:
    number = number_of("民政局", 2026, 3)
    letter = Letter.of(Kind.ACCEPT, PETITION, number, "关玉梅", ["一段"], "永吉县民政局", date(2026, 3, 12))
    assert (letter.number, letter.day, letter.signer) == ("民政局告〔2026〕3号", "2026年3月12日", "永吉县民政局")
