"""The rows of a file of 12345's work orders: its columns by the names that hotlines give them, and each cell read or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any

from intake.cleaning import Refusal
from intake.days import day
from intake.looking import by_sheet
from intake.reading import FileRefused, read
from intake.register_table import Row, Vocabulary
from intake.wire import HIDDEN, NUMBER, unmarked
from knowledge.errors import Refused
from knowledge.identity import half_width
from knowledge.kinds import KINDS

NUMBER_OF, WORDS, CALLER, PHONE, ON, DUE = "工单编号", "诉求内容", "来电人", "联系电话", "受理时间", "办结期限"
TITLE, KIND, ADDRESS, SEALED = "标题", "诉求类型", "地址", "是否保密"
_NAMES: Mapping[str, Sequence[str]] = {
    NUMBER_OF: ("工单编号", "工单号", "编号", "受理编号", "业务编号", "流水号", "工单流水号", "热线编号", "事项编号"),
    WORDS: ("诉求内容", "工单内容", "反映内容", "内容", "诉求描述", "问题描述", "来电内容", "事项内容", "主要内容", "诉求"),
    CALLER: ("来电人", "来电人姓名", "姓名", "诉求人", "诉求人姓名", "反映人", "市民姓名", "联系人", "群众姓名"),
    PHONE: ("联系电话", "来电号码", "电话", "手机号", "手机号码", "联系方式", "来电电话", "诉求人电话", "市民电话"),
    ON: ("受理时间", "来电时间", "受理日期", "来电日期", "诉求时间", "创建时间", "派单时间", "转办时间", "日期", "登记时间"),
    DUE: ("办结期限", "办理期限", "截止时间", "截止日期", "到期时间", "办结时限", "处理期限", "答复期限", "要求办结时间", "限办时间"),
    TITLE: ("标题", "工单标题", "诉求标题", "主题"),
    KIND: ("诉求类型", "工单类型", "类型", "诉求类别", "业务类型", "诉求性质"),
    ADDRESS: ("地址", "事发地址", "诉求地址", "事发地点", "所属区域", "乡镇", "区域"),
    SEALED: ("是否保密", "保密", "信息保密", "是否隐私保密"),
}  # fmt: skip
_VOCABULARY = Vocabulary(
    {name: (column, rank) for column, names in _NAMES.items() for rank, name in enumerate(names)}, ((NUMBER_OF,), (WORDS,)),
)  # fmt: skip
_LOOKED_AT = 60  # rows within which the header must come
_SUM = ("合计", "总计", "共计", "小计")
_LONGEST = 4000  # characters of the words
_NUMBER = re.compile(r"[0-9A-Za-z\u4e00-\u9fff〔〕\[\]()（）_/.#-]{3,64}")
_PHONE = re.compile(r"(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}|[0-9]{7,8})")


@dataclass(frozen=True, slots=True)
class Order:
    """One row as it was read."""

    row: int
    number: str
    text: str
    name: str | None = None
    phone: str | None = None
    kind: str | None = None
    sealed: bool = False
    on: date | None = None
    due: date | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What is kept, and held against the same number when it comes again."""
        return {
            "text": self.text, "name": self.name, "phone": self.phone, "kind": self.kind, "sealed": self.sealed,
            "on": self.on.isoformat() if self.on else None, "due": self.due.isoformat() if self.due else None,
        }  # fmt: skip


def rows_of(file: Path) -> Iterator[Row]:
    """The rows of all sheets that hold work orders, empty lines and sums left out. FileRefused if none does.

    Not the registers' reader: an order may have nothing but its number and its words.
    """
    found = False
    for first, numbered in by_sheet(read(file)):
        head = list(islice(numbered, _LOOKED_AT))
        at = next((at for at, (_, cells) in enumerate(head) if _VOCABULARY.is_enough(_VOCABULARY.columns(cells, {}))), None)
        if first.hidden or at is None:
            continue
        found, columns = True, _VOCABULARY.columns(head[at][1], {})
        for number, cells in chain(head[at + 1 :], numbered):
            filled = [plain for cell in cells if (plain := _plain(cell.removeprefix(HIDDEN)))]
            if filled and not filled[0].startswith(_SUM) and _VOCABULARY.columns(cells, {}) != columns:
                values = {name: cells[place].removeprefix(HIDDEN) if place < len(cells) else "" for name, place in columns.items()}
                yield Row(first.sheet, number, values)
    if not found:
        raise FileRefused("没有找到“工单编号”和“诉求内容”两列，这个文件没有导入。请核对表头，列名改成这两个再试。")


def read_order(row: Row) -> Order:
    cells = {name: _plain(cell) for name, cell in row.cells.items()}
    number = half_width(cells[NUMBER_OF]).replace(" ", "")
    if not number:
        raise Refused("没有工单编号。")
    if row.cells[NUMBER_OF].startswith(NUMBER) and (len(number) > 15 or not number.isdigit()):
        raise Refused("工单编号在表格里存成了数字，末尾几位已经丢了。请把这一列设成“文本”重新导出。")
    if not _NUMBER.fullmatch(number):
        raise Refused("工单编号不像编号，请核对这一格。")
    title, words = cells.get(TITLE, ""), cells[WORDS]
    text = f"{title}。{words}" if title and title not in words else words
    if len(text) < 4:
        raise Refused("诉求内容是空的，或者太短。")
    if len(text) > _LONGEST:
        raise Refused(f"诉求内容超过{_LONGEST}字，请分开或精简。")
    address = cells.get(ADDRESS, "")
    if address and address not in text:
        text = f"{text}（{address}）"
    phone = re.sub(r"[\s()（）]|^\+?86(?=1)", "", half_width(cells.get(PHONE, "")))
    if phone and not _PHONE.fullmatch(phone):
        raise Refused("联系电话不像电话号码，请核对这一格。")
    kind = next((one for one in KINDS if one in cells.get(KIND, "")), None)
    return Order(
        row.number, number, text, cells.get(CALLER) or None, phone or None, kind,
        cells.get(SEALED, "") in ("是", "保密", "需保密", "Y", "y", "1"), _day(row, ON), _day(row, DUE),
    )  # fmt: skip


def _plain(cell: str) -> str:
    text = unmarked(cell).strip().lstrip("'’")
    return text.strip()


def _day(row: Row, name: str) -> date | None:
    try:
        found: date | None = day(row.cells.get(name, "")).value
    except Refusal:
        raise Refused(f"“{name}”这一格的日期看不懂，请写成2026-03-05这样。") from None
    return found
