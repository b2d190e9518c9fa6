"""Why a bank returned a payment, in plain words, and what to bring where.

Source: the county's table of failures (发放失败对照表) gathered from public notices of social security and civil affairs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened, and the next step."""

    what: str
    do: str


_TABLE: tuple[tuple[tuple[str, ...], Advice], ...] = (
    (("停发", "取消资格", "不符合"), Advice(
        "复核后没有往下发", "到乡镇问清是什么原因。觉得不对，带身份证和能说明情况的材料，请他们再核一次。")),
    (("激活", "未启用", "未开通"), Advice(
        "社保卡的银行功能没激活", "本人带身份证和社保卡，到发卡银行激活，再告诉村里或乡镇，等重新打款。走不动的可以请银行上门。")),
    (("证件过期", "身份证过期", "证件到期"), Advice(
        "银行里登记的身份证过期了", "带新身份证和社保卡到银行更新，再告诉村里或乡镇。")),
    (("不动户", "长期不动", "睡眠", "久悬", "休眠"), Advice(
        "卡很久没用，被银行停住了", "带身份证和社保卡到银行恢复使用，再告诉村里或乡镇。")),
    (("受限", "冻结", "管控", "限额", "止付", "超限"), Advice(
        "银行限制了这个账户", "带身份证和社保卡到银行问清原因、解除限制，再告诉村里或乡镇。")),
    (("姓名", "户名", "不符", "不一致"), Advice(
        "姓名和账号对不上", "带身份证和社保卡复印件到乡镇，把姓名、账号改对。")),
    (("销户", "注销", "换卡", "失效", "旧卡", "不存在"), Advice(
        "登记的还是旧卡，那个账号已经不能用", "把新社保卡的账号报给村里或乡镇，等重新打款。")),
    (("账号错", "账号有误", "卡号错", "卡号有误", "校验", "无此账", "无此户", "行号", "开户行"), Advice(
        "登记的账号或开户银行写错了", "带身份证和社保卡复印件到乡镇，把账号改对，等重新打款。")),
    (("去世", "死亡"), Advice(
        "登记的领款人已去世", "请家里人到村里或乡镇说明情况。")),
    (("挂失",), Advice(
        "卡正在挂失", "补好新卡后，把新账号报给村里或乡镇。")),
    (("异常",), Advice(
        "账户状态不正常", "带身份证和社保卡到银行查一下账户，处理好再告诉村里或乡镇。")),
)  # fmt: skip

_UNKNOWN = Advice("银行退回的原因没有写清", "带身份证和社保卡到乡镇问一下，或打12333。")


def advice_for(reason: str | None) -> Advice:
    """The advice for a bank's reason; a reason nobody knows still gets a next step."""
    for words, advice in _TABLE:
        if reason and any(word in reason for word in words):
            return advice
    return _UNKNOWN
