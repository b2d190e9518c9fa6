"""What a column holds, told from its cells, where the header does not say it or says it oddly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from intake import names
from intake.progress import STAGES
from intake.wire import unmarked
from knowledge.catalogue.items import item_named
from knowledge.catalogue.places import town_named
from knowledge.identity import half_width, luhn_ok

_ID = re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}")
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程邢"
    "裴陆荣翁荀羊惠甄曲封储靳段富巫焦巴弓牧山谷车侯全班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司黎蒲印宿白怀丛索籍赖卓蔺屠蒙池乔阴"
    "胥苍闻莘党翟谭贡劳姬申扶堵冉宰桑桂牛寿通边燕冀郏尚农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易廖终居衡步耿满弘匡国文寇广禄阙东欧利师巩"
    "聂晁勾敖融冷辛阚那简饶空曾沙养鞠须丰巢关蒯相查后荆红游权盖益桓公佟朴肖闫初隋仉付"
)
_FEWEST = 3  # cells that prove anything, unless the table is smaller
_MOST_OF = 0.8


def is_id_number(cell: str) -> bool:
    """Whether a cell looks like an 18-digit identity number; its check digit may be wrong."""
    return _ID.fullmatch(_figures(cell)) is not None


def _is_account(cell: str) -> bool:
    digits = _figures(cell)
    return digits.isdigit() and 15 <= len(digits) <= 21 and luhn_ok(digits) and not is_id_number(cell)


def _is_name(cell: str) -> bool:
    text = re.sub(r"\s+", "", cell)
    return _NAME.fullmatch(text) is not None and text[0] in _SURNAMES and town_named(text) is None


def _figures(cell: str) -> str:
    return re.sub(r"[\s'’\-]+", "", half_width(unmarked(cell[:60])))


_KINDS: Mapping[str, Callable[[str], bool]] = {
    names.ID: is_id_number,
    names.PHONE: lambda cell: _PHONE.fullmatch(_figures(cell)) is not None,
    names.ACCOUNT: _is_account,
    names.TOWN: lambda cell: town_named(cell) is not None,
    names.ITEM: lambda cell: item_named(cell) is not None,
    names.STATUS: lambda cell: cell.strip() in STAGES,
    names.NAME: _is_name,
}


def told(body: Sequence[Sequence[str]], columns: Collection[int], wanted: Collection[str]) -> dict[str, int]:
    """For each of the wanted fields the one column, of those given, whose cells are nearly all of its kind."""
    cells = {
        column: [row[column] for row in body if column < len(row) and row[column].strip()] for column in columns
    }
    found: dict[str, int] = {}
    for name, is_one in _KINDS.items():
        if name not in wanted:
            continue
        fitting = [column for column, many in cells.items() if column not in found.values() and _mostly(many, is_one, body)]
        if len(fitting) == 1:
            found[name] = fitting[0]
    return found


def _mostly(cells: Sequence[str], is_one: Callable[[str], bool], body: Sequence[Sequence[str]]) -> bool:
    return len(cells) >= min(_FEWEST, len(body)) and sum(map(is_one, cells)) >= _MOST_OF * len(cells) > 0
