"""Telling lines that hold no payment from rows that do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake import names
from intake.headers import score
from intake.layout import Layout
from intake.wire import unmarked

_SUBTOTAL = re.compile(r".{0,12}(?:小计|分计|承前页|承上页|接上页|续前页|过次页|转下页|转次页)[:：]?.{0,16}")
_TOTAL = re.compile(r".{0,12}(?:合计|总计|共计|累计|总额|总和)[:：]?.{0,24}")
# How programs end a list: 记录数：5, 人数：4人.
_COUNTED = re.compile(r"(?:总?(?:记录|笔|人|户|行)数|人次|总?金额|金额合计)[:：]([0-9].{0,16})?")
_FOOTER = re.compile(
    r"(?:制表|填表|编制|审核|审批|复核|核对|经办|经手|负责|主管|单位负责|领导|分管|填报|报送|上报|盖章|公章|印章|签字|签章|签名|说明|备注|注[:：]|附注|附[:：]"
    r"|监督|举报|咨询|联系|日期|时间|打印|导出|单位[:：(（]|第.{1,5}页|共.{1,5}页|以上|特此|本表|此表|会计|出纳|村书记|村主任|村长|驻村|财政所|以下空白|以下无)"
)
_SIGNATURE = re.compile(
    r"(?:制表|填表|编制|审核|审批|复核|核对|经办|经手|负责|主管|领导|填报|报送|会计|出纳|签字|签名|盖章)[^:：]{0,8}[:：].{0,20}"
)
_TITLE = re.compile(r".{2,60}(?:表|名册|名单|清册|花名册|明细|公示|台账|汇总|[:：]元)[)）]?")
_GROUP = re.compile(r".{1,16}(?:村|社区|镇|乡|组|屯|村委会|队)[:：]?$")
_UNIT = re.compile(r"[(（]?(?:[百千万]?元(?:[/每].{1,3})?|亩|人|户|头|只|台|套|个?月|次|公顷|公斤|斤|%|％|岁|年)[)）]?")
_NUMBERED = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）]|[、．.])[^0-9]")
_PERIOD = re.compile(r"(?:20[0-9]{2}年度?)?(?:(?:1[0-2]|0?[1-9]|十?[一二三四五六七八九十])月份?|第?[1-4一二三四]季度|[上下]半年)?[:：]?$")
_FIGURE = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
_FEW = 3  # filled cells that a line of signatures has at most
_LONGER_THAN_A_NAME = 4


def code_of(cells: Sequence[str], layout: Layout) -> str | None:
    """The code of a line that holds no payment, None for a row that should be one. Its ID cell holds no ID number."""
    filled = [re.sub(r"\s+", "", unmarked(cell)) for cell in cells]
    filled = [cell for cell in filled if cell]
    if not filled:
        return "EMPTY_LINE"
    return _of_filled(cells, filled, layout) or ("BLANK_ROW" if _is_nobodys(cells, layout) else None)


def _is_nobodys(cells: Sequence[str], layout: Layout) -> bool:
    """A line of a form that was not filled in: a running number, a village perhaps, a formula that gives 0."""
    name, number, amount = (_cell(cells, layout.columns.get(one)) for one in (names.NAME, names.ID, names.AMOUNT))
    return not name and not number and not amount.strip("0.")


def _of_filled(cells: Sequence[str], filled: list[str], layout: Layout) -> str | None:
    if _is_header(cells, layout):
        return "HEADER_REPEATED"
    if any(_has_id(cells, strip.columns.get(names.ID, 0)) for strip in layout.strips):
        return None
    for text in (filled[0], *(_cell(cells, layout.columns.get(name)) for name in (names.NAME, names.ID, names.VILLAGE))):
        if _SUBTOTAL.fullmatch(text):
            return "SUBTOTAL_LINE"
        if _TOTAL.fullmatch(text) or (len(filled) <= _FEW and _COUNTED.fullmatch(text)):
            return "TOTAL_LINE"
    if all(_FIGURE.fullmatch(cell) for cell in filled) and not _cell(cells, layout.columns.get(names.NAME)):
        return _numbers(filled) or ("TOTAL_LINE" if _cell(cells, layout.columns.get(names.AMOUNT)).strip("0.") else None)
    if any(map(_SIGNATURE.fullmatch, filled)):
        return "FOOTER_LINE"
    return _numbers(filled) or (_single(filled) if len(filled) <= _FEW else None)


def ends_section(text: str) -> bool:
    """Whether a line sums up the rows under one heading, and not those of one page."""
    return "页" not in text and _SUBTOTAL.fullmatch(text) is not None


def is_note(text: str) -> bool:
    """Whether a line by its beginning is a note, a signature or a date, and heads nothing."""
    return _FOOTER.match(text) is not None or re.search(r"[0-9]{1,2}[日号]|星期", text) is not None


def is_wording(text: str) -> bool:
    """Whether a cell's text belongs to a total, a signature or a header rather than to a row."""
    return any(form.match(text) for form in (_SUBTOTAL, _TOTAL, _FOOTER)) or names.known(text) is not None


def _cell(cells: Sequence[str], at: int | None) -> str:
    return re.sub(r"\s+", "", unmarked(cells[at])) if at is not None and at < len(cells) else ""


def _is_header(cells: Sequence[str], layout: Layout) -> bool:
    return score(cells) >= max(3, len(layout.columns) // 2)


def _has_id(cells: Sequence[str], at: int) -> bool:
    return at < len(cells) and sum(letter.isdigit() for letter in cells[at]) >= 6


def _single(filled: list[str]) -> str | None:
    """A line of few filled cells: a title or a group in between, or signatures and notes."""
    if _FOOTER.match(filled[0]):
        return "FOOTER_LINE"
    if len(filled) > 1:
        return None
    if _TITLE.fullmatch(filled[0]):
        return "TITLE_LINE"
    if any(form.match(filled[0]) for form in (_GROUP, _NUMBERED, _PERIOD)):
        return "GROUP_HEADER"
    return "FOOTER_LINE" if len(filled[0]) > _LONGER_THAN_A_NAME and not filled[0].isdigit() else None


def _numbers(filled: list[str]) -> str | None:
    """A line that numbers the columns, 1, 2, 3 … or 甲, 乙, 1, 2 … or (4)=(2)×(3), or that gives their units."""
    if all(_UNIT.fullmatch(cell) for cell in filled):
        return "COLUMN_NUMBERS"
    figures = [re.sub(r"[=＝].*|[()（）]", "", cell) for cell in filled if cell not in "甲乙丙丁戊"]
    for count in (map(str, range(1, len(figures) + 1)), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if figures and figures == list(count)[: len(figures)]:
            return "COLUMN_NUMBERS"
    return None
