"""A forwarded message of a bank is told from what a person says, and read to the 分."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.bank_text import matching, read
from knowledge.statement import Line

TODAY = date(2026, 11, 24)

FROM_BANKS = [
    ("【农商银行】您尾号9086的账户11月20日09:12入账人民币1,073.97元，摘要：粮食补贴，余额2,310.50元。", 107397, date(2026, 11, 20), "9086"),
    ("您账户*9086于2026年11月20日代发300.00元，可用余额500.10元。我行客服96888", 30000, date(2026, 11, 20), "9086"),
    ("2026-11-20 一卡通 1073.97", 107397, date(2026, 11, 20), None),
    ("11-20 低保金 630.00", 63000, date(2026, 11, 20), None),
    ("12月30日 补贴 88.00", 8800, date(2025, 12, 30), None),
    ("交易时间：2026/11/20 交易类型：转入 交易金额：￥300.00", 30000, date(2026, 11, 20), None),
]


@pytest.mark.parametrize(("text", "fen", "day", "tail"), FROM_BANKS)
def test_messages_of_banks_are_read(text: str, fen: int, day: date, tail: str | None) -> None:
    found = read(text, TODAY)
    assert found is not None
    assert (found.amount_fen, found.day, found.tail, found.went_out) == (fen, day, tail, False)


def test_money_that_left_is_told_apart() -> None:
    found = read("您尾号9086的卡11月20日消费支出50.00元，余额20.00元", TODAY)
    assert found is not None
    assert found.went_out


@pytest.mark.parametrize(
    "text",
    [
        "应该给我1000元，只给了500元", "我尾号9086的卡11月20日没到账300元", "11月低保630元咋没到账呢", "2026年低保一个月多少钱",
        "220221194303089682", "15400123456", "我家11月3号入账1000元，应该是1500元", "高龄津贴80岁100元", "GS-1024", "2026年",
        "去年10月20日前办的，到现在也没发1073元", "查2025年补贴", "",
    ],
)  # fmt: skip
def test_what_a_person_says_is_no_message_of_a_bank(text: str) -> None:
    assert read(text, TODAY) is None


def _line(**more: object) -> Line:
    values = {
        "item": "高龄津贴", "year": 2026, "period": "2026年第4季度", "quantity": None, "unit": None, "standard_fen": None,
        "amount_fen": 30000, "stage": "已发放", "stage_date": date(2026, 11, 18), "paid_date": date(2026, 11, 18),
        "bank": "吉林农信", "account": "6217000000009086", "fail_reason": None,
    } | more  # fmt: skip
    return Line(**values)  # type: ignore[arg-type]


def test_a_message_is_matched_by_amount_account_and_day() -> None:
    bank = read("您尾号9086的账户11月20日入账300.00元，余额1元", TODAY)
    assert bank is not None
    right = _line()
    others = [
        _line(amount_fen=30001), _line(account="6217000000001111"), _line(stage="待发放", paid_date=None),
        _line(paid_date=date(2026, 8, 18)),
    ]  # fmt: skip
    assert matching(bank, [*others, right]) == [right]
