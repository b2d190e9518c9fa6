"""What somebody says about what was written down, rather than about what happened: a slip put right, a wish to be
kept out of sight, a fear of being found out.

不对，是去年的 · 写错了，是花家村 · 不是口前，是双河 · 是双河，不是口前. What is denied is dropped, what is meant is given.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 40  # characters; what is longer tells more than a correction
_PAUSE: Final = r"[,，。.;；:：、!！\s]*"
_LEAD: Final = r"(?:(?:哎呀?|哦对?|噢|啊|那个|刚才|刚刚|我|俺|咱|前面|上面|上头|这个|等等)[,，\s]*){0,3}"
_SLIP: Final = r"(?:写|说|打|发|整|弄|填|记|输|搞|听|点|选|报|讲|念|看)?(?:错|岔|差|混|反)(?:了|啦|喽)?"
_DENIED: Final = rf"(?:不对头?|不是(?!.{{0,12}}(?:不给|没给|没发|不发))|{_SLIP}|不太对|有误|更正|纠正)(?:了|啊|呀|哈|的)?(?:一下)?"
_DENIED_TWICE: Final = rf"(?:{_DENIED}{_PAUSE}){{1,2}}"
_MEANT: Final = r"(?:应该|应当|其实|实际|本来|该|得)?(?:是|叫|改成|改为|换成|在)?(?:在)?"
_THING: Final = r"(?:地方|乡镇|镇|乡|村名?|电话号?|手机号?|号码|电话|日子|年份|时间|钱数|金额|项目|名字|亩数)"
_FORMS: Final = (
    # 不是口前，是双河 · 不是300是500
    re.compile(rf"^{_LEAD}(?:不对|{_SLIP})?{_PAUSE}不是(?P<wrong>[^,，。;；\s是]{{1,12}}){_PAUSE}(?:应该|其实)?(?:是|在|改成)(?P<right>.{{1,24}})$"),
    # 是双河，不是口前
    re.compile(rf"^{_LEAD}(?:不对|{_SLIP})?{_PAUSE}(?:是|在)(?P<right>[^,，。;；]{{1,14}}?){_PAUSE}(?:可)?不是(?P<wrong>[^,，。;；]{{1,12}})$"),
    # 电话写错了，是154…
    re.compile(rf"^{_LEAD}(?P<thing>{_THING})(?:我)?{_DENIED}{_PAUSE}{_MEANT}(?P<right>.{{1,24}})$"),
    # 不是万昌，双河的
    re.compile(rf"^{_LEAD}不是(?P<wrong>[^,，。;；\s是]{{1,12}})[,，;；]\s*(?P<right>[^,，。;；]{{1,12}})$"),
    # 不对，是去年的 · 写错了，花家村
    re.compile(rf"^{_LEAD}{_DENIED_TWICE}{_MEANT}(?P<right>.{{1,24}})$"),
    # 应该是去年 · 改成双河
    re.compile(r"^(?:应该|应当|其实|实际上?)(?:是|在|叫)(?P<right>.{1,24})$|^(?:改成|改为|换成)(?P<other>.{1,24})$"),
)  # fmt: skip
_ENDS: Final = re.compile(r"[的了啊呀呢哈吧,，。.!！\s]+$")

_OUT_OF_SIGHT: Final = re.compile(
    r"保(?:个)?密|(?:别|不要|不想|不能|不许|甭|莫|千万别)(?:让|叫|给|跟|和|对|告诉|透露|说出去|说是我|提我|把我)"
    r"|怕(?:他|她|人|被|村|书记|队长|主任|打击|报复|得罪|给我?(?:小鞋|穿小鞋)|找我|知道)|(?:知道|说)(?:了)?是我(?:说|告|反映|举报|投诉|讲)"
)
_IN_SIGHT: Final = re.compile(
    r"(?:不用|不要|不需要?|不必|别|取消|算了不)(?:给我|替我|再)?保(?:个)?密|^不保密|实名(?:就行|也行|吧)?$|留名(?:也行|就行|吧)?$"
)
_MATTER: Final = re.compile(r"没(?:给|发|到|收)|停了|扣|少(?:了|给)|钱|补贴|低保|不给|不让|收了|占|冒领")
_FEARS: Final = re.compile(
    r"(?:会不会|能不能|可不可能|会|能|是不是).{0,10}(?:知道|报复|看[到见]|告诉|泄露|传出去|穿小鞋|找我|查[到出])"
    r"|(?:知道|看到|看见|查到|传).{0,6}(?:咋办|怎么办|不|吗|么)$"
)
_NO_CALLS: Final = re.compile(
    r"(?:不|别|甭)(?:想|要|用|愿意)?(?:给我|往我|再)?(?:留|写|登|打|要|记)(?:我|俺)?(?:的|这个|那个)?(?:电话|手机|号码?)|(?:电话|手机号?|号码)(?:就|也)?(?:不|别)(?:留|要|写|登|用)"
    r"|(?:去掉|删掉?|删了|取消)(?:我的?)?(?:电话|手机|号码)|(?:电话|号码)(?:去掉|删掉|删了)"
)
_SHORT: Final = 24


def put_right(text: str) -> tuple[str, str] | None:
    """What is meant, and what is denied ("" where it was not said), of a message that puts a slip right; else None."""
    said = text.strip()
    if len(said) > _LONGEST or said.endswith(("?", "？", "吗", "么")):
        return None
    for form in _FORMS:
        if hit := form.match(said):
            parts = hit.groupdict()
            right = _ENDS.sub("", parts.get("right") or parts.get("other") or "").lstrip(",，。:： ")
            if right:
                return right, _ENDS.sub("", parts.get("wrong") or "")
    return None


def wants_out_of_sight(text: str) -> bool:
    """Whether a short message asks for nothing but that nobody learns who wrote: 别让村里知道是我说的."""
    return len(text) <= _SHORT and bool(_OUT_OF_SIGHT.search(text)) and not (_MATTER.search(text) or _IN_SIGHT.search(text))


def wants_no_secrecy(text: str) -> bool:
    """Whether a short message takes such a wish back: 不用保密了."""
    return len(text) <= _SHORT and bool(_IN_SIGHT.search(text)) and not _MATTER.search(text)


def fears_to_be_known(text: str) -> bool:
    """Whether a short message asks if somebody will find out who wrote."""
    return len(text) <= _SHORT and bool(_FEARS.search(text)) and not _MATTER.search(text)


def wants_no_calls(text: str) -> bool:
    """A wish that no telephone be kept, or used: 别留电话了, 电话不要了."""
    return len(text) <= _SHORT and bool(_NO_CALLS.search(text)) and not _MATTER.search(text)


_CLAUSES: Final = re.compile(r"[^,，。;；!！?？\s]+[,，。;；!！?？\s]*")


def matter_of(text: str) -> str:
    """A story without the clauses that only wish to be kept out of sight: they tell whom one fears, and nothing of the matter."""
    kept = "".join(clause for clause in _CLAUSES.findall(text) if not wants_out_of_sight(clause.strip()))
    return kept.rstrip(",，;； ") or text


_NOT_A_COMPLAINT: Final = re.compile(
    r"^(?:我)?不(?:是|想|要)?(?:要|想)?(?:投诉|举报|告状?|告谁)(?:了|谁|他们?)?[,，。\s]*"
    r"(?:我)?(?:也)?(?:就是|就|只是|只|是)?(?:想)?(?:来)?(?:问|咨询|打听)"
)
_NO_QUESTION: Final = re.compile(
    r"^(?:我)?不是(?:来)?(?:问事?|咨询|打听)(?:的)?[,，。\s]*(?:我)?(?:就是|是|要)(?:来)?(?:要)?(?:投诉|告)"
)


def rather_asks(text: str) -> bool | None:
    """True of 不是投诉，就是问问, False of 不是咨询，是投诉; None of what says neither."""
    if len(text) > _SHORT:
        return None
    return True if _NOT_A_COMPLAINT.match(text) else False if _NO_QUESTION.match(text) else None
