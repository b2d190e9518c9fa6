"""我的信息: whom this WeChat user may look for, ending that, and being forgotten (个人信息保护法 第45、47条)."""

from __future__ import annotations

from handlers.turn import Reply, Turn
from handlers.validators import one_of, yes_or_no
from knowledge.identity import mask_id_number, mask_name
from knowledge.wording import beijing, day
from models.resident import Binding

_WORDS = {"我的信息", "解除绑定", "解绑", "删除我的信息", "删除信息", "注销", "我的绑定", "取消绑定", "隐私"}
_KEEP = "先不动"
_ALL = "全部删除"


def takes(turn: Turn) -> bool:
    """A wish to see or delete what is kept."""
    return turn.message.tap == "privacy" or turn.word in _WORDS


def privacy(turn: Turn) -> Reply:
    """List the bindings; end one, or delete everything that the law lets us delete."""
    today = beijing(turn.now).date()
    bindings = [b for bound in turn.bindings if (b := turn.session.get(Binding, bound.binding_id))]
    labels = {f"解除 {mask_name(b.resident.name)}": b for b in bindings}
    if not bindings:
        said = "您还没有绑定身份，我们这里没有您的身份证号。\n聊天记录按规定保存，取消关注后就删除。"
    else:
        people = [
            f"· {mask_name(b.resident.name)} {mask_id_number(b.resident.id_number)}，{day(b.bound_at, today)}绑定"
            for b in bindings
        ]
        said = "\n".join(["这个微信可以查：", *people, "要解除哪个，点一下。"])
    choice = turn.ask("choice", said, one_of([*labels, _ALL, _KEEP], {"不用": _KEEP, "没事": _KEEP, "解除": next(iter(labels), _KEEP)}))
    if choice == _KEEP:
        return Reply("好，什么都没动。", ("查补贴",))
    if choice == _ALL:
        return _forget(turn)
    labels[choice].end()
    return Reply("已经解除，这个微信不能再查这个人的补贴了。要查再重新认一下。", ("查补贴",))


def _forget(turn: Turn) -> Reply:
    asked = (
        "要删掉绑定、聊天和联系方式吗？\n"
        "补贴发放记录和您反映过的事，法律要求部门保存，删不了，但会和这个微信断开：答复改为电话告诉您，没留电话的请记好编号。"
    )
    if not turn.ask("sure", asked, yes_or_no("删除", "不删了")):
        return Reply("好，没有删。", ("查补贴",))
    turn.follower.forget(turn.session, still_here=True)
    return Reply("都删了。以后需要，随时再来。")
