"""Figures: the sums and rates that an article names, each written once with its year, level and document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from knowledge.errors import Refused

LEVELS: Final = ("国家", "吉林省", "吉林市", "永吉县")
MARK: Final = re.compile(r"\{figure:([^}]*)\}")
KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_YUAN = re.compile(r"(\d+(?:\.\d{1,2})?)元")


class ArticleFault(Refused):
    """An article cannot be read. `said` names place and remedy; `line` counts from 1, 0 if unknown."""

    def __init__(self, problem: str, line: int = 0, file: str = "") -> None:
        self.problem, self.line, self.file = problem, line, file
        place = f"{file} " * bool(file) + f"第{line}行" * bool(line)
        super().__init__(f"{place.strip()}：{problem}" if place else problem)


class Shape(NamedTuple):
    """The names that a block of the front matter knows."""

    texts: tuple[str, ...]
    others: tuple[str, ...]
    optional: frozenset[str]


_FIGURE = Shape(
    texts=("label", "amount", "text", "unit", "level", "document"),
    others=("year",),
    optional=frozenset({"amount", "text", "unit"}),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A published sum (`amount_fen`, in 分) or rate (`text`, such as 30%) and where it comes from."""

    key: str
    label: str
    year: int
    level: str
    document: str
    unit: str = ""
    amount_fen: int | None = None
    text: str = ""

    @property
    def words(self) -> str:
        """The figure as it is read aloud, such as 470元, 1073.97元 or 30%."""
        if self.amount_fen is None:
            return self.text
        yuan, fen = divmod(self.amount_fen, 100)
        return f"{yuan}.{fen:02d}元" if fen else f"{yuan}元"


def fen_of(amount: str) -> int | None:
    """470元 or 73.50元 in 分; None for anything else."""
    return int(Decimal(amount.removesuffix("元")) * 100) if _YUAN.fullmatch(amount) else None


def read_figures(written: object, lines: list[str]) -> Iterator[Figure]:
    """The figures of a front matter. Raises ArticleFault; `lines` are the file's, to name the place."""
    if not isinstance(written, dict):
        raise ArticleFault("figures 下面要先写数字的代号，再写它的内容。", line_of("figures", lines, 1))
    for key, fields in written.items():
        line = line_of(str(key), [text.lstrip() for text in lines], 1)
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise ArticleFault(f"数字代号“{key}”只用小写字母、数字和下划线。", line)
        if not isinstance(fields, dict):
            raise ArticleFault(f"数字“{key}”要写名称、金额、年份、层级和文件。", line)
        _, problem = first_problem(fields, _FIGURE)
        if problem:
            raise ArticleFault(f"数字“{key}”：{problem}", line)
        amount, text = fields.pop("amount", ""), fields.pop("text", "")
        if bool(amount) == bool(text):
            raise ArticleFault(f"数字“{key}”要写 amount（几元）或 text（比例等），只写一个。", line)
        fen = fen_of(amount) if amount else None
        if amount and fen is None:
            raise ArticleFault(f"数字“{key}”的 amount 要写成 470元 或 73.50元。", line)
        yield Figure(key=key, amount_fen=fen, text=text, **fields)


def figure_fields(figure: Figure) -> dict[str, Any]:
    """A figure as the front matter writes it."""
    value = {"text": figure.text} if figure.amount_fen is None else {"amount": figure.words}
    fields: dict[str, Any] = {"label": figure.label, **value, "unit": figure.unit}
    fields |= {"year": figure.year, "level": figure.level, "document": figure.document}
    return {name: content for name, content in fields.items() if content != ""}


def first_problem(found: dict[Any, Any], shape: Shape) -> tuple[str, str]:
    """The first name that is unknown, missing or ill-written, and the remedy; empty if all is well."""
    known = (*shape.texts, *shape.others)
    for name in found:
        if name not in known:
            return str(name), f"“{name}”不是认识的名称，请核对写法。"
    for name in known:
        if name not in shape.optional and found.get(name) in (None, ""):
            return name, f"{name} 没有写。"
    for name in shape.texts:
        if name in found and (not isinstance(found[name], str) or found[name] != found[name].strip()):
            return name, f"{name} 要写成文字，前后不留空格。"
    if found["level"] not in LEVELS:
        return "level", f"level 只能是 {'、'.join(LEVELS)}。"
    year = found.get("year")
    if year is not None and (type(year) is not int or not 1949 <= year <= 2100):
        return "year", "year 要写四位年份。"
    return "", ""


def line_of(name: str, lines: list[str], first: int) -> int:
    """The line on which a name of the front matter stands; the opening fence when it is missing."""
    found = (number for number, line in enumerate(lines, first) if line.startswith(f"{name}:"))
    return next(found, 1)
