"""The kinds of a case in plain words, how a resident's first words hint at one, and the way by law where it is not taken here.

Kinds: 咨询 投诉 举报 信访 信息公开申请 建议. 信访 is never offered first. Sources of the ways: 信访工作条例 第22、34条,
政府信息公开条例 第29、33条; addresses and numbers are not known here and are asked of 12345.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

INQUIRY, COMPLAINT, REPORT, PETITION, DISCLOSURE, PROPOSAL = "咨询", "投诉", "举报", "信访", "信息公开申请", "建议"
KINDS: Final = (INQUIRY, COMPLAINT, REPORT, PETITION, DISCLOSURE, PROPOSAL)

ASK, MONEY, WRONG, PAPERS = "想问事", "钱没到", "有人做得不对", "想看文件"
PLAIN: Final[Mapping[str, str]] = {ASK: INQUIRY, MONEY: COMPLAINT, WRONG: REPORT, PAPERS: DISCLOSURE}
"""What one chooses among where the words do not tell."""

SUGGEST, PETITION_WORD = "提个建议", "走信访"
ALL_PLAIN: Final[Mapping[str, str]] = {**PLAIN, SUGGEST: PROPOSAL, PETITION_WORD: PETITION}
"""The same with the rest, for whoever wants another kind; 信访 stands last."""

SAID: Final[Mapping[str, str]] = {
    INQUIRY: "当想问的事办", COMPLAINT: "按投诉办", REPORT: "按举报办", PETITION: "按信访办", DISCLOSURE: "按申请看文件办",
    PROPOSAL: "当建议办",
}  # fmt: skip

_HINTS: Final = (
    (("信访", "上访"), PETITION), (("申请公开", "信息公开"), DISCLOSURE), (("建议", "提意见"), PROPOSAL), (("咨询",), INQUIRY),
)  # fmt: skip


def hint_in(opening: str) -> str | None:
    """The kind that a bare opening asks for by name (我要信访); None for 我要投诉, which everybody says."""
    return next((kind for words, kind in _HINTS if any(word in opening for word in words)), None)


def complains(opening: str) -> bool:
    """Whether an opening that goes straight on with the story says 投诉, 举报, 反映 or 告: no papers are asked for then."""
    return any(word in opening for word in ("投诉", "举报", "检举", "反映", "反应", "告"))


def kind_meant(told: str, hint: str | None, *, complaint: bool = False) -> str:
    """The kind of a story that the words tell, after an opening that hinted at one. An accusation stays one."""
    if complaint and told == DISCLOSURE:
        return COMPLAINT
    return told if hint is None or told == REPORT else hint


@dataclass(frozen=True, slots=True)
class Way:
    """Where a matter of a kind goes that this county does not take here.

    `instead`: the kind as which it can be taken here all the same, if the resident wants.
    """

    heading: str
    said: str
    places: tuple[str, ...]
    instead: str | None = None


WAYS: Final[Mapping[str, Way]] = {
    PETITION: Way(
        "信访不在这里收，有专门的地方收。",
        "交上去以后，15天内会告诉您收不收；收下后60天内办完。复杂的最多再延30天，会告诉您理由。",
        ("县信访局：当面说，或者写信", "12345：打电话", "国家信访局网上信访"),
        COMPLAINT,
    ),
    DISCLOSURE: Way(
        "申请看文件，县里的公开指南没有写这里收。",
        "写清三样：您是谁、怎么联系、要看哪份文件。一般20个工作日内答复。不会写的，请办事的人帮您记。",
        ("县里管信息公开的部门：自己交，或者寄信", "拿不准交到哪，打12345问"),
        INQUIRY,
    ),
    REPORT: Way(
        "举报不在这里收，直接交给管的部门更稳妥。",
        "条例规定，不能把举报人的情况告诉被举报的人。举报没有固定期限。",
        ("举报干部：打12388，或者找县纪委监委", "骗钱、造假：打110", "别的：打12345"),
    ),
    COMPLAINT: Way("投诉不在这里收。", "打电话说清哪一项、哪年的钱、差在哪，请对方给您编号。", ("12345：打电话",)),
    INQUIRY: Way("这类问题不在这里登记。", "政策可以直接在这里打字问；要人工答复，打电话。", ("12345：打电话",)),
    PROPOSAL: Way("建议不在这里收。", "您的建议很要紧，请打电话说，会有人记下。", ("12345：打电话",), INQUIRY),
}  # fmt: skip


def way_in_words(kind: str) -> str:
    """The way by law, for the chat."""
    way = WAYS[kind]
    return "\n".join([way.heading, *(f"· {place}" for place in way.places), way.said])


def alias_of(number: str) -> str:
    """How somebody whose name is sealed is called at the desks: 群众甲 with the case's own number, and nothing else."""
    return f"群众甲（{number}）"
