"""A look of staff at a resident's data, as the resident is told of it: who, when, at what, why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from knowledge.wording import moment

# By the action's name in the audit log: what was done, and why, where nobody is asked for a reason.
_DONE: Mapping[str, tuple[str, str]] = {
    "case.view": ("看了您反映的事", "办这件事"),
    "case.reveal": ("看了您留的姓名、电话和原话", "办这件事"),
    "case.attachment": ("看了您交的照片或录音", "办这件事"),
    "call.open": ("看了您的姓名、电话和答复", "给您打电话说答复"),
    "resident.view": ("看了补贴发放", "代查补贴"),
    "phone.view": ("看了您来电的记录", "办您来电说的事"),
    "article.send": ("把政策发到您的微信，没看您的信息", "您来电问的"),
    "resident.failed": ("想查补贴，没对上，没看到", "代查补贴"),
    "person.confirm": ("当面核对了身份证", "在微信上绑定"),
    "card.print": ("打印了明白卡", "发给本人"),
    "returns.view": ("看了退回来的补贴和电话", "联系您补发"),
    "returns.reveal": ("看了您的姓名、电话、账号", "联系您补发"),
    "returns.work": ("登记了退回补贴办到哪一步", "补发退回来的钱"),
    "returns.match": ("看了补贴发放", "核对银行退回的钱是谁的"),
    "returns.export": ("把您的账号报给银行", "补发退回来的钱"),
    "finding.view": ("看了补贴发放", "核对发放准不准"),
    "finding.reveal": ("看了您的姓名、身份证号、账号", "核对发放准不准"),
}
_NOT_SAID = ("finding.view", "finding.reveal")  # of what somebody is suspected is not told ahead of the finding
_OTHERWISE = ("看了您的信息", "工作需要")


@dataclass(frozen=True, slots=True)
class Look:
    """One look of one member of staff. `case` is the case's number, or empty for what the files know of the person."""

    at: datetime
    who: str
    action: str
    case: str
    reason: str


def look_in_words(look: Look, today: date) -> str:
    """11月24日 09:12，民政局看了补贴发放，原因：本人来电查补贴. Beijing time."""
    done, why = _DONE.get(look.action, _OTHERWISE)
    about = f"（{look.case}）" if look.case else ""
    return f"{moment(look.at, today)}，{look.who}{done}{about}，原因：{why if look.action in _NOT_SAID or not look.reason else look.reason}"


_WHO = "(?:谁|哪个|哪些|哪位|什么人|啥人|都有谁|有没有人|有没有谁|有人|几个人|(?:哪个|哪些|什么)(?:部门|单位))"
_LOOKED = "(?:查看|查询|调取|偷看|翻看|看|查|翻|调|打听)(?:到)?(?:过了|过|了)"
_OF_MINE = "(?:我|俺|咱|本人)(?:们|家)?(?:的)?"
_THINGS = "(?:个人)?(?:信息|资料|档案|记录|隐私|补贴|低保|数据|身份证|账号|账户|账|底子|情况|东西)(?:信息|记录|号)?"
_END = "(?:[啊呀呢吗没嘛]|没有)*"
_ASKED = (
    re.compile(f"(?:都|最近|到底|看看|查查|查一下|看一下|我想知道|想知道)?{_WHO}(?:都|在|偷偷|最近|曾经|的人)?{_LOOKED}(?:{_OF_MINE})?(?:{_THINGS})?{_END}"),
    re.compile(f"(?:{_OF_MINE})?{_THINGS}(?:都|有没有|有|是|被|让|叫|给)*(?:谁|人|别人|哪些人|什么人|哪个部门)?(?:都|给)*{_LOOKED}{_END}"),
    re.compile(f"(?:{_OF_MINE}|{_THINGS}|{_OF_MINE}{_THINGS})(?:的)?(?:查看|访问|被查|被看)(?:的)?(?:记录|情况)"),
)  # fmt: skip
_NOT_MINE = re.compile(f"{_WHO}(?:都)?{_LOOKED}{_THINGS}")  # 谁查过低保 asks about others


def asks_who_looked(text: str) -> bool:
    """Whether somebody asks who has looked at their data, in whatever order of words."""
    said = re.sub(r"[\s，。？！、,.?!]", "", text)
    if not 3 <= len(said) <= 24:
        return False
    whole = any(pattern.fullmatch(said) for pattern in _ASKED)
    return whole and not (_NOT_MINE.fullmatch(said) and "信息" not in said and "隐私" not in said)
