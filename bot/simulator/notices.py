"""Templates of service notices (模板消息, 订阅通知) and what their fields may hold.

Source: "订阅消息参数值内容限制说明", valid for both kinds since templates go by category. A field's kind is the word
before its number: `thing1` is a thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.chat import Shown
from bot.simulator.errors import ApiRefusal

_ASCII = r"[\x21-\x7e ]"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DATE = r"\d{4}([年/.-])\d{1,2}([月/.-])\d{1,2}日?"
_MOMENT = rf"({_DATE}( ?{_CLOCK})?|{_CLOCK})"
_SHAPES = {
    "thing": r".{1,20}",
    "number": r"[0-9.]{1,32}",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": rf"{_ASCII}{{1,32}}",
    "time": rf"{_MOMENT}(~{_MOMENT})?",
    "date": rf"{_MOMENT}(~{_MOMENT})?",
    "amount": r"[^\d\s]?\d{1,10}(\.\d+)?元?",
    "phone_number": r"[\d+\- ]{1,17}",
    "car_number": r".{1,8}",
    "name": r"([\u4e00-\u9fff·]{1,10}|[^\u4e00-\u9fff]{1,20}|.{1,10})",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
    "const": r".{1,20}",
}
_RULES = {kind: re.compile(shape, re.DOTALL) for kind, shape in _SHAPES.items()}
_LABELS = {
    "thing": "内容",
    "number": "数量",
    "character_string": "编号",
    "time": "时间",
    "date": "日期",
    "amount": "金额",
    "phone_number": "电话",
    "name": "姓名",
    "phrase": "状态",
    "const": "类别",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A template that the account has added: its fields' labels by name, e.g. {"thing1": "办理事项"}."""

    template_id: str
    title: str = "服务通知"
    labels: Mapping[str, str] = field(default_factory=dict)
    long_term: bool = True


def card(template: Template, data: Any, url: str) -> Shown:
    """The card on the phone; 47003 where a field is missing, empty or of the wrong form."""
    if not isinstance(data, dict) or not data:
        raise ApiRefusal(47003, "data is empty")
    for name in template.labels:
        if name not in data:
            raise ApiRefusal(47003, f"data.{name}.value is empty")
    rows = [[template.labels.get(name) or label_of(name), _value(name, given)] for name, given in data.items()]
    return Shown("card", {"title": template.title, "rows": rows, "url": url})


def label_of(name: str) -> str:
    """A label for a field of a template whose wording is not known here."""
    return _LABELS.get(_kind(name), name)


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


def _value(name: str, given: Any) -> str:
    value = given.get("value") if isinstance(given, dict) else None
    words = "" if value is None else str(value)
    if not words:
        raise ApiRefusal(47003, f"data.{name}.value is empty")
    rule = _RULES.get(_kind(name))
    if rule and not rule.fullmatch(words):
        raise ApiRefusal(47003, f"data.{name}.value invalid")
    return words
