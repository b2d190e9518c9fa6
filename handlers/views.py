"""谁看过我的信息, told by department, day and reason."""

from __future__ import annotations

from handlers.turn import Reply, Turn
from knowledge.wording import beijing, moment
from models.staff import ROLE_NAMES
from models.views import View, views_of

WISH = "谁看过我的信息"
_WORDS = {
    WISH, "谁看过", "谁查过我", "谁看过我", "谁查过我的信息", "谁看了我的信息", "谁查了我的信息", "查看记录", "谁看过我的补贴",
    "有谁看过我的信息", "谁动过我的信息",
}  # fmt: skip
_DONE = {
    "case.view": "看了您反映的事", "case.reveal": "看了您留的姓名、电话", "case.attachment": "看了您交的照片或录音",
    "call.open": "准备给您回电话", "resident.view": "看了补贴发放", "person.confirm": "当面核对了身份",
    "card.print": "打印了明白卡", "resident.failed": "想查补贴，没对上",
}  # fmt: skip
_SHOWN = 12


def takes(turn: Turn) -> bool:
    """A wish to know who has looked."""
    return turn.word in _WORDS


def views(turn: Turn) -> Reply:
    """The newest first; the rest comes with 更多."""
    found = views_of(turn.session, turn.follower_id)
    if not found:
        return Reply("到现在，还没有工作人员看过您的信息。谁看了、为什么看，系统都会记下来。", ("我的信息",))
    today = beijing(turn.now).date()
    lines = [f"· {moment(view.at, today)}，{_told(view)}" for view in found]
    head = "工作人员看过您的信息，都记在这里："
    return Reply("\n".join([head, *lines[:_SHOWN]]), ("我的信息", "我要投诉"), rest="\n".join(lines[_SHOWN:]))


def _told(view: View) -> str:
    who = view.department or ROLE_NAMES.get(view.role, "工作人员")
    what = _DONE.get(view.action, "看了您的信息")
    about = f"（{view.subject}）" if view.subject else ""
    why = f"，原因：{view.reason}" if view.reason else ""
    return f"{who}{what}{about}{why}"
