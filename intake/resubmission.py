"""The file for the bank: what came back and has a new account, to be paid again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

from intake.neutral import neutral
from models.bank_return import ReturnedPayment

COLUMNS = ("序号", "户名", "身份证号", "收款账号", "开户银行", "金额", "补贴项目", "年度", "批次", "乡镇", "村", "原退回原因")
_WIDTHS = (6, 12, 22, 24, 18, 12, 24, 8, 16, 12, 12, 24)


def workbook(rows: Sequence[ReturnedPayment]) -> bytes:
    """The workbook: numbers as text so that none is destroyed, amounts in 元, a total at the end."""
    import xlsxwriter  # seldom needed, and large

    target = io.BytesIO()
    # in_memory: its temporary files would hold the accounts in the clear.
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("重新报送")
        head = book.add_format({"bold": True, "bg_color": "#E6F0EC", "border": 1})
        text, money = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0.00"})
        for column, (title, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        sheet.freeze_panes(1, 0)
        for number, one in enumerate(rows, 1):
            for column, cell in enumerate(_cells(one, number)):
                if column == COLUMNS.index("金额"):
                    sheet.write_number(number, column, Decimal(one.amount_fen) / 100, money)
                else:
                    sheet.write_string(number, column, neutral(cell), text)
        sheet.write_string(len(rows) + 1, 1, "合计", head)
        sheet.write_number(len(rows) + 1, COLUMNS.index("金额"), Decimal(sum(one.amount_fen for one in rows)) / 100, money)
    return target.getvalue()


def _cells(one: ReturnedPayment, number: int) -> list[str]:
    person = one.resident
    bank = one.new_bank or person.bank or ""
    return [
        str(number), person.name, person.id_number, one.new_account or "", bank, "", one.item, str(one.year), one.period,
        person.town or "", person.village or "", one.reason or "",
    ]  # fmt: skip
