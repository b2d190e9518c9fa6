"""Telling lines that hold no payment from rows that do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake import names
from intake.headers import Layout, score
from intake.wire import DAY, NUMBER

_SUBTOTAL = re.compile(r".{0,12}(?:小计|分计)[:：]?.{0,8}")
_TOTAL = re.compile(r".{0,12}(?:合计|总计|共计|累计|总额)[:：]?.{0,12}")
_FOOTER = re.compile(
    r"(?:制表|填表|审核|复核|经办|经手|负责|主管|单位负责|领导|填报|报送|盖章|公章|签字|签章|说明|备注|注[:：]|附注|监督|举报|咨询|联系|日期|打印|导出|第.{1,4}页|共.{1,4}页)"
)
_TITLE = re.compile(r".{2,40}(?:表|名册|名单|清册|明细|公示|[:：]元)[)）]?")
_GROUP = re.compile(r".{1,12}(?:村|社区|镇|乡|组|屯|村委会)[:：]?")
_FEW = 3  # filled cells that a line of signatures has at most
_LONGER_THAN_A_NAME = 4


def code_of(cells: Sequence[str], layout: Layout) -> str | None:
    """The code of a line that holds no payment, None for a row that should be one. Its ID cell holds no ID number."""
    filled = [re.sub(r"\s+", "", cell.lstrip(NUMBER + DAY)) for cell in cells]
    filled = [cell for cell in filled if cell]
    if not filled:
        return "EMPTY_LINE"
    if _is_header(cells, layout):
        return "HEADER_REPEATED"
    if _has_id(cells, layout):
        return None
    name_at = layout.columns.get(names.NAME, 0)
    named = re.sub(r"\s+", "", cells[name_at]) if name_at < len(cells) else ""
    for text in {filled[0], named}:
        if _SUBTOTAL.fullmatch(text):
            return "SUBTOTAL_LINE"
        if _TOTAL.fullmatch(text):
            return "TOTAL_LINE"
    return _single(filled) if len(filled) <= _FEW else _numbers(filled)


def _is_header(cells: Sequence[str], layout: Layout) -> bool:
    return score(cells) >= max(3, len(layout.columns) // 2)


def _has_id(cells: Sequence[str], layout: Layout) -> bool:
    at = layout.columns.get(names.ID, 0)
    return at < len(cells) and sum(letter.isdigit() for letter in cells[at]) >= 6


def _single(filled: list[str]) -> str | None:
    """A line of few filled cells: a title or a group in between, or signatures and notes."""
    if _FOOTER.match(filled[0]):
        return "FOOTER_LINE"
    if len(filled) > 1:
        return None
    if _TITLE.fullmatch(filled[0]):
        return "TITLE_LINE"
    if _GROUP.fullmatch(filled[0]):
        return "GROUP_HEADER"
    return "FOOTER_LINE" if len(filled[0]) > _LONGER_THAN_A_NAME and not filled[0].isdigit() else None


def _numbers(filled: list[str]) -> str | None:
    """A line that numbers the columns: 1, 2, 3 … or 甲, 乙, 1, 2 …"""
    figures = [cell for cell in filled if cell not in "甲乙丙丁戊"]
    return "COLUMN_NUMBERS" if figures == [str(n) for n in range(1, len(figures) + 1)] else None
