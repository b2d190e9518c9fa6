"""谁看过我的信息, told by department, time and reason."""

from __future__ import annotations

from handlers.turn import Reply, Turn
from knowledge.looks import asks_who_looked, look_in_words
from knowledge.wording import beijing
from models.views import views_of

WISH = "谁看过我的信息"
_WORDS = {WISH, "谁看过", "查看记录", "谁动过我的信息", "访问记录"}
_SHOWN = 10


def takes(turn: Turn) -> bool:
    """A wish to know who has looked."""
    return turn.word in _WORDS or asks_who_looked(turn.word)


def views(turn: Turn) -> Reply:
    """The newest first; the rest comes with 更多."""
    found = views_of(turn.session, turn.follower_id)
    if not found:
        return Reply("到现在，还没有工作人员看过您的信息。谁看了、为什么看，系统都会记下来。", ("我的信息",))
    today = beijing(turn.now).date()
    lines = [f"· {look_in_words(look, today)}" for look in found]
    head = "工作人员看过您的信息，都记在这里（最近的在前）："
    asked = "\n觉得不该看的，点“我要投诉”告诉我们。" if len(lines) <= _SHOWN else ""
    return Reply("\n".join([head, *lines[:_SHOWN]]) + asked, ("我的信息", "我要投诉"), rest="\n".join(lines[_SHOWN:]))
