"""The way of a payment in words: what has happened, on which day, and what comes next, by when if a rule says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from knowledge.wording import PAID, RETURNED, STAGES, day

NEXT: Final[Mapping[str, str]] = {
    "申报": "下一步是审核，再公示，没有异议才打钱。",
    "审核": "下一步是公示，没有异议才打钱。",
    "公示": "公示完没有异议，就报给银行打钱。",
    "待发放": "下一步就是银行打钱，到了这里会写“已经打到卡上”。",
}
"""What comes after a stage."""

# Sources: 吉林省最低生活保障审核确认办法（2022）; 农机购置与应用补贴实施意见（农办机〔2024〕3号）.
_BY_RULE: Final[Mapping[tuple[str, str], str]] = {
    ("最低生活保障", "公示"): "初审公示7天，之后县里10个工作日内确认，确认的下个月起发。",
    ("农机购置与应用补贴", "审核"): "受理后13个工作日内核验完（公示的日子另算），再公示，然后打钱。",
    ("农机购置与应用补贴", "公示"): "公示5个工作日，没有异议，财政15个工作日内打钱。",
}
_DONE: Final[Mapping[str, str]] = {
    "申报": "报上去", "审核": "审核", "公示": "公示", "待发放": "批下来", "已发放": "打到卡上", RETURNED: "银行退回", "已补发": "重新打到卡上",
}  # fmt: skip
_RANK: Final[Mapping[str, int]] = {stage: min(place, list(STAGES).index(PAID[0])) for place, stage in enumerate(STAGES)}


def next_of(item: str, stage: str) -> str:
    """What comes next, with the days that a rule gives; empty where nothing is to come."""
    return _BY_RULE.get((item, stage)) or NEXT.get(stage, "")


def way(steps: Iterable[tuple[str, date]], stage: str, today: date) -> str:
    """The stages up to the one reached, each with its day: 10月5日公示，10月20日批下来."""
    reached = _RANK.get(stage, len(_RANK))
    told = sorted(((on, name) for name, on in steps if _RANK.get(name, 0) <= reached), key=lambda step: step[0])
    return "，".join(f"{day(on, today)}{_DONE.get(name, name)}" for on, name in told)
