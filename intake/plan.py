"""How one table is to be read: its layout, what was given and guessed, and what has to be asked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake import guesses, headers, layout, names
from intake.amounts import MONEY_UNITS, YUAN
from intake.assigning import REMARK
from intake.layout import Layout
from intake.progress import PAID_STAGES, STAGES
from intake.said import GIVABLE, HIDDEN_CHOICES, HIDDEN_SHEETS, MONEY_UNIT, WHICH_COLUMN, Said, column_key, value_key
from intake.wire import unmarked
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS

_EXAMPLES = {
    names.ITEM: "项目全称", names.YEAR: "2025", names.BATCH: "2025年第1批", names.STATUS: "待发放",
    names.STATUS_DATE: "2025-03-05",
    names.PAID_DATE: "2025-03-05",
}  # fmt: skip
_CHOICES = {names.ITEM: tuple(ITEMS), names.STATUS: STAGES, names.TOWN: tuple(TOWNS)}
_ASKS = {
    names.ITEM: "这是哪一项补贴？", names.YEAR: "这是哪一年的钱？", names.BATCH: "这是哪一批？写成“2025年第1批”“2025年03月”这样。",
    names.STATUS: "这些钱到了哪一步？没有确认到账的，不要选已发放。", names.STATUS_DATE: "从哪天起是这个状态？写成2025-03-05这样。",
    names.PAID_DATE: "钱是哪天发的？写成2025-03-05这样。",
}  # fmt: skip


def choices_of(column: str) -> tuple[str, ...]:
    """What may stand in a column, where that is a list."""
    return _CHOICES.get(column, ())


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked before the file can be taken (`needed`), or should be looked at.

    `key`: under which `given` holds the answer. `choices`: what may be chosen; empty where it is to be written.
    `guess`: what title line, sheet or file name suggest; to be preselected, and sent only when a person confirms it.
    """

    key: str
    asks: str
    choices: tuple[str, ...] = ()
    guess: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a sheet, with their numbers; `file` is what the file was called."""

    sheet: int
    name: str
    numbers: Sequence[int]
    rows: Sequence[list[str]]
    file: str = ""
    grid: bool = False
    hidden: bool = False
    scoped: frozenset[str] = frozenset()  # fields whose answers are for this sheet only

    def key(self, column: str) -> str:
        """The key under which a value for this table is said."""
        return value_key(column, self.name if column in self.scoped else "")

    @property
    def which(self) -> str:
        return f"第{self.sheet + 1}张表“{self.name[:20]}”" if self.name else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is to be read. `left_out` says why it is not, `refusal` why the file cannot be taken as it is."""

    table: Table
    layout: Layout | None = None
    left_out: str = ""
    refusal: str = ""
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    suggested: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    money: str = YUAN

    @property
    def missing(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.needed)


def plan(table: Table, said: Said) -> Plan:
    """The plan of a table."""
    header = headers.find(table.rows)
    if header is None:
        return Plan(table, left_out=f"{table.which}没有找到表头，这张表没有导入。", notes=_of_garbled(table))
    found = layout.of(header, table.rows[header.rows :], said.columns)
    titles = tuple(_line(row) for row in table.rows[: len(header.above)] if any(cell.strip() for cell in row))
    if table.hidden and not said.hidden_too:
        ask = Question(HIDDEN_SHEETS, f"{table.which}是隐藏的，要不要导入？", tuple(HIDDEN_CHOICES), "不要", needed=False)
        return Plan(table, found, f"{table.which}是隐藏的，没有导入。", questions=(ask,), titles=titles)
    if not any(names.ID in (*strip.columns, *(found.open or ())) for strip in found.strips):
        return Plan(table, found, f"{table.which}没有身份证号列，这张表没有导入。", notes=_of_a_bank(found), titles=titles)
    return _with_questions(table, said, found, titles)


def _of_a_bank(found: Layout) -> tuple[str, ...]:
    """Accounts and results, and no numbers: what a bank sends back."""
    if names.ACCOUNT in found.columns and found.columns.keys() & {names.STATUS, names.REASON}:
        return ("这像是银行的回盘文件。请从“导入回盘”进，命令行用 import-returns。",)
    return ()


def _line(cells: Sequence[str]) -> str:
    return " ".join(unmarked(cell).strip() for cell in cells if cell.strip())


def _with_questions(table: Table, said: Said, found: Layout, titles: tuple[str, ...]) -> Plan:
    given = said.of_sheet(table.name)
    suggested = _suggested(table, titles)
    questions = [*_which_column(found), *_which_item(found), *_missing(table, found, given, suggested)]
    notes = [*found.notes, *_contradicted(table, said, given, suggested), *(_only_blanks(table, name) for name in given if name in found.columns)]
    questions += _unit_of_money(said, found, titles)
    where, offer = _places(table, found, given, suggested)
    questions += where
    if names.UNIT not in found.columns and names.UNIT not in given and guesses.says_area(titles):
        given[names.UNIT] = "亩"
    return Plan(
        table, found, refusal=_refusal(table, said, suggested), questions=tuple(questions), notes=(*notes, *offer),
        titles=titles, suggested=suggested, given=given, money=said.money or YUAN,
    )  # fmt: skip


def _places(
    table: Table, found: Layout, given: Mapping[str, Any], suggested: Mapping[str, str]
) -> tuple[list[Question], list[str]]:
    """The township and the village that titles and names suggest: to be confirmed, and what is noted of them."""
    places = {name: place for name in (names.TOWN, names.VILLAGE) if name not in {*found.columns, *given} and (place := suggested.get(name))}
    if not places:
        return [], []
    questions = [
        Question(table.key(name), f"{table.which}没有{name}列。都是{place}的吗？", choices_of(name), place, needed=False)
        for name, place in places.items()
    ]
    keys = "、".join(f"{table.key(name)}={place}" for name, place in places.items())
    return questions, [f"{table.which}没有{'、'.join(places)}列，看标题像是{''.join(places.values())}。要填上，请指定 {keys}。"]


def _suggested(table: Table, titles: Sequence[str]) -> dict[str, str]:
    return guesses.guesses((*titles, table.name, table.file))


def _which_column(found: Layout) -> list[Question]:
    return [
        Question(WHICH_COLUMN + name, f"哪一列是{name}？", labels) for name, labels in (found.open or {}).items()
    ]


def _which_item(found: Layout) -> list[Question]:
    """Several columns of money in a row: each is a payment of its own, and nobody may take their sum for one."""
    return [
        Question(column_key(label), f"“{label}”列是哪一项补贴的钱？不单算一笔的，选{REMARK}。", (*ITEMS, REMARK), guesses.item_in_text(label) or "")
        for label in found.unnamed
    ]


def _missing(table: Table, found: Layout, given: Mapping[str, Any], suggested: Mapping[str, str]) -> list[Question]:
    lacking = {name: None for strip in found.strips for name in strip.missing(given) if name not in (found.open or ())}
    questions = []
    for name in lacking:
        if name == names.ITEM and found.unnamed:
            continue  # each of those columns is asked for
        if name in GIVABLE:
            of = table.which if name in table.scoped else ""
            questions.append(Question(table.key(name), of + _ASKS[name], _CHOICES.get(name, ()), suggested.get(name, "")))
        else:
            taken = {at for strip in found.strips for at in strip.columns.values()}
            free = tuple(label for at, label in enumerate(found.labels) if at not in taken)
            questions.append(Question(WHICH_COLUMN + name, f"{table.which}哪一列是{name}？", free))
    return questions


def _only_blanks(table: Table, name: str) -> str:
    return f"{table.which or '文件'}里有“{name}”列，指定的值只填在空着的格里。"


def _refusal(table: Table, said: Said, suggested: Mapping[str, str]) -> str:
    """What was said and contradicts the table."""
    for name in (names.ITEM, names.STATUS):
        other, said_here = suggested.get(name), said.at.get(table.name.strip(), {}) if table.name else {}
        if other is None or name in said_here or said.everywhere.get(name, other) == other:
            continue
        if table.name:
            key = value_key(name, table.name)
            return f"{table.which}像是“{other}”，与统一指定的{name.removeprefix('补贴')}不同。请给这张表单独指定，如 {key}={other}。"
        if said.everywhere[name] in PAID_STAGES:  # nothing is taken for paid that says it is not
            return f"标题或文件名像是“{other}”，与指定的“{said.everywhere[name]}”不同。请指定对的状态；是标题写错了，就改好标题再导入。"
    return ""


def _contradicted(table: Table, said: Said, given: Mapping[str, Any], suggested: Mapping[str, str]) -> list[str]:
    """What was said for all tables and is not what the title says."""
    return [
        f"{table.which or '标题'}像是 {name}={suggested[name]}，指定的是{given[name]}。请核对，指定错了就撤下这一批再导入。"
        for name in (names.ITEM, names.YEAR, names.STATUS)
        if name in said.everywhere and given.get(name) == said.everywhere[name] and suggested.get(name, str(given[name])) != str(given[name])
    ]


def _unit_of_money(said: Said, found: Layout, titles: Sequence[str]) -> list[Question]:
    """Where a line or the header of the amounts names another unit than 元: a wrong one is wrong a thousandfold."""
    headers_ = [f"金额{title}" for strip in found.strips if (title := strip.titles.get(names.AMOUNT, ""))]
    others = sorted(guesses.money_units((*titles, *headers_)) - {YUAN})
    if said.money or not others:
        return []
    asks = f"表里写着金额单位是{'、'.join(others)}。金额到底是元还是{'、'.join(others)}？"
    return [Question(MONEY_UNIT, asks, tuple(MONEY_UNITS), others[0] if others[0] in MONEY_UNITS else "")]


def _of_garbled(table: Table) -> tuple[str, ...]:
    text = "".join(cell for row in table.rows[:5] for cell in row)
    if "锟斤拷" in text or "\ufffd" in text or "濮撳悕" in text or "韬唤" in text:
        return ("文件里的字成了乱码。请重新导出，保存时编码选UTF-8或GBK。",)
    return ()


def what_is_missing(plans: Sequence[Plan]) -> str:
    """All that has to be said before these tables can be taken; what the titles suggest is told from what is only a form."""
    lacking = [made for made in plans if made.missing]
    missing = {question.key: question for made in lacking for question in made.missing}
    absent = [question for key, question in missing.items() if _field(key) in _ASKS]
    which = [question for key, question in missing.items() if key.startswith(WHICH_COLUMN)]
    said = [_of_absent(lacking, absent)] if absent else []
    for question in which:
        choices = "、".join(question.choices[:20])
        said.append(f"{question.asks}请指定，如 {question.key}=列名。可选：{choices}。" if choices else f"{question.asks}请补上这一列。")
    said += [
        f"{question.asks}请指定，如 {question.key}={question.guess or '…'}。"
        for question in missing.values() if question not in (*absent, *which)
    ]  # fmt: skip
    return "".join(said)


def _of_absent(lacking: Sequence[Plan], absent: Sequence[Question]) -> str:
    columns = "、".join(dict.fromkeys(_field(question.key) for question in absent))
    guessed = "、".join(f"{question.key}={question.guess}" for question in absent if question.guess)
    others = "、".join(f"{question.key}={_EXAMPLES[_field(question.key)]}" for question in absent if not question.guess)
    where = "表" if len(lacking) > 1 else lacking[0].table.which or "文件"
    said = f"{where}里没有“{columns}”列。请补上，或者统一指定。"
    said += f"看标题或文件名像是 {guessed}，对就照这样指定。" if guessed else ""
    return said + (f"{'其余' if guessed else ''}请照实写，写法如 {others}。" if others else "")


def _field(key: str) -> str:
    return key.partition("@")[0]
