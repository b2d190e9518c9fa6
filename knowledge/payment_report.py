"""钱没到，帮我反映: the wish to have somebody look after one item of one year, and the facts that go with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.money import yuan
from knowledge.statement import Line
from knowledge.wording import account_tail, day

_REPORT: Final = re.compile(r"我要反映[:：]?\s*(20\d\d)年(.+?)没到账(?:[（(](.+?)[)）])?[。.!！]?")
_MOST: Final = 6  # payments told one by one


@dataclass(frozen=True, slots=True)
class Report:
    """A wish to have somebody look after one item of one year; `name` as it was said, masked, or empty."""

    item: str
    year: int
    name: str = ""


def report_in_words(report: Report) -> str:
    """What the resident taps; typed it works too."""
    whose = f"（{report.name}）" if report.name else ""
    return f"我要反映：{report.year}年{report.item}没到账{whose}"


def report_in(text: str) -> Report | None:
    """The wish in such words."""
    found = _REPORT.fullmatch(text.strip())
    if found is None or found[2] not in ITEMS:
        return None
    return Report(found[2], int(found[1]), found[3] or "")


def story(report: Report, name: str, id_tail: str, lines: Sequence[Line], today: date) -> str:
    """The facts for whoever handles the case: who, what, how much, how far each payment came."""
    said = f"{report.year}年{report.item}没到账。{name}（身份证尾号{id_tail}）。"
    if not lines:
        return f"{said}这里没有查到这项发放记录，请帮我查查报没报、批没批。"
    for line in lines[:_MOST]:  # without the bank's name: who pays out is not whom it is about
        said += f"{line.period}，{yuan(line.amount_fen)}，"
        said += f"{line.stage}（{day(line.stage_date, today)}），{account_tail(None, line.account)}。"
        said += f"银行退回原因：{line.fail_reason}。" if line.fail_reason else ""
    return f"{said}请帮我查。"
