"""Whether a text that goes to one resident holds something of another person: numbers, telephones, accounts, names.

Warns rather too often: whoever writes the answer looks at each find and takes it out or says that it may stay. A whole
identity number never may.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from knowledge.identity import (
    find_id_numbers,
    find_phones,
    half_width,
    mask_account,
    mask_id_number,
    mask_name,
    mask_phone,
)
from knowledge.proving import looks_like_a_name

_LONG = re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,29}(?!\d)")
_ID = re.compile(r"(?<!\d)\d(?:[ \-]?\d){13,16}(?:[ \-]?[\dXx])?(?!\d)")
_CASE = re.compile(r"YJ\d{8}-?\d{4,6}", re.IGNORECASE)
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[ \-]?)?\d{7,8}(?!\d)")
_HAN = r"[\u4e00-\u9fff]"
_TITLES = (
    "同志|书记|主任|会计|队长|组长|村长|社长|镇长|乡长|局长|科长|所长|站长|股长|网格员|干部|老师|大爷|大娘|大叔|大婶|大哥|大姐|老人|"
    "本人|先生|女士|家的|一家|等人|他家|户"
)
_BEFORE = (
    "村民|户主|邻居|隔壁|名叫|叫|姓名[为是]?|会计|书记|主任|队长|组长|村长|网格员|被反映人|反映人|举报人|信访人|申请人|"
    "儿子|女儿|丈夫|妻子|老伴|亲戚"
)
_AFTER_A_WORD = re.compile(rf"(?:{_BEFORE})[：: ]?(?=({_HAN}{{1,3}}))")
_BEFORE_A_TITLE = re.compile(rf"(?=({_HAN}{{2,3}})(?:{_TITLES}))")
_FOLLOWS = re.compile(r"[的说家把在和跟与是已拿领到收给也都就有没去来向从被将等占冒骗骂打之]")


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that may be another person's: what it is, and how it is shown without telling it all."""

    what: str
    shown: str


def strangers_in(
    text: str, *, own_names: Collection[str] = (), other_names: Iterable[str] = (), own_numbers: Collection[str] = (),
    story: str = "",
) -> list[Find]:  # fmt: skip
    """What in `text` may be another person's, each once.

    `own_names`, `own_numbers`: the resident's, and what is public (telephones of offices). `other_names`: known people, such
    as the staff. `story`: the case's words; a person named there is looked for too.
    """
    plain = _CASE.sub("", half_width(text))
    own = {re.sub(r"\D", "", number) for number in own_numbers}
    finds = [*_numbers(plain, own), *_names(text, own_names, other_names, story)]
    return list(dict.fromkeys(finds))


def without_ids(text: str) -> str:
    """The text with every whole identity number masked, the resident's own included."""
    plain = half_width(text)  # as long as the text, character by character
    parts, at = [], 0
    for match in _ID.finditer(plain):
        if found := find_id_numbers(match.group()):
            parts += [text[at : match.start()], mask_id_number(found[0].value)]
            at = match.end()
    return "".join([*parts, text[at:]])


def names_in(text: str) -> list[str]:
    """The names of persons that a text marks as such: before a title, or after a word such as 村民."""
    found = [_cut(match.group(1)) for match in _AFTER_A_WORD.finditer(text)]
    for match in _BEFORE_A_TITLE.finditer(text):
        found += [match.group(1)] if looks_like_a_name(match.group(1)) else []
    return list(dict.fromkeys(name for name in found if len(name) > 1 and looks_like_a_name(name)))


def _numbers(plain: str, own: Collection[str]) -> Iterator[Find]:
    rest = plain
    for phone in find_phones(plain):
        if phone not in own:
            yield Find("手机号", mask_phone(phone))
    for match in _LONG.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        rest = rest.replace(match.group(), "〔〕")
        if digits not in own and len(digits) != len("13800138000"):
            yield Find("一长串号码，像是账号或身份证号", mask_account(digits))
    for match in _LANDLINE.finditer(rest):
        digits = re.sub(r"\D", "", match.group())
        if digits not in own and not _is_a_day(digits):
            yield Find("电话号码", f"{digits[:3]}****{digits[-2:]}")


def _is_a_day(digits: str) -> bool:
    return len(digits) == 8 and digits.startswith(("19", "20")) and 1 <= int(digits[4:6]) <= 12


def _names(text: str, own: Collection[str], others: Iterable[str], story: str) -> Iterator[Find]:
    known = [name for name in (*others, *names_in(story)) if len(name) > 1 and name in text]
    for name in dict.fromkeys((*known, *names_in(text))):
        if not any(name in mine or mine in name for mine in own if mine):
            yield Find("姓名", mask_name(name))


def _cut(given: str) -> str:
    """A name out of what follows such a word: up to the first character with which the sentence goes on."""
    end = next((at for at in range(1, len(given)) if _FOLLOWS.match(given[at])), len(given))
    return given[:end]
