"""The columns of a payment file and the many names that bureaus give them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.identity import half_width

NAME, ID, TOWN, VILLAGE, ITEM = "姓名", "身份证号", "乡镇", "村", "补贴项目"
YEAR, BATCH, QUANTITY, UNIT, STANDARD, AMOUNT = "年度", "批次", "数量", "单位", "补贴标准", "金额"
STATUS, STATUS_DATE, PAID_DATE = "状态", "状态日期", "发放日期"
BANK, ACCOUNT, REASON, PHONE = "代发银行", "社保卡账号", "失败原因", "手机号"

COLUMNS = (
    NAME, ID, TOWN, VILLAGE, ITEM, YEAR, BATCH, QUANTITY, UNIT, STANDARD, AMOUNT,
    STATUS, STATUS_DATE, PAID_DATE, BANK, ACCOUNT, REASON, PHONE,
)  # fmt: skip

# What a row cannot do without, in the file or given beside it.
NEEDED = (NAME, ID, ITEM, YEAR, BATCH, AMOUNT, STATUS)

_DATA: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
_RANKS = {name: (column, rank) for column, many in _DATA["names"].items() for rank, name in enumerate(many)}
_LONGEST_NAME = 24

# Columns that speak of somebody else, or of another time.
_SOMEBODY_ELSE = re.compile(
    "配偶|监护|家长|父|母|子女|儿子|女儿|子孙|成员|联系人|经办|制表|审核|复核|负责|村干部|代领|代办|受委托|被|死亡|法人"
    "|上年|去年|上期"
)
# What ends like a column that is wanted and means something else.
_OTHER = re.compile("保障标准|低保标准|救助标准|收入|缴费|余额|累计|差额|扣|大写|医保|残疾证|医疗|人口|保险费|个人账户")
_UNIT_BEHIND = re.compile(r"(?<=..)(?:元(?:[亩人月户年头台次学期季]{1,3})?|亩)$")
_DROPPED = {"序号", "编号", "序列", "行号", "no"}


# What is left of 户主姓名 or 户主身份证号 says whose it is.
_OF_SOMEBODY = re.compile("(?:(?:居民|公民)?(?:有效)?(?:身份证件?|证件|身份)(?:号码|编号|号)?|姓名|名称|名字|名)$")
_ID_HEADER = re.compile("(?:身份证件?|证件|身份)(?:号码|编号|号)?$")

# Where a sheet of paper is signed.
_SIGNED = re.compile("签[字名章收]|盖章|手印|指印|捺印|按印")
_WRITTEN_ALSO = str.maketrans("帐証", "账证")


@lru_cache(maxsize=4096)
def bare(header: str) -> str:
    """A header cell without spaces, brackets with their content, stars, and signs: "补贴 金额（元）*" → "补贴金额"."""
    text = re.sub(r"\s+", "", half_width(header[:200]))
    # "乡(镇)" and "村(社区)" are names, "金额(元)" is a name with a unit.
    text = re.sub(r"\((镇|乡|社区|居|居委会|居民委员会|屯|街道|名称|码)\)", r"\1", text)
    text = re.sub(r"[(\[【][^)\]】]{0,40}[)\]】]", "", text)
    text = re.sub(r"[*＊、,，.。:：;/／_\-\"'“”★☆#]+", "", text).lower().translate(_WRITTEN_ALSO)
    return _UNIT_BEHIND.sub("", text)


def known(header: str) -> tuple[str, int] | None:
    """The column that a header cell names for sure, and how far down its list the name stands."""
    if _SIGNED.search(header):
        return None
    found = _RANKS.get(bare(header))
    if found is None and ("/" in header or "或" in header or "、" in header):
        first = re.split("[/或、]", header)[0]
        found = _RANKS.get(bare(first)) if len(bare(first)) > 1 else None
    return found


def likely(header: str) -> str | None:
    """The column that a header cell probably means, by its ending."""
    name = bare(header)
    if len(name) > _LONGEST_NAME or any(form.search(header) for form in (_SOMEBODY_ELSE, _OTHER, _SIGNED)):
        return None
    return next((column for ending, column in _DATA["endings"].items() if name.endswith(ending)), None)


def field_of(header: str) -> str | None:
    """The column that a header cell names, or probably means."""
    found = known(header)
    return found[0] if found else likely(header)


def is_somebody_elses(header: str) -> bool:
    """Whether a header, or the group that it stands in, speaks of somebody else or of another time."""
    return _SOMEBODY_ELSE.search(header) is not None


def whose(header: str) -> str:
    """Whom a column of names or numbers speaks of: 户主姓名 → 户主; empty if it does not say."""
    return _OF_SOMEBODY.sub("", bare(header))


def is_of_numbers(header: str) -> bool:
    """Whether a header means identity numbers, whosesoever."""
    return _ID_HEADER.search(bare(header)) is not None


def is_of_names(header: str) -> bool:
    """Whether a header means names of persons, whosesoever."""
    found = known(header)
    return (found is not None and found[0] == NAME) or bare(header).endswith("姓名")


def is_dropped(header: str) -> bool:
    """Whether a column holds nothing worth keeping, such as running numbers."""
    return bare(header) in _DROPPED or _SIGNED.search(header) is not None


def unit_in(header: str) -> str | None:
    """The unit that a quantity's header implies: "补贴面积(亩)" → 亩."""
    text = half_width(header)
    return next((unit for word, unit in _DATA["units"].items() if word in text), None)
