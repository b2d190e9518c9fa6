"""到账提醒: who wants to be told when money comes, and who does not any more."""

from __future__ import annotations

from handlers.notices import offer
from handlers.turn import Reply, Turn
from models.agreement import PAID_NOTICES, Agreement

ON, OFF = "到账提醒我", "不要提醒了"
_ON = {ON, "到账提醒", "开通提醒", "打开提醒", "开提醒", "来钱告诉我", "钱到了告诉我", "到账告诉我"}
_OFF = {OFF, "关闭提醒", "关掉提醒", "关提醒", "取消提醒", "别提醒了", "不用提醒了", "取消到账提醒", "关闭到账提醒"}


def takes(turn: Turn) -> bool:
    """A wish to be told, or not any more."""
    return turn.word in _ON or turn.word in _OFF


def reminder(turn: Turn) -> Reply:
    """Note the wish. Without a binding there is nothing to tell about."""
    if turn.word in _OFF:
        Agreement.taken_back(turn.session, turn.follower_id, PAID_NOTICES)
        return Reply("好，以后不提醒了。想看随时发“查补贴”。", ("查补贴",))
    if not turn.bindings:
        return Reply("先认一下您是谁，才知道提醒哪些钱。点“查补贴”，认完再点“到账提醒我”。", ("查补贴",))
    Agreement.given(turn.session, turn.follower_id, PAID_NOTICES)
    return Reply(
        "好，有钱打到卡上，或者被银行退回来，县里录入后我就告诉您：哪一项、多少钱、哪天、打到哪个账号。\n"
        "晚上不打扰。微信规定您两天没来说话我就发不出去，那就等您下次来，先告诉您。\n"
        + "".join(f"{line}\n" for line in (offer(turn),) if line)
        + f"不想收了，发“{OFF}”。",
        ("查补贴",),
    )
