"""What counts as an answer to an open question. A validator reads a message and gives plain JSON, or says what is unfit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge.identity import IdNumberFault, find_phones, half_width, normal_digits, parse_id_number


class Message(Protocol):
    """The part of a message that a validator reads."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def media_id(self) -> str: ...


def bare(text: str) -> str:
    """A word as it was meant: without blanks around it and marks at its end."""
    return text.strip().rstrip("。．.！!？?，,；;、 \u3000")


class Unfit(Exception):
    """The message does not answer the question. `said` helps on, without blame."""

    def __init__(self, said: str, choices: tuple[str, ...] = ()) -> None:
        self.said, self.choices = said, choices
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Validator:
    """Reads an answer from a message, or raises Unfit; `choices` are offered to tap."""

    read: Callable[[Message], Any]
    choices: tuple[str, ...] = ()

    def __call__(self, message: Message) -> Any:
        return self.read(message)


_ORDINALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBERED = re.compile(r"^(?:第|选)?\s*([一二两三四五六七八九1-9]|1\d)\s*(?:个|项|条|号)?[。.、!！]?$")


def number_in(text: str) -> int | None:
    """The position that was typed: 2, 第二个, 二, 选2."""
    found = _NUMBERED.match(half_width(text.strip()))
    if not found:
        return None
    digits = found.group(1)
    return int(digits) if digits.isdigit() else _ORDINALS[digits]


def one_of(
    options: Sequence[str], aliases: Mapping[str, str] | None = None, find: Callable[[str], str | None] | None = None
) -> Validator:
    """One of the options: tapped, typed, by its number, by an alias, or found in a sentence by `find`."""
    known = {option: option for option in options} | dict(aliases or {})

    def read(message: Message) -> str:
        text = bare(message.text)
        if text in known:
            return known[text]
        position = number_in(text)
        if position and position <= len(options):
            return options[position - 1]
        found = find(text) if find and text else None
        if found in options:
            return str(found)
        raise Unfit("没看清您选的是哪一个。点下面的字，或发前面的数字就行。")

    return Validator(read, tuple(options))


YES = frozenset({
    "是", "对", "好", "行", "可以", "同意", "好的", "对的", "是的", "中", "嗯呢", "嗯哪", "嗯那", "恩呢", "没错", "确认", "ok", "成", "妥", "妥了",
    "好嘞", "对对", "对对对", "对呀", "对啊", "是呀", "是啊", "是呢", "就是", "行啊", "行了", "行吧", "好吧", "好啊", "可以的", "没毛病", "没问题",
    "都对", "是这样", "对呗", "是呗", "嗯对", "对的呢", "嗯是", "对对是",
})  # fmt: skip
"""A plain yes, as it is said here."""
_NODS = {"嗯", "恩", "嗯嗯"}  # yes to a question, and no more than "I am reading" to a screen
_NO = {"不", "不是", "不对", "不行", "不用", "不同意", "没有", "算了", "否", "不了", "别", "先不", "不要", "不用了", "算了吧", "拉倒"}


def yes_or_no(yes: str, no: str) -> Validator:
    """True or False, from the two words offered or a plain 是 / 不."""

    def read(message: Message) -> bool:
        text = bare(message.text).lower()
        position = number_in(text)
        if text == yes or text in YES or text in _NODS or position == 1:
            return True
        if text == no or text in _NO or position == 2:
            return False
        raise Unfit(f"请点“{yes}”或“{no}”。")

    return Validator(read, (yes, no))


def id_number() -> Validator:
    """A valid ID number in its 18-character form."""

    def read(message: Message) -> str:
        try:
            return parse_id_number(message.text).value
        except IdNumberFault as fault:
            raise Unfit(fault.said) from None

    return Validator(read)


def _plain_digits(text: str) -> str:
    return re.sub(r"[\s\-]", "", bare(normal_digits(text)))


def card_tail() -> Validator:
    """The last four digits of the account on the card; a whole account number gives its last four."""

    def read(message: Message) -> str:
        digits = _plain_digits(message.text)
        if not digits.isdigit():
            raise Unfit("请发社保卡或存折上银行账号的最后4个数字，不是身份证号。")
        if len(digits) == 4 or 12 <= len(digits) <= 22:
            return digits[-4:]
        raise Unfit(f"要的是银行账号的最后4个数字，您发来的是{len(digits)}个。看卡上或存折上的长号码，发最后4个数。")

    return Validator(read)


_NOT_A_NAME = re.compile(r"[0-9A-Za-z?？!！,，。、;；:：]")
_NAME_LEAD = re.compile(r"^(?:我叫|我是|姓名|名字|叫)[是:：]?\s*")


def person_name() -> Validator:
    """A person's name as it stands on the ID card."""

    def read(message: Message) -> str:
        name = _NAME_LEAD.sub("", bare(message.text)).replace(" ", "").replace("\u3000", "").replace("•", "·")
        if not 2 <= len(name) <= 20 or _NOT_A_NAME.search(name):
            raise Unfit("请发身份证上的姓名，比如：王桂兰。")
        return name

    return Validator(read)


_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}\d{7,8}|[2-9]\d{6,7}")
_NO_PHONE = {
    "不留", "不用", "没有", "不想留", "不方便", "跳过", "不留电话", "没电话", "没有电话", "没手机", "没有手机", "算了", "不用留", "不留了", "不用了",
    "不要", "不",
}  # fmt: skip


def phone(skip: str) -> Validator:
    """A telephone number, or "" when the person would rather not leave one."""

    def read(message: Message) -> str:
        text = bare(message.text)
        if text == skip or text in _NO_PHONE:
            return ""
        digits = _plain_digits(text).removeprefix("+86")
        if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
            return digits
        found = find_phones(text)
        if found and len(text) < 60:
            return found[0]
        raise Unfit(f"手机号是11位数字，再看看？不想留就点“{skip}”。")

    return Validator(read, (skip,))


_LONGEST = 3000  # characters of one case's story


def words(least: int = 2) -> Validator:
    """Free text."""

    def read(message: Message) -> str:
        text = message.text.strip()
        if len(text) < least:
            raise Unfit("请多写几个字，说说是什么事。")
        return text[:_LONGEST]

    return Validator(read)
