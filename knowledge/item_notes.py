"""What is special about some items and explains why money does not come, or stops. Sources stand beside each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

_NOTES: Final[Mapping[str, str]] = {
    # one-time by their rules
    "实际种粮农民一次性补贴": "这项是一次性的，不是年年有，当年有没有要看当年的文件。",
    "自主就业退役士兵一次性补助": "这项退役时发一次，发过就不再发。",
    "农村危房改造补助": "这项改造验收后才发，同一户不重复发。",
    "农村户厕改造补助": "这项改完验收后才发，不是年年发。",
    "临时救助": "这项遇到急事难事才批，不是年年发。",
    # 农办机〔2024〕3号
    "农机购置与应用补贴": "这项按买的机具发，当年的钱用完了，会转到下一年发。",
    # 吉社保〔2022〕37号
    "城乡居民养老保险": "养老金每年要做一次资格认证，过了期会停发，认证了再补发。用“吉林省社会保险”小程序刷脸就能认证。",
    # 残疾人证管理办法; 国家残疾人两项补贴规定
    "困难残疾人生活补贴": "残疾人证到期的下个月会停发，证快到期要先换。",
    "重度残疾人护理补贴": "残疾人证到期的下个月会停发，证快到期要先换。",
    "学生资助": "这项由学校报名单，多打到学生的卡上，可以先问学校。",
}
_RESETTLED, _ENDED = "大中型水库移民后期扶持", date(2026, 6, 30)  # 国发〔2006〕17号: twenty years from 2006-06-30


def note_of(item: str, today: date) -> str:
    """One or two sentences, or nothing."""
    if item == _RESETTLED and today > _ENDED:
        return "2006年6月30日以前搬迁的，20年扶持到2026年6月30日期满。后面还有没有，以国家和省里的文件为准。"
    return _NOTES.get(item, "")
