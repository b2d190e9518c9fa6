"""我的信息: whom this WeChat user may look for, ending that, and being forgotten (个人信息保护法 第45、47条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.turn import Reply, Turn
from handlers.validators import one_of, yes_or_no
from handlers.views import WISH, views
from knowledge.identity import mask_id_number, mask_name
from knowledge.wording import beijing, day
from models.resident import Binding
from models.ticket import EXPORT, Ticket

_WORDS = {"我的信息", "解除绑定", "解绑", "删除我的信息", "删除信息", "注销", "我的绑定", "取消绑定", "隐私"}
_EXPORT = {"导出我的信息", "导出信息", "下载我的信息", "我的信息导出", "导出"}
TAKE_ALONG = "导出我的信息"
_END = "解除 "
_MOST_OTHERS = 3
_KEEP = "先不动"
_ALL = "全部删除"


def takes(turn: Turn) -> bool:
    """A wish to see, take along or delete what is kept."""
    return turn.message.tap == "privacy" or turn.word in _WORDS or turn.word in _EXPORT


def privacy(turn: Turn) -> Reply:
    """List the bindings; end one, export, or delete everything that the law lets us delete."""
    if turn.once("export", lambda: turn.word in _EXPORT):
        return _export(turn)
    today = beijing(turn.now).date()
    bindings = [b for bound in turn.bindings if (b := turn.session.get(Binding, bound.binding_id))]
    mine = {f"解除 {mask_name(b.resident.name)}": b for b in bindings}
    others = _others(turn, bindings, today)
    choices = [*mine, *others, WISH, TAKE_ALONG, _ALL, _KEEP]
    same = {"不用": _KEEP, "没事": _KEEP, "解除": next(iter(mine), _KEEP), **dict.fromkeys(_EXPORT, TAKE_ALONG)}
    choice = turn.ask("choice", _said(bindings, others, today), one_of(choices, same))
    if choice == _KEEP:
        return Reply("好，什么都没动。", ("查补贴",))
    if choice == _ALL:
        return _forget(turn)
    if choice == TAKE_ALONG:
        return _export(turn)
    if choice == WISH:
        return views(turn)
    (mine | others)[choice].end()
    if choice in others:
        return Reply("已经解除，那个微信不能再查了。不是家里人绑的，请改一下社保卡密码，也可以点“我要投诉”告诉我们。", ("我的信息", "我要投诉"))
    return Reply("已经解除，这个微信不能再查这个人的补贴了。要查再重新认一下。", ("查补贴",))


def _said(bindings: list[Binding], others: Mapping[str, Binding], today: date) -> str:
    if not bindings:
        return "您还没有绑定身份，我们这里没有您的身份证号。\n聊天记录按规定保存，取消关注后就删除。"
    people = [
        f"· {mask_name(b.resident.name)} {mask_id_number(b.resident.id_number)}，{day(b.bound_at, today)}绑定" for b in bindings
    ]
    said = ["这个微信可以查：", *people]
    if others:
        said += ["别的微信也能查您绑定的人：", *(f"· {label.removeprefix(_END)}" for label in others)]
    return "\n".join([*said, "要解除哪个，点一下。"])


def _others(turn: Turn, bindings: list[Binding], today: date) -> dict[str, Binding]:
    return {
        f"{_END}{mask_name(b.resident.name)}·另一个微信{n}（{day(other.bound_at, today)}绑定）": other
        for b in bindings
        for n, other in enumerate(Binding.others_of(turn.session, b.resident_id, turn.follower_id)[:_MOST_OTHERS], 1)
    }


def _export(turn: Turn) -> Reply:
    if not turn.values.public_url:
        said = "这里不能在网上导出。带身份证到乡镇政府，工作人员打印给您。"
        return Reply(said, ("我的信息",))
    token = Ticket.issue(turn.session, EXPORT, turn.follower_id)
    said = (
        "您的信息都整理好了：绑定的人、补贴、反映过的事、谁看过。点这里下载（10分钟内有效，只能用一次，别转给别人）：\n"
        f"{turn.values.public_url}/export/{token}"
    )
    return Reply(said, (WISH, "我的信息"))


def _forget(turn: Turn) -> Reply:
    asked = (
        "要删掉绑定、聊天、约好的提醒吗？删了找不回来。\n"
        "下面这些法律要求留着，删不了，但会和这个微信断开，只存着，不作别的用（个人信息保护法第47条）：\n"
        "· 补贴发放记录：财政的账，按会计档案的年限存；\n"
        "· 您反映过的事：按办件、信访档案的年限存。答复改为电话告诉您，没留电话的请记好编号和查询码；\n"
        "· 工作人员查看的记录：至少存3年（个人信息保护法第56条）。"
    )
    if not turn.ask("sure", asked, yes_or_no("删除", "不删了")):
        return Reply("好，没有删。", ("查补贴",))
    turn.follower.forget(turn.session, still_here=True)
    turn.later.forgotten = True
    return Reply("都删了。以后需要，随时再来。")
