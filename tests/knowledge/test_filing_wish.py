"""A wish to file something is known by its first words, however politely they come."""

from __future__ import annotations

import time

import pytest

from knowledge.filing_wish import filing_wish, question_behind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我要投诉", ""),
        ("我要反映个问题", ""),
        ("能不能给我反映反映", ""),
        ("你好，我要投诉，我家地补两年没发了", "我家地补两年没发了"),
        ("反映一个问题，我们村的低保名单里有车的好几家", "我们村的低保名单里有车的好几家"),
        ("领导好，向您反映一下我家的低保", "我家的低保"),
        ("我想举报民政局的张科长收钱", "民政局的张科长收钱"),
        ("匿名举报村会计", "村会计"),
        ("我有件事要反映", ""),
        ("我有个建议，能不能把认证改成上门", "能不能把认证改成上门"),
        ("我建议村里多贴几天公示", "村里多贴几天公示"),
        ("我要告我们村长", "我们村长"),
        ("俺要反应一下地补的事", "地补的事"),
        ("我要投诉怎么还没人理，我家地补三年没发了", "怎么还没人理，我家地补三年没发了"),
        ("村主任把我家地补领走了不给，我要投诉", "村主任把我家地补领走了不给"),
        ("低保说停就停。问谁都不管，我要举报他们！", "低保说停就停。问谁都不管"),
        ("养老金少发两个月 俺要反映一下", "养老金少发两个月"),
    ],
)
def test_a_wish_is_heard_and_what_is_told_behind_it(text: str, told: str) -> None:
    wish = filing_wish(text)
    assert wish is not None
    assert wish.told == told


@pytest.mark.parametrize(
    "text",
    ["去哪投诉", "投诉找谁", "举报电话多少", "我想投诉该找谁", "信访怎么走", "投诉结果多久有", "有个问题，低保怎么申请", "有人举报我咋办",
     "我要告诉你个事", "我反映的事咋没动静", "上次投诉的事办到哪了", "我不想投诉", "地补啥时候发",
     "地补没发，去哪投诉", "村里不管，能不能投诉", "低保停了，我不想投诉", "我要低保", ""],
)  # fmt: skip
def test_a_question_or_another_wish_is_none(text: str) -> None:
    assert filing_wish(text) is None


@pytest.mark.parametrize(
    ("text", "asked"), [("我想咨询一下低保怎么申请", "低保怎么申请"), ("我要咨询", ""), ("您好，问一下地补", "地补"), ("地补多少", None)]
)
def test_what_is_asked_behind_a_polite_opening_is_told(text: str, asked: str | None) -> None:
    assert question_behind(text) == asked


@pytest.mark.parametrize("text", ["，" * 4000, "，我要举报" * 800 + "吗", "我家的地去年被占了，" * 400])
def test_a_long_message_is_read_at_once(text: str) -> None:
    began = time.process_time()
    filing_wish(text)
    assert time.process_time() - began < 0.05
