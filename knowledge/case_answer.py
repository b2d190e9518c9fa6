"""The answer to a case in the resident's words: what was found, on what it rests, what comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowledge.errors import Refused
from knowledge.kinds import DISCLOSURE, PETITION

_FOUND: Mapping[str, str] = {
    "查实": "您反映的事查过了，情况属实。",
    "部分属实": "您反映的事查过了，有一部分属实。",
    "不属实": "您反映的事查过了，没有查到这样的情况。",
    "已解决": "您的事已经办好了。",
    "正在解决": "您的事有了眉目，还要再等一等。",
    "办不了": "您的事按现在的政策办不了，让您失望了，原因说给您听。",
    "解释说明": "您问的事，说给您听。",
    "采纳": "您的建议我们采纳了，谢谢您。",
    "暂不采纳": "您的建议我们认真看了，眼下还办不到，原因说给您听。",
}
_DISCLOSED: Mapping[str, str] = {
    "公开": "您申请的信息可以公开，内容或查看的办法在下面。",
    "部分公开": "您申请的信息可以公开一部分，内容或查看的办法在下面。",
    "不公开": "您申请的信息按规定不能公开，理由说给您听。",
    "没有这份信息": "您申请的信息我们查找过，没有找到。",
    "不归本部门": "您申请的信息不归我们部门公开，该找哪里说给您听。",
}
_REPORTS = ("解释说明", "查实", "部分属实", "不属实")
_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "咨询": ("解释说明", "已解决", "正在解决", "办不了"),
    "建议": ("采纳", "暂不采纳", "解释说明", "已解决"),
    "举报": _REPORTS,
}
RESULTS: Mapping[str, str] = {**_FOUND, **_DISCLOSED}
NEXT_STEPS: tuple[str, ...] = (
    "不用您再做什么。",
    "钱到了会在这里告诉您，您也可以发“查补贴”看。",
    "请带身份证到村里或乡镇办一下。",
    "我们接着办，有了结果再告诉您。",
)
# 第51条: both ways stand open, with the terms that their own laws set.
_AFTER: Mapping[str, str] = {
    PETITION: "对这个答复不满意，收到书面答复后30天内，可以书面请上一级机关再查一遍（复查，《信访工作条例》第35条）。",
    DISCLOSURE: "对这个答复不满意，可以依法申请行政复议或者提起行政诉讼（《政府信息公开条例》第51条）。",
}
# All but line ends and tabs: neither a chat nor a printed page can show them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Written:
    """What the clerk filled in. `basis` may be empty only where `no_basis` says that nothing was to be quoted."""

    result: str = ""
    said: str = ""
    basis: str = ""
    next_step: str = ""
    no_basis: bool = False

    def cleaned(self) -> Written:
        """Without what no page can show, and without blanks around."""
        return replace(
            self, said=clean(self.said), basis=clean(self.basis).replace("\n", "；"), next_step=clean(self.next_step)
        )

    def checked(self, kind: str) -> Written:
        """Itself, cleaned; Refused with what is missing."""
        written = self.cleaned()
        if written.result not in results_for(kind):
            raise Refused("请选一个结果：查得怎么样，办得怎么样。")
        if not written.said:
            raise Refused("请写上答复内容：查了什么，怎么办的。")
        if not written.basis and not written.no_basis:
            raise Refused("请写上依据：哪份文件、哪一条。确实没有文件可引的，请勾“这件事没有文件可引”。")
        if not written.next_step:
            raise Refused("请写上下一步：群众还要做什么，或者不用做什么。")
        return written


def results_for(kind: str) -> Mapping[str, str]:
    """The results that a case of this kind can have, each with what the resident is told."""
    if kind == DISCLOSURE:
        return _DISCLOSED
    names = _BY_KIND.get(kind) or ("查实", "部分属实", "不属实", "已解决", "正在解决", "办不了", "解释说明")
    return {name: _FOUND[name] for name in names}


def composed(kind: str, written: Written, ask: str = "", *, ends: bool = True) -> str:
    """The whole text for the resident. `ask`: whom to ask, in words. `ends`: with what one can do afterwards."""
    lines = [
        RESULTS[written.result],
        written.said,
        f"依据：{_ended(written.basis)}" if written.basis and not written.no_basis else "",
        f"下一步：{_ended(written.next_step)}",
        _AFTER.get(kind, "") if ends else "",
        _ended(ask) if ask else "",
    ]
    return "\n".join(line for line in lines if line)


def clean(text: str) -> str:
    """The text without control characters, marks that change the direction and half characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？", "…")) else text.rstrip("；，,;") + "。"
