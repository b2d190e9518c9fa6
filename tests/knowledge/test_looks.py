"""Who asks who has looked, and what they are told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from knowledge.looks import Look, asks_who_looked, look_in_words


@pytest.mark.parametrize(
    "said",
    [
        "谁查过我", "谁看过俺家的补贴", "有没有人看过我的资料？", "哪些部门查过我的信息", "我的信息都有谁看过", "俺的档案被人查过没有",
        "谁看了我的身份证号", "我的查看记录", "到底谁看过我的资料啊", "哪个单位调取过我的档案",
    ],
)  # fmt: skip
def test_a_wish_to_know_who_has_looked_is_understood(said: str) -> None:
    assert asks_who_looked(said)


@pytest.mark.parametrize(
    "said",
    [
        "谁动了我的低保钱", "谁查过低保", "看病报销找谁", "谁看过病能报销", "我的钱谁拿走了", "我的低保怎么查", "低保谁能领",
        "我查过了没有钱", "看看我的补贴", "", "谁" * 500,
    ],
)  # fmt: skip
def test_other_questions_are_left_alone(said: str) -> None:
    assert not asks_who_looked(said)


def test_a_look_is_told_in_beijing_time_with_a_reason_even_where_none_was_asked_for() -> None:
    look = Look(datetime(2026, 11, 23, 16, 5, tzinfo=UTC), "民政局", "case.view", "YJ20261124-0001", "")
    assert look_in_words(look, date(2026, 11, 24)) == "11月24日 00:05，民政局看了您反映的事（YJ20261124-0001），原因：办这件事"
